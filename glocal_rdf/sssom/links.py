"""Reads links to other datasets from SSSOM tables (Simple Standard for Sharing Ontological Mappings) into triples.

A row says: this thing of ours is (exactly, nearly ...) that thing of theirs, by this justification, this sure. It gives
the plain link, and a resource `sssom:Mapping` with what the row says of it, so that each link can be questioned.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import yaml

from glocal_rdf.errors import InputError, Problem, TableError
from glocal_rdf.files import read_bytes
from glocal_rdf.lazy import pl
from glocal_rdf.namespaces import DCTERMS, OWL, RDF, RDF_TYPE, RDFS, SEMAPV, SKOS, SSSOM, XSD, term, term_of
from glocal_rdf.triples import Triples, terms

__all__ = ["list_link_rows", "list_proposals", "read_links", "split_file"]

REQUIRED = ("subject_id", "predicate_id", "object_id", "mapping_justification")
"""What SSSOM requires of every row."""

REVIEW_STATE = "ext_review_state"
"""The extension slot that has the state of a review."""

BUILT_IN = {"owl": OWL, "rdf": RDF, "rdfs": RDFS, "semapv": SEMAPV, "skos": SKOS, "sssom": SSSOM}
"""The prefixes that SSSOM lets a mapping set use without declaring them (its section "IRI prefixes")."""


def read_links(path: Path) -> Triples:
    """Read one SSSOM table into triples.

    Args:
        path: The table, with its metadata in YAML as comments at its head.

    Returns:
        The links themselves; each mapping (`sssom:Mapping`) with its justification and confidence; and the mapping set.
        A mapping that denies a link (`predicate_modifier`) is described and gives none. A row that people review (it
        has an `ext_review_state`) is left out until it is accepted: `list_proposals` has those.

    Raises:
        TableError: With every row that lacks something or uses an unknown prefix.
        InputError: Where the file cannot be read.

    https://mapping-commons.github.io/sssom/spec-formats-tsv/
    """
    frame, header = _read_rows(path)
    return _triples(frame.filter(_is_settled(frame)), header)


def list_proposals(path: Path) -> tuple[Problem, ...]:
    """List what a table proposes and nobody has accepted or rejected, as one warning with their number.

    Raises:
        TableError: As `read_links` does.
        InputError: Where the file cannot be read.
    """
    frame, _ = _read_rows(path)
    count = frame.filter(~_is_settled(frame)).height
    if not count:
        return ()
    what = (
        "1 mapping is not accepted, and is not in the graph"
        if count == 1
        else (f"{count:,} mappings are not accepted, and are not in the graph")
    )
    return (Problem(str(path), what, f"review them: glocal review {path}", "proposal", "warning", str(path)),)


def _is_settled(frame: pl.DataFrame) -> pl.Expr:
    """Return whether rows need no review any more: they are accepted or rejected, or were never proposals."""
    if REVIEW_STATE not in frame.columns:
        return pl.lit(True)
    state = pl.col(REVIEW_STATE)
    return state.is_null() | state.is_in(["accepted", "rejected"])


def list_link_rows(path: Path) -> pl.DataFrame:
    """List the rows of an SSSOM table, to find where a link is stated.

    Args:
        path: The table.

    Returns:
        The columns `line` (counted from 1), `mapping`, `subject`, `predicate` and `object` (terms).

    Raises:
        TableError: With every row that lacks something or uses an unknown prefix.
        InputError: Where the file cannot be read.
    """
    frame, header = _read_rows(path)
    named = {f"{part}_id": part for part in ("subject", "predicate", "object")}
    return _name_mappings(frame, header).select("line", "mapping", *named).rename(named)


def _read_rows(path: Path) -> tuple[pl.DataFrame, dict[str, Any]]:
    """Read and check the rows of a table, with its metadata; identifiers are written out as terms."""
    header, body, first = split_file(path)
    prefixes = BUILT_IN | {str(k): str(v) for k, v in (header.get("curie_map") or {}).items()}
    try:
        frame = pl.read_csv(io.BytesIO(body), separator="\t", infer_schema=False, quote_char='"')
    except pl.exceptions.PolarsError as error:
        raise TableError.at(path, f"is not a table: {error}".splitlines()[0], "separate the cells by tabs") from error
    missing = [name for name in REQUIRED if name not in frame.columns]
    if missing:
        raise TableError.at(
            f"{path}:{first}", f"lacks the column {', '.join(missing)}", "SSSOM requires it in each row"
        )
    frame = frame.with_row_index("line", offset=first + 1)
    problems = [
        Problem(
            f"{path}:{line}",
            f"{name} is empty",
            "SSSOM requires it in each row",
            "required",
            "error",
            str(path),
            line,
            name,
        )
        for name in REQUIRED
        for line in frame.filter(pl.col(name).is_null())["line"]
    ]
    expanded = frame.drop_nulls(REQUIRED)
    for name in REQUIRED:
        prefix = pl.col(name).str.extract(r"^([^:]*):", 1)
        unknown = expanded.filter(~prefix.is_in(list(prefixes)) | prefix.is_null())
        problems += [
            Problem(f"{path}:{line}", f"{name}: {value!r} has an unknown prefix", "declare it in the curie_map",
                    "prefix", "error", str(path), line, name, value)
            for line, value in unknown.select("line", name).iter_rows()
        ]  # fmt: skip
        base = prefix.replace_strict(prefixes, default=None, return_dtype=pl.String)
        expanded = expanded.with_columns(terms.iri(base + pl.col(name).str.replace(r"^[^:]*:", "")).alias(name))
    if problems:
        raise TableError.of(problems)
    return expanded, header


def _name_mappings(frame: pl.DataFrame, header: Mapping[str, Any]) -> pl.DataFrame:
    """Add the column `mapping`: the resource that describes a row, named by what the row links."""
    key = pl.concat_str("subject_id", "predicate_id", "object_id", separator=" ")
    folder = str(header.get("mapping_set_id", "")).rpartition("/")[0]
    mapping = pl.concat_str(
        pl.lit(f"<{folder}/"),
        key.map_elements(lambda text: sha256(text.encode()).hexdigest()[:16], return_dtype=pl.String),
        pl.lit(">"),
    )
    return frame.with_columns(mapping.alias("mapping"))


def _triples(frame: pl.DataFrame, header: Mapping[str, Any]) -> Triples:
    """Return the triples of checked rows.

    Args:
        frame: The rows.
        header: The metadata at the head of the table.
    """
    frame = _name_mappings(frame, header)
    denied = pl.col("predicate_modifier").is_not_null() if "predicate_modifier" in frame.columns else pl.lit(False)
    plain = frame.filter(~denied).select(
        pl.col("subject_id").alias("subject"),
        pl.col("predicate_id").alias("predicate"),
        pl.col("object_id").alias("object"),
    )
    statements: list[tuple[str, pl.Expr]] = [
        (RDF_TYPE, pl.lit(term(SSSOM, "Mapping"))),
        (term(OWL, "annotatedSource"), pl.col("subject_id")),
        (term(OWL, "annotatedProperty"), pl.col("predicate_id")),
        (term(OWL, "annotatedTarget"), pl.col("object_id")),
        (term(SSSOM, "mapping_justification"), pl.col("mapping_justification")),
    ]
    for name, datatype in (
        ("confidence", "decimal"),
        ("predicate_modifier", None),
        ("comment", None),
        ("subject_label", None),
        ("object_label", None),
        ("mapping_date", "date"),
    ):
        if name in frame.columns:
            xsd = f"{XSD}{datatype}" if datatype else None
            statements.append((term(SSSOM, name), terms.literal(pl.col(name), datatype=xsd)))
    parts = [plain]
    for predicate, value in statements:
        one = frame.select(
            pl.col("mapping").alias("subject"), pl.lit(predicate).alias("predicate"), value.alias("object")
        )
        parts.append(one.drop_nulls("object"))
    mapping_set = str(header.get("mapping_set_id", ""))
    if mapping_set:
        member = pl.lit(term(DCTERMS, "isPartOf")).alias("predicate")
        parts.append(
            frame.select(pl.col("mapping").alias("subject"), member, pl.lit(term_of(mapping_set)).alias("object"))
        )
    return Triples(pl.concat(parts)).union(_describe(mapping_set, header))


def _describe(mapping_set: str, header: Mapping[str, Any]) -> Triples:
    if not mapping_set:
        return Triples.empty()
    this = term_of(mapping_set)
    rows: list[tuple[str, str, str]] = [(this, RDF_TYPE, term(SSSOM, "MappingSet"))]
    for key, predicate in (("mapping_set_title", "title"), ("mapping_set_description", "description")):
        if header.get(key):
            rows.append((this, term(DCTERMS, predicate), terms.quote(str(header[key])) + "@en"))
    if header.get("license"):
        rows.append((this, term(DCTERMS, "license"), f"<{header['license']}>"))
    return Triples.from_terms(rows)


def split_file(path: Path) -> tuple[dict[str, Any], bytes, int]:
    """Part a file into its YAML header (lines that begin with #), its table, and the line that the table begins at.

    Raises:
        InputError: Where it cannot be read, or its header is broken.
    """
    try:
        lines = read_bytes(path).decode("utf-8-sig").splitlines(keepends=True)
    except UnicodeDecodeError as error:
        raise InputError.at(path, f"is not UTF-8 (byte {error.start})", "save it as UTF-8") from error
    top = [line for line in lines if line.startswith("#")]
    if lines[: len(top)] != top:
        raise InputError.at(path, "has lines that begin with # inside the table", "put them at the top of the file")
    try:
        header = yaml.safe_load("".join(line[1:] for line in top)) or {}
    except (yaml.YAMLError, RecursionError) as error:
        raise InputError.at(path, f"has a broken header: {' '.join(str(error).split())}", "correct the YAML") from error
    if not isinstance(header, dict) or not isinstance(header.get("curie_map") or {}, dict):
        raise InputError.at(path, "has a header that is not a YAML mapping", "write lines such as '#curie_map:'")
    return header, "".join(lines[len(top) :]).encode(), len(top) + 1
