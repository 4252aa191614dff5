// The columns of the list of models: what each shows and what it sorts by.

import { badge, count, element, scan } from "./dom.js";

/** A column: key of sorting and address, label, whether it holds numbers, whether a phone or a small tablet shows it, its cell. */
function column(key, label, cell, more = {}) {
  return { key, label, cell, number: false, phone: false, tablet: false, shown: false, ...more };
}

const listed = (key) => (table, row) => table.labels(key, row).map((label) => label || "–").join(", ");
const first = (key) => (table, row) => table.labels(key, row)[0];

function nameCell(table, row, root) {
  const name = table.names[row];
  const status = table.values("status", row)[0];
  const link = element("a", { href: `${root}models/${encodeURIComponent(name)}/` }, name);
  if (status === "active") return [link];
  return [link, " ", badge(status, status === "deprecated" ? "warn" : "muted")];
}

function licenseCell(table, row, root) {
  const [id] = table.values("license", row);
  // One record is one page; an expression of several, or a name without a record, has none.
  if (!table.licenses.includes(id)) return [table.labels("license", row)[0]];
  return [element("a", { href: `${root}licenses/${encodeURIComponent(id)}/` }, id)];
}

const commercial = (table, row) => [badge(...table.commercials[table.commercial[row]])];
const GATE = { clear: "good", waived: "warn", blocked: "bad" };

export const COLUMNS = [
  column("name", "Model", nameCell, { phone: true, shown: true }),
  column("parameters", "Parameters", (table, row) => [count(table.parameters[row])], { number: true, shown: true }),
  column("architecture", "Architecture", (table, row) => [first("architecture")(table, row)], { shown: true }),
  column("license", "Licence", licenseCell, { phone: true, shown: true }),
  column("commercial", "Commercial use", commercial, { tablet: true, shown: true }),
  column("scan", "Scan", (table, row) => scan(...table.scans[table.scan[row]]), { phone: true, shown: true }),
  column("task", "Tasks", (table, row) => [listed("task")(table, row)]),
  column("gate", "Gate", (table, row) => [badge(first("gate")(table, row), GATE[table.values("gate", row)[0]])]),
  column("modality", "Modality", (table, row) => [first("modality")(table, row)]),
  column("context", "Context (tokens)", (table, row) => [table.context[row]?.toLocaleString("en") ?? "–"], { number: true }),
  column("version", "Version", (table, row) => [table.version[row] ?? "–"]),
  column("released", "Released", (table, row) => [table.released[row] ?? "–"]),
  column("tag", "Tags", (table, row) => [listed("tag")(table, row)]),
  column("source", "Source", (table, row) => [first("source")(table, row)]),
  column("status", "Lifecycle", (table, row) => [first("status")(table, row)]),
];

/** The columns of a state; the name is always there. */
export function columnsOf(state) {
  if (!state.columns) return COLUMNS.filter((one) => one.shown);
  return COLUMNS.filter((one) => one.key === "name" || state.columns.includes(one.key));
}
