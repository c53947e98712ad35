// The engine, in a worker: loads the dumps, answers queries, and finds names and pages of what is in the answers. A site
// that is served has an endpoint: then queries go there, and nothing is loaded but the list of pages.

import init, { Store, defaultGraph, namedNode } from "../vendor/oxigraph/web.js";
import { declarePrefixes, findForm, nameTags, orderVariables } from "./query_text.js";

const IRI = /^[^\x00-\x20<>"{}|^`\\]+$/;
const SENT = 5000; // The rows that the page gets; CSV has all.
const SUGGESTED = 12;
const FOUND = 500; // The names that an endpoint is asked for, of those that fit.

let config;
let store;
let endpoint;
let pages = "";
let index = null;
let runs = 0;
let answer = { number: 0 };

const requests = { load, run, csv: writeCsv, names: findNames, search, resolve };

self.addEventListener("message", async ({ data: { id, type, values } }) => {
  try {
    self.postMessage({ id, value: await requests[type](values) });
  } catch (error) {
    self.postMessage({ id, error: String(error?.message ?? error), memory: isMemory(error) });
  }
});

function isMemory(error) {
  return error instanceof WebAssembly.RuntimeError || error instanceof RangeError;
}

// Load the engine, the list of pages and the dumps; report how many bytes have come.
async function load({ root, described }) {
  config = described;
  let done = 0;
  const count = (bytes) => self.postMessage({ progress: (done += bytes) });
  const at = (path) => new URL(root + path.split("/").map(encodeURIComponent).join("/"), self.location.href);
  if (config.endpoint) {
    endpoint = at(config.endpoint);
    pages = await new Blob(await fetchPacked(at(config.pages.path), count)).text();
    return {};
  }
  const [engine, listed, ...dumps] = await Promise.all([
    fetchPacked(at(config.engine), () => {}),
    fetchPacked(at(config.pages.path), count),
    ...config.files.map((file) => fetchPacked(at(file.path), count)),
  ]);
  self.postMessage({ parsing: true });
  await init({ module_or_path: await new Blob(engine).arrayBuffer() });
  pages = await new Blob(listed).text();
  store = new Store();
  config.files.forEach((file, n) => {
    const to = file.graph ? namedNode(file.graph) : defaultGraph();
    store.load(dumps[n], { format: "text/turtle", to_graph_name: to, lenient: true, no_transaction: true });
    dumps[n] = null;
  });
  return { statements: store.size };
}

// The parts of a file, unpacked; a host that sends it as packed content has it unpacked already.
async function fetchPacked(address, count) {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${address.pathname}: ${response.status}`);
  const parts = [];
  const reader = response.body.getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    parts.push(part.value);
    count(part.value.length);
  }
  const [first, second] = [...(parts[0] ?? []).slice(0, 2)];
  if (first !== 0x1f || second !== 0x8b) return parts;
  const unpacked = [];
  const stream = new Blob(parts).stream().pipeThrough(new DecompressionStream("gzip")).getReader();
  for (let part = await stream.read(); !part.done; part = await stream.read()) unpacked.push(part.value);
  return unpacked;
}

// The answer to a query as text, "json" or "nt": of the engine, or of the endpoint.
async function ask(query, format) {
  if (!endpoint) return store.query(query, { results_format: format });
  const accept = format === "nt" ? "application/n-triples" : "application/sparql-results+json";
  const headers = { Accept: `${accept}, text/plain;q=0.1`, "Content-Type": "application/sparql-query" };
  const response = await fetch(endpoint, { method: "POST", headers, body: query });
  const text = await response.text();
  if (!response.ok) throw Object.assign(new Error(text.trim() || String(response.status)), { refused: true });
  return text;
}

// Answer a query: its form, variables, number of rows and the first of them; or what is wrong with it.
async function run({ query }) {
  const number = (runs += 1);
  const start = performance.now();
  const form = findForm(query);
  const graph = form === "CONSTRUCT" || form === "DESCRIBE";
  let found;
  try {
    const whole = endpoint ? query : declarePrefixes(config.prefixes) + nameTags(query, config.tags);
    found = await ask(whole, graph ? "nt" : "json");
  } catch (error) {
    if (error.refused) return { refused: error.message };
    if (endpoint || isMemory(error)) throw error;
    return { problem: String(error?.message ?? error) };
  }
  const time = performance.now() - start;
  if (graph) {
    const rows = readTriples(found);
    const variables = ["subject", "predicate", "object"];
    keep({ number, variables, rows });
    const text = found.replace(/"@([A-Za-z0-9-]+) \.$/gm, (whole, tag) => `"@${config.tags[tag] ?? tag} .`);
    return { form, time, variables, rows: rows.slice(0, SENT), count: rows.length, text };
  }
  const { head, results, boolean } = JSON.parse(found);
  if (boolean !== undefined) return { form: "ASK", time, boolean };
  const variables = orderVariables(query, head.vars);
  const rows = results.bindings.map((row) => variables.map((name) => nameTag(row[name] ?? null)));
  keep({ number, variables, rows });
  return { form: "SELECT", time, variables, rows: rows.slice(0, SENT), count: rows.length };
}

