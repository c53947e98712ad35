// The editor: CodeMirror with SPARQL's words, and completion from the classes, properties and prefixes of the data.

import {
  EditorState,
  EditorView,
  HighlightStyle,
  SparqlLanguage,
  autocompletion,
  bracketMatching,
  closeBrackets,
  closeBracketsKeymap,
  completionKeymap,
  defaultKeymap,
  drawSelection,
  highlightSpecialChars,
  history,
  historyKeymap,
  indentOnInput,
  insertBracket,
  keymap,
  lineNumbers,
  lintKeymap,
  setDiagnostics,
  syntaxHighlighting,
  tags,
} from "../vendor/codemirror/editor.js";
import { clean } from "./query_text.js";

const WORD = /[?$]?[\p{L}\p{N}_.:-]*$/u;
const KEYWORDS =
  "SELECT DISTINCT WHERE FILTER OPTIONAL UNION MINUS VALUES BIND GRAPH ORDER BY GROUP BY HAVING LIMIT OFFSET ASK CONSTRUCT DESCRIBE PREFIX EXISTS COUNT SUM AVG MIN MAX SAMPLE GROUP_CONCAT STR LANG LANGMATCHES DATATYPE CONTAINS STRSTARTS REGEX REPLACE SUBSTR LCASE YEAR COALESCE IF BOUND DESC"
    .split(" ")
    .filter((word, n, all) => all.indexOf(word) === n);
const SHOWN = 60;

// Its colours are those of the site.
const theme = EditorView.theme({
  "&": { backgroundColor: "var(--paper)", color: "var(--ink)", fontSize: ".9rem" },
  "&.cm-focused": { outline: "2px solid var(--accent)" },
  ".cm-scroller": { fontFamily: "var(--code)", lineHeight: "1.5", maxHeight: "26rem", minHeight: "9rem" },
  ".cm-content": { caretColor: "var(--ink)" },
  ".cm-cursor": { borderLeftColor: "var(--ink)" },
  ".cm-gutters": { backgroundColor: "var(--panel)", color: "var(--soft)", border: "0" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    backgroundColor: "color-mix(in srgb, var(--accent) 28%, transparent)",
  },
  "&.cm-focused .cm-matchingBracket": { backgroundColor: "var(--accent-soft)", outline: "1px solid var(--rule)" },
  ".cm-tooltip": { backgroundColor: "var(--panel)", color: "var(--ink)", border: "1px solid var(--rule)" },
  ".cm-tooltip-autocomplete > ul": { fontFamily: "var(--code)", maxWidth: "min(40rem, 92vw)" },
  ".cm-tooltip-autocomplete > ul > li[aria-selected]": { backgroundColor: "var(--accent)", color: "var(--paper)" },
  ".cm-completionDetail": { fontFamily: "var(--text)", fontStyle: "normal", color: "inherit", opacity: ".8" },
  ".cm-diagnostic-error": { borderLeftColor: "var(--warn)" },
});

const colours = HighlightStyle.define([
  { tag: tags.keyword, color: "var(--accent)", fontWeight: "600" },
  { tag: [tags.string, tags.special(tags.string)], color: "var(--ours)" },
  { tag: [tags.variableName, tags.special(tags.variableName), tags.standard(tags.variableName)], color: "var(--view)" },
  { tag: tags.comment, color: "var(--soft)", fontStyle: "italic" },
  { tag: [tags.number, tags.bool, tags.atom], color: "var(--warn)" },
]);

