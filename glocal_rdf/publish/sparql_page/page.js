// The page: puts questions, editor, engine and answers together, and keeps what is asked in the address.

import { findSeries, makeChart } from "./chart.js";
import { findMistake, makeEditor, shorten } from "./editor.js";
import { element, fill, makeFormat } from "./elements.js";
import { Engine } from "./engine.js";
import { findPoints, makeMap } from "./map.js";
import { makeForm, makePicker, readValues, writeValues } from "./questions.js";
import { explain, placeOf } from "./query_text.js";
import { makeTable } from "./table.js";

const START = "SELECT ?class (COUNT(*) AS ?things) {\n  ?thing a ?class\n}\nGROUP BY ?class\nORDER BY DESC(?things)\n";
const NAMED = /^(?:name|label|title)/i;

const { lang } = document.body.dataset;
const root = new URL(document.body.dataset.root || "./", document.baseURI).href;
const find = (id) => document.getElementById(id);
const page = find("console");
const config = await (await fetch(page.dataset.config)).json();
const { texts } = config;
const format = makeFormat(lang);
const short = (iri) => shorten(iri, config.prefixes).replace(/^<|>$/g, "");
const size = config.files.reduce((sum, file) => sum + file.size, config.pages.size);

const engine = new Engine(root, config, report);
let ready = null;
let question = null;
let form = null;
let timer = null;
let started = 0;
let asked = 0; // Counts what was asked for: an answer to what was asked before is not shown.
let loaded = false;

