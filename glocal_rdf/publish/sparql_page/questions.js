// The questions that come with the site, and a form for the parameters of one: what is filled in goes into its query.
//
// A parameter is a line `VALUES ?name { … }`. Values are written as terms of RDF, so that no text becomes a part of the
// query.

import { element, fill } from "./elements.js";

const TERM = /<([^<>"{}|^`\\\x00-\x20]*)>|"((?:[^"\\]|\\.)*)"(?:@[A-Za-z0-9-]+|\^\^\S+)?|([+-]?\d+)/g;
const TESTS = { integer: /^[+-]?\d{1,18}$/, year: /^-?\d{4}$/, language: /^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$/ };
const IRI = /^[^\x00-\x20<>"{}|^`\\]+$/;

function blockOf(name) {
  return new RegExp(`^([ \\t]*VALUES \\?${name} \\{)(.*)(\\})[ \\t]*$`, "m");
}

// The values of a parameter in a query: IRIs, or the texts of literals; null where the query has no such line.
export function readValues(query, name) {
  const block = blockOf(name).exec(query);
  if (!block) return null;
  return [...block[2].matchAll(TERM)].map(([, iri, text, number]) => iri ?? (text === undefined ? number : readText(text)));
}

function readText(text) {
  try {
    return JSON.parse(`"${text}"`);
  } catch {
    return text;
  }
}

// A query with values for a parameter; what is not a value of the kind is left out.
export function writeValues(query, { name, kind }, values) {
  const block = values.map((value) => writeTerm(kind, value)).filter(Boolean).join(" ");
  return query.replace(blockOf(name), (_whole, before, _old, after) => `${before} ${block} ${after}`);
}

function writeTerm(kind, value) {
  if (kind === "thing") return IRI.test(value) ? `<${value}>` : "";
  if (kind in TESTS && !TESTS[kind].test(value)) return "";
  if (kind === "integer") return String(BigInt(value.replace(/^\+/, "")));
  // eslint-disable-next-line no-control-regex
  const text = JSON.stringify(value.replace(/[\u0000-\u001f\ud800-\udfff]/gu, " "));
  return kind === "year" ? `${text}^^<http://www.w3.org/2001/XMLSchema#gYear>` : text;
}

export function makePicker(questions, texts, chosen) {
  const groups = Map.groupBy ? Map.groupBy(questions, (one) => one.group) : groupBy(questions);
  const options = [...groups].map(([group, some]) =>
    element("optgroup", { label: group || "…" }, ...some.map((one) => element("option", { value: one.name }, one.title))),
  );
  return element("select", { id: "question", change: (event) => chosen(event.target.value) }, element("option", { value: "" }, texts.choose), ...options);
}

function groupBy(questions) {
  const groups = new Map();
  for (const one of questions) groups.set(one.group, [...(groups.get(one.group) ?? []), one]);
  return groups;
}

// The fields of a question's parameters. `check` is asked before the query is run: it is false where a value is wrong.
export function makeForm(question, { texts, engine, lang, read, write, run }) {
  const fields = question.parameters.map((one) => (one.kind === "thing" ? makeThing(one) : makePlain(one)));
  const made = element("div", { class: "parameters" }, ...fields.map((field) => field.made));
  return {
    made,
    check: async () => {
      let right = true;
      for (const field of fields) if (!(await field.check())) right = false;
      return right;
    },
  };

  function frame(parameter, input, ...others) {
    const id = `parameter-${parameter.name}`;
    const error = element("p", { class: "wrong", id: `${id}-wrong`, hidden: true });
    input.id = id;
    input.setAttribute("aria-describedby", `${id}-about ${id}-wrong`);
    const about = element("span", { class: "note", id: `${id}-about` }, parameter.about === parameter.name ? parameter.type : `${parameter.about}`);
    const label = element("label", { for: id }, parameter.name);
    const say = (text) => {
      error.textContent = text;
      error.hidden = !text;
      input.setAttribute("aria-invalid", String(Boolean(text)));
      return !text;
    };
    return { made: element("div", { class: "parameter" }, label, " ", about, input, ...others, error), say };
  }

  function makePlain(parameter) {
    const mode = parameter.kind === "integer" || parameter.kind === "year" ? "numeric" : null;
    const input = element("input", { type: "text", inputmode: mode, autocomplete: "off", value: read(parameter.name)?.[0] ?? "" });
    const { made, say } = frame(parameter, input);
    const check = async () => {
      if (read(parameter.name) === null) return say("");
      const value = parameter.kind === "text" ? input.value : input.value.trim();
      if (!value) return say(texts.is_missing);
      if (parameter.kind in TESTS && !TESTS[parameter.kind].test(value)) return say(texts[`is_${parameter.kind}`]);
      write(parameter, [value]);
      return say("");
    };
    input.addEventListener("input", () => TESTS[parameter.kind]?.test(input.value.trim()) === false || check());
    input.addEventListener("change", check);
    input.addEventListener("keydown", async (event) => event.key === "Enter" && (await check()) && run());
    return { made, check };
  }

  // A field in which a thing is found by its name: https://www.w3.org/WAI/ARIA/apg/patterns/combobox/
  function makeThing(parameter) {
    const listId = `parameter-${parameter.name}-list`;
    const input = element("input", { type: "text", role: "combobox", autocomplete: "off", "aria-expanded": "false", "aria-autocomplete": "list", "aria-controls": listId });
    const list = element("ul", { role: "listbox", id: listId, hidden: true, "aria-label": parameter.name });
    const { made, say } = frame(parameter, input, list);
    let iris = read(parameter.name) ?? [];
    let named = "";
    let active = -1;
    let asked = 0;
    showNames();

    async function showNames() {
      const first = iris;
      const found = await engine.call("names", { iris, lang }).catch(() => ({}));
      // Meanwhile another thing may have been chosen, or a word typed.
      if (iris !== first || input.value) return;
      named = iris.map((iri) => found[iri]?.[0] || iri).join(" · ");
      input.value = named;
      // Who is about to type there replaces the names, and does not add to them.
      if (document.activeElement === input) input.select();
    }

    function close() {
      list.hidden = true;
      active = -1;
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
    }

    function choose(one) {
      iris = [one.iri];
      named = one.name;
      input.value = named;
      close();
      write(parameter, iris);
      say("");
    }

    function mark(place) {
      active = place;
      [...list.children].forEach((item, n) => item.setAttribute("aria-selected", String(n === active)));
      list.children[active]?.scrollIntoView({ block: "nearest" });
      if (active >= 0) input.setAttribute("aria-activedescendant", list.children[active].id);
    }

    async function suggest() {
      const number = (asked += 1);
      const found = await engine.call("search", { text: input.value, lang }).catch(() => []);
      if (number !== asked || document.activeElement !== input) return;
      list.replaceChildren(
        ...found.map((one, n) => {
          const other = one.matched === one.name ? null : element("span", { class: "note" }, ` ${one.matched}`);
          const tail = element("span", { class: "tag" }, ` ${one.iri.split(/[/#]/).slice(-2).join("/")}`);
          return element("li", { role: "option", id: `${listId}-${n}`, "aria-selected": "false", mousedown: (event) => (event.preventDefault(), choose(one)) }, one.name, other, tail);
        }),
      );
      list.found = found;
      list.hidden = !found.length;
      active = -1;
      input.setAttribute("aria-expanded", String(Boolean(found.length)));
    }

    async function check() {
      if (read(parameter.name) === null) return say("");
      if (input.value === named) return iris.length ? say("") : say(texts.is_missing);
      const word = input.value.trim();
      if (!word) return say(texts.is_missing);
      const found = await engine.call("resolve", { word }).catch(() => []);
      if (input.value.trim() !== word) return check();
      if (!found.length) return say(fill(texts.is_thing, { word }));
      iris = found;
      named = input.value;
      write(parameter, iris);
      return say("");
    }

    input.addEventListener("input", suggest);
    input.addEventListener("blur", () => (close(), input.value !== named && check()));
    input.addEventListener("keydown", async (event) => {
      const count = list.hidden ? 0 : list.children.length;
      if (event.key === "ArrowDown" && count) mark((active + 1) % count);
      else if (event.key === "ArrowUp" && count) mark((active - 1 + count) % count);
      else if (event.key === "Escape") close();
      else if (event.key === "Enter" && active >= 0) choose(list.found[active]);
      else if (event.key === "Enter") return (close(), (await check()) && run());
      else return;
      event.preventDefault();
    });
    return { made, check };
  }
}
