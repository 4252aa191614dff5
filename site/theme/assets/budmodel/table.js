// The list of all models in memory: filters, counts and orders. No document, so that it can be tested alone.

const NUMBERS = ["parameters", "context"];
const TEXTS = ["released", "version"];
// What the search reads besides the name.
const SEARCHED = ["architecture", "license", "task", "tag"];

export class Table {
  /** @param result the "result" of models/table.json */
  constructor(result) {
    Object.assign(this, result);
    this.total = result.names.length;
    this.facets = new Map(result.facets.map((facet) => [facet.key, facet]));
    for (const facet of this.facets.values()) {
      facet.codes = new Map(facet.values.map(([value], code) => [value, code]));
    }
    this.orders = new Map();
    this.words = null;
    this.haystacks = null;
  }

  /** The descriptions, which arrive later than the rest. */
  addWords(words) {
    this.words = words;
    this.haystacks = null;
    // Now and not at the first letter: with ten thousand models it takes longer than a letter may.
    if (this.total) this.haystack(0);
  }

  /** The numbers of a model's values in a facet. */
  codes(facet, row) {
    const found = facet.rows[row];
    return Array.isArray(found) ? found : [found];
  }

  /** The labels of a model's values in a facet. */
  labels(key, row) {
    const facet = this.facets.get(key);
    return this.codes(facet, row).map((code) => facet.values[code][1]);
  }

  /** The values themselves; "" stands for "not stated". */
  values(key, row) {
    const facet = this.facets.get(key);
    return this.codes(facet, row).map((code) => facet.values[code][0]);
  }

  haystack(row) {
    if (!this.haystacks) {
      this.haystacks = this.names.map((name, index) => {
        const parts = [name];
        for (const key of SEARCHED) parts.push(...this.values(key, index));
        if (this.words) parts.push(this.words[index]);
        return parts.join(" ").toLowerCase();
      });
    }
    return this.haystacks[row];
  }

  /**
   * The models that fit, in order, and how many each value would show together with the other filters.
   * @param state {words, chosen: Map of key to Set of values, sort, descending}
   * @returns {rows: number[], counts: Map of key to Uint32Array}
   */
  select(state) {
    const words = state.words.toLowerCase().split(/\s+/).filter(Boolean);
    const facets = [...this.facets.values()];
    const wanted = facets.map((facet) => this.wanted(facet, state.chosen.get(facet.key)));
    const counts = facets.map((facet) => new Uint32Array(facet.values.length));
    const fits = new Uint8Array(this.total);
    for (let row = 0; row < this.total; row += 1) {
      if (words.length && !words.every((word) => this.haystack(row).includes(word))) continue;
      // A value's count is what choosing it would show: all other facets hold, its own does not matter.
      let misses = 0;
      let missed = -1;
      for (let index = 0; index < facets.length && misses < 2; index += 1) {
        if (wanted[index] && !this.meets(facets[index].rows[row], wanted[index])) {
          misses += 1;
          missed = index;
        }
      }
      if (misses > 1) continue;
      if (misses === 0) fits[row] = 1;
      for (let index = 0; index < facets.length; index += 1) {
        if (misses === 1 && index !== missed) continue;
        const found = facets[index].rows[row];
        if (typeof found === "number") counts[index][found] += 1;
        else for (const code of found) counts[index][code] += 1;
      }
    }
    const rows = this.order(state.sort, state.descending).filter((row) => fits[row]);
    return { rows: Array.from(rows), counts: new Map(facets.map((facet, index) => [facet.key, counts[index]])) };
  }

  /** The codes that a choice stands for; null where nothing is chosen. An unknown value matches no model. */
  wanted(facet, chosen) {
    if (!chosen || !chosen.size) return null;
    return new Set([...chosen].map((value) => facet.codes.get(value) ?? -1));
  }

  meets(found, wanted) {
    return typeof found === "number" ? wanted.has(found) : found.some((code) => wanted.has(code));
  }

  /** All models in an order; those without a value come last in both directions, equal ones by name. */
  order(key, descending) {
    const id = `${descending ? "-" : ""}${key}`;
    if (!this.orders.has(id)) {
      const ranks = this.ranks(key);
      const sign = descending ? -1 : 1;
      const rows = Int32Array.from({ length: this.total }, (_, row) => row);
      this.orders.set(id, rows.sort((a, b) => {
        if (ranks[a] === ranks[b]) return a - b;
        if (ranks[a] === Infinity) return 1;
        if (ranks[b] === Infinity) return -1;
        return sign * (ranks[a] - ranks[b]);
      }));
    }
    return this.orders.get(id);
  }

  /** A number for each model to sort by. Names come sorted. */
  ranks(key) {
    if (NUMBERS.includes(key)) return Float64Array.from(this[key], (value) => value ?? Infinity);
    if (TEXTS.includes(key)) {
      const texts = [...new Set(this[key])].filter((text) => text !== null);
      const sorted = key === "version" ? texts.sort(byVersion) : texts.sort();
      const rank = new Map(sorted.map((text, index) => [text, index]));
      return Float64Array.from(this[key], (text) => rank.get(text) ?? Infinity);
    }
    const facet = this.facets.get(key);
    if (!facet) return Float64Array.from({ length: this.total }, (_, row) => row);
    const labels = facet.values.map(([value, label], code) => [value, label.toLowerCase(), code]);
    // Facets with an order of their own (sizes, states) keep it; free ones are sorted as a dictionary is.
    if (!["scan", "gate", "size", "commercial", "status"].includes(key)) {
      labels.sort((a, b) => (a[1] < b[1] ? -1 : 1));
    }
    const rank = new Float64Array(labels.length);
    labels.forEach(([value, , code], index) => { rank[code] = value === "" ? Infinity : index; });
    return Float64Array.from({ length: this.total }, (_, row) => rank[this.codes(facet, row)[0]]);
  }

  /** Names that look like what was typed, the most alike first. */
  alike(words, most = 3) {
    const wanted = pairs(words);
    if (!wanted.size) return [];
    const scored = this.names.map((name) => {
      const own = pairs(name);
      let both = 0;
      for (const pair of wanted) if (own.has(pair)) both += 1;
      return [(2 * both) / (wanted.size + own.size), name];
    });
    return scored.filter(([score]) => score >= 0.4).sort((a, b) => b[0] - a[0]).slice(0, most).map(([, name]) => name);
  }
}

/** Versions by their numbers, a release after its pre-releases (SemVer 2.0.0, clause 11). */
function byVersion(a, b) {
  const [left, right] = [a, b].map((text) => text.split("+")[0].split(/-(.*)/s));
  const numbers = left[0].localeCompare(right[0], "en", { numeric: true });
  if (numbers || left[1] === right[1]) return numbers;
  if (left[1] === undefined || right[1] === undefined) return left[1] === undefined ? 1 : -1;
  return left[1].localeCompare(right[1], "en", { numeric: true });
}

function pairs(text) {
  const plain = text.toLowerCase().replace(/[^a-z0-9]+/g, "");
  return new Set(Array.from({ length: Math.max(0, plain.length - 1) }, (_, at) => plain.slice(at, at + 2)));
}
