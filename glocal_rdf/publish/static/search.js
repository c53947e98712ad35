// Searches the index of the site (search/*.js), of which it loads the files that a search needs. Texts are folded and
// cut into terms in the same way as glocal_rdf/publish/search/words.py does; the two are compared by a test.
"use strict";

(() => {
  const form = document.getElementById("search");
  if (!form) return;
  const { root } = document.body.dataset;
  const texts = form.dataset;
  const field = form.elements.q;
  const status = document.getElementById("status");
  const classes = document.getElementById("classes");
  const results = document.getElementById("results");
  const more = document.getElementById("more");
  const language = Number(texts.language);
  const PAGE = 20;
  const STOP = new Set("a an and at by for from in of on or the to with".split(" "));

  // Files hand over their content by calling glocalSearch; from the disk a browser loads scripts, but no data.
  const waiting = new Map();
  window.glocalSearch = (kind, place, value) => waiting.get(`${kind}-${place}`).take(value);

  function load(kind, place) {
    const key = `${kind}-${place}`;
    if (!waiting.has(key)) {
      const one = {};
      one.promise = new Promise((resolve, reject) => {
        one.take = resolve;
        const script = document.createElement("script");
        const name = kind === "index" ? "index" : key;
        script.src = `${root}search/${name}.js?v=${texts.version}`;
        script.onerror = () => { waiting.delete(key); script.remove(); reject(new Error(texts.failed)); };
        script.onload = () => script.remove();
        document.head.append(script);
      });
      waiting.set(key, one);
    }
    return waiting.get(key).promise;
  }

  let folds;
  async function loadIndex() {
    const index = await load("index", 0);
    if (!folds) {
      const all = Array.from(index.fold);
      folds = new Map();
      for (let at = 0; at < all.length; at += 2) folds.set(all[at], all[at + 1]);
    }
    return index;
  }

  function fold(text) {
    const small = text.normalize("NFKC").toLowerCase().replaceAll("ß", "ss");
    return Array.from(small, (one) => folds.get(one) ?? one).join("").normalize("NFD").replace(/\p{Mn}/gu, "");
  }

  function stem(word) {
    if (!/^[a-z]{4,}$/.test(word)) return word;
    if (/[^ea]ies$/.test(word)) return word.replace(/ies$/, "y");
    if (/(ss|x|z|ch|sh)es$/.test(word)) return word.slice(0, -2);
    return /[^us]s$/.test(word) ? word.slice(0, -1) : word;
  }

  const UNSPACED = "\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Hangul}";
  const RUN = new RegExp(`[${UNSPACED}]+|(?:(?![${UNSPACED}])[\\p{L}\\p{N}])+`, "gu");
  const IS_UNSPACED = new RegExp(`^[${UNSPACED}]`, "u");

  // The terms of what is searched for: each with whether it stands for all terms that begin with it.
  function cut(folded) {
    const found = [];
    for (const run of folded.match(RUN) ?? []) {
      if (IS_UNSPACED.test(run)) {
        const characters = Array.from(run);
        if (characters.length === 1) found.push([run, true]);
        for (let at = 1; at < characters.length; at++) found.push([characters[at - 1] + characters[at], false]);
      } else {
        const word = stem(run);
        found.push([word, word.length > 2]);
      }
    }
    const strong = found.filter(([word]) => !STOP.has(word));
    return strong.length ? strong : found;
  }

  // Terms are sorted by code points, which is not how JavaScript compares texts.
  function before(one, other) {
    const [a, b] = [Array.from(one), Array.from(other)];
    for (let at = 0; at < Math.min(a.length, b.length); at++) {
      if (a[at] !== b[at]) return a[at].codePointAt(0) < b[at].codePointAt(0);
    }
    return a.length < b.length;
  }

  // The files that may have a term, or terms that begin with it.
  function findShards(firsts, term, prefix) {
    let low = 0;
    let high = firsts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (before(term, firsts[middle])) high = middle; else low = middle + 1;
    }
    const places = low ? [low - 1] : [];
    if (prefix) for (; low < firsts.length && firsts[low].startsWith(term); low++) places.push(low);
    return places;
  }

  function addNumbers(found, steps, score) {
    let number = 0;
    for (const step of steps) {
      number += step;
      if (!(found.get(number) <= score)) found.set(number, score);
    }
  }

  // The things with a term, each with how well it fits: 0 in a name, 1 in a longer word of a name, 2 in a description.
  async function findThings(firsts, term, prefix) {
    const shards = await Promise.all(findShards(firsts, term, prefix).map((place) => load("terms", place)));
    const found = new Map();
    for (const shard of shards) {
      const words = prefix ? Object.keys(shard).filter((word) => word.startsWith(term)) : [term];
      for (const word of words) {
        if (!Object.hasOwn(shard, word)) continue;
        const [names, descriptions = []] = shard[word];
        addNumbers(found, names, word === term || IS_UNSPACED.test(term) ? 0 : 1);
        addNumbers(found, descriptions, 2);
      }
    }
    return found;
  }

  // The numbers of the things that have all terms, the best first: a whole name, names, descriptions.
  async function search(query) {
    const index = await loadIndex();
    const folded = fold(query);
    const terms = cut(folded);
    if (!terms.length) return { index, numbers: [] };
    const whole = `=${(folded.match(RUN) ?? []).map(stem).join("")}`;
    const [wholes, ...each] = await Promise.all([
      findThings(index.firsts, whole, false),
      ...terms.map(([term, prefix]) => findThings(index.firsts, term, prefix)),
    ]);
    each.sort((one, other) => one.size - other.size);
    const found = [];
    for (const [number, score] of each[0]) {
      const scores = each.map((things) => things.get(number));
      if (scores.includes(undefined)) continue;
      found.push([wholes.has(number) ? -1 : Math.max(score, ...scores), number]);
    }
    for (const number of wholes.keys()) if (!each.every((things) => things.has(number))) found.push([-1, number]);
    found.sort((one, other) => one[0] - other[0] || one[1] - other[1]);
    return { index, numbers: found.map(([, number]) => number), folded };
  }

  const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  function classesOf(index, number) {
    let code = 0;
    for (let at = number * index.width; at < (number + 1) * index.width; at++) {
      code = code * 64 + DIGITS.indexOf(index.codes[at]);
    }
    return index.sets[code];
  }

  function nameClass(index, place) {
    return index.classes[place][language];
  }

  function element(name, properties, ...children) {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...children);
    return made;
  }

  function showClasses(index, numbers, chosen) {
    const counts = new Map();
    for (const number of numbers) {
      for (const place of classesOf(index, number)) counts.set(place, (counts.get(place) ?? 0) + 1);
    }
    const rows = [...counts].sort((one, other) => other[1] - one[1] || one[0] - other[0]);
    const button = (place, text, number) => {
      const made = element("button", { type: "button" }, `${text} `);
      made.append(element("span", { className: "number" }, number.toLocaleString("en")));
      made.setAttribute("aria-pressed", String(place === chosen));
      made.dataset.place = place;
      return element("li", {}, made);
    };
    const list = element("ul", { className: "inline" }, button("", texts.all, numbers.length));
    for (const [place, number] of rows) list.append(button(String(place), nameClass(index, place), number));
    classes.replaceChildren(list);
    classes.hidden = rows.length < 2;
  }

  function showThing(index, number, record, folded) {
    const [path, names, others, descriptions] = record;
    const address = root + path.split("/").map(encodeURIComponent).join("/") + texts.ending;
    const item = element("li", {}, element("a", { href: address }, names[language]));
    const kinds = classesOf(index, number).map((place) => nameClass(index, place));
    item.append(" ", element("span", { className: "kinds" }, kinds.join(" · ")));
    const rest = [...new Set([...names, ...others])].filter((name) => name !== names[language]);
    const letters = (text) => fold(text).replace(/[^\p{L}\p{N}]/gu, "");
    const wanted = letters(folded);
    const shown = rest.filter((name) => letters(name).includes(wanted));
    const also = letters(names[language]).includes(wanted) || !shown.length ? names.filter((one) => one !== names[language]) : shown;
    if (also.length) item.append(element("p", { className: "others" }, also.slice(0, 3).join(" · ")));
    if (descriptions[language]) item.append(element("p", { className: "note" }, descriptions[language]));
    return item;
  }

  let run = 0;
  let state = null;

  async function showMore() {
    const { index, numbers, folded, shown } = state;
    const mine = run;
    const next = numbers.slice(shown, shown + PAGE);
    const blocks = await Promise.all(next.map((number) => load("things", Math.floor(number / index.block))));
    if (mine !== run) return;
    const items = next.map((number, at) => showThing(index, number, blocks[at][number % index.block], folded));
    if (shown) results.append(...items); else results.replaceChildren(...items);
    if (shown) items[0]?.querySelector("a").focus();
    state.shown += next.length;
    more.hidden = state.shown >= numbers.length;
  }

  async function show(query, chosen) {
    const mine = ++run;
    results.setAttribute("aria-busy", "true");
    if (!query.trim()) {
      status.textContent = texts.things;
      results.replaceChildren();
      classes.hidden = more.hidden = true;
      results.setAttribute("aria-busy", "false");
      return;
    }
    try {
      const { index, numbers, folded } = await search(query);
      if (mine !== run) return;
      showClasses(index, numbers, chosen);
      const some = chosen === "" ? numbers : numbers.filter((one) => classesOf(index, one).includes(Number(chosen)));
      state = { index, numbers: some, folded, shown: 0 };
      const count = some.length.toLocaleString("en");
      await showMore();
      if (mine !== run) return;
      const words = some.length === 1 ? texts.one : texts.many.replace("{number}", count);
      status.textContent = some.length ? words : texts.none;
    } catch (error) {
      if (mine === run) status.textContent = error.message;
    }
    if (mine === run) results.setAttribute("aria-busy", "false");
  }

  function read() {
    const wanted = new URLSearchParams(location.search);
    field.value = wanted.get("q") ?? "";
    show(field.value, wanted.get("class") ?? "");
  }

  function change(chosen) {
    const wanted = new URLSearchParams();
    if (field.value.trim()) wanted.set("q", field.value);
    if (chosen !== "") wanted.set("class", chosen);
    const address = wanted.size ? `?${wanted}` : location.pathname;
    try { history.replaceState(null, "", address); } catch { /* from the disk the address stays */ }
    for (const link of document.querySelectorAll(".languages a")) link.search = wanted.toString();
    show(field.value, chosen);
  }

  let timer;
  field.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(() => change(""), 150); });
  form.addEventListener("submit", (event) => { event.preventDefault(); clearTimeout(timer); change(""); });
  classes.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    const { place } = button.dataset;
    change(place);
  });
  more.textContent = texts.more;
  more.addEventListener("click", () => showMore().catch((error) => { status.textContent = error.message; }));
  window.addEventListener("popstate", read);
  for (const link of document.querySelectorAll(".languages a")) link.search = location.search;
  read();
  if (!field.value) field.focus();
})();
