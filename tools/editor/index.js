// What the page for SPARQL uses of CodeMirror: `tools/vendor.py` bundles it into one file.
export { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap, insertBracket } from "@codemirror/autocomplete";
export { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
export { HighlightStyle, bracketMatching, indentOnInput, syntaxHighlighting } from "@codemirror/language";
export { lintKeymap, setDiagnostics } from "@codemirror/lint";
export { EditorState } from "@codemirror/state";
export { EditorView } from "codemirror";
export { drawSelection, highlightSpecialChars, keymap, lineNumbers } from "@codemirror/view";
export { SparqlLanguage } from "codemirror-lang-sparql";
export { tags } from "@lezer/highlight";
