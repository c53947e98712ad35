"""Adds a claim to a project: its row, the row of its passage, and what the curators say of it, all checked before.

1. Subject, predicate and value are looked up: a thing by its slug, identifier, IRI or name; the predicate by its name
   in the table of predicates, which also says whether the value is a date, a number or an address.
2. The quote is found in the document, and its passage gets a row where it has none.
3. The rows are put beside those of the same thing, in a copy of the project, which is built and validated. Where that
   finds something that it does not find without them, or the passage does not support the claim, nothing is written.
   Where the passage has a part of it in other words, these explain it, in a row of their own.
"""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from glocal_rdf.claims.tables import Table, find_tables, insert_row
from glocal_rdf.dataset import Build
from glocal_rdf.documents import Citation
from glocal_rdf.errors import InputError, Problem, QueryError, TableError
from glocal_rdf.files import write_bytes
from glocal_rdf.operations.added_findings import find_results, without_copy
from glocal_rdf.operations.build import build
from glocal_rdf.operations.cite import cite, quote_in_context, to_passage_row
from glocal_rdf.project import METADATA, Project, read_text
from glocal_rdf.search.labels import resolve_name_or_raise
from glocal_rdf.spelling import join_choices, nearest
from glocal_rdf.vocabulary import short_id

__all__ = ["Added", "Qualifiers", "add"]

RANKS: Final = ("preferred", "normal", "deprecated")
_IGNORED: Final = (".*", "documents", "build", "node_modules")
_LANGUAGE: Final = re.compile(r"([A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*)=(.*)", re.DOTALL)


@dataclass(frozen=True)
class Qualifiers:
    """What a claim may have besides its subject, predicate, value and passage; texts may begin with `LANG=`.

    Attributes:
        at: When it holds, in EDTF.
        start: Since when it holds, in EDTF.
        end: Until when it holds, in EDTF.
        role: The role of the subject, in one or several languages.
        applies_to: The thing for which alone it holds.
        held_by: Whose view it is.
        as_written: The value in the words of the document.
        note: What readers should know of it, in one or several languages.
        rank: "preferred", "normal" or "deprecated".
        reason: Why it has that rank.
        contradicts: The claim that it contradicts.
        by: Who makes the claim, where no document does.
        quantity: What the value counts or measures, where the predicate is a count or an amount.
        because: Why the passage has a part of the claim in other words.
        words: These words, then ` = ` and what they stand for (an identifier, or a value as the row has it); without
            it they stand for the value.
    """

    at: str = ""
    start: str = ""
    end: str = ""
    role: Sequence[str] = ()
    applies_to: str = ""
    held_by: str = ""
    as_written: str = ""
    note: Sequence[str] = ()
    rank: str = "normal"
    reason: str = ""
    contradicts: str = ""
    by: str = ""
    quantity: str = ""
    because: str = ""
    words: Sequence[str] = ()


@dataclass(frozen=True)
class Added:
    """A claim that was added, or that could not be.

    Attributes:
        claim: Its identifier.
        row: The cells of its row that are not empty.
        passage: The passage that it was read from.
        files: The files that were written, each with the line of the new row; empty where the claim was refused.
        findings: What validation finds because of it; where a violation is among it, or something that the passage does
            not have, the claim was refused.
    """

    claim: str
    row: Mapping[str, str]
    passage: Citation
    files: tuple[tuple[Path, int], ...] = ()
    findings: tuple[str, ...] = field(default=())


