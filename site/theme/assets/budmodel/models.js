// The list of models: search, filters, order, columns and pages. Without it the list is whole, in pages.

import { COLUMNS, columnsOf } from "./columns.js";
import { element, json, plural } from "./dom.js";
import { Facets } from "./facets.js";
import { MOST_COMPARED, readState, writeState } from "./state.js";
import { Table } from "./table.js";

const PER_PAGE = 100;
const $ = (id) => document.getElementById(id);

class View {
  constructor(table, root) {
    this.table = table;
    this.root = root;
    this.form = $("bm-filter");
    this.grid = $("bm-models");
    this.facets = new Facets($("bm-facets"), table, (key, value, on) => this.choose(key, value, on));
    this.form.addEventListener("submit", (event) => event.preventDefault());
    this.form.elements.words.addEventListener("input", () => this.type());
    this.tools();
    window.addEventListener("popstate", () => this.restore());
    this.restore();
    document.documentElement.dataset.models = "ready";
  }

  restore() {
    this.state = readState(location.search, [...this.table.facets.keys()]);
    this.form.elements.words.value = this.state.words;
    this.show();
  }

  /** Takes a changed state: a step that the back button undoes, unless it only goes on with the last one. */
  go(change, { step = true } = {}) {
    Object.assign(this.state, change);
    const address = location.pathname + writeState(this.state) + location.hash;
    history[step ? "pushState" : "replaceState"](null, "", address);
    this.show();
  }

  choose(key, value, on) {
    const chosen = new Map([...this.state.chosen].map(([own, values]) => [own, new Set(values)]));
    const values = chosen.get(key) ?? new Set();
    if (on) values.add(value);
    else values.delete(value);
    if (values.size) chosen.set(key, values);
    else chosen.delete(key);
    this.go({ chosen, page: 1 });
  }

  type() {
    const words = this.form.elements.words.value;
    // The first letter is a step, the following ones go on with it.
    const step = !this.state.words;
    this.go({ words, page: 1 }, { step });
  }

  /** Takes a filter away with its chip; focus goes to what stands there now, or to the search. */
  remove(key, value) {
    const at = [...$("bm-chips").children].findIndex((line) => line.contains(document.activeElement));
    this.choose(key, value, false);
    const next = $("bm-chips").children[Math.max(0, at)]?.firstElementChild;
    (next ?? this.form.elements.words).focus();
  }

  clear() {
    this.form.elements.words.value = "";
    this.go({ words: "", chosen: new Map(), page: 1 });
    this.form.elements.words.focus();
  }

  sort(key) {
    const again = this.state.sort === key;
    // Numbers are asked for from the top, names from the beginning.
    const number = COLUMNS.find((one) => one.key === key).number || key === "released";
    this.go({ sort: key, descending: again ? !this.state.descending : number, page: 1 });
  }

  show() {
    const found = this.table.select(this.state);
    const pages = Math.max(1, Math.ceil(found.rows.length / PER_PAGE));
    this.state.page = Math.min(this.state.page, pages);
    const first = (this.state.page - 1) * PER_PAGE;
    this.facets.show(this.state.chosen, found.counts);
    this.said(found.rows.length, first);
    this.head();
    const body = this.grid.tBodies[0];
    body.replaceChildren(...found.rows.slice(first, first + PER_PAGE).map((row) => this.row(row)));
    this.none(found.rows.length);
    this.pager(pages);
    this.basket();
  }

  said(number, first) {
    const { total } = this.table;
    const all = plural(total, "model");
    const range = number > PER_PAGE ? `, ${(first + 1).toLocaleString("en")} to ${Math.min(number, first + PER_PAGE).toLocaleString("en")} here` : "";
    $("bm-shown").textContent = (number === total ? all : `${number.toLocaleString("en")} of ${all}`) + range;
    const chips = [...this.state.chosen].flatMap(([key, values]) => [...values].map((value) => this.chip(key, value)));
    if (this.state.words.trim() || chips.length) {
      chips.push(element("li", {}, element("button", { type: "button", class: "bm-link", onclick: () => this.clear() }, "Clear all")));
    }
    $("bm-chips").replaceChildren(...chips);
    const chosen = [...this.state.chosen.values()].reduce((sum, values) => sum + values.size, 0);
    $("bm-chosen").textContent = chosen ? `(${chosen})` : "";
  }

  chip(key, value) {
    const facet = this.table.facets.get(key);
    const code = facet.codes.get(value);
    const label = code === undefined ? value : facet.values[code][1];
    const text = `${facet.label}: ${label}`;
    return element("li", {}, element("button", { type: "button", class: "bm-chip", "aria-label": `Remove ${text}`,
      onclick: () => this.remove(key, value) }, text, element("span", { "aria-hidden": "true" }, " ×")));
  }

  head() {
    const columns = columnsOf(this.state);
    const keys = columns.map((one) => one.key).join();
    const line = this.grid.tHead.rows[0];
    if (this.keys !== keys) {
      this.keys = keys;
      line.replaceChildren(...columns.map((one) => element("th", { scope: "col", class: this.look(one), "data-key": one.key },
        element("button", { type: "button", class: "bm-sort", onclick: () => this.sort(one.key) }, one.label))));
    }
    for (const cell of line.cells) {
      const on = cell.dataset.key === this.state.sort;
      if (on) cell.setAttribute("aria-sort", this.state.descending ? "descending" : "ascending");
      else cell.removeAttribute("aria-sort");
    }
  }

  look(column) {
    // On a phone there is room for three, on a small tablet for one more; who chooses columns gets them all.
    const wide = !column.phone && !this.state.columns;
    return [column.number && "bm-num", wide && "bm-wide", wide && !column.tablet && "bm-wider", (column.key === "task" || column.key === "tag") && "bm-words", column.key === "license" && "bm-license"].filter(Boolean).join(" ") || null;
  }

