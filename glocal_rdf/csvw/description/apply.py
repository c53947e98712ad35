"""Applies decisions to the description of a table: each sets properties, and answers the open decisions about them.

Whether the cells fit is checked afterwards, by `checking`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any, Final, NoReturn

import polars as pl

from glocal_rdf.csvw.description.columns import titles_of
from glocal_rdf.csvw.description.datatype_texts import as_text, parse_datatype, parse_date_format
from glocal_rdf.csvw.description.decisions import OpenDecision, answers, question, read_open_decisions, resolve
from glocal_rdf.csvw.description.given_decisions import REFUSED, Change, Decisions, Draft
from glocal_rdf.csvw.description.references import refer
from glocal_rdf.csvw.guess.columns import guess_column
from glocal_rdf.csvw.guess.dates import unread
from glocal_rdf.csvw.metadata.prefixed_names import is_unknown_prefix, prefix_hint
from glocal_rdf.csvw.metadata.properties import is_language
from glocal_rdf.csvw.metadata.vocabulary import PREFIXES, expand_term
from glocal_rdf.csvw.rdf.uri_templates import parse_template
from glocal_rdf.errors import InputError, Problem, TableError
from glocal_rdf.namespaces import RDF_TYPE
from glocal_rdf.spelling import did_you_mean
from glocal_rdf.triples import iris

__all__ = ["LAYOUT_KINDS", "apply_decisions"]

LAYOUT_KINDS: Final = frozenset({"layout", "total", ""})
"""The kinds of decisions about a table that are about its layout; others, as that of a licence, need an answer."""

_TYPE: Final = RDF_TYPE.strip("<>")
_ODD: Final = re.compile(r"[\s<>\x22\\^`|{}]")
_ACCEPTED: Final = "is described as it should be"


def apply_decisions(draft: Draft, decisions: Decisions) -> None:
    """Change a draft as decisions say; its `changes` are what was done.

    Raises:
        InputError: Where a column, prefix, datatype, format or language does not exist.
    """
    _refuse_clashes(draft, decisions)
    for word, words in decisions.nulls.items():
        _add_nulls(draft, word, words, guess=not _has_datatype(draft, decisions, word))
    for word, text in decisions.datatypes.items():
        _set_datatype(draft, word, parse_datatype(text) if isinstance(text, str) else text)
    for word, form in decisions.dates.items():
        _set_datatype(draft, word, parse_date_format(form))
    if decisions.date:
        _set_doubtful_dates(draft, decisions.date)
    for word in decisions.texts:
        _keep_text(draft, word)
    for word, mark in decisions.lists.items():
        _set(draft, word, "separator", mark or _refuse(draft, "a separator is empty", "name it"), f"list {mark!r}")
    for word, tag in decisions.languages.items():
        _set_language(draft, word, tag)
    for word, iri in decisions.properties.items():
        _set(draft, word, "propertyUrl", _check_template(draft, iri))
    for iri in decisions.classes:
        _add_class(draft, _check_template(draft, iri))
    if decisions.key:
        _set_key(draft, decisions.key)
    for word, target in decisions.references.items():
        refer(draft, word, target)
    _resolve(draft, _answered(draft, draft.changes), None)
    for word in decisions.accepted:
        _accept(draft, word)
    if decisions.accept_layout:
        _accept(draft, None)


def _refuse_clashes(draft: Draft, decisions: Decisions) -> None:
    """Refuse two datatypes for one column, which may be named by its name and by its title.

    Raises:
        InputError: Where a column is given two.
    """
    places = [draft.find(word) for word in (*decisions.datatypes, *decisions.dates, *decisions.texts)]
    twice = next((place for place in places if places.count(place) > 1), None)
    if twice is not None:
        _refuse(draft, f"{draft.name_of(twice)} is given two datatypes", "keep one of --datatype, --date and --text")


def _refuse(draft: Draft, what: str, hint: str) -> NoReturn:
    raise InputError.at(draft.cells.file, what, hint)


def _has_datatype(draft: Draft, decisions: Decisions, word: str) -> bool:
    place = draft.find(word)
    given = (*decisions.datatypes, *decisions.dates, *decisions.texts, *decisions.lists)
    return "datatype" in draft.columns[place] or place in {draft.find(w) for w in given}


def _set(draft: Draft, word: str, name: str, value: Any, text: str = "") -> int:
    """Set a property of a column; return the place of the column."""
    place = draft.find(word)
    draft.columns[place][name] = value
    draft.changes.append(Change(place, text or f"{name} {value}", (name,)))
    return place


def _set_datatype(draft: Draft, word: str, datatype: Any) -> None:
    """Set the datatype of a column; what else was written about the same datatype (its bounds) is kept."""
    old = draft.columns[draft.find(word)].get("datatype")
    if isinstance(old, dict) and old.get("base", "string") == (
        datatype.get("base") if isinstance(datatype, dict) else datatype
    ):
        new = datatype if isinstance(datatype, dict) else {"base": datatype}
        datatype = {k: v for k, v in old.items() if k != "format"} | new
        datatype = datatype["base"] if list(datatype) == ["base"] else datatype
    base, form = as_text(datatype)
    _set(draft, word, "datatype", datatype, f"{base} {form}".strip())


def _set_doubtful_dates(draft: Draft, form: str) -> None:
    """Set the format of the dates of every column whose dates are in doubt and are written in it."""
    datatype = parse_date_format(form)
    doubtful = [d for d in _open(draft) if d.kind in {"date", "time"} and d.column]
    if not doubtful:
        _refuse(draft, "no column has dates in doubt", f"name the column: --date COLUMN={form}")
    wrong = {}
    for decision in doubtful:
        place = draft.find(decision.column)
        others = unread(datatype, _distinct_values(draft, place))
        if others.is_empty():
            _set_datatype(draft, decision.column, datatype)
        else:
            shown = ", ".join(repr(v[:40]) for v in others.head(3).to_list())
            wrong[decision.column] = (
                f"{decision.column}: {others.len()} different cells are not of the form {form} ({shown})"
            )
    if len(wrong) == len(doubtful):
        file, hint = draft.cells.file, "nothing was written"
        raise TableError(*(Problem(file, what, hint, REFUSED, file=file) for what in wrong.values()))
    for column, what in wrong.items():
        draft.warn(f"{what}, so that it stays open", "name its own format: --date COLUMN=FORMAT", column)


def _distinct_values(draft: Draft, place: int) -> pl.Series:
    """Return the different cells of a column that have a value."""
    null = draft.columns[place].get("null", "")
    series = draft.cells.column(place)
    return series.filter(~series.is_in(["", *(null if isinstance(null, list) else [null])])).unique(maintain_order=True)


def _keep_text(draft: Draft, word: str) -> None:
    place = draft.find(word)
    column = draft.columns[place]
    column["datatype"] = "string"
    if "separator" in column:
        del column["separator"]
    draft.changes.append(Change(place, "text", ("datatype",), ("list", "mixed", "unit", "code", "money")))


def _set_language(draft: Draft, word: str, tag: str) -> None:
    if not is_language(tag):
        _refuse(draft, f"{tag!r} is not a language tag (BCP 47)", "write it like en, zh-Hant or pt-BR")
    place = draft.find(word)
    base = as_text(draft.columns[place].get("datatype"))[0]
    if base not in {"string", "normalizedString", "token"}:
        _refuse(draft, f"{word}: {base} has no language", "only texts have one")
    _set(draft, word, "lang", tag)


def _add_nulls(draft: Draft, word: str, words: Iterable[str], *, guess: bool) -> None:
    """Add words that stand for no value, and guess the datatype of the other cells where it is not decided."""
    place = draft.find(word)
    series, column = draft.cells.column(place), draft.columns[place]
    old = column.get("null", "")
    known = [old] if isinstance(old, str) else [w for w in old if isinstance(w, str)] if isinstance(old, list) else []
    for null in words:
        if not (series == null).any():
            cells = series.unique().head(10_000).to_list()
            _refuse(draft, f"{word}: no cell is {null!r}", did_you_mean(null, cells, "write it as the cells have it"))
        if null not in known:
            known.append(null)
    column["null"] = known if len(known) > 1 else known[0]
    text = f"no value: {', '.join(map(repr, known[1:] if known[0] == '' else known))}"
    draft.changes.append(Change(place, text, ("null",)))
    if not guess:
        return
    values = series.replace(dict.fromkeys(known, ""))
    delimiter = draft.job.group.tables[draft.place].dialect.delimiter
    kind = draft.cells.kinds[place] if place < len(draft.cells.kinds) else ""
    found = guess_column(draft.name_of(place), titles_of(column), values, delimiter, kind)
    if found.datatype is not None:
        column["datatype"] = found.datatype
        base, form = as_text(found.datatype)
        draft.changes.append(Change(place, f"{base} {form}".strip() + " (a guess)", ("datatype",)))
    elif found.doubts:
        _resolve(draft, _answered(draft, [Change(place, text, ("null",), ("mixed",))]), None)
        notes = draft.table.setdefault("notes", [])
        notes += [question(d, draft.url, place + 1, draft.give_name(place)) for d in found.doubts if d.kind != "null"]


def _add_class(draft: Draft, iri: str) -> None:
    """Add a class to the things of the rows: a virtual column (Metadata Vocabulary, section 5.6)."""
    known = [c for c in draft.columns if isinstance(c, dict) and _is_type(draft, c)]
    if any(_expanded(draft, c.get("valueUrl")) == _expanded(draft, iri) for c in known):
        return
    if known:
        others = ", ".join(str(c.get("valueUrl")) for c in known)
        draft.warn(f"its things are {iri} now, and also {others}", "take out the column that is not right")
    draft.columns.append({"virtual": True, "propertyUrl": "rdf:type", "valueUrl": iri})
    draft.changes.append(Change(None, f"class {iri}"))


def _is_type(draft: Draft, column: dict[str, Any]) -> bool:
    return column.get("virtual") is True and _expanded(draft, column.get("propertyUrl")) == _TYPE


def _expanded(draft: Draft, name: Any) -> str:
    return (expand_term(name, draft.prefixes) or name) if isinstance(name, str) else ""


def _set_key(draft: Draft, words: Iterable[str]) -> None:
    """Set the primary key; the address of the things of the rows is made of it, unless it is made of other columns."""
    places = [draft.find(word) for word in words]
    old = draft.schema.get("primaryKey")
    names = [draft.give_name(p) for p in places]
    draft.schema["primaryKey"] = names[0] if len(names) == 1 else names
    for place in places:
        draft.columns[place]["required"] = True
        draft.changes.append(Change(place, "key", ("primaryKey",)))
    holder = next((h for h in (draft.schema, draft.table, draft.document) if "aboutUrl" in h), None)
    template = None if holder is None else holder["aboutUrl"]
    if holder is None:
        draft.schema["aboutUrl"] = "#" + "-".join(f"{{{n}}}" for n in names)
    elif isinstance(template, str) and len(names) == 1 and template.endswith((f"#{{{old}}}", f"/{{{old}}}")):
        holder["aboutUrl"] = template.removesuffix(f"{{{old}}}") + f"{{{names[0]}}}"
    if isinstance(template, str):
        now = (holder or draft.schema)["aboutUrl"]
        if not parse_template(now).names <= {*names, "_row", "_sourceRow"}:
            draft.warn(f"aboutUrl is {now}, which is not made of the key", 'change "aboutUrl" if it should be')
    if isinstance(old, str) and old not in names:
        for column in draft.present:
            if column.get("name") == old and column.get("required") is True:
                draft.warn(f"{old} was the key, and its cells are still required", 'take out "required" if not', old)


def _check_template(draft: Draft, text: str) -> str:
    """Return an IRI, prefixed name or template, after a check.

    Raises:
        InputError: Where it is none, or its prefix is not declared.
    """
    file = draft.cells.file
    known = [*PREFIXES, *draft.prefixes]
    prefix, colon, _ = text.partition(":")
    if not colon:
        hint = "write a prefixed name or an address: schema:City, https://example.org/City"
        raise InputError.at(file, f"{text!r} is not an IRI", hint)
    if is_unknown_prefix(text, draft.prefixes):
        raise InputError.at(file, f"{text!r}: {prefix}: is not a known prefix", prefix_hint(prefix, known))
    template = parse_template(text)
    names = {draft.name_of(i) for i in range(len(draft.columns))} | {"_row", "_sourceRow", "_name", "_column"}
    for name in sorted(template.names - names):
        raise InputError.at(file, f"{text!r}: there is no column {name!r}", did_you_mean(name, names))
    plain = re.sub(r"\{[^}]*\}", "x", expand_term(text, draft.prefixes) or text)
    wrong = 'it has a space or a mark of <>"\\\\^`|' if _ODD.search(plain) else iris.fault(iris.encode(plain))
    if wrong:
        raise InputError.at(file, f"{text!r} is not an IRI: {wrong}", "write a prefixed name or an address")
    return text


def _open(draft: Draft) -> list[OpenDecision]:
    """Return the open decisions about the table."""
    return [d for d in read_open_decisions(draft.document) if d.place[0] == draft.place]


def _answered(draft: Draft, changes: Iterable[Change]) -> Callable[[OpenDecision], bool]:
    """Return whether changes answer an open decision."""
    done = [(draft.name_of(c.column), c) for c in changes if c.column is not None]
    return lambda d: any(d.column == name and answers(d, c.properties, c.answers) for name, c in done)


def _resolve(draft: Draft, wanted: Callable[[OpenDecision], bool], decided: str | None) -> int:
    """Take the decisions that are wanted, those with a property that answers them too; return how many."""
    found = [d for d in read_open_decisions(draft.document, answered=True) if d.place[0] == draft.place and wanted(d)]
    if found:
        draft.document = resolve(draft.document, found, decided)
    return len(found)


def _accept(draft: Draft, word: str | None) -> None:
    """Answer the open decisions about a column, or about the table, with a note that it is as it should be."""
    name = "" if word is None else draft.name_of(draft.find(word))
    if not _resolve(draft, lambda d: d.column == name and (bool(name) or d.kind in LAYOUT_KINDS), _ACCEPTED):
        _refuse(draft, f"{word or 'the layout'} has no open decision", "glocal describe lists those that there are")
    draft.changes.append(Change(None if word is None else draft.find(word), "accepted"))