def add(
    project: Project,
    subject: str,
    predicate: str,
    value: str,
    *,
    document: str,
    quote: str,
    position: int | None = None,
    documents: Path | None = None,
    translations: Sequence[str] = (),
    qualifiers: Qualifiers = Qualifiers(),
) -> Added:
    """Add a claim with its passage to the tables of a project.

    Args:
        project: The project.
        subject: What the claim is about: the slug, identifier, IRI or name of a thing.
        predicate: The name of a predicate in the project's table of predicates, or the property that it means.
        value: A thing, a date in EDTF, a number, an address or a text, as the predicate takes it.
        document: The slug, IRI or file of the document.
        quote: The words of the document that say so.
        position: The position of the first character of the quote, where the document has it several times.
        documents: The folder of the documents; by default `documents/` in the project.
        translations: The value in other languages, where it is a text: `zh-Hant=…`.
        qualifiers: What else the claim has.

    Returns:
        The claim. Where validation finds something because of it, or the passage does not support it, nothing is
        written.

    Raises:
        InputError: Where subject, predicate, value or quote are not known or not clear, or a table lacks a column.
    """
    adder = _Adder(project, build(project), documents or project.documents)
    problems: list[Problem] = []
    row, citation = {}, None
    try:
        citation = _find_quote(cite(project, document, quote, documents), position)
    except InputError as error:
        problems += error.problems
    try:
        row = adder.make_row(subject, predicate, value, translations, qualifiers)
    except InputError as error:
        problems += error.problems
    if problems or citation is None:
        raise InputError.of(problems)
    row["passage", ""] = short_id(citation.iri, project.space)
    return adder.write(row, qualifiers, citation)


def _find_quote(found: Sequence[Citation], position: int | None) -> Citation:
    """Return the one passage that is meant.

    Raises:
        InputError: With the positions, where there are several, or none is the one that was named.
    """
    chosen = [one for one in found if position in (None, one.start)]
    if len(chosen) == 1:
        return chosen[0]
    places = "; ".join(f"{one.start} (line {one.line}: {quote_in_context(one)})" for one in found[:10])
    what = f"has the quote at {len(found)} positions" if chosen else f"does not have the quote at {position}"
    raise InputError.at(found[0].document.path, what, f"name one with --position: {places}")


