// The types of changes that are shown; the address remembers them.

const form = document.getElementById("bm-kinds");

function restore() {
  const wanted = new URLSearchParams(location.search).getAll("kind");
  for (const box of form.elements) box.checked = wanted.includes(box.value);
  show();
}

function chosen() {
  return [...form.elements].filter((box) => box.checked).map((box) => box.value);
}

function show() {
  const kinds = chosen();
  let number = 0;
  for (const change of document.querySelectorAll(".bm-change")) {
    change.hidden = kinds.length > 0 && !kinds.some((kind) => change.dataset.kinds.split(" ").includes(kind));
    if (!change.hidden) number += 1;
  }
  for (const day of document.querySelectorAll(".bm-day-of")) day.hidden = !day.querySelector(".bm-change:not([hidden])");
  document.getElementById("bm-kinds-none").hidden = number > 0;
  document.getElementById("bm-kinds-shown").textContent = `${number} shown`;
}

if (form) {
  form.hidden = false;
  form.addEventListener("change", () => {
    const query = new URLSearchParams(chosen().map((kind) => ["kind", kind])).toString();
    history.pushState(null, "", location.pathname + (query ? `?${query}` : ""));
    show();
  });
  window.addEventListener("popstate", restore);
  restore();
}
