"""Checks the claims of a project against its documents, and adds what is not supported to a validation report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import polars as pl

from glocal_rdf import documents as texts
from glocal_rdf import evidence
from glocal_rdf.dataset import Build
from glocal_rdf.display import as_html_table
from glocal_rdf.errors import InputError, Problem
from glocal_rdf.evidence.places import find_nearest, fold_in_place
from glocal_rdf.evidence.statements import LABELS, QUALIFIERS
from glocal_rdf.i18n import languages, message, translatable
from glocal_rdf.namespaces import OA, PROV, RDF, Term, local_name, term
from glocal_rdf.operations.provenance import trace_results
from glocal_rdf.operations.validation_report import Validation, most_severe
from glocal_rdf.shacl import Result
from glocal_rdf.shacl.shapes.model import ShapeInfo
from glocal_rdf.shacl.shapes.paths import Path as PropertyPath
from glocal_rdf.triples import terms
from glocal_rdf.vocabulary import glocal, short_id

if TYPE_CHECKING:
    from glocal_rdf.documents import Document
    from glocal_rdf.evidence import Support

__all__ = ["EvidenceReport", "add_evidence", "check_evidence", "list_counts"]

SHAPE: Final = glocal("SupportedClaim")
PASSAGE_SHAPE: Final = glocal("CitedPassage")
LIMIT_SHAPE: Final = glocal("LimitedClaim")
_COMPONENT: Final = glocal("SupportConstraintComponent")
_NAMES: Final = {
    SHAPE: translatable("claims are supported by their passages"),
    PASSAGE_SHAPE: translatable("passages are in their documents as they were cited"),
    LIMIT_SHAPE: translatable("claims name the place that they are limited to"),
}
_MESSAGES: Final = {
    "subject": translatable(
        "The passages and what they stand under do not name the subject: widen a passage, add one, or explain it."
    ),
    "object": translatable(
        "The passages and what they stand under do not have the object: correct it, widen a passage, add one, or"
        " explain it."
    ),
}
_QUALIFIER: Final = translatable(
    "The passages do not have this qualifier: correct it, widen a passage, add one, or explain it."
)
_LIMIT: Final = translatable(
    "The passage speaks of this place, and the claim does not: limit the claim to it, or explain why it is there."
)
_HEADS: Final = (
    translatable("document"),
    translatable("supported"),
    translatable("own words"),
    translatable("explained"),
    translatable("unsupported"),
)
_PATHS: Final = {name: term(RDF, name) for name in ("subject", "object")}


@dataclass(frozen=True, repr=False)
class EvidenceReport:
    """What was found of the claims of a project in its documents.

    Attributes:
        claims: One claim a row: `claim`, `document` (the first, an IRI), `predicate`, `verdict` (`supported`, `own
            words`, `explained` or `unsupported`), `reason` (of an explanation), and `missing`, the parts that are in no
            passage, each with its value.
        missing: One missing part a row: `claim`, `part`, `term`, `passage`, and `nearest`, the nearest place where the
            document names it.
        unlimited: One place a row that the passages of a claim speak of, though the claim is not limited to it:
            `claim`, `term`.
        passages: Passages that are not in their documents as they were cited.
    """

    claims: pl.DataFrame
    missing: pl.DataFrame
    unlimited: pl.DataFrame
    passages: tuple[Problem, ...]

    def __repr__(self) -> str:
        counts = self.count()
        return f"<EvidenceReport: {', '.join(f'{counts[verdict]} {verdict}' for verdict in evidence.VERDICTS)}>"

    def _repr_html_(self) -> str:
        rows = [(verdict, f"{number:,}") for verdict, number in self.count().items()]
        return as_html_table(("verdict", "claims"), rows, "Claims and their passages")

    def count(self) -> dict[str, int]:
        """Count the claims by verdict."""
        counts = dict(self.claims["verdict"].value_counts().iter_rows())
        return {verdict: counts.get(verdict, 0) for verdict in evidence.VERDICTS}

    def list_counts(self) -> list[dict[str, object]]:
        """List the claims of each document, counted by verdict: its IRI, and a count for each verdict, for JSON."""
        named = [verdict.replace(" w", "W") for verdict in evidence.VERDICTS]
        counted = self._count_verdicts("document")
        return [
            {"document": str(iri).strip("<>"), **dict(zip(named, numbers, strict=True))}
            for iri, *numbers in counted.iter_rows()
        ]

    def _count_verdicts(self, column: str) -> pl.DataFrame:
        counts = [pl.col("verdict").eq(verdict).sum().alias(verdict) for verdict in evidence.VERDICTS]
        return self.claims.group_by(column).agg(*counts).sort(column)

    def count_by(self, column: str) -> list[tuple[str, ...]]:
        """Count the claims by document or predicate: a row for each, with its short name and a count for each verdict.

        Args:
            column: `document` or `predicate`.
        """
        return [
            (local_name(str(name).strip("<>")), *map(str, numbers))
            for name, *numbers in self._count_verdicts(column).iter_rows()
        ]


def check_evidence(built: Build, folder: Path | None = None) -> EvidenceReport:
    """Check that the claims of a project are supported by the passages that they were read from.

    Args:
        built: The build of the project.
        folder: The folder of the documents; by default `documents/` in the project.

    Raises:
        InputError: Where the folder is not known, and with every document that is missing or another version.
    """
    folder = folder or built.project.documents
    if folder is None:
        hint = "name the folder with --documents DIR, or put the files into documents/ of the project"
        raise InputError.at("documents", "are in a folder that is not known", hint)
    found, problems = _read_documents(built, folder)
    listed = texts.list_passages(built.stated)
    wrong = [problem.where for problem in problems]
    right = listed.filter(~pl.col("passage").is_in(wrong) & pl.col("document").is_in(list(found)))
    names = ("supportReason", "supportingWords", *QUALIFIERS)
    support = evidence.check_support(
        built.stated.union(built.truthy),
        built.project.ontology,
        {iri: document.text for iri, document in found.items()},
        right,
        {name: built.project.find_terms(name) for name in names},
    )
    missing = _locate(built, support, right, found)
    return EvidenceReport(_summarize(support, built.project.space), missing, support.unlimited, problems)


def add_evidence(validation: Validation, report: EvidenceReport, *, max_results: int | None = None) -> Validation:
    """Add what is not supported to the validation report of the same build.

    Args:
        validation: The report.
        report: What was found in the documents.
        max_results: How many results are listed at most.
    """
    built = validation.built
    if built is None:
        raise TypeError("evidence is that of a Build")
    results = [*_list_results(built, report)]
    own = replace(validation, results=tuple(results))
    traced = trace_results(built, own)
    at = len(validation.results)
    passages = len(texts.list_passages(built.stated))
    counts: dict[str, int] = {SHAPE: len(report.claims), PASSAGE_SHAPE: passages, LIMIT_SHAPE: len(report.claims)}
    infos: dict[str, ShapeInfo] = {shape: ShapeInfo(shape, _translate(name)) for shape, name in _NAMES.items()}
    joined = replace(
        validation,
        conforms=validation.conforms and not results,
        results=(*validation.results, *results),
        reached={**validation.reached, **counts},
        shapes={**validation.shapes, **infos},
        total=validation.total + len(results),
        looked_at={**(validation.reached if validation.looked_at is None else validation.looked_at), **counts},
        fails=validation.fails or bool(results),
        evidence=report,
        why_not_validated="" if any(counts.values()) else validation.why_not_validated,
        locations={**validation.locations, **{at + number: found for number, found in traced.items()}},
    )
    kept = most_severe(joined, max_results)
    return replace(
        joined,
        results=tuple(joined.results[one] for one in kept),
        locations={new: joined.locations[one] for new, one in enumerate(kept) if one in joined.locations},
    )


def _read_documents(built: Build, folder: Path) -> tuple[dict[str, Document], tuple[Problem, ...]]:
    """Read the documents that are described, and find passages that are not in them as they were cited."""
    listed = texts.list_documents(built.stated)
    found: dict[str, Document] = {}
    problems: list[Problem] = []
    for iri, file, _, checksum in listed.iter_rows():
        try:
            document = texts.read_document(folder / str(file), iri)
        except InputError as error:
            problems += error.problems
            continue
        if document.sha256 != checksum:
            what = "is not the document that was cited: its checksum differs"
            problems.append(Problem(str(document.path), what, "get that version"))
        found[iri] = document
    if problems:
        raise InputError.of(problems)
    return found, texts.verify_passages(built.stated, folder)


def _summarize(support: Support, space: str) -> pl.DataFrame:
    """Return the claims with their verdicts and what is missing, in words."""
    shown = pl.Series([short_id(one.strip("<>"), space) for one in support.missing["term"]], dtype=pl.String)
    words = pl.concat_str(pl.col("part"), pl.lit(": "), shown)
    missing = support.missing.select("claim", words=words)
    missing = missing.group_by("claim").agg(missing=pl.col("words").sort().str.join("; "))
    claims = support.claims.with_columns(document=pl.col("documents").list.first())
    claims = claims.join(missing, on="claim", how="left", maintain_order="left")
    return claims.select("claim", "document", "predicate", "verdict", "reason", "missing")


def _locate(built: Build, support: Support, passages: pl.DataFrame, documents: dict[str, Document]) -> pl.DataFrame:
    """Add to the missing parts the passage of the claim, and where the document names them nearest to it."""
    derived = built.stated.match(predicate=term(PROV, "wasDerivedFrom")).frame.select(claim="subject", passage="object")
    iri = pl.concat_str(pl.lit("<"), "passage", pl.lit(">"))
    spans = passages.select(passage=iri, document="document", start="start", end="end")
    first = derived.join(spans, on="passage").sort("claim", "start").unique("claim", keep="first", maintain_order=True)
    missing = support.missing.join(first, on="claim", how="left", maintain_order="left")
    labels = built.stated.union(built.truthy).frame.filter(pl.col("predicate").is_in(LABELS))
    labels = labels.filter(pl.col("subject").is_in(missing["term"].implode()))
    names: dict[str, list[str]] = {}
    for subject, name in labels.select("subject", terms.value(pl.col("object"))).iter_rows():
        names.setdefault(subject, []).append(name)
    folded = {iri: fold_in_place(document.text) for iri, document in documents.items()}
    nearest = []
    for one, document, start, end in missing.select("term", "document", "start", "end").iter_rows():
        span = find_nearest(folded[document], names.get(one, ()), start, end)
        nearest.append(f"{document}#char={span[0]},{span[1]}" if span else None)
    near = pl.Series("nearest", nearest, dtype=pl.String)
    return missing.with_columns(near).select("claim", "part", "term", "passage", "nearest")


def _list_results(built: Build, report: EvidenceReport) -> list[Result]:
    """Return a result for each part that is missing, and for each passage that is not as it was cited."""
    terms_of = {name: Term(next(iter(built.project.find_terms(name)))) for name in QUALIFIERS} | _PATHS
    paths = {name: PropertyPath("predicate", one) for name, one in terms_of.items()}
    results = [
        Result(
            focus=claim,
            shape=SHAPE,
            component=_COMPONENT,
            path=paths[part],
            value=value,
            messages=_translate(_MESSAGES.get(part, _QUALIFIER)),
        )
        for claim, part, value in report.missing.select("claim", "part", "term").iter_rows()
    ]
    results += [
        Result(claim, LIMIT_SHAPE, _COMPONENT, path=paths["appliesTo"], value=value, messages=_translate(_LIMIT))
        for claim, value in report.unlimited.iter_rows()
    ]
    for problem in report.passages:
        text = f"{problem.what}; {problem.hint}" if problem.hint else problem.what
        focus = f"<{problem.where}>"
        results.append(
            Result(
                focus=focus,
                shape=PASSAGE_SHAPE,
                component=_COMPONENT,
                path=PropertyPath("predicate", term(OA, "hasSelector")),
                messages=((text, "en"),),
            )
        )
    return results


def _translate(text: str) -> tuple[tuple[str, str], ...]:
    return tuple((message(lang, text), lang) for lang in languages())


def list_counts(report: EvidenceReport, lang: str) -> tuple[Sequence[str], Sequence[Sequence[str]]]:
    """Return the counts by document as a table: the heads of its columns, and its rows.

    Args:
        report: What was found in the documents.
        lang: The language of the heads.
    """
    heads = [message(lang, head) for head in _HEADS]
    return heads, report.count_by("document")
