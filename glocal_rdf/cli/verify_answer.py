"""Checks an answer with its evidence, off-line, with nothing but Python: documents and a dump show what it says.

    python verify_answer.py ANSWER.json --dump graph.nt --documents DIR

ANSWER.json is from `glocal query … --evidence -f json`. Checked: checksums, positions, texts; claims, ranks; that
claims or rules give the statements, these the rows. What is not is listed. Exit code 0: so; 1: not so; 2: unreadable.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any

RDF, WIKIBASE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#", "http://wikiba.se/ontology#"
PREDICATE, OA, KINDS = f"<{RDF}predicate>", "http://www.w3.org/ns/oa#", ("subject", "predicate", "object")
TERM = r'(<[^<>"\s]*>|_:[^\s]+|"(?:[^"\\]|\\.)*"(?:@[A-Za-z0-9-]+|\^\^<[^<>\s]*>)?)'
LINE = re.compile(rf"[ \t]*{TERM}[ \t]*{TERM}[ \t]*{TERM}[ \t]*{TERM}?[ \t]*\.[ \t]*(?:#.*)?$")
PLAIN = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f"}
ESCAPE = re.compile(r'\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|([tbnrf"\'\\]))')
NUMBER = re.compile(r"#(?:integer|decimal|double|float|int|long)>$")
COUNTED = re.compile(r"(COUNT|SUM|AVG|MIN|MAX|SAMPLE)\s*\(\s*(DISTINCT\s+(?!\*))?[?$]?(\w+|\*)\s*\)", re.IGNORECASE)


def unescape(text: str) -> str:
    """Return a term without escapes, with a small language tag: the same term is the same text whoever wrote it."""
    text = text.removesuffix("^^<http://www.w3.org/2001/XMLSchema#string>")
    text = re.sub(r'"@[A-Za-z0-9-]+$', lambda match: match[0].lower(), text)
    return ESCAPE.sub(lambda m: chr(int(m[1] or m[2], 16)) if m[1] or m[2] else PLAIN.get(m[3], m[3]), text)


def value(term: str) -> str:
    """Return the text of a literal, or an IRI without its brackets."""
    return term[1:-1] if term.startswith("<") else term[1 : term.rindex('"')] if term.startswith('"') else term


def triple_of(record: dict[str, Any]) -> list[str]:
    """Return the parts of a statement or a pattern."""
    return [unescape(record[kind]) for kind in KINDS]


class Dump:
    """The triples of the dumps."""

    def __init__(self, files: list[Path]) -> None:
        """Read the files; a line that is not a triple ends with ValueError."""
        self.objects: dict[tuple[str, str], set[str]] = defaultdict(set)
        self.graphs: dict[tuple[str, str, str], set[str]] = defaultdict(set)
        self.own: dict[str, set[str]] = defaultdict(set)
        self.claims: dict[str, set[str]] = defaultdict(set)
        for file in files:
            for number, line in enumerate(file.read_text(encoding="utf-8").split("\n"), 1):
                if not line.strip(" \t\r") or line.lstrip().startswith("#"):
                    continue
                if (match := LINE.match(line.strip())) is None:
                    raise ValueError(f"{file}:{number}: is not a triple in N-Triples")
                subject, predicate, found = map(unescape, match.groups()[:3])
                self.objects[subject, predicate].add(found)
                self.graphs[subject, predicate, found].add(match[4] or "")
                self.own[subject].add(predicate)
                if predicate == f"<{RDF}subject>":
                    self.claims[found].add(subject)

    def named(self, subject: str, name: str) -> set[str]:
        """Return the texts of the properties with a local name, in whatever namespace."""
        own = (self.objects[subject, p] for p in self.own[subject] if re.search(rf"[#/]{name}>$", p))
        return set(map(value, set().union(*own)))

    def rank(self, claim: str) -> str:
        """Return the rank of a claim."""
        return next(map(value, self.objects[claim, f"<{WIKIBASE}rank>"]), WIKIBASE + "NormalRank")


@dataclass
class Verifier:
    """Checks one answer; every method yields what is wrong."""

    answer: dict[str, Any]
    dump: Dump
    folder: Path
    texts: dict[str, str] = field(default_factory=dict)
    claims: dict[str, Any] = field(default_factory=dict)

    def all(self) -> Iterator[str]:
        """Check everything."""
        content = {key: part for key, part in self.answer.items() if key != "checksum"}
        text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        if sha256(text.encode()).hexdigest() != self.answer["checksum"]:
            yield "answer: its checksum differs"
        for kind, check in (("documents", self.document), ("passages", self.passage), ("claims", self.claim)):
            yield from (wrong for part in self.answer[kind] for wrong in check(part))
        self.claims = {claim["claim"]: claim for claim in self.answer["claims"]}
        cited = {iri for kind in ("claims", "statements") for one in self.answer[kind] for iri in one["passages"]}
        given = {passage["passage"] for passage in self.answer["passages"]}
        yield from (f"{iri}: the answer lacks this passage, or needs it not" for iri in sorted(cited ^ given))
        for number, statement in enumerate(self.answer["statements"]):
            yield from (f"statement {number}: {wrong}" for wrong in self.statement(number, statement))
        for number, row in enumerate(self.answer["rows"], 1):
            yield from (f"row {number}: {wrong}" for wrong in self.row(row))

    def document(self, document: dict[str, Any]) -> Iterator[str]:
        """Check a document, and keep its text."""
        iri, file = document["document"], document["file"]
        data = (self.folder / Path(file).name).read_bytes()
        known = {document["sha256"]} & self.dump.named(f"<{iri}>", "sha256")
        if file not in self.dump.named(f"<{iri}>", "identifier") or known != {sha256(data).hexdigest()}:
            yield f"{self.folder / file}: is not the file that the answer and the dump describe"
        self.texts[iri] = data.decode("utf-8")

    def passage(self, passage: dict[str, Any]) -> Iterator[str]:
        """Check a passage: name, position, text, checksums."""
        iri, start, end, document = (passage[key] for key in ("passage", "start", "end", "document"))
        text, named = self.texts.get(document, "")[start:end], self.dump.named
        at = [named(one, "start") | named(one, "end") for one in self.dump.objects[f"<{iri}>", f"<{OA}hasSelector>"]]
        if f"<{document}>" not in self.dump.objects[f"<{iri}>", f"<{OA}hasSource>"] or {str(start), str(end)} not in at:
            yield f"{iri}: is not the characters {start} to {end} of {document} in the dump"
        if iri != f"{document}#char={start},{end}" or not 0 <= start < end or len(text) != end - start:
            yield f"{iri}: is not named for its position, or lies outside its document"
        if {sha256(text.encode()).hexdigest()} != {passage["sha256"]} & named(f"<{iri}>", "sha256"):
            yield f"{iri}: the checksum of its text differs"
        if passage["text"] not in (None, text):
            yield f"{iri}: its text is not that of the document"

    def claim(self, claim: dict[str, Any]) -> Iterator[str]:
        """Check that the dump has a claim as the answer gives it."""
        iri, of = f"<{claim['claim']}>", self.dump.objects
        for kind, terms in zip(KINDS, ([claim["subject"]], [claim["predicate"]], claim["objects"]), strict=True):
            if of[iri, f"<{RDF}{kind}>"] != set(map(unescape, terms)):
                yield f"{iri}: its {kind} is another in the dump"
        if self.dump.rank(iri) != claim["rank"]:
            yield f"{iri}: its rank is another in the dump"
        if of[iri, "<http://www.w3.org/ns/prov#wasDerivedFrom>"] != {f"<{passage}>" for passage in claim["passages"]}:
            yield f"{iri}: its passages are others in the dump"
        if wrong := [q for q in claim["qualifiers"] if unescape(q[1]) not in of[iri, q[0]]]:
            yield f"{iri}: the dump does not qualify it by {wrong[0][0]} {wrong[0][1]}"

    def statement(self, number: int, statement: dict[str, Any]) -> Iterator[str]:
        """Check a statement, the claims that state it, or the rule by which it follows."""
        triple = triple_of(statement)
        if statement["graph"] not in self.dump.graphs.get((triple[0], triple[1], triple[2]), ()):
            yield f"is not in the dump: {' '.join(triple)}"
        rule = (statement["premises"] and statement["rule"]) or statement["conclusion"] is not None
        parts = (("claims", statement["claims"]), ("rule", rule))
        if any(bool(part) != (statement["origin"] == kind) for kind, part in parts):
            yield f"has not what its origin asks for: {statement['origin']!r}"
        for iri in statement["claims"]:
            if iri not in self.claims:
                yield f"the answer lacks its claim {iri}"
            elif triple[0] != f"<{iri}>":
                yield from self.states(self.claims[iri], triple)
        for at, premises in enumerate(statement["premises"]):
            yield from self.solution(premises, below=number)
            if not at and self.instance(statement["conclusion"], premises["bindings"]) != triple:
                yield f"is not what the rule {statement['rule']} concludes"

    def states(self, claim: dict[str, Any], triple: list[str]) -> Iterator[str]:
        """Check that a claim says what a statement says, and counts."""
        if triple not in ([*map(unescape, (claim["subject"], claim["predicate"], one))] for one in claim["objects"]):
            yield f"{claim['claim']} says something else"
        alike = {claim for claim in self.dump.claims[triple[0]] if self.dump.objects[claim, PREDICATE] == {triple[1]}}
        better = WIKIBASE + "PreferredRank" in map(self.dump.rank, alike)
        if claim["rank"] == f"{WIKIBASE}DeprecatedRank" or (claim["rank"] != f"{WIKIBASE}PreferredRank" and better):
            yield f"{claim['claim']} is deprecated, or another claim is preferred to it"

    def instance(self, number: int, bindings: dict[str, str]) -> list[str]:
        """Return a pattern with values in the place of its variables."""
        pattern = triple_of(self.answer["patterns"][number])
        return [unescape(bindings.get(end[1:], end)) if end[:1] == "?" else end for end in pattern]

    def solution(self, solution: dict[str, Any], below: int | None = None) -> Iterator[str]:
        """Check that each match is an instance of its pattern."""
        for match in solution["matches"]:
            wanted = self.instance(match["pattern"], solution["bindings"])
            path = set(self.answer["patterns"][match["pattern"]]["path"])
            found = [triple_of(self.answer["statements"][number]) for number in match["statements"]]
            if below in match["statements"]:
                yield "follows from itself"
            if not path and found != [wanted]:
                yield f"a statement is not an instance of its pattern: {' '.join(wanted)}"
            elif path:
                at = {wanted[0]}
                for s, p, o in found:
                    at = ({o} if s in at else set()) | ({s} if o in at else set()) if path & {p, "*"} else set()
                if wanted[2] not in at:
                    yield f"statements do not lead from {wanted[0]} to {wanted[2]}"

    def row(self, row: dict[str, Any]) -> Iterator[str]:
        """Check that a row rests on solutions that have its values."""
        own = [solution for solution in row["solutions"] if solution["scope"] == 0]
        for solution in row["solutions"]:
            yield from self.solution(solution)
        for name in self.answer["variables"]:
            text, computed = row["values"].get(name), self.answer["computed"].get(name, "")
            if counted := COUNTED.fullmatch(computed):
                yield from self._aggregate(counted, str(text), own)
            elif {one["bindings"].get(name, text if computed else None) for one in own} != {text}:
                yield f"?{name} is not what its solutions say: {text}"
        if row["values"].keys() - self.answer["variables"]:
            yield "has values of variables that the answer does not list"

    def _aggregate(self, call: re.Match[str], text: str, own: list[dict[str, Any]]) -> Iterator[str]:
        """Check a count, sum, average or extreme against the values of solutions; an extreme, if they are alike."""
        kind, every = call[1].upper(), call[3] == "*"
        values = [s["bindings"].get(call[3], "") for s in own if every or call[3] in s["bindings"]]
        values = list(dict.fromkeys(values)) if call[2] else values
        keys: list[Any] = [Decimal(value(one)) if NUMBER.search(one) else value(one) for one in (*values, text)]
        got = keys.pop()
        if kind == "COUNT":
            right = text == f'"{len(values)}"^^<http://www.w3.org/2001/XMLSchema#integer>'
        elif kind in ("SUM", "AVG"):
            total = sum(keys, Decimal(0)) / (len(keys) if keys and kind == "AVG" else 1)
            right = isinstance(got, Decimal) and abs(got - total) <= abs(total) * Decimal("1e-12")
        else:
            best, kinds = {"MIN": min, "MAX": max}.get(kind), {one[len(value(one)) + 2 :] for one in values}
            right = text in values and not (best and len(kinds) == 1 and got != best(keys))
        if not right:
            yield f"{call[0]} of {len(values)} values is not {text}"


def main(arguments: list[str] | None = None) -> int:
    """Check an answer, print what is wrong, and return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("answer", type=Path)
    parser.add_argument("--dump", type=Path, action="append", required=True, help="N-Triples; may be repeated")
    parser.add_argument("--documents", type=Path, required=True, help="the folder of the documents")
    given = parser.parse_args(arguments)
    try:
        answer = json.loads(given.answer.read_text(encoding="utf-8"))
        faults = list(dict.fromkeys(Verifier(answer, Dump(given.dump), given.documents).all()))
    except (OSError, ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError) as error:
        sys.stderr.write(f"could not be checked: {type(error).__name__}: {error}\n")
        return 2
    open_ = [text for text in (*answer["computed"].values(), *answer["absent"]) if not COUNTED.fullmatch(text)]
    unchecked = [f"not checked: {' '.join(text.split())}" for text in open_]
    counts = f"{len(answer['rows'])} rows, {len(answer['statements'])} statements, {len(faults)} faults"
    sys.stdout.write("\n".join((*faults, *unchecked, counts, "")))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
