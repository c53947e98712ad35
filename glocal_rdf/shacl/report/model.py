"""What a validation found: results, focus nodes reached, and what the shapes are called (SHACL, section 3.6)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Literal

from glocal_rdf.errors import Problem
from glocal_rdf.shacl.report.messages import show, wording
from glocal_rdf.shacl.shapes.paths import Path, read_path, write_path
from glocal_rdf.shacl.terms import RDF_TYPE, sh, xsd
from glocal_rdf.shacl.triple_index import Nodes, is_iri, text_of
from glocal_rdf.triples import Triples
from glocal_rdf.triples.terms import quote

__all__ = [
    "Result",
    "ShapeInfo",
    "Text",
    "ValidationReport",
    "has_results_at",
    "pick_text",
    "read_results",
    "severity_rank",
]

Text = tuple[str, str]
"""A text and its language; the language is empty where none is said."""

_SEVERITIES = (sh("Violation"), sh("Warning"), sh("Info"))


def severity_rank(severity: str) -> int:
    """Rank a severity (an IRI term): 0 for violations, then warnings, infos, and those that others declare."""
    return _SEVERITIES.index(severity) if severity in _SEVERITIES else len(_SEVERITIES)


def has_results_at(report: ValidationReport, severity: Literal["violation", "warning", "info"]) -> bool:
    """Return whether a whole report has a result of at least a severity; those that others declare always count."""
    below = _SEVERITIES[severity_rank(sh(severity.title())) + 1 :]
    return any(result.severity not in below for result in report.results) if below else not report.conforms


@dataclass(frozen=True, slots=True)
class Result:
    """Say one thing that does not hold; all terms in N-Triples syntax.

    `messages` are those of the shape's author, in every language; they may be none. `expected` is the parameter that
    was not met, as text (`1`, `date`); `constraint` is the node of a SPARQL-based constraint; `suggestion` is the value
    that was meant, where one can be sure.
    """

    focus: str
    shape: str
    component: str
    path: Path | None = None
    value: str | None = None
    severity: str = sh("Violation")
    constraint: str | None = None
    messages: tuple[Text, ...] = ()
    expected: str = ""
    suggestion: str | None = None

    def message(self, lang: str = "en") -> str:
        """Say in one sentence what is wrong: in the author's words, or in ours where there are none in `lang`."""
        return pick_text(self.messages, lang) or wording(self, lang) or self.messages[0][0]

    def advice(self, lang: str = "en") -> str:
        """Ask whether the suggested value was meant; nothing where there is none."""
        if self.suggestion is None:
            return ""
        meant = show(self.suggestion)
        return f"是否應為 {meant}？" if lang.lower().startswith("zh") else f"did you mean {meant}?"


@dataclass(frozen=True, slots=True)
class ShapeInfo:
    """Tell what a shape is called; `parent` is the shape that it is a part of, where it has no name of its own."""

    term: str
    names: tuple[Text, ...] = ()
    descriptions: tuple[Text, ...] = ()
    path: Path | None = None
    parent: str | None = None
    targets: tuple[str, ...] = ()

    def name(self, lang: str = "en") -> str:
        """Give the name in `lang`, or in any language, or none."""
        return pick_text(self.names, lang) or (self.names[0][0] if self.names else "")


