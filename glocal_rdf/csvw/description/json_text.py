"""Changes a JSON document in its text, so that what was written by hand keeps its form.

1. The text is parsed into nodes that know where they begin and end.
2. Where a new value equals the old one, the old text is kept, to the character.
3. Members and items that are new are written as their neighbours are: on lines of their own, or in one line.

The result is parsed again; where it is not exactly the new value, the whole document is written anew.
"""

from __future__ import annotations

import difflib
import json
import re
from dataclasses import dataclass, field
from json.decoder import scanstring  # type: ignore[attr-defined]
from typing import Any, Final

__all__ = ["edit_json", "indent_of", "same_json"]

_SPACE: Final = re.compile(r"[ \t\r\n]*")
_SCALAR: Final = re.compile(r"[^,\]}\s]+")


@dataclass(slots=True)
class _Node:
    """A value in the text: where it begins and ends, and for objects and arrays the entries that it has.

    `lead` is the white space before an entry, `label` the text of its key and colon, `tail` the white space at the end.
    """

    value: Any
    start: int
    end: int = 0
    keys: list[str] = field(default_factory=list)
    entries: list[_Node] = field(default_factory=list)
    lead: str = ""
    label: str = ""
    tail: str = ""


def edit_json(text: str, new: Any) -> str:
    """Return the text of a JSON document in which only what differs is changed.

    Args:
        text: The document as it is.
        new: What the document is to hold.

    Examples:
        >>> edit_json('{"a": [1, 2],  "b": 3}', {"a": [1, 2, 5], "b": 3, "c": {}})
        '{"a": [1, 2, 5],  "b": 3,  "c": {}}'
    """
    old = json.loads(text)
    if same_json(old, new):
        return text
    lead = _SPACE.match(text)
    begin = lead.end() if lead else 0
    root = _parse(text, begin)
    newline = "\r\n" if "\r\n" in text else "\n"
    edited = text[:begin] + _Writer(text, indent_of(text), newline).render(root, new, "") + text[root.end :]
    if same_json(json.loads(edited), new):
        return edited
    return json.dumps(new, ensure_ascii=False, indent=indent_of(text) or None).replace("\n", newline) + newline


def same_json(one: Any, other: Any) -> bool:
    """Return whether two values are the same in JSON: in type, order of members and content."""
    return json.dumps(one, ensure_ascii=False) == json.dumps(other, ensure_ascii=False)


def indent_of(text: str) -> str:
    """Return the indentation of one level of a JSON document, empty where it is written in one line.

    Examples:
        >>> indent_of('{' + chr(10) + '  "a": 1' + chr(10) + '}'), indent_of('{"a": 1}')
        ('  ', '')
    """
    found = re.search(r"\n([ \t]+)\S", text)
    return found[1] if found else ""


def _parse(text: str, at: int) -> _Node:
    mark = text[at]
    if mark == '"':
        value, end = scanstring(text, at + 1, False)
        return _Node(value, at, end)
    if mark not in "{[":
        found = _SCALAR.match(text, at)
        assert found is not None  # noqa: S101 - the text was parsed before
        return _Node(json.loads(found.group()), at, found.end())
    node = _Node({} if mark == "{" else [], at)
    at += 1
    while True:
        begin, at = at, _after_space(text, at)
        if text[at] in "}]":
            node.tail, node.end = text[begin:at], at + 1
            return node
        lead, label = text[begin:at], ""
        if mark == "{":
            key, stop = scanstring(text, at + 1, False)
            value_at = _after_space(text, _after_space(text, stop) + 1)
            label, at = text[at:value_at], value_at
            node.keys.append(key)
        entry = _parse(text, at)
        entry.lead, entry.label = lead, label
        node.entries.append(entry)
        if isinstance(node.value, dict):
            node.value[node.keys[-1]] = entry.value
        else:
            node.value.append(entry.value)
        begin, at = entry.end, _after_space(text, entry.end)
        if text[at] == ",":
            at += 1
        else:
            node.tail, node.end = text[begin:at], at + 1
            return node


