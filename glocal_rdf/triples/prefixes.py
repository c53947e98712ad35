"""Prefixes: the well-known vocabularies, and IRIs written short (`skos:prefLabel`) where Turtle allows it.

https://www.w3.org/TR/turtle/#sec-iri
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from glocal_rdf.errors import OutputError
from glocal_rdf.lazy import pl
from glocal_rdf.namespaces import WELL_KNOWN
from glocal_rdf.xsd.lexical_spaces import NC_CHAR, NC_START

__all__ = ["WELL_KNOWN", "choose_prefixes", "shorten"]

_ESCAPED = r"~!$&'()*+,;="
_OTHER = rf"{_ESCAPED}]|%[0-9A-Fa-f]{{2}}"
# The grammar of local names, https://www.w3.org/TR/turtle/#grammar-production-PN_LOCAL
_LOCAL = rf"^(?:[{NC_START}:0-9\-{_OTHER})(?:[{NC_CHAR}:{_OTHER})*$"
_PREFIX = re.compile(r"(?:[A-Za-z](?:[A-Za-z0-9_.-]*[A-Za-z0-9_-])?)?")
_NAMESPACE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>\"{}|^`\\]*")


def choose_prefixes(given: Mapping[str, str] | None) -> dict[str, str]:
    """Return which namespace has which prefix: those given, and the well-known ones that they do not replace.

    Returns:
        Prefixes by namespace.

    Raises:
        OutputError: Where a prefix or a namespace cannot be written.
    """
    given = dict(given or {})
    for prefix, namespace in given.items():
        if not _PREFIX.fullmatch(prefix):
            raise OutputError.at("", f"{prefix!r} is not a prefix", "write letters, digits and -, a letter first")
        if not _NAMESPACE.fullmatch(namespace):
            raise OutputError.at(
                "", f"{namespace!r}, the namespace of {prefix!r}, is not an IRI", "give an absolute IRI"
            )
    chosen = {namespace: prefix for prefix, namespace in WELL_KNOWN.items() if prefix not in given}
    return chosen | {namespace: prefix for prefix, namespace in given.items()}


def shorten(iris: pl.Series, namespaces: Mapping[str, str]) -> pl.DataFrame:
    """Write IRIs short, where the grammar of Turtle allows it.

    Args:
        iris: Terms, each an IRI with brackets.
        namespaces: Prefixes by namespace.

    Returns:
        The columns `term`, `text`, and `prefix`, which is null where none was used.

    https://www.w3.org/TR/turtle/#sec-iri
    """
    parts = pl.col("term").str.extract_groups(r"^<(.*[/#])([^/#]+)>$").struct
    odd = sorted((ns for ns in namespaces if not ns.endswith(("/", "#"))), key=lambda ns: (-len(ns), ns))
    table = pl.DataFrame({"term": iris}).with_columns(
        parts.field("1").replace_strict(namespaces, default=None, return_dtype=pl.String).alias("prefix"),
        parts.field("2").alias("local"),
    )
    for namespace in odd:
        longer = pl.col("term").str.starts_with(f"<{namespace}") & pl.col("prefix").is_null()
        table = table.with_columns(
            pl.when(longer).then(pl.lit(namespaces[namespace])).otherwise("prefix").alias("prefix"),
            pl.when(longer)
            .then(pl.col("term").str.strip_prefix(f"<{namespace}").str.strip_suffix(">"))
            .otherwise("local")
            .alias("local"),
        )
    local = pl.col("local")
    escaped = local.str.replace_all(rf"[{_ESCAPED}]", r"\${0}").str.replace("^-", r"\-")
    # A dot at either end could be escaped too, but rdflib cannot read it then.
    legal = local.str.contains(_LOCAL) & ~local.str.ends_with(".")
    short = pl.when(legal).then(pl.concat_str("prefix", pl.lit(":"), escaped))
    return table.select(
        "term", pl.coalesce(short, "term").alias("text"), pl.when(short.is_not_null()).then("prefix").alias("prefix")
    )