@dataclass(frozen=True, slots=True)
class ValidationReport:
    """Tell whether data conform, what was found, and how much was looked at.

    `results` holds at most as many results as were asked for; `total` is the true count. `reached` gives the number of
    focus nodes of every shape that has a target, and `looked_at` how many of them the data have that were given to be
    judged: not those that only a target names, or only an ontology. `warnings` name what of the shapes graph has no
    effect, `unsupported` the features that were not run; where these may not be ignored the report is not `complete`.
    """

    conforms: bool
    results: tuple[Result, ...]
    reached: Mapping[str, int]
    shapes: Mapping[str, ShapeInfo] = field(default_factory=dict)
    total: int = 0
    engine: str = "columns"
    looked_at: Mapping[str, int] | None = None
    warnings: tuple[Problem, ...] = ()
    unsupported: tuple[Problem, ...] = ()
    complete: bool = True

    @property
    def validated(self) -> bool:
        """Tell whether any of the data was looked at."""
        return any((self.reached if self.looked_at is None else self.looked_at).values())

    @property
    def verdict(self) -> bool | None:
        """Tell whether the data conform; none where nothing was found but not all was looked at that should be."""
        return False if not self.conforms else True if self.validated and self.complete else None

    @property
    def unreached(self) -> tuple[str, ...]:
        """List the shapes whose targets selected nothing."""
        return tuple(shape for shape, nodes in self.reached.items() if not nodes)

    @property
    def capped(self) -> bool:
        """Tell whether there are more results than are listed."""
        return self.total > len(self.results)

    def count(self, severity: str) -> int:
        """Count the listed results of a severity (a term)."""
        return sum(r.severity == severity for r in self.results)

    def severities(self) -> tuple[str, ...]:
        """List the severities of the results, the gravest first."""
        found = {r.severity for r in self.results}
        return (*(s for s in _SEVERITIES if s in found), *sorted(found.difference(_SEVERITIES)))

    def named_shape(self, shape: str) -> str:
        """Give the nearest shape with an IRI that `shape` is or is a part of; `shape` itself where there is none."""
        at, seen = shape, set[str]()
        while not is_iri(at) and at not in seen:
            seen.add(at)
            parent = self.shapes[at].parent if at in self.shapes else None
            if parent is None:
                return shape
            at = parent
        return at

    def to_triples(self) -> Triples:
        """Write the report as a graph: a `sh:ValidationReport` with its results."""
        taken = {t for r in self.results for t in (r.focus, r.value, r.shape, r.constraint) if t and t.startswith("_:")}
        numbers = count()

        def fresh() -> str:
            return next(node for n in numbers if (node := f"_:report{n}") not in taken)

        report = fresh()
        out: list[tuple[str, str, str]] = [
            (report, RDF_TYPE, sh("ValidationReport")),
            (report, sh("conforms"), f'"{str(self.conforms).lower()}"^^{xsd("boolean")}'),
        ]
        for result in self.results:
            node = fresh()
            out.append((report, sh("result"), node))
            out.extend((node, p, o) for p, o in _statements(result))
            if result.path is not None:
                path, triples = write_path(result.path, fresh)
                out.append((node, sh("resultPath"), path))
                out.extend(triples)
        return Triples.from_terms(out)


def _statements(result: Result) -> Iterable[tuple[str, str]]:
    yield RDF_TYPE, sh("ValidationResult")
    yield sh("focusNode"), result.focus
    yield sh("resultSeverity"), result.severity
    yield sh("sourceConstraintComponent"), result.component
    yield sh("sourceShape"), result.shape
    if result.value is not None:
        yield sh("value"), result.value
    if result.constraint is not None:
        yield sh("sourceConstraint"), result.constraint
    messages = result.messages or tuple((text, lang) for lang in ("en", "zh-Hant") if (text := wording(result, lang)))
    for text, lang in messages:
        yield sh("resultMessage"), quote(text) + (f"@{lang}" if lang else "")


def pick_text(texts: Iterable[Text], lang: str) -> str:
    """Choose the text whose language fits `lang` best; one without language fits any; else none.

    >>> pick_text([("a", "en"), ("甲", "zh-Hant")], "zh-Hant")
    '甲'
    >>> pick_text([("a", "en-GB")], "en")
    'a'
    """
    wanted = lang.lower()
    best, best_rank = "", 0
    for text, tag in texts:
        have = tag.lower()
        if have == wanted:
            rank = 4
        elif have and (have.startswith(wanted + "-") or wanted.startswith(have + "-")):
            rank = 3
        elif have and have.split("-", maxsplit=1)[0] == wanted.split("-", maxsplit=1)[0]:
            rank = 2
        else:
            rank = 0 if have else 1
        if rank > best_rank:
            best, best_rank = text, rank
    return best


def read_results(report: Triples) -> tuple[bool, tuple[Result, ...]]:
    """Read a `sh:ValidationReport` graph back: whether it conforms, and its results."""
    nodes = Nodes(report)
    conforms = any(o.startswith('"true"') for _, o in nodes.pairs(sh("conforms")))
    results = []
    for _, node in nodes.pairs(sh("result")):
        path = nodes.value(node, sh("resultPath"))
        results.append(
            Result(
                focus=nodes.value(node, sh("focusNode")) or "",
                shape=nodes.value(node, sh("sourceShape")) or "",
                component=nodes.value(node, sh("sourceConstraintComponent")) or "",
                path=read_path(nodes, path, "report") if path else None,
                value=nodes.value(node, sh("value")),
                severity=nodes.value(node, sh("resultSeverity")) or sh("Violation"),
                constraint=nodes.value(node, sh("sourceConstraint")),
                messages=tuple(sorted(text_of(m) for m in nodes.values(node, sh("resultMessage")))),
            )
        )
    return conforms, tuple(results)
