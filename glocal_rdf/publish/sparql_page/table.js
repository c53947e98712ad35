// Answers as a table: IRIs lead to the pages of the site, with the names of what they mean.

import { element, fill } from "./elements.js";

const FIRST = 100;
const NEXT = 500;
const NUMBERS = /^http:\/\/www\.w3\.org\/2001\/XMLSchema#(?:integer|decimal|double|float|int|long|short|byte|nonNegativeInteger|positiveInteger|unsigned\w+|negativeInteger|nonPositiveInteger)$/;

export function isNumber(term) {
  return term?.type === "literal" && NUMBERS.test(term.datatype ?? "") && Number.isFinite(Number(term.value));
}

// `linkTo` gives the address of a page by its path, `names` the names and paths of IRIs.
export function makeTable(answer, { texts, format, names, linkTo, shorten, lang }) {
  const body = element("tbody");
  const head = answer.variables.map((name, n) => element("th", { scope: "col", class: isNumber(answer.rows.find((row) => row[n])?.[n]) ? "count" : null }, texts[name] && answer.graph ? texts[name] : name));
  const table = element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": texts.table }, element("table", {}, element("thead", {}, element("tr", {}, ...head)), body));
  const more = element("button", { type: "button", click: () => show(NEXT) }, texts.more);
  const note = element("p", { class: "note" });
  let shown = 0;

  async function show(number) {
    const rows = answer.rows.slice(shown, shown + number);
    shown += rows.length;
    const found = await names(rows.flat().flatMap((term) => (term?.type === "uri" ? [term.value] : [])));
    markAlike(found);
    body.append(...rows.map((row) => element("tr", {}, ...row.map((term) => makeCell(term, found)))));
    more.hidden = shown >= answer.rows.length;
    note.textContent = shown < answer.count ? fill(texts.shown, { shown: format.count(shown), count: format.count(answer.count) }) : "";
  }

  function makeCell(term, found) {
    if (!term) return element("td", {});
    if (term.type === "uri") return element("td", {}, makeLink(term.value, found, { linkTo, shorten }));
    if (term.type === "bnode") return element("td", {}, element("code", {}, `_:${term.value}`));
    if (term.type === "triple") {
      const parts = ["subject", "predicate", "object"].map((part) => makeCell(term.value[part], found).childNodes[0]);
      return element("td", {}, "<< ", parts[0], " ", parts[1], " ", parts[2], " >>");
    }
    const tag = term["xml:lang"];
    const kind = term.datatype ? shorten(term.datatype) : null;
    const text = element("span", { lang: tag && tag !== lang ? tag : null, title: kind }, term.value);
    return element("td", { class: isNumber(term) ? "count" : null }, text);
  }

  return { made: element("div", {}, table, note, more), ready: show(FIRST) };
}

// Mark what has the name of another, so that it is shown with its IRI.
function markAlike(found) {
  const first = new Map();
  for (const one of Object.values(found)) {
    const [name] = one;
    if (!name) continue;
    if (first.has(name)) first.get(name)[2] = one[2] = true;
    else first.set(name, one);
  }
}

// A link to the page of an IRI; else to the IRI itself, where it is an address of the web; else its text.
export function makeLink(iri, found, { linkTo, shorten }) {
  const [name, path, alike] = found[iri] ?? ["", null, false];
  const text = name || shorten(iri);
  const shown = element("span", {}, text, alike ? element("span", { class: "tag" }, ` ${shorten(iri)}`) : null);
  if (path !== null) return element("a", { href: linkTo(path), title: iri }, shown);
  if (/^https?:\/\/[^\s]+$/i.test(iri)) return element("a", { href: iri, title: iri, rel: "external noreferrer" }, shown);
  return element("code", { title: iri }, shown);
}
