// Reads the text of a query as far as the page needs: its form, its variables, its prefixes, and what is wrong with it.

const PAIRS = { "{": "}", "(": ")", "[": "]" };
const OPAQUE = /"""[\s\S]*?"""|'''[\s\S]*?'''|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|<[^<>"{}|^`\\\x00-\x20]*>|#[^\n]*/g;
const UPDATES = /\b(INSERT|DELETE|LOAD|CLEAR|DROP|CREATE|ADD|MOVE|COPY)\b/i;

// The query with spaces in the place of strings, IRIs and comments, so that only its own words are found.
export function clean(text) {
  return text.replace(OPAQUE, (part) => part.replace(/[^\n]/g, " "));
}

// SELECT, ASK, CONSTRUCT or DESCRIBE; empty where it is none of them.
export function findForm(text) {
  const word = /\b(SELECT|ASK|CONSTRUCT|DESCRIBE)\b/i.exec(withoutPrologue(clean(text)));
  return word ? word[1].toUpperCase() : "";
}

function withoutPrologue(cleaned) {
  return cleaned.replace(/\bPREFIX\s+[\p{L}\p{N}_.-]*:|\bBASE\b/giu, (part) => " ".repeat(part.length));
}

// Variables in the order in which the text has them, for SELECT *.
export function orderVariables(text, variables) {
  const cleaned = clean(text);
  if (!/^[^{]*?\bSELECT\s+((DISTINCT|REDUCED)\s+)?\*/i.test(withoutPrologue(cleaned))) return variables;
  const places = new Map();
  for (const found of cleaned.matchAll(/[?$]([\p{L}\p{N}_]+)/gu)) {
    if (!places.has(found[1])) places.set(found[1], found.index);
  }
  return [...variables].sort((one, other) => (places.get(one) ?? Infinity) - (places.get(other) ?? Infinity));
}

// The prefixes that a query need not declare, declared; in one line, so that the lines of the query keep their numbers.
export function declarePrefixes(prefixes) {
  return Object.entries(prefixes)
    .map(([name, namespace]) => `PREFIX ${name}: <${namespace}> `)
    .join("");
}

// The query with LANG(…) giving language tags as the data write them, which the engine keeps in small letters; `tags` has
// them by their small letters. In langMatches(LANG(…), …) case does not matter.
export function nameTags(query, tags) {
  const known = Object.entries(tags);
  if (!known.length) return query;
  const places = [...clean(query).matchAll(/(?<![\p{L}\p{N}_:?$.-])LANG\s*\(/giu)].map((one) => one.index);
  return places.reduceRight((text, start) => {
    const cleaned = clean(text);
    if (/\blangMatches\s*\(\s*$/i.test(cleaned.slice(0, start))) return text;
    const end = findClosing(cleaned, cleaned.indexOf("(", start));
    if (end < 0) return text;
    const call = text.slice(start, end + 1);
    const named = known.reduce((rest, [small, tag]) => `IF(${call} = "${small}", "${tag}", ${rest})`, call);
    return text.slice(0, start) + named + text.slice(end + 1);
  }, query);
}

function findClosing(cleaned, start) {
  let depth = 0;
  for (let n = start; n < cleaned.length; n += 1) {
    if (cleaned[n] === "(") depth += 1;
    else if (cleaned[n] === ")" && (depth -= 1) === 0) return n;
  }
  return -1;
}

// What is wrong with a query that the engine refused: { text, values, from, to }, where `text` is the name of a message.
// `mistake` is where the query stops being one by the grammar; what the engine reports has no place to rely on.
export function explain(query, message, prefixes, mistake) {
  const cleaned = clean(query);
  const found =
    findService(cleaned) ??
    findUpdate(cleaned) ??
    findUnknownPrefix(cleaned, prefixes) ??
    findBracket(cleaned) ??
    findOpenString(cleaned);
  if (found) return found;
  const end = query.trimEnd().length;
  if (!cleaned.trim()) return at("error_early", {}, end, end);
  if (!mistake) {
    if (message.includes("variable that is unbound")) return { text: "error_unbound", values: {} };
    return { text: "error_engine", values: { reason: message.split("\n")[0].slice(0, 200) } };
  }
  const rest = query.slice(mistake.from);
  const from = mistake.from + /^(?:\s|#[^\n]*)*/.exec(rest)[0].length;
  const word = /^(?:[?$]?[\p{L}\p{N}_:.-]+|<[^>\s]*>?|"[^"\n]*"?|.)/u.exec(query.slice(from));
  if (!word) return at("error_early", {}, end, end);
  return at("error_token", { word: word[0].slice(0, 40) }, from, from + word[0].length);
}

function at(text, values, from, to) {
  return { text, values, from, to };
}

function findService(cleaned) {
  const word = /\bSERVICE\b(?!\s*:)/i.exec(cleaned);
  return word && at("error_service", {}, word.index, word.index + word[0].length);
}

function findUpdate(cleaned) {
  const start = withoutPrologue(cleaned);
  if (/\b(SELECT|ASK|CONSTRUCT|DESCRIBE)\b/i.test(start)) return null;
  const word = UPDATES.exec(start);
  return word && at("error_update", { word: word[0].toUpperCase() }, word.index, word.index + word[0].length);
}

function findUnknownPrefix(cleaned, prefixes) {
  const declared = new Set(Object.keys(prefixes));
  for (const one of cleaned.matchAll(/\bPREFIX\s+([\p{L}\p{N}_.-]*):/giu)) declared.add(one[1]);
  for (const one of cleaned.matchAll(/(?<![\p{L}\p{N}_.:?$@-])([\p{L}][\p{L}\p{N}_.-]*|):(?=[\p{L}\p{N}_%\\]|\s)/gu)) {
    if (!declared.has(one[1])) return at("error_prefix", { name: one[1] }, one.index, one.index + one[0].length);
  }
  return null;
}

function findBracket(cleaned) {
  const opened = [];
  for (const { 0: mark, index } of cleaned.matchAll(/[{}()[\]]/g)) {
    if (mark in PAIRS) opened.push({ mark, index });
    else if (!opened.length) return at("error_closes", { mark }, index, index + 1);
    else {
      const before = opened.pop();
      const other = PAIRS[before.mark];
      if (other !== mark) return at("error_other", { mark, other }, index, index + 1);
    }
  }
  const last = opened.pop();
  return last ? at("error_open", { mark: last.mark, other: PAIRS[last.mark] }, last.index, last.index + 1) : null;
}

function findOpenString(cleaned) {
  const mark = /["']/.exec(cleaned);
  return mark && at("error_string", {}, mark.index, mark.index + 1);
}

export function placeOf(text, offset) {
  const lines = text.slice(0, offset).split("\n");
  return { line: lines.length, column: [...lines.at(-1)].length + 1 };
}
