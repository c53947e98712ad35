"""The tables of this folder to out.nt, with tarka-rdf: one TARQL query a table; triples that stand twice are kept."""

from pathlib import Path

from tarka_rdf import Mapping

PREFIXES = """
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX schema: <http://schema.org/>
PREFIX org: <http://www.w3.org/ns/org#>
PREFIX qb: <http://purl.org/linked-data/cube#>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
PREFIX def: <https://example.org/def/>
"""


def link(variable: str, kind: str, column: str) -> str:
    """Bind an IRI of a cell."""
    return f'BIND(IRI(CONCAT("https://example.org/{kind}/", ENCODE_FOR_URI(?{column}))) AS ?{variable})'


def typed(variable: str, column: str, datatype: str) -> str:
    """Bind a literal with a datatype."""
    return f"BIND(STRDT(?{column}, xsd:{datatype}) AS ?{variable})"


def text(variable: str, column: str, tag: str) -> str:
    """Bind a literal with a language."""
    return f'BIND(STRLANG(?{column}, "{tag}") AS ?{variable})'


QUERIES = {
    "cities.csv": (
        """?s a schema:City; skos:prefLabel ?en, ?zh; schema:containedInPlace ?c; schema:foundingDate ?f;
        def:population ?p; def:area ?a""",
        [
            link("s", "city", "key"),
            text("en", "name_en", "en"),
            text("zh", "name_zh", "zh-Hant"),
            link("c", "country", "country"),
            typed("p", "population", "integer"),
            typed("a", "area", "decimal"),
            typed("f", "founded", "gYear"),
        ],
    ),
    "networks.csv": (
        "?s a schema:Organization; skos:prefLabel ?n",
        [link("s", "network", "id"), text("n", "name", "en")],
    ),
    "memberships.csv": (
        "?s a org:Membership; org:member ?m; org:organization ?o; schema:startDate ?d; schema:roleName ?r; def:fee ?f",
        [
            link("s", "membership", "id"),
            link("m", "city", "city"),
            link("o", "network", "network"),
            typed("d", "since", "date"),
            text("r", "role", "en"),
            typed("f", "fee", "decimal"),
        ],
    ),
    "counts.csv": (
        "?s a qb:Observation; schema:about ?c; def:year ?y; def:sisterCityCount ?n; skos:note ?note",
        [
            link("s", "count", "id"),
            link("c", "city", "city"),
            typed("y", "year", "gYear"),
            typed("n", "sisters", "integer"),
        ],
    ),
}
with Path("out.nt").open("wb") as out:
    for table, (triples, bindings) in QUERIES.items():
        query = f"{PREFIXES} CONSTRUCT {{ {triples} }} WHERE {{ {' '.join(bindings)} }}"
        Mapping.tarql(query).run_csv(table, "part.nt", format="ntriples", escape='"')
        with Path("part.nt").open("rb") as part:
            while piece := part.read(1 << 20):
                out.write(piece)