// Keep the rows for CSV; an endpoint may answer an earlier query after a later one.
function keep(found) {
  if (found.number > answer.number) answer = found;
}

const TRIPLE = /^(<[^>]*>|_:\S+) (<[^>]*>) ([\s\S]*) \.$/;

function readTriples(text) {
  return text
    .split("\n")
    .filter(Boolean)
    .map((line) => TRIPLE.exec(line).slice(1).map(readTerm).map(nameTag));
}

// A term with its language tag as the data write it.
function nameTag(term) {
  const tag = term?.["xml:lang"];
  return tag && tag in config.tags ? { ...term, "xml:lang": config.tags[tag] } : term;
}

function readTerm(text) {
  if (text.startsWith("<")) return { type: "uri", value: text.slice(1, -1) };
  if (text.startsWith("_:")) return { type: "bnode", value: text.slice(2) };
  const end = text.lastIndexOf('"');
  const rest = text.slice(end + 1);
  const value = text.slice(1, end).replace(/\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))/g, unescape);
  if (rest.startsWith("@")) return { type: "literal", value, "xml:lang": rest.slice(1) };
  return rest ? { type: "literal", value, datatype: rest.slice(3, -1) } : { type: "literal", value };
}

function unescape(_whole, short, long, mark) {
  if (mark) return { t: "\t", n: "\n", r: "\r", b: "\b", f: "\f" }[mark] ?? mark;
  return String.fromCodePoint(Number.parseInt(short ?? long, 16));
}

// All rows as CSV, as SPARQL's results have it: https://www.w3.org/TR/sparql11-results-csv-tsv/
function writeCsv() {
  const field = (text) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const cell = (term) => (term === null ? "" : field(term.type === "bnode" ? `_:${term.value}` : writeValue(term)));
  const lines = answer.rows.map((row) => row.map(cell).join(","));
  return [answer.variables.map(field).join(","), ...lines, ""].join("\r\n");
}

function writeValue(term) {
  if (term.type !== "triple") return term.value;
  return `<< ${["subject", "predicate", "object"].map((part) => writeValue(term.value[part])).join(" ")} >>`;
}

// The path of the page of an IRI; null where it has none. The list is sorted by IRI.
function findPage(iri) {
  const key = config.space && iri.startsWith(config.space) ? `/${iri.slice(config.space.length)}` : iri;
  let low = 0;
  let high = pages.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const start = middle === 0 ? 0 : pages.lastIndexOf("\n", middle - 1) + 1;
    const tab = pages.indexOf("\t", start);
    const found = pages.slice(start, tab);
    const end = pages.indexOf("\n", tab);
    if (found === key) return pages.slice(tab + 1, end) || `doc${key}`;
    if (found < key) low = end + 1;
    else high = start;
  }
  return null;
}

// Names in the language of the page, or another, and pages: { iri: [name, path] }.
async function findNames({ iris, lang }) {
  const wanted = [...new Set(iris)].filter((iri) => IRI.test(iri));
  const found = new Map();
  if (wanted.length) {
    const things = wanted.map((iri) => `<${iri}>`).join(" ");
    const [preferred, label] = config.names;
    const text = `SELECT ?s ?p ?o { VALUES ?s { ${things} } VALUES ?p { <${preferred}> <${label}> } ?s ?p ?o }`;
    const rows = JSON.parse(await ask(text, "json")).results.bindings;
    for (const { s, p, o } of rows) {
      const rank = rankName(o["xml:lang"] ?? "", lang) * 2 + (p.value === label ? 1 : 0);
      const before = found.get(s.value);
      if (!before || rank < before.rank || (rank === before.rank && o.value < before.name)) {
        found.set(s.value, { rank, name: o.value });
      }
    }
  }
  return Object.fromEntries(wanted.map((iri) => [iri, [found.get(iri)?.name ?? "", findPage(iri)]]));
}