def _after_space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


@dataclass(frozen=True, slots=True)
class _Writer:
    """Writes changed nodes; `indent` is that of one level."""

    text: str
    indent: str
    newline: str

    def render(self, node: _Node, new: Any, margin: str) -> str:
        """Return the text of a node that is to hold a new value; `margin` is the indentation of its line."""
        if same_json(node.value, new):
            return self.text[node.start : node.end]
        if not node.entries or not isinstance(new, type(node.value)) or not new:
            return self.fresh(new, margin, inline=not self.indent)
        if isinstance(new, dict):
            return self._render_object(node, new, margin)
        if isinstance(new, list):
            return self._render_array(node, new, margin)
        return self.fresh(new, margin, inline=True)

    def fresh(self, value: Any, margin: str, *, inline: bool) -> str:
        """Return the text of a value that is new."""
        if inline:
            return json.dumps(value, ensure_ascii=False)
        return json.dumps(value, ensure_ascii=False, indent=self.indent).replace("\n", self.newline + margin)

    def _render_object(self, node: _Node, new: dict[str, Any], margin: str) -> str:
        old = dict(zip(node.keys, node.entries, strict=True))
        lead = _lead_of(node)
        colon = node.entries[-1].label.rpartition(":")[2]
        parts = []
        for key, value in new.items():
            entry = old.get(key)
            if entry is None:
                inner = _margin_of(lead, margin)
                written = self.fresh(value, inner, inline="\n" not in lead)
                parts.append(f"{lead}{json.dumps(key, ensure_ascii=False)}:{colon}{written}")
            else:
                parts.append(entry.lead + entry.label + self.render(entry, value, _margin_of(entry.lead, margin)))
        return "{" + ",".join(_first(parts, node.entries[0].lead)) + node.tail + "}"

    def _render_array(self, node: _Node, new: list[Any], margin: str) -> str:
        lead = _lead_of(node)
        parts: list[str] = []
        for value, entry in _pair(node.entries, new):
            if entry is None:
                inner = _margin_of(lead, margin)
                parts.append(lead + self.fresh(value, inner, inline="\n" not in lead or _is_inline(node, self.text)))
            else:
                parts.append(entry.lead + self.render(entry, value, _margin_of(entry.lead, margin)))
        return "[" + ",".join(_first(parts, node.entries[0].lead)) + node.tail + "]"


def _lead_of(node: _Node) -> str:
    """Return the white space before an entry that is new: that of the last one, if it does not follow the bracket."""
    lead = node.entries[-1].lead
    return " " if len(node.entries) == 1 and not lead else lead


def _is_inline(node: _Node, text: str) -> bool:
    """Return whether the objects and arrays in an array are each written in one line."""
    held = [e for e in node.entries if e.entries]
    return bool(held) and all("\n" not in text[e.start : e.end] for e in held)


def _first(parts: list[str], lead: str) -> list[str]:
    """Return entries of which the first is led by the white space that led the first before."""
    return [lead + parts[0].lstrip(" \t\r\n"), *parts[1:]]


def _margin_of(lead: str, margin: str) -> str:
    """Return the indentation of the line that an entry begins on."""
    return lead.rpartition("\n")[2] if "\n" in lead else margin


def _pair(entries: list[_Node], new: list[Any]) -> list[tuple[Any, _Node | None]]:
    """Return new items, each with the old entry that it is a change of, by name, address or place."""
    before, after = [_identity(e.value) for e in entries], [_identity(v) for v in new]
    pairs: list[tuple[Any, _Node | None]] = []
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    for kind, left, right, start, stop in matcher.get_opcodes():
        same = kind == "equal" or (kind == "replace" and right - left == stop - start)
        pairs += [(new[start + i], entries[left + i] if same else None) for i in range(stop - start)]
    return pairs


def _identity(value: Any) -> str:
    if isinstance(value, dict):
        for key in ("name", "url", "@id"):
            if isinstance(value.get(key), str):
                return f"{key}\0{value[key]}"
    return json.dumps(value, ensure_ascii=False)