// Put an editor into an element. Its styles are in a shadow tree, where the site's policy allows them.
export function makeEditor(host, { text, label, terms, prefixes, run, changed }) {
  const root = host.attachShadow({ mode: "open" });
  const options = listOptions(terms, prefixes);
  const state = EditorState.create({
    doc: text,
    extensions: [
      lineNumbers(),
      highlightSpecialChars(),
      history(),
      drawSelection(),
      indentOnInput(),
      bracketMatching(),
      closeBrackets(),
      autocompletion({ override: [(context) => complete(context, options, prefixes)], icons: false }),
      SparqlLanguage,
      syntaxHighlighting(colours),
      theme,
      EditorView.lineWrapping,
      EditorView.contentAttributes.of({ "aria-label": label, spellcheck: "false", autocapitalize: "off", tabindex: "0" }),
      EditorView.domEventHandlers({ beforeinput: replaceSelected }),
      EditorView.updateListener.of((update) => update.docChanged && changed()),
      keymap.of([
        { key: "Mod-Enter", run: () => (run(), true) },
        ...closeBracketsKeymap,
        ...completionKeymap,
        ...defaultKeymap,
        ...historyKeymap,
        ...lintKeymap,
      ]),
    ],
  });
  const view = new EditorView({ state, parent: root, root });
  return {
    get text() {
      return view.state.doc.toString();
    },
    set text(value) {
      if (value === view.state.doc.toString()) return;
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: value } });
    },
    // Mark where the query is wrong; without a place, take marks away.
    mark(from, to, message) {
      if (from === undefined) return view.dispatch(setDiagnostics(view.state, []));
      const end = Math.min(view.state.doc.length, Math.max(to, from + 1));
      const start = Math.min(from, Math.max(0, end - 1));
      view.dispatch(setDiagnostics(view.state, [{ from: start, to: end, severity: "error", message }]));
      view.dispatch({ effects: EditorView.scrollIntoView(start), selection: { anchor: start } });
    },
    focus: () => view.focus(),
  };
}

// Write over a selection without the browser's editing, which would add a style of its own; the policy forbids that.
function replaceSelected(event, view) {
  const { state } = view;
  if (event.inputType !== "insertText" || !event.data || state.selection.main.empty || view.composing) return false;
  event.preventDefault();
  const typed = { userEvent: "input.type", scrollIntoView: true };
  view.dispatch(insertBracket(state, event.data) ?? state.update(state.replaceSelection(event.data), typed));
  return true;
}

// Where a query stops being one by the grammar: { from, to }; null where it is one.
export function findMistake(query) {
  let found = null;
  SparqlLanguage.parser.parse(query).iterate({
    enter: ({ type, from, to }) => {
      if (type.isError) found ??= { from, to };
    },
  });
  return found;
}

function listOptions(terms, prefixes) {
  return terms.map(([iri, kind, name, number]) => {
    const short = shorten(iri, prefixes);
    return { kind, number, text: short, name, searched: `${short} ${name}`.toLowerCase() };
  });
}

// An IRI with the prefix of the longest namespace that it begins with, where the rest may follow a prefix.
export function shorten(iri, prefixes) {
  let best = null;
  for (const [name, namespace] of Object.entries(prefixes)) {
    if (iri.startsWith(namespace) && (!best || namespace.length > best[1].length)) best = [name, namespace];
  }
  const rest = best && iri.slice(best[1].length);
  return best && /^[\p{L}\p{N}_][\p{L}\p{N}_-]*$/u.test(rest) ? `${best[0]}:${rest}` : `<${iri}>`;
}

function complete(context, options, prefixes) {
  const before = context.state.sliceDoc(0, context.pos);
  const word = WORD.exec(before)[0];
  const inside = clean(before + "\u0000").at(-1) !== "\u0000";
  if (inside || (!word && !context.explicit)) return null;
  const from = context.pos - word.length;
  if (/^[?$]/.test(word)) return { from, options: listVariables(context.state.doc.toString(), word), filter: false };
  const start = before.slice(0, from);
  if (/\bPREFIX\s+$/i.test(start)) {
    const found = Object.entries(prefixes).filter(([name]) => name.startsWith(word));
    return { from, options: found.map(([name, iri]) => ({ label: `${name}: <${iri}>` })), filter: false };
  }
  return { from, options: listWords(word, /(?:\ba|rdf:type)\s+$/.test(start), options), filter: false };
}

function listVariables(text, word) {
  const found = new Set([...clean(text).matchAll(/[?$][\p{L}\p{N}_]+/gu)].map((one) => one[0]));
  found.delete(word);
  return [...found].filter((name) => name.startsWith(word)).map((label) => ({ label }));
}

function listWords(word, classes, options) {
  const wanted = word.toLowerCase();
  const rank = (one) => (one.text.toLowerCase().startsWith(wanted) ? 0 : 2) + ((one.kind === "class") === classes ? 0 : 1);
  const found = options.filter((one) => one.searched.includes(wanted));
  found.sort((one, other) => rank(one) - rank(other) || other.number - one.number);
  const named = found.slice(0, SHOWN).map((one) => ({ label: one.text, detail: one.name || undefined }));
  const keywords = KEYWORDS.filter((one) => wanted && !wanted.includes(":") && one.startsWith(word.toUpperCase()));
  return [...keywords.map((label) => ({ label })), ...named];
}
