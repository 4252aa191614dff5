// Up to four models side by side. Which ones stands in the address: compare/?m=a&m=b

import { badge, element, json, scan } from "./dom.js";
import { MOST_COMPARED, readState } from "./state.js";

const form = document.getElementById("bm-add");
const said = document.getElementById("bm-compare-said");
const place = document.getElementById("bm-compare");
const loaded = new Map();
let everyName;

function state() {
  const query = new URLSearchParams(location.search);
  return { names: readState(location.search, []).compared, differences: query.get("differences") === "1" };
}

function go({ names, differences }) {
  const query = new URLSearchParams(names.map((name) => ["m", name]));
  if (differences) query.set("differences", "1");
  const text = query.toString();
  history.pushState(null, "", location.pathname + (text ? `?${text}` : ""));
  return show();
}

/** The names of all models; null where they could not be read. */
function known() {
  everyName ??= json(`${form.dataset.root}models/table.json`).then((table) => table.names, () => null);
  return everyName;
}

/** A model's groups; null where there is none of that name. */
async function load(name) {
  // Asking for a file that is not there would leave an error in the console.
  const names = await known();
  if (names && !names.includes(name)) return null;
  if (!loaded.has(name)) {
    const found = json(`${encodeURIComponent(name)}.json`).catch(() => null);
    loaded.set(name, found);
  }
  return loaded.get(name);
}

async function show() {
  const { names, differences } = state();
  form.elements.differences.checked = differences;
  const answers = await Promise.all(names.map(load));
  // While the data came, somebody may have gone on.
  if (names.join() !== state().names.join()) return;
  const models = answers.filter(Boolean);
  const unknown = names.filter((_, index) => !answers[index]);
  const parts = unknown.map((name) => `There is no model ${name} here.`);
  const full = models.length >= MOST_COMPARED;
  if (full) parts.push(`${MOST_COMPARED} models are the most: remove one to add another.`);
  if (!models.length) parts.push(`Choose up to ${MOST_COMPARED} models, here or with the boxes in the list of models.`);
  else if (models.length === 1) parts.push("Add another model to compare it with.");
  said.replaceChildren(parts.join(" "));
  if (!models.length) said.append(" ", element("a", { href: `${form.dataset.root}models/` }, "To the list"));
  place.hidden = !models.length;
  if (models.length) place.replaceChildren(table(models, differences));
  form.elements.name.disabled = full;
  form.elements.add.disabled = full;
  document.documentElement.dataset.compare = "ready";
}

function table(models, differences) {
  const { root } = form.dataset;
  const heads = models.map((model) => element("th", { scope: "col" },
    element("a", { href: `${root}models/${encodeURIComponent(model.name)}/` }, model.name), " ",
    element("button", { type: "button", class: "bm-link", "aria-label": `Remove ${model.name}`, onclick: () => drop(model.name) }, "remove")));
  const bodies = models[0].groups.map((group, index) => body(group.title, models.map((model) => model.groups[index].cells), differences && models.length > 1));
  return element("table", { class: "bm-table bm-compare" },
    element("thead", {}, element("tr", {}, element("td", {}), ...heads)), ...bodies.filter(Boolean));
}

function body(title, columns, differences) {
  const keys = inOrder(columns.map((cells) => cells.map(keyOf)));
  const lines = keys.map((key) => ({ found: columns.map((cells) => cells.find((cell) => keyOf(cell) === key)) }))
    .filter(({ found }) => !differences || new Set(found.map((cell) => (cell ? `${value(cell)} ${cell[3] ?? ""}` : ""))).size > 1);
  if (!lines.length) return null;
  const best = lines.map(({ found }) => bestOf(found));
  const rows = lines.map(({ found }, line) => element("tr", {}, element("th", { scope: "row" }, found.find(Boolean)[0]),
    ...found.map((cell) => element("td", {}, ...shown(cell, best[line])))));
  const told = best.some((value) => value !== null) ? [element("span", { class: "bm-quiet" }, " bold: the best of a line")] : [];
  const head = element("tr", { class: "bm-compare__group" },
    element("th", { scope: "rowgroup", colspan: columns.length + 1 }, title, ...told));
  return element("tbody", {}, head, ...bySettings(lines, rows));
}

/** What a result was measured with; nothing for other cells. */
const settings = (cell) => cell[5] ?? [];

/** Cells of one line have the same label and settings. */
const keyOf = (cell) => JSON.stringify([cell[0], settings(cell)]);

/** Rows that were measured alike together: their settings stand once above them, and not in each label. */
function bySettings(lines, rows) {
  const sets = new Map();
  lines.forEach(({ found }, line) => {
    const told = settings(found.find(Boolean)).join(", ");
    if (!sets.has(told)) sets.set(told, []);
    sets.get(told).push(rows[line]);
  });
  return [...sets].flatMap(([told, alike]) => (told ? [above(told, alike[0].cells.length), ...alike] : alike));
}

const above = (told, colspan) => element("tr", { class: "bm-compare__set" }, element("th", { scope: "rowgroup", colspan }, told));

/** The recorded number of a result; of other cells what they say. */
const value = (cell) => cell[4] ?? cell[1];

/** The best of results of one kind; null where there are no two, they are equal, or nobody said what is better. */
function bestOf(found) {
  const better = found.find((cell) => cell?.[3])?.[3];
  if (!["higher", "lower"].includes(better)) return null;
  const values = found.filter((cell) => cell?.[3] === better).map(value);
  if (new Set(values).size < 2) return null;
  return better === "higher" ? Math.max(...values) : Math.min(...values);
}

function shown(cell, best) {
  if (!cell) return ["–"];
  const [label, text, tone, more] = cell;
  if (label === "Scan") return scan(text, tone, more);
  if (tone) return [badge(text, tone)];
  return [best !== null && value(cell) === best ? element("b", {}, text) : text];
}

/** The labels of all columns: what only a later one has stands behind what precedes it there. */
function inOrder(lists) {
  const labels = [...lists[0]];
  for (const list of lists.slice(1)) {
    list.forEach((label, at) => {
      if (!labels.includes(label)) labels.splice(labels.indexOf(list[at - 1]) + 1, 0, label);
    });
  }
  return labels;
}

async function drop(name) {
  const now = state();
  await go({ ...now, names: now.names.filter((one) => one !== name) });
  // Only now: with four models the field was switched off.
  form.elements.name.focus();
}

async function add(now, name) {
  // What is not there takes no place.
  const answers = await Promise.all(now.names.map(load));
  const names = now.names.filter((_, index) => answers[index]);
  await go({ ...now, names: [...names, name].slice(0, MOST_COMPARED) });
  // The fourth switches the field off, and focus would be nowhere.
  if (form.elements.name.disabled) place.focus();
}

if (form) {
  form.hidden = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const name = form.elements.name.value.trim();
    const now = state();
    form.elements.name.value = "";
    if (name && !now.names.includes(name)) add(now, name);
  });
  form.elements.differences.addEventListener("change", () => go({ ...state(), differences: form.elements.differences.checked }));
  form.elements.name.addEventListener("focus", async () => {
    const list = document.getElementById("bm-names");
    if (list.childElementCount) return;
    list.replaceChildren(...((await known()) ?? []).map((name) => element("option", { value: name })));
  }, { once: true });
  window.addEventListener("popstate", show);
  show();
}
