// What the list of models shows, as the address of the page tells it: every view has a link.

// Not "q": the theme opens its own search for that.
const FREE = ["words", "sort", "columns", "page", "m"];
export const MOST_COMPARED = 4;

/** @param keys the keys of the facets */
export function readState(search, keys) {
  const query = new URLSearchParams(search);
  const chosen = new Map();
  for (const key of keys) {
    const values = query.getAll(key);
    if (values.length) chosen.set(key, new Set(values));
  }
  const sort = query.get("sort") || "name";
  const columns = query.get("columns");
  return {
    words: query.get("words") || "",
    chosen,
    sort: sort.replace(/^-/, ""),
    descending: sort.startsWith("-"),
    columns: columns === null ? null : columns.split(",").filter(Boolean),
    page: Math.max(1, parseInt(query.get("page"), 10) || 1),
    compared: [...new Set(query.getAll("m"))].slice(0, MOST_COMPARED),
  };
}

/** The query of a state, with its question mark; empty for the plain list. */
export function writeState(state) {
  const query = new URLSearchParams();
  if (state.words.trim()) query.set("words", state.words.trim());
  for (const [key, values] of state.chosen) {
    for (const value of values) if (!FREE.includes(key)) query.append(key, value);
  }
  if (state.sort !== "name" || state.descending) query.set("sort", (state.descending ? "-" : "") + state.sort);
  if (state.columns) query.set("columns", state.columns.join(","));
  if (state.page > 1) query.set("page", state.page);
  for (const name of state.compared) query.append("m", name);
  const text = query.toString();
  return text ? `?${text}` : "";
}