function rankName(tag, lang) {
  const [one, other] = [tag.toLowerCase(), lang.toLowerCase()];
  if (one === other) return 0;
  if (one.split("-")[0] === other.split("-")[0]) return 1;
  return one.startsWith("en") || !one ? 2 : 3;
}

// Width, case, white space, hyphens and the two forms of 台 do not matter in names.
function fold(text) {
  return text.normalize("NFKC").toLowerCase().replace(/[\s\u2010-\u2015-]+/g, "").replaceAll("臺", "台");
}

// Things with their names: all of them; of an endpoint those that may be meant by some words.
async function listNames(words) {
  if (index) return index;
  const properties = config.names.map((iri) => `<${iri}>`).join(" ");
  const text = JSON.stringify(words.trim());
  const name = 'REPLACE(LCASE(STR(?o)), "臺", "台")';
  const meant = `CONTAINS(${name}, REPLACE(LCASE(${text}), "臺", "台")) || STRENDS(STR(?s), CONCAT("/", ${text}))`;
  const bounds = endpoint ? [`FILTER(${meant} || STRENDS(STR(?s), CONCAT("#", ${text})))`, `LIMIT ${FOUND}`] : ["", ""];
  const query = `SELECT DISTINCT ?s ?o { VALUES ?p { ${properties} } ?s ?p ?o FILTER(isIRI(?s)) ${bounds[0]} } ${bounds[1]}`;
  const rows = JSON.parse(await ask(query, "json")).results.bindings;
  const found = [];
  for (const { s, o } of rows) {
    if (findPage(s.value) !== null) found.push({ iri: s.value, name: o.value, folded: fold(o.value) });
  }
  if (!endpoint) index = found;
  return found;
}

// Things whose names have some words, the best first: [{ iri, name, matched }].
async function search({ text, lang }) {
  const wanted = fold(text);
  if (!wanted) return [];
  const best = new Map();
  for (const one of await listNames(text)) {
    const place = one.folded.indexOf(wanted);
    if (place < 0) continue;
    const rank = (one.folded.length === wanted.length ? 0 : place === 0 ? 1 : 2) * 1e6 + one.folded.length;
    const before = best.get(one.iri);
    if (!before || rank < before.rank) best.set(one.iri, { rank, iri: one.iri, matched: one.name });
  }
  const chosen = [...best.values()].sort((one, other) => one.rank - other.rank).slice(0, SUGGESTED);
  const names = await findNames({ iris: chosen.map((one) => one.iri), lang });
  return chosen.map(({ iri, matched }) => ({ iri, matched, name: names[iri]?.[0] || matched }));
}

// The IRIs that a word means: an IRI, a CURIE, the end of an IRI, or a name; none where nothing fits.
async function resolve({ word }) {
  const text = word.trim().replace(/^<|>$/g, "");
  if (!text) return [];
  const colon = text.indexOf(":");
  const candidates = [text];
  if (colon >= 0 && text.slice(0, colon) in config.prefixes) {
    candidates.push(config.prefixes[text.slice(0, colon)] + text.slice(colon + 1));
  }
  const exact = [];
  for (const iri of candidates) if (colon >= 0 && IRI.test(iri) && (await isUsed(iri))) exact.push(iri);
  if (exact.length) return exact;
  const things = await listNames(text);
  const ends = things.filter(({ iri }) => iri.endsWith(`/${text}`) || iri.endsWith(`#${text}`));
  const folded = fold(text);
  const found = ends.length ? ends : things.filter((one) => one.folded === folded);
  return [...new Set(found.map(({ iri }) => iri))].sort();
}

async function isUsed(iri) {
  return JSON.parse(await ask(`ASK { { <${iri}> ?p ?o } UNION { ?s <${iri}> ?o } UNION { ?s ?p <${iri}> } }`, "json")).boolean;
}