// The address of a page of the site in the language of this one.
function linkTo(path) {
  const [name, fragment] = path.split(/#(.*)/s);
  const file = lang === config.languages[0] ? `${name}.html` : `${name}.${lang}.html`;
  return root + file.split("/").map(encodeURIComponent).join("/") + (fragment === undefined ? "" : `#${fragment}`);
}

const shown = { texts, format, lang, linkTo, shorten: short, names: (iris) => engine.call("names", { iris, lang }) };

const editor = makeEditor(find("editor"), {
  text: START,
  label: find("editor").dataset.label,
  terms: config.terms,
  prefixes: config.prefixes,
  run,
  changed: () => editor.mark?.(),
});

const picker = makePicker(config.questions, texts, (name) => choose(name));
find("question-label").htmlFor = picker.id;
find("question-label").after(picker);
find("run").addEventListener("click", run);
find("stop").addEventListener("click", stop);
find("share").addEventListener("click", share);
window.addEventListener("hashchange", readAddress);
page.hidden = false;
setRunning(false);
readAddress();

function state(text) {
  find("state").textContent = text;
}

function report({ progress, parsing }) {
  state(parsing ? texts.parse : fill(texts.loading, { done: format.size(progress), size: format.size(size) }));
}

// Load the data, once; where they are large a visitor is asked first.
function load() {
  ready ??= engine.start().then(
    ({ statements }) => {
      loaded = true;
      state(statements === undefined ? "" : fill(texts.ready, { count: format.count(statements) }));
    },
    (error) => {
      ready = null;
      if (error.stopped) throw error;
      state("");
      showProblem(error.memory ? texts.error_memory : fill(texts.engine, { reason: error.message }));
      throw error;
    },
  );
  return ready;
}

function askToLoad() {
  find("load").textContent = fill(texts.load, { size: format.size(size) });
  find("load").hidden = false;
  state(fill(texts.asks, { size: format.size(size) }));
  find("load").addEventListener("click", () => (find("load").hidden = true, load().then(showForm, () => {})), { once: true });
}

function choose(name, values = {}) {
  asked += 1;
  if (find("run").disabled) (setRunning(false), state(""));
  question = config.questions.find((one) => one.name === name) ?? null;
  picker.value = question?.name ?? "";
  const left = config.questions.find((one) => one.name === question?.leaves_out);
  find("about").replaceChildren(
    question?.description ?? "",
    ...(left ? [" ", element("a", { href: `#${new URLSearchParams({ question: left.name })}` }, texts.left_out)] : []),
  );
  find("answer").replaceChildren();
  find("problem").hidden = true;
  if (question) {
    let query = question.query;
    for (const one of question.parameters) if (values[one.name]) query = writeValues(query, one, values[one.name]);
    editor.text = query;
  }
  editor.mark();
  showForm();
}

function showForm() {
  const place = find("form");
  form = null;
  place.replaceChildren();
  if (!question?.parameters.length) return;
  form = makeForm(question, {
    texts,
    lang,
    run,
    engine: { call: (type, sent) => load().then(() => engine.call(type, sent)) },
    read: (name) => readValues(editor.text, name),
    write: (parameter, values) => {
      editor.text = writeValues(editor.text, parameter, values);
    },
  });
  place.append(form.made);
}

function setRunning(running) {
  find("run").disabled = running;
  find("stop").disabled = !running;
  clearInterval(timer);
  if (running) {
    started = performance.now();
    timer = setInterval(() => loaded && state(fill(texts.running, { time: format.time(performance.now() - started) })), 200);
  }
}

async function run() {
  if (find("run").disabled) return;
  const number = (asked += 1);
  find("problem").hidden = true;
  editor.mark();
  find("load").hidden = true;
  setRunning(true);
  try {
    await load();
    const right = number !== asked || !form || (await form.check());
    if (number !== asked) return;
    if (!right) return setRunning(false), state("");
    started = performance.now();
    const query = editor.text;
    const answer = await engine.call("run", { query });
    if (number !== asked) return;
    clearInterval(timer);
    keepAddress(query);
    if (answer.problem) showMistake(query, answer.problem);
    else if (answer.refused) showRefusal(query, answer.refused);
    else await showAnswer(answer, number);
    if (number === asked) setRunning(false);
  } catch (error) {
    if (error.memory && ready) restart();
    if (number !== asked) return;
    setRunning(false);
    if (!error.stopped && ready) {
      const unanswered = config.endpoint ? texts.error_server : texts.error_engine;
      showProblem(error.memory ? texts.error_memory : fill(unanswered, { reason: error.message }));
    }
  }
}

// The engine cannot be interrupted: its worker is ended, and another one loads the data from the browser's cache.
function stop() {
  const time = format.time(performance.now() - started);
  setRunning(false);
  restart();
  state(fill(config.endpoint ? texts.stopped_server : texts.stopped, { time }));
}

function restart() {
  engine.stop();
  loaded = false;
  ready = null;
  load().catch(() => {});
}

function showProblem(text) {
  find("problem").textContent = text;
  find("problem").hidden = false;
  find("answer").replaceChildren();
}

function showMistake(query, message) {
  const { text, values, from, to } = explain(query, message, config.prefixes, findMistake(query));
  state("");
  const problem = fill(texts[text], values);
  if (from === undefined) return showProblem(problem);
  showProblem(fill(texts.error_at, { ...placeOf(query, from), problem }));
  editor.mark(from, to, problem);
}

// Why the endpoint does not answer, with the place in the query where it names one.
function showRefusal(query, reason) {
  state("");
  showProblem(reason);
  const place = /line (\d+), column (\d+)/.exec(reason);
  if (!place) return;
  const lines = query.split(/\r\n?|\n/);
  const from = lines.slice(0, Number(place[1]) - 1).reduce((sum, line) => sum + line.length + 1, 0) + Number(place[2]) - 1;
  if (from < query.length) editor.mark(from, from + 1, reason);
}

async function showAnswer(answer, number) {
  const place = find("answer");
  const time = format.time(answer.time);
  if (answer.form === "ASK") {
    state(time);
    return place.replaceChildren(element("p", { class: "verdict" }, answer.boolean ? texts.yes : texts.no));
  }
  answer.graph = answer.text !== undefined;
  state(answer.count === 1 ? fill(texts.rows_one, { time }) : fill(texts.rows, { count: format.count(answer.count), time }));
  if (!answer.count) return place.replaceChildren(element("p", {}, texts.empty));
  const table = makeTable(answer, shown);
  await table.ready;
  if (number !== asked) return;
  const views = [[texts.table, () => table.made]];
  const points = findPoints(answer);
  if (points.length) views.push([texts.map, () => drawMap(points, answer)]);
  const series = findSeries(answer);
  if (series) views.push([texts.chart, () => drawChart(answer, series)]);
  place.replaceChildren(makeTabs(views), makeDownloads(answer));
}

async function drawMap(points, answer) {
  const found = await shown.names(firstIris(answer));
  const describe = (row) => {
    const iri = row.find((term) => term?.type === "uri")?.value;
    const path = found[iri]?.[1] ?? null;
    return { title: nameRow(row, found, answer), address: path === null ? null : linkTo(path) };
  };
  return makeMap(points, { texts, format, describe, credit: config.credit, landAddress: `${root}assets/vendor/world-atlas/land-110m.json` });
}

async function drawChart(answer, series) {
  const found = await shown.names(firstIris(answer));
  return makeChart(answer, series, { texts, format, nameRow: (row) => nameRow(row, found, answer) });
}

function firstIris(answer) {
  return answer.rows.flatMap((row) => row.find((term) => term?.type === "uri")?.value ?? []);
}

// What a row is called: the name of its first IRI; else a text in the language of the page, or any.
function nameRow(row, found, answer) {
  const iri = row.find((term) => term?.type === "uri")?.value;
  if (iri && found[iri]?.[0]) return found[iri][0];
  const literals = row.filter((term) => term?.type === "literal");
  const own = literals.find((term) => term["xml:lang"]?.toLowerCase() === lang.toLowerCase());
  const named = row[answer.variables.findIndex((name) => NAMED.test(name))];
  return (own ?? named ?? literals[0])?.value ?? (iri ? short(iri) : "");
}

// https://www.w3.org/WAI/ARIA/apg/patterns/tabs/
function makeTabs(views) {
  const panel = element("div", { role: "tabpanel", id: "panel", tabindex: views.length > 1 ? "0" : null });
  const made = [];
  const tabs = views.map(([title], n) =>
    element("button", { type: "button", role: "tab", id: `tab-${n}`, "aria-controls": "panel", click: () => open(n), keydown: (event) => move(event, n) }, title),
  );
  async function open(n) {
    tabs.forEach((tab, place) => {
      tab.setAttribute("aria-selected", String(place === n));
      tab.tabIndex = place === n ? 0 : -1;
    });
    panel.setAttribute("aria-labelledby", `tab-${n}`);
    made[n] ??= await views[n][1]();
    // Another tab may have been opened while this view was made.
    if (tabs[n].tabIndex === 0) panel.replaceChildren(made[n]);
  }
  function move(event, n) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const next = (n + step + tabs.length) % tabs.length;
    tabs[next].focus();
    open(next);
  }
  open(0);
  return element("div", {}, views.length > 1 ? element("div", { role: "tablist", class: "tabs" }, ...tabs) : null, panel);
}

