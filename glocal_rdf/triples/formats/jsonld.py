"""JSON-LD for people: IRIs written short by a context that stands in the document itself, so that nothing is fetched.

The serializer writes expanded JSON-LD; what is done here is compaction with prefixes alone (JSON-LD 1.1 Processing
Algorithms, section 6): every IRI that a prefix fits becomes a compact IRI, one value stands without its list, and a
literal that is only a text stands as that text. No value changes, so the graph is the same.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import polars as pl

from glocal_rdf.namespaces import RDF_TYPE, iri_of, split_iri
from glocal_rdf.triples.formats.serializer import serialize
from glocal_rdf.triples.prefixes import choose_prefixes

__all__ = ["compact_document", "usable_prefixes", "write_jsonld"]

_TYPE = iri_of(RDF_TYPE)


def write_jsonld(frame: pl.DataFrame, prefixes: Mapping[str, str] | None = None) -> bytes:
    """Write triples, or quads with a column `graph`, as JSON-LD with a context of prefixes.

    Args:
        frame: The columns `subject`, `predicate` and `object`, and `graph` where there are named graphs.
        prefixes: Namespaces by prefix; those that the graph uses become the context.

    https://www.w3.org/TR/json-ld11/#the-context
    """
    return compact_document(serialize(frame, "jsonld"), usable_prefixes(frame, choose_prefixes(prefixes)))


def usable_prefixes(frame: pl.DataFrame, namespaces: Mapping[str, str]) -> dict[str, str]:
    """Leave out what JSON-LD cannot use or would misread.

    A namespace must end with / or #. A prefix must not be empty, since no term of JSON-LD may be.
    No IRI of the graph may begin with a prefix as if it were its scheme.

    Args:
        frame: The graph.
        namespaces: Prefixes by namespace.

    Returns:
        The rest, likewise by namespace.
    """
    iris = pl.concat(frame.get_columns()).unique().drop_nulls()
    opaque = iris.filter(iris.str.starts_with("<") & ~iris.str.contains(r"^<[^:]*://"))
    schemes = set(opaque.str.extract(r"^<([^:]*):").drop_nulls())
    return {
        namespace: prefix
        for namespace, prefix in namespaces.items()
        if prefix and namespace.endswith(("/", "#")) and prefix not in schemes
    }


def compact_document(expanded: bytes, namespaces: Mapping[str, str]) -> bytes:
    """Write an expanded document with a context of the prefixes that it uses, a node a line.

    Args:
        expanded: A document of JSON-LD without a context.
        namespaces: Prefixes by namespace.
    """
    used: dict[str, str] = {}
    short: dict[str, str] = {}

    def compact(iri: str) -> str:
        known = short.get(iri)
        if known is not None:
            return known
        namespace, local = split_iri(iri)
        prefix = namespaces.get(namespace) if local else None
        if prefix is not None:
            used[prefix] = namespace
        short[iri] = text = iri if prefix is None else f"{prefix}:{local}"
        return text

    def value(given: dict[str, Any]) -> Any:
        if "@id" in given:
            return {"@id": compact(given["@id"])}
        if "@type" in given:
            return {**given, "@type": compact(given["@type"])}
        return given["@value"] if len(given) == 1 and isinstance(given["@value"], str) else given

    def node(given: dict[str, Any]) -> dict[str, Any]:
        out: dict[str, Any] = {}
        for key, values in given.items():
            if key == "@id":
                out[key] = compact(values)
            elif key == _TYPE and all("@id" in one for one in values):
                kinds = [compact(one["@id"]) for one in values]
                out["@type"] = kinds[0] if len(kinds) == 1 else kinds
            elif key == "@graph":
                out[key] = [node(one) for one in values]
            elif key.startswith("@"):
                out[key] = values
            else:
                written = [value(one) for one in values]
                out[compact(key)] = written[0] if len(written) == 1 else written
        return out

    nodes = [json.dumps(node(one), ensure_ascii=False, separators=(",", ":")) for one in json.loads(expanded)]
    context = json.dumps(dict(sorted(used.items())), ensure_ascii=False, indent=1).replace("\n", "\n ")
    lines = ",\n ".join(nodes)
    return f'{{"@context": {context},\n"@graph": [\n {lines}\n]}}\n'.encode()
