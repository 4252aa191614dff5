// The filters beside the list of models: one group of check boxes for each facet, with counts.

import { element } from "./dom.js";

const MOST = 7;
const OPEN = ["commercial", "scan", "gate", "size", "architecture", "license"];

export class Facets {
  /**
   * @param place the element that holds them
   * @param table a Table
   * @param changed called with key, value and whether it is now chosen
   */
  constructor(place, table, changed) {
    this.boxes = new Map();
    for (const facet of table.facets.values()) place.append(this.group(facet, changed));
  }

  group(facet, changed) {
    const boxes = facet.values.map(([value, label], code) => {
      const input = element("input", { type: "checkbox", onchange: () => changed(facet.key, value, input.checked) });
      const number = element("span", { class: "bm-facet__count" });
      const line = element("li", { hidden: code >= MOST },
        element("label", {}, input, element("span", { class: "bm-facet__label" }, label), number));
      return { value, input, number, line, more: code >= MOST };
    });
    this.boxes.set(facet.key, boxes);
    const list = element("div", { role: "group", "aria-label": facet.label },
      element("ul", { class: "bm-plain" }, ...boxes.map((box) => box.line)));
    const all = boxes.length > MOST ? element("button", { type: "button", class: "bm-link", onclick: () => {
      for (const box of boxes) box.line.hidden = false;
      all.remove();
      boxes[MOST].input.focus();
    } }, `Show all ${boxes.length}`) : null;
    return element("details", { class: "bm-facet", open: OPEN.includes(facet.key), "data-facet": facet.key },
      element("summary", {}, facet.label), list, all);
  }

  /** Shows what is chosen and how many models each value has. */
  show(chosen, counts) {
    for (const [key, boxes] of this.boxes) {
      boxes.forEach((box, code) => {
        const found = counts.get(key)[code];
        box.input.checked = chosen.get(key)?.has(box.value) ?? false;
        box.number.textContent = found.toLocaleString("en");
        box.line.classList.toggle("bm-facet__none", !found && !box.input.checked);
        if (box.input.checked) box.line.hidden = false;
      });
    }
  }
}
