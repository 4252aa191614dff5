// Elements without HTML in strings: what a record holds is text, whatever it looks like.

/** An element. Attributes that are false, null or undefined are left out; true means present. */
export function element(tag, attributes = {}, ...children) {
  const found = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    if (key.startsWith("on")) found.addEventListener(key.slice(2), value);
    else found.setAttribute(key, value === true ? "" : value);
  }
  found.append(...children.filter((child) => child !== null && child !== undefined));
  return found;
}

export function badge(text, tone) {
  return element("span", { class: `bm-badge bm-badge--${tone}` }, text);
}

/** A state of a scan: its badge, and until when an approved exception stands in for a pass. */
export function scan(label, tone, until) {
  const found = [badge(label, tone)];
  if (until) found.push(" ", element("span", { class: "bm-until" }, "waived until ", element("span", { class: "bm-nowrap" }, until)));
  return found;
}

/** A count in three digits, as the pages write it: 70.6B. */
export function count(value) {
  if (value === null || value === undefined) return "–";
  for (const [unit, scale] of [["T", 1e12], ["B", 1e9], ["M", 1e6], ["K", 1e3]]) {
    // As the pages round: 999,950 is 1M and not 1000K.
    if (value >= scale - scale / 2000) return `${Number((value / scale).toPrecision(3))}${unit}`;
  }
  return String(value);
}

/** A number with its noun: 1 model, 2 models. */
export function plural(value, word) {
  return `${value.toLocaleString("en")} ${word}${value === 1 ? "" : "s"}`;
}

/** Reads JSON of this site. */
export async function json(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`${address} answered ${answer.status}`);
  return (await answer.json()).result;
}
