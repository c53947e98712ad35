"""Fetches the statements of items by SPARQL, as the RDF that the query service holds: plain SPARQL 1.1, in batches."""

from __future__ import annotations

from collections.abc import Collection

from glocal_rdf.errors import EndpointError
from glocal_rdf.namespaces import OWL, PROV, RDFS, SCHEMA, WIKIBASE
from glocal_rdf.triples import Triples, terms
from glocal_rdf.wikidata.access.client import Client
from glocal_rdf.wikidata.settings import Wikibase

__all__ = ["fetch_graph"]

_BATCH = 5
"""How many items a query names: each has hundreds of statements."""


def fetch_graph(client: Client, wikibase: Wikibase, ids: Collection[str], properties: Collection[str]) -> Triples:
    """Fetch what a query service holds of items: labels, and the statements of some properties with all their parts.

    Args:
        client: Who asks.
        wikibase: The Wikibase.
        ids: The identifiers of items.
        properties: The identifiers of the properties.

    Raises:
        EndpointError: Where the service cannot be asked, or has more rows than are asked for.
    """
    rows: list[tuple[str, str, str]] = []
    wanted = sorted(set(ids))
    for start in range(0, len(wanted), _BATCH):
        rows += _ask(client, wikibase, wanted[start : start + _BATCH], sorted(set(properties)))
    return Triples.from_terms(rows).distinct()


def _ask(client: Client, wikibase: Wikibase, ids: list[str], properties: list[str]) -> list[tuple[str, str, str]]:
    limit = client.settings.rows_per_query
    found = client.ask_sparql(wikibase.sparql, _write_query(wikibase, ids, properties, limit))
    if len(found) >= limit:
        if len(ids) > 1:
            half = len(ids) // 2
            return [row for part in (ids[:half], ids[half:]) for row in _ask(client, wikibase, part, properties)]
        raise EndpointError.at(
            wikibase.sparql, f"has {limit:,} rows or more of {ids[0]}", "compare it by the API, without --via sparql"
        )
    try:
        return [(_term(row["s"]), _term(row["p"]), _term(row["o"])) for row in found]
    except KeyError as error:
        raise EndpointError.at(wikibase.sparql, f"left out the variable {error}", "run it again") from error


def _write_query(wikibase: Wikibase, ids: list[str], properties: list[str], limit: int) -> str:
    """Write a query for everything that hangs on the statements: qualifiers, references, and value nodes."""
    prop = f"{wikibase.entity.removesuffix('entity/')}prop/"
    items = " ".join(f"<{wikibase.entity}{one}>" for one in ids)
    claims = " ".join(f"<{prop}{one}>" for one in properties)
    nodes = "|".join(f"<{WIKIBASE}{name}>" for name in ("timeValue", "quantityAmount", "geoLatitude"))
    statement = f"VALUES ?claim {{ {claims} }} ?item ?claim ?statement ."
    return f"""SELECT DISTINCT ?s ?p ?o WHERE {{
  VALUES ?item {{ {items} }}
  {{ BIND (?item AS ?s) VALUES ?p {{ <{RDFS}label> <{OWL}sameAs> }} ?s ?p ?o . }}
  UNION {{ ?s <{SCHEMA}about> ?item . VALUES ?p {{ <{SCHEMA}version> <{SCHEMA}dateModified> }} ?s ?p ?o . }}
  UNION {{ ?s <{SCHEMA}about> ?item ; <{SCHEMA}version> ?version . BIND (<{SCHEMA}about> AS ?p) BIND (?item AS ?o) }}
  UNION {{ {statement} BIND (?item AS ?s) BIND (?claim AS ?p) BIND (?statement AS ?o) }}
  UNION {{ {statement} BIND (?statement AS ?s) ?s ?p ?o . }}
  UNION {{ {statement} ?statement <{PROV}wasDerivedFrom> ?s . ?s ?p ?o . }}
  UNION {{ {statement} ?statement ?link ?s . ?s {nodes} ?v . ?s ?p ?o . }}
  FILTER (!isLiteral(?o) || LANG(?o) IN ("", "en", "zh", "zh-hant", "zh-hans", "zh-tw", "mul"))
}} LIMIT {limit}"""


def _term(cell: dict[str, str]) -> str:
    """Return the term of a cell of SPARQL results in JSON."""
    kind, value = cell["type"], cell["value"]
    if kind == "uri":
        return _iri_term(value)
    if kind == "bnode":
        return f"_:{''.join(one if one.isalnum() else 'x' for one in value)}"
    return terms.quote(value, cell.get("xml:lang") or None, None if cell.get("xml:lang") else cell.get("datatype"))


def _iri_term(value: str) -> str:
    """Return the term of an IRI that a service gave.

    Raises:
        EndpointError: Where it is not one.
    """
    if any(one in value for one in '<>"{}|^`\\') or any(one <= " " for one in value):
        raise EndpointError.at("the query service", f"answered with {value[:80]!r}, which is not an IRI", "ask again")
    return f"<{value}>"
