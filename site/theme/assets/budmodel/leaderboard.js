// Filters and columns of the leaderboard; the address remembers them. Ranks stay those among all results.

import { element, json, plural } from "./dom.js";
import { Table } from "./table.js";

const FACETS = ["architecture", "size", "commercial", "scan"];
const form = document.getElementById("bm-board-filter");
const leaders = new Map();
const $ = (id) => document.getElementById(id);

/** The model to which a link leads, as the picture and the tables name it. */
const nameOf = (link) => decodeURIComponent(link.getAttribute("href").split("/").at(-2));

/** The rows of all tables, each with what the filters ask of it. */
function read(table) {
  const places = new Map(table.names.map((name, place) => [name, place]));
  return [...document.querySelectorAll("#bm-boards .bm-table tbody tr")].map((line) => {
    const name = nameOf(line.querySelector("th a"));
    const board = line.closest(".bm-board");
    const heads = [board?.querySelector("h2"), line.closest(".bm-scroll").previousElementSibling?.closest("h3")];
    const words = [line, ...heads].map((part) => part?.textContent ?? "").join(" ").toLowerCase();
    return { line, board, name, place: places.get(name), origin: line.dataset.origin, words };
  });
}

/** Whether a row is what the fields ask for. An overall row has no origin of its own. */
function fits(row, table, wanted) {
  if (!wanted.words.every((word) => row.words.includes(word))) return false;
  if (wanted.origin && row.origin !== wanted.origin) return false;
  return FACETS.every((key) => !wanted[key] || (row.place !== undefined && table.values(key, row.place).includes(wanted[key])));
}

function wantedNow() {
  const found = Object.fromEntries([...FACETS, "origin"].map((key) => [key, form.elements[key].value]));
  return { ...found, words: form.elements.words.value.toLowerCase().split(/\s+/).filter(Boolean) };
}

function show(table, rows) {
  const wanted = wantedNow();
  const left = new Set();
  let number = 0;
  let results = 0;
  for (const row of rows) {
    const on = fits(row, table, wanted);
    row.line.hidden = !on;
    if (on) left.add(row.name);
    if (row.board) results += 1;
    if (on && row.board) number += 1;
  }
  for (const place of document.querySelectorAll("#bm-boards .bm-scroll")) {
    const lines = [...place.querySelectorAll("tbody tr")];
    if (!lines.length) continue;
    place.hidden = lines.every((line) => line.hidden);
    const head = place.previousElementSibling;
    if (head?.matches("h3")) head.hidden = place.hidden;
  }
  for (const board of document.querySelectorAll(".bm-board")) {
    leader(board, isFiltered(wanted));
    board.hidden = !board.querySelector(".bm-table tbody tr:not([hidden])") && isFiltered(wanted);
  }
  for (const link of document.querySelectorAll(".bm-chart a")) link.classList.toggle("bm-faded", !left.has(nameOf(link)));
  const all = plural(results, "result") + (document.querySelector("#bm-boards .bm-rest") ? " on this page" : "");
  $("bm-board-shown").textContent = isFiltered(wanted) ? `${number.toLocaleString("en")} of ${all}; ranks are those among all` : all;
  $("bm-board-none").hidden = number > 0;
  columns();
}

/** Beside a folded board stands who leads in it: of the models that fit, where some are filtered out. */
function leader(board, filtered) {
  const place = board.querySelector(".bm-leader");
  if (!leaders.has(board)) leaders.set(board, [...place.childNodes]);
  const line = board.querySelector("tbody tr:not([hidden]) .bm-rank")?.parentElement;
  if (!filtered || board.matches(".bm-board--alone")) place.replaceChildren(...leaders.get(board));
  else if (!line) place.replaceChildren("nothing that fits is compared here");
  else place.replaceChildren(line.querySelector("th a").textContent, " ", element("b", {}, line.querySelector("b").textContent));
}

const isFiltered = (wanted) => wanted.words.length > 0 || [...FACETS, "origin"].some((key) => wanted[key]);

/** Hides the columns whose boxes are not ticked. */
function columns() {
  const hidden = new Set([...form.querySelectorAll("[data-column]")].filter((box) => !box.checked).map((box) => box.dataset.column));
  for (const table of document.querySelectorAll("#bm-boards .bm-table")) {
    [...table.tHead.rows[0].cells].forEach((head, at) => {
      if (!head.dataset.column) return;
      for (const line of table.rows) line.cells[at].hidden = hidden.has(head.dataset.column);
    });
  }
}

function address() {
  const query = new URLSearchParams();
  for (const key of ["words", ...FACETS, "origin"]) {
    const value = form.elements[key].value.trim();
    if (value) query.set(key, value);
  }
  for (const box of form.querySelectorAll("[data-column]")) if (!box.checked) query.append("without", box.dataset.column);
  const text = query.toString();
  return location.pathname + (text ? `?${text}` : "") + location.hash;
}

function restore() {
  const query = new URLSearchParams(location.search);
  for (const key of ["words", ...FACETS, "origin"]) {
    form.elements[key].value = query.get(key) ?? "";
    // An unknown choice would leave the field empty and match everything in silence.
    if (form.elements[key].selectedIndex === -1) form.elements[key].value = "";
  }
  for (const box of form.querySelectorAll("[data-column]")) box.checked = !query.getAll("without").includes(box.dataset.column);
}

async function start() {
  let table;
  try {
    table = new Table(await json(`${form.dataset.root}models/table.json`));
  } catch (error) {
    // Without the data there are no filters; the tables are whole.
    return;
  }
  const rows = read(table);
  const here = new Set(rows.map((row) => row.place).filter((place) => place !== undefined));
  for (const key of FACETS) {
    const used = new Set([...here].flatMap((place) => table.values(key, place)));
    const { values } = table.facets.get(key);
    form.elements[key].append(...values.filter(([value]) => value && used.has(value)).map(([value, label]) => element("option", { value }, label)));
  }
  const again = () => show(table, rows);
  restore();
  again();
  form.hidden = false;
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", (event) => {
    // Letters go on with the step that the first one began; a choice is a step of its own.
    const step = event.target.name !== "words" || !new URLSearchParams(location.search).has("words");
    history[step ? "pushState" : "replaceState"](null, "", address());
    again();
  });
  form.addEventListener("reset", () => setTimeout(() => {
    history.pushState(null, "", address());
    again();
  }));
  window.addEventListener("popstate", () => {
    restore();
    again();
  });
  document.documentElement.dataset.leaderboard = "ready";
}

if (form) start();
