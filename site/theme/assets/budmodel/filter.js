// The filter of the model list. Without it the list is whole; with it, what is shown stands in the address.
(function () {
  "use strict";
  var form = document.getElementById("bm-filter");
  var table = document.getElementById("bm-models");
  if (!form || !table) return;

  // Not "q": the theme opens its own search for that.
  var KEYS = ["words", "architecture", "license", "scan"];
  var rows = Array.prototype.slice.call(table.tBodies[0].rows);
  var shown = document.getElementById("bm-shown");
  var none = document.getElementById("bm-none");
  var region = table.closest(".bm-scroll");

  function read() {
    var state = {};
    KEYS.forEach(function (key) { state[key] = form.elements[key].value.trim(); });
    return state;
  }

  function fits(row, state, words) {
    var data = row.dataset;
    return (!state.architecture || data.architecture === state.architecture) &&
      (!state.license || data.license === state.license) &&
      (!state.scan || data.scan === state.scan) &&
      words.every(function (word) { return data.text.indexOf(word) !== -1; });
  }

  function apply() {
    var state = read();
    var words = state.words.toLowerCase().split(/\s+/).filter(Boolean);
    var count = 0;
    rows.forEach(function (row) {
      var fit = fits(row, state, words);
      row.hidden = !fit;
      if (fit) count += 1;
    });
    var all = rows.length + (rows.length === 1 ? " model" : " models");
    shown.textContent = count === rows.length ? all : count + " of " + all;
    none.hidden = count > 0;
    region.hidden = count === 0;
    return state;
  }

  function remember(state) {
    var query = new URLSearchParams();
    KEYS.forEach(function (key) { if (state[key]) query.set(key, state[key]); });
    var text = query.toString();
    history.replaceState(null, "", location.pathname + (text ? "?" + text : "") + location.hash);
  }

  function restore() {
    var query = new URLSearchParams(location.search);
    KEYS.forEach(function (key) {
      var field = form.elements[key];
      field.value = query.get(key) || "";
      // An address may name what no model has: then nothing matches, which is the truth.
      if (field.value !== (query.get(key) || "") && field.tagName === "SELECT") {
        field.add(new Option(query.get(key), query.get(key)));
        field.value = query.get(key);
      }
    });
    apply();
  }

  form.addEventListener("input", function () { remember(apply()); });
  form.addEventListener("submit", function (event) { event.preventDefault(); });
  form.addEventListener("reset", function () {
    setTimeout(function () { remember(apply()); form.elements.words.focus(); });
  });
  window.addEventListener("popstate", restore);
  form.hidden = false;
  restore();
})();

// A folded board opens when its address is asked for: a link to a heading inside it must lead to its table.
(function () {
  "use strict";
  function unfold() {
    var there = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    var board = there && there.closest("details.bm-board");
    if (board) board.open = true;
  }

  window.addEventListener("hashchange", unfold);
  unfold();
})();