class _Adder:
    """Adds one claim to a project that was built."""

    def __init__(self, project: Project, built: Build, documents: Path | None) -> None:
        self.project, self.built, self.documents = project, built, documents
        document = json.loads(read_text(project.metadata))
        self.tables = find_tables(document, project.declared_prefixes)
        self.claims = self._find("subject", "predicate", "object", "passage")
        self.predicates = self._find("same")
        if ("typed value", "") in self.claims.columns or self.predicates.url == self.claims.url:
            what = "has claims in the form of version 0.5"
            raise InputError.at(project.metadata, what, "run python -m glocal_rdf.cli.migrate_claims first")
        self.texts = {table.url: read_text(self._path(table.url)) for table in self.tables if self._is_text(table.url)}

    def _find(self, *purposes: str) -> Table:
        for table in self.tables:
            if table.has(*purposes) and (purposes == ("same",) or table.has("text") or table.has("value")):
                return table
        what = "describes no table of claims" if "subject" in purposes else "describes no table of predicates"
        hint = "glocal init --template documents makes a project that has them"
        raise InputError.at(self.project.metadata, what, hint)

    def _path(self, url: str) -> Path:
        return self.project.metadata.with_name(url)

    def _is_text(self, url: str) -> bool:
        return self._path(url).suffix == ".csv" and self._path(url).is_file()

    def _rows(self, table: Table) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(self.texts[table.url].removeprefix("\ufeff"), newline="")))

    def make_row(
        self, subject: str, predicate: str, value: str, translations: Sequence[str], qualifiers: Qualifiers
    ) -> dict[tuple[str, str], str]:
        """Make the cells of a claim, by the purposes of their columns."""
        name, ranged = self._find_predicate(predicate)
        row = {("subject", ""): self._find_thing(subject, "the subject"), ("predicate", ""): name}
        row |= self._place_value(name, value, ranged, translations)
        row["time", ""] = _write_time(qualifiers)
        for purpose, thing in (("applies_to", qualifiers.applies_to), ("held_by", qualifiers.held_by)):
            row[purpose, ""] = self._find_thing(thing, purpose.replace("_", " ")) if thing else ""
        row["as_written", ""] = qualifiers.as_written
        for purpose, texts in (("role", qualifiers.role), ("note", qualifiers.note)):
            row |= self._place_texts(purpose, texts)
        return {purpose: cell for purpose, cell in row.items() if cell}

    def _find_predicate(self, word: str) -> tuple[str, bool]:
        """Return the name of a predicate, and whether its values have a datatype."""
        key, same = self.predicates.key, self.predicates.columns["same", ""]
        rows = self._rows(self.predicates)
        for row in rows:
            if word in (row[key], row[same]):
                ranged = next((name for name in row if name not in (key, same) and row[name]), "")
                return row[key], bool(ranged)
        near = join_choices(map(repr, nearest(word, [row[key] for row in rows], limit=3, cutoff=0.6)))
        hint = near or f"the names are in {self.predicates.url}"
        what = f"is not a predicate in {self.predicates.url}"
        raise InputError.at(word, what, f"{hint} A new one needs a row there first".replace("csv A", "csv; a"))

    def _find_thing(self, word: str, what: str) -> str:
        try:
            found = resolve_name_or_raise(self.built.with_ontology, word, self.built.prefixes)
        except QueryError as error:
            hint = f"{error.problems[0].hint.rstrip('?')}? A new thing needs a row in its table first"
            raise InputError.at(word, f"is not a thing of the project, as {what}", hint) from error
        if len(found) > 1:
            choices = ", ".join(short_id(one, self.project.space) for one in found)
            raise InputError.at(word, f"is the name of {len(found)} things", f"name one of {choices}")
        return short_id(found[0], self.project.space)

    def _place_value(
        self, predicate: str, value: str, ranged: bool, translations: Sequence[str]
    ) -> dict[tuple[str, str], str]:
        """Decide which column a value goes to."""
        if ranged:
            return {("value", ""): value}
        key = self.claims.columns["predicate", ""]
        used = [row for row in self._rows(self.claims) if row[key] == predicate]
        thing = self.claims.columns["object", ""]
        takes_things = any(row[thing] for row in used)
        takes_texts = any(not row[thing] for row in used)
        if takes_texts and not takes_things:
            return self._place_texts("text", [value, *translations])
        try:
            return {("object", ""): self._find_thing(value, "the value")}
        except InputError:
            if takes_things or not self.claims.languages("text"):
                raise
        return self._place_texts("text", [value, *translations])

    def _place_texts(self, purpose: str, texts: Sequence[str]) -> dict[tuple[str, str], str]:
        """Place texts into the columns of their languages; one without a language into the first."""
        languages = self.claims.languages(purpose)
        placed: dict[tuple[str, str], str] = {}
        for text in texts:
            found = _LANGUAGE.fullmatch(text)
            language, words = (found[1], found[2]) if found and found[1] in languages else (languages[:1], text)
            tag = language if isinstance(language, str) else "".join(language)
            if not tag or (purpose, tag) in placed:
                what = f"the table has {purpose} in {', '.join(languages) or 'no language'}"
                raise InputError.at(text, f"has no column of its own: {what}", "begin it with a language, as zh-Hant=")
            placed[purpose, tag] = words
        return placed

    def write(self, row: dict[tuple[str, str], str], qualifiers: Qualifiers, citation: Citation) -> Added:
        """Check a claim in a copy of the project, and write it."""
        identifier = self._choose_identifier(row)
        cells = {self.claims.key: identifier} | self._fill(self.claims, row)
        new = {self.claims.url: self._insert_claim(cells)}
        for said in (*self._list_remarks(qualifiers), *self._list_explanations(row, qualifiers)):
            table = self._find_remarks(said)
            about = {table.key: identifier} | self._fill(table, said)
            if table.url == self.claims.url:
                cells |= about
                new[table.url] = self._insert_claim(cells)
            else:
                new[table.url] = self._insert_remark(table, about, said.get(("contradicts", ""), ""))
                self.texts[table.url] = new[table.url][0]
        passages = next((one for one in self.tables if one.url == "passages.csv"), None)
        if passages is not None and short_id(citation.iri, self.project.space) not in {
            one[passages.key] for one in self._rows(passages)
        }:
            new[passages.url] = self._insert_passage(passages, citation)
        shown = {name: cell for name, cell in cells.items() if cell}
        findings, refused = self._check(new)
        if refused:
            return Added(identifier, shown, citation, findings=findings)
        for url, (text, _) in new.items():
            write_bytes(text.encode(), self._path(url))
        files = tuple((self._path(url), line) for url, (_, line) in new.items())
        return Added(identifier, shown, citation, files, findings)

    def _fill(self, table: Table, row: Mapping[tuple[str, str], str]) -> dict[str, str]:
        missing = [purpose for purpose, _ in row if not table.has(purpose)]
        if missing:
            what = f"has no column for {', '.join(missing)}"
            raise InputError.at(self._path(table.url), what, "describe one in data/csv-metadata.json, or leave it out")
        return {table.columns[purpose]: cell for purpose, cell in row.items()}

    def _list_remarks(self, qualifiers: Qualifiers) -> list[dict[tuple[str, str], str]]:
        """Return what other tables have of the claim: what the curators say of it, and what it counts."""
        if qualifiers.rank not in RANKS:
            raise InputError.at(qualifiers.rank, "is not a rank", f"choose one of {', '.join(RANKS)}")
        rank = "" if qualifiers.rank == "normal" else f"{qualifiers.rank.title()}Rank"
        said = {("rank", ""): rank, ("contradicts", ""): qualifiers.contradicts}
        claims = {row[self.claims.key] for row in self._rows(self.claims)}
        if qualifiers.contradicts and qualifiers.contradicts not in claims:
            near = join_choices(map(repr, nearest(qualifiers.contradicts, claims, limit=2, cutoff=0.6)))
            raise InputError.at(qualifiers.contradicts, f"is not a claim in {self.claims.url}", near)
        for purpose, thing in (("reason", qualifiers.reason), ("by", qualifiers.by)):
            said[purpose, ""] = self._find_thing(thing, f"the {purpose}") if thing else ""
        counted = self._find_thing(qualifiers.quantity, "the quantity") if qualifiers.quantity else ""
        remarks = [{purpose: cell for purpose, cell in said.items() if cell}]
        return [one for one in (*remarks, {("quantity", ""): counted} if counted else {}) if one]

    def _list_explanations(
        self, row: Mapping[tuple[str, str], str], qualifiers: Qualifiers
    ) -> list[dict[tuple[str, str], str]]:
        """Return the rows that explain what the passage has in other words.

        Raises:
            InputError: Where there is a reason without words, or words without a reason.
        """
        if not qualifiers.because and not qualifiers.words:
            return []
        if not qualifiers.because or not qualifiers.words:
            given = qualifiers.because or qualifiers.words[0]
            hint = "give the reason with --because, and the words of the passage with --words"
            raise InputError.at(given, "explains nothing by itself", hint)
        reason = self._find_thing(qualifiers.because, "the reason")
        value = next((cell for (purpose, _), cell in row.items() if purpose in {"object", "value", "text"}), "")
        stated = [words if "=" in words else f"{words} = {value.lstrip('<>=~')}" for words in qualifiers.words]
        return [{("support_reason", ""): reason, ("supporting_words", ""): words} for words in stated]

    def _find_remarks(self, said: Mapping[tuple[str, str], str]) -> Table:
        purposes = [purpose for purpose, _ in said]
        for table in (self.claims, *self.tables):
            if table.has(*purposes) and table.about.partition("{")[0] == self.claims.about.partition("{")[0]:
                return table
        named = ", ".join(purpose.replace("_", " ") for purpose in purposes)
        hint = "describe one, as data/support.csv or data/curation.csv of the bundled dataset is"
        raise InputError.at(self.project.metadata, f"describes no table of claims with {named}", hint)

    def _insert_remark(self, table: Table, about: Mapping[str, str], other: str) -> tuple[str, int]:
        """Insert what is said of the claim, and that another contradicts it, where it names one."""
        text = self.texts[table.url]
        identifier = about[table.key]
        if other:
            if other in {row[table.key] for row in self._rows(table)}:
                hint = f"add the claim without it, and name {identifier} and {other} in each other's rows"
                raise InputError.at(self._path(table.url), f"has a row for {other} already", hint)
            back = {table.key: other, table.columns["contradicts", ""]: identifier}
            text, _ = insert_row(text, back, lambda row: row[table.key] < other)
        return insert_row(text, about, lambda row: row[table.key] < identifier)

    def _choose_identifier(self, row: Mapping[tuple[str, str], str]) -> str:
        """Choose the first free identifier of the subject and the predicate."""
        datatype = self.claims.descriptions[self.claims.key].get("datatype", {})
        form = str(datatype.get("format", ".*")) if isinstance(datatype, dict) else ".*"
        taken = {
            one[table.key]
            for table in self.tables
            if self._is_text(table.url)
            for one in self._rows(table)
            if table.key
        }
        subject = re.sub("[^A-Za-z0-9]+", "-", row["subject", ""]).strip("-")
        predicate = row["predicate", ""]
        plain = re.sub("(?<=[a-z0-9])(?=[A-Z])", "-", predicate).lower()
        for number in range(1, len(taken) + 2):
            for name in (predicate, plain):
                identifier = f"claim/{subject}-{name}-{number}"
                if re.fullmatch(form, identifier):
                    if identifier not in taken:
                        return identifier
                    break
        what = f"has identifiers of the form {form}, which claim/{subject}-{plain}-1 does not have"
        raise InputError.at(self._path(self.claims.url), what, "add the row by hand")

    def _insert_claim(self, cells: Mapping[str, str]) -> tuple[str, int]:
        """Put the claim after the last one of the same subject and predicate, or where the order has it."""
        names = [self.claims.columns[purpose, ""] for purpose in ("subject", "predicate")]
        wanted = tuple(cells[name] for name in names)
        keys = [tuple(row[name] for name in names) for row in self._rows(self.claims)]
        if keys == sorted(keys):
            return insert_row(self.texts[self.claims.url], cells, lambda row: tuple(row[n] for n in names) <= wanted)
        same = [n for n, key in enumerate(keys) if key == wanted] or [
            n for n, k in enumerate(keys) if k[0] == wanted[0]
        ]
        last = same[-1] if same else len(keys)
        seen = iter(range(len(keys)))
        return insert_row(self.texts[self.claims.url], cells, lambda _: next(seen) <= last)

    def _insert_passage(self, passages: Table, citation: Citation) -> tuple[str, int]:
        header = next(csv.reader(io.StringIO(self.texts[passages.url].removeprefix("\ufeff"))))
        cells = dict(zip(header, next(csv.reader([to_passage_row(citation, self.project)])), strict=True))
        document, start, end = cells["document"], citation.start, citation.end
        known = any(row["document"] == document for row in self._rows(passages))

        def is_before(row: Mapping[str, str]) -> bool:
            if row["document"] != document:
                return not known or row["document"] < document
            return (int(row["start"]), int(row["end"])) < (start, end)

        return insert_row(self.texts[passages.url], cells, is_before)

    def _check(self, new: Mapping[str, tuple[str, int]]) -> tuple[tuple[str, ...], bool]:
        """Build and validate the project with the new rows, and check that the passage supports the claim.

        Returns:
            What is found because of them, and whether a violation is among it.
        """
        with tempfile.TemporaryDirectory() as place:
            copy = Path(place) / "project"
            shutil.copytree(self.project.root, copy, ignore=shutil.ignore_patterns(*_IGNORED))
            for url, (text, _) in new.items():
                write_bytes(text.encode(), (copy / METADATA).with_name(url))
            try:
                built = build(Project.open(copy))
            except TableError as error:
                known = {str(copy): str(self.project.root)}
                raise InputError.of(without_copy(problem, known) for problem in error.problems) from error
            explains = any(table.has("support_reason", "supporting_words") for table in self.tables)
            found = find_results(built, self.documents, explains=explains)
            before = find_results(self.built, self.documents, explains=explains) if found else set()
        new_ones = sorted(found - before)
        findings = tuple(f"{short_id(focus, self.project.space)}: {text}" for _, focus, text in new_ones)
        return findings, any(rank == 0 for rank, _, _ in new_ones)


def _write_time(qualifiers: Qualifiers) -> str:
    """Write when a claim holds in one cell of EDTF.

    Raises:
        InputError: Where it has a point in time, and a start or an end as well.
    """
    if not (qualifiers.start or qualifiers.end):
        return qualifiers.at
    if qualifiers.at:
        raise InputError.at(qualifiers.at, "is a point in time, beside a start or an end", "give one of the two")
    return f"{qualifiers.start}/{qualifiers.end}"