function makeDownloads(answer) {
  const csv = element("button", { type: "button", id: "csv", click: async () => save(await engine.call("csv"), "text/csv", "csv") }, texts.csv);
  const triples = answer.graph && element("button", { type: "button", click: () => save(answer.text, "application/n-triples", "nt") }, texts.ntriples);
  return element("p", { class: "actions" }, csv, triples || null);
}

function save(text, type, ending) {
  const address = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }));
  element("a", { href: address, download: `${question?.name ?? "query"}.${ending}` }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

// A question with its values, where the query is as it came; else the query.
function writeAddress(text) {
  if (question) {
    let query = question.query;
    const values = new URLSearchParams({ question: question.name });
    for (const one of question.parameters) {
      const given = readValues(text, one.name) ?? [];
      query = writeValues(query, one, given);
      for (const value of given) values.append(one.name, value);
    }
    const unchanged = question.parameters.every((one) => same(readValues(question.query, one.name), readValues(text, one.name)));
    if (text === query || (unchanged && text === question.query)) return values;
  }
  return new URLSearchParams({ query: text });
}

function same(one, other) {
  return JSON.stringify(one) === JSON.stringify(other);
}

function keepAddress(text = editor.text) {
  history.replaceState(null, "", `#${writeAddress(text)}`);
  for (const link of document.querySelectorAll(".languages a")) link.hash = location.hash;
}

async function share() {
  keepAddress();
  try {
    await navigator.clipboard.writeText(location.href);
    state(texts.copied);
  } catch {
    state(location.href);
  }
}

// Fill the page from the address; what it asks is run where the data are small or loaded.
function readAddress() {
  const given = new URLSearchParams(location.hash.slice(1));
  const small = size < config.ask_first || loaded;
  if (given.has("question")) {
    const names = [...new Set(given.keys())].filter((name) => name !== "question");
    choose(given.get("question"), Object.fromEntries(names.map((name) => [name, given.getAll(name)])));
  } else if (given.has("query")) {
    choose("");
    editor.text = given.get("query");
  }
  if (!small) askToLoad();
  else if (given.has("question") || given.has("query")) run();
  else load().catch(() => {});
}