  row(row) {
    const name = this.table.names[row];
    const cells = columnsOf(this.state).map((one) => {
      const content = one.cell(this.table, row, this.root);
      if (one.key !== "name") return element("td", { class: this.look(one) }, ...content);
      return element("th", { scope: "row", class: "bm-name" }, this.tick(name), this.shortcut(name), ...content);
    });
    return element("tr", {}, ...cells);
  }

  tick(name) {
    const on = this.state.compared.includes(name);
    const full = !on && this.state.compared.length >= MOST_COMPARED;
    const box = element("input", { type: "checkbox", class: "bm-tick", "aria-label": `Compare ${name}`,
      title: full ? `At most ${MOST_COMPARED} models can be compared` : "Compare", disabled: full,
      onchange: () => this.compare(name, box.checked) });
    box.checked = on;
    return box;
  }

  /** Behind a ticked box, for the keyboard: the bar with the models to compare lies below all lines of the list. */
  shortcut(name) {
    const { compared } = this.state;
    if (compared.length < 2 || !compared.includes(name)) return null;
    return element("a", { class: "bm-shortcut", href: this.comparison() }, "Go to the comparison");
  }

  comparison() {
    const query = this.state.compared.map((name) => `m=${encodeURIComponent(name)}`).join("&");
    return `${this.root}compare/?${query}`;
  }

  compare(name, on) {
    const compared = this.state.compared.filter((one) => one !== name);
    this.go({ compared: on ? [...compared, name] : compared }, { step: false });
    const again = this.grid.querySelector(`[aria-label="Compare ${CSS.escape(name)}"]`);
    if (again) again.focus();
  }

  basket() {
    const place = $("bm-basket");
    const names = this.state.compared;
    place.hidden = !names.length;
    place.replaceChildren(
      element("span", {}, names.join(", ")),
      names.length > 1
        ? element("a", { class: "bm-button bm-button--main", href: this.comparison() }, `Compare ${names.length} models`)
        : element("span", { class: "bm-quiet" }, "Choose another one to compare with"),
      element("button", { type: "button", class: "bm-button", onclick: () => this.unchoose() }, "Clear"),
    );
  }

  unchoose() {
    this.go({ compared: [] }, { step: false });
    // The bar is gone with its button; the boxes are in the list.
    this.grid.closest(".bm-scroll").focus({ preventScroll: true });
  }

  none(number) {
    const place = $("bm-none");
    place.hidden = number > 0;
    this.grid.closest(".bm-scroll").hidden = number === 0;
    if (number) return;
    const alike = this.state.words.trim() ? this.table.alike(this.state.words) : [];
    const links = alike.flatMap((name, index) => [index ? ", " : "Did you mean ",
      element("a", { href: `${this.root}models/${encodeURIComponent(name)}/` }, name)]);
    place.replaceChildren("No model matches. ", ...links, links.length ? "? " : "",
      element("button", { type: "button", class: "bm-link", onclick: () => this.clear() }, `Show all ${plural(this.table.total, "model")}`));
  }

  pager(pages) {
    const place = $("bm-pager");
    const { page } = this.state;
    const link = (to, label) => element("a", { href: location.pathname + writeState({ ...this.state, page: to }), onclick: (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      this.go({ page: to });
      $("bm-shown").scrollIntoView({ block: "center" });
      this.grid.closest(".bm-scroll").focus({ preventScroll: true });
    } }, label);
    place.hidden = pages === 1;
    place.replaceChildren(
      page > 1 ? link(page - 1, "Previous") : "", element("span", {}, `Page ${page} of ${pages}`),
      page < pages ? link(page + 1, "Next") : "");
  }

  tools() {
    const boxes = COLUMNS.slice(1).map((one) => {
      const box = element("input", { type: "checkbox", "data-column": one.key, onchange: () => this.columns() });
      return element("li", {}, element("label", {}, box, element("span", {}, one.label)));
    });
    const picker = element("details", { class: "bm-picker", ontoggle: () => this.ticks() },
      element("summary", { class: "bm-button" }, "Columns"),
      element("div", { class: "bm-picker__list", role: "group", "aria-label": "Columns" },
        element("ul", { class: "bm-plain" }, ...boxes)));
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !picker.open) return;
      picker.open = false;
      picker.firstElementChild.focus();
    });
    document.addEventListener("click", (event) => {
      if (picker.open && !picker.contains(event.target)) picker.open = false;
    });
    $("bm-tools").append(picker);
  }

  /** The boxes of the column picker as the state has them. */
  ticks() {
    const keys = columnsOf(this.state).map((one) => one.key);
    for (const box of document.querySelectorAll("[data-column]")) box.checked = keys.includes(box.dataset.column);
  }

  columns() {
    const chosen = [...document.querySelectorAll("[data-column]")].filter((box) => box.checked).map((box) => box.dataset.column);
    const usual = COLUMNS.filter((one) => one.shown && one.key !== "name").map((one) => one.key);
    this.go({ columns: chosen.join() === usual.join() ? null : chosen });
  }
}

async function start() {
  const place = $("bm-index");
  if (!place) return;
  // On a narrow screen the filters would push the list away.
  if (window.matchMedia("(max-width: 74.99em)").matches) document.querySelector(".bm-index__facets").open = false;
  let table;
  try {
    table = new Table(await json("table.json"));
  } catch (error) {
    place.classList.remove("bm-index--live");
    $("bm-shown").textContent += " (search and filters are out of order: their data could not be read)";
    return;
  }
  const view = new View(table, place.dataset.root);
  try {
    table.addWords(await json("words.json"));
    if (view.state.words) view.show();
  } catch (error) {
    // The search goes on without the descriptions.
  }
}

start();
