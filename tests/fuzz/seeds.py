"""Right inputs of every kind, which are then changed: tables with descriptions, RDF, shapes, queries, a project."""

from __future__ import annotations

import csv
import io
import json
from functools import cache
from random import Random
from typing import Any

from fuzz.mutations import odd_text

__all__ = ["COMMANDS", "DATA", "PROJECT", "QUERIES", "RDF", "SHAPES", "WORDS", "table", "workbook"]

DATATYPES: tuple[Any, ...] = (
    *("string", "integer", "decimal", "double", "boolean", "date", "dateTime", "time", "gYear", "anyURI", "json"),
    {"base": "decimal", "format": "#,##0.00"},
    {"base": "decimal", "format": {"decimalChar": ",", "groupChar": "."}},
    {"base": "date", "format": "dd/MM/yyyy"},
    {"base": "boolean", "format": "Y|N"},
    {"base": "string", "format": "[a-z]+", "maxLength": 5},
    {"base": "integer", "minimum": 0, "maximum": 10},
    {"@id": "http://e.org/type", "base": "string"},
)
CELLS = (
    *("a", "b c", "12", "-3.50", "1,234.00", "1.234,00", "2024-02-29", "29/02/2024", "true", "Y", "http://e.org/x", ""),
    *("臺北", "x;y;z", "2024-02-29T12:00:00Z", "12:30:00", "1999", "007", "+886 2", "50%", "n/a", "NaN", "1E3", '"q"'),
)
TEMPLATES = (
    *("http://e.org/{a}", "#{a}", "{a}", "{_row}", "x:{+a}", "http://e.org/{?a,b}", "t.csv#row-{_row}", "../{a}/{b}"),
    *("schema:{_name}", "http://e.org/{c}", "urn:x:{a}"),
)


def table(random: Random) -> tuple[bytes, dict[str, Any]]:
    """Make a table, and a description that may fit it."""
    names = ["a", "b", "c", "d"][: random.randint(1, 4)]
    delimiter = random.choice((",", ",", ";", "\t", "|"))
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator=random.choice(("\n", "\r\n")))
    writer.writerow(names)
    kinds = [random.sample(CELLS, 3) for _ in names]
    for _ in range(random.choice((0, 1, 3, 20))):
        row = [odd_text(random)[:200] if random.random() < 0.05 else random.choice(kind) for kind in kinds]
        writer.writerow(row)
    columns: list[dict[str, Any]] = []
    for name in names:
        column: dict[str, Any] = {"name": name, "titles": name, "datatype": random.choice(DATATYPES)}
        for key, values in (
            ("aboutUrl", TEMPLATES),
            ("propertyUrl", TEMPLATES),
            ("valueUrl", TEMPLATES),
            ("separator", (";", " ", "")),
            ("null", ("n/a", ["", "-"])),
            ("required", (True, False)),
            ("default", ("x", "0")),
            ("lang", ("en", "zh-Hant")),
            ("suppressOutput", (True, False)),
        ):
            if random.random() < 0.15:
                column[key] = random.choice(values)
        columns.append(column)
    schema: dict[str, Any] = {"columns": columns}
    if random.random() < 0.4:
        schema["aboutUrl"] = random.choice(TEMPLATES)
    if random.random() < 0.2:
        schema["primaryKey"] = random.choice(names)
    document: dict[str, Any] = {"@context": "http://www.w3.org/ns/csvw", "url": "t.csv", "tableSchema": schema}
    if delimiter != "," or random.random() < 0.2:
        document["dialect"] = {"delimiter": delimiter}
        if random.random() < 0.3:
            document["dialect"][random.choice(("skipRows", "headerRowCount", "skipColumns"))] = random.choice((0, 1, 2))
    return text.getvalue().encode("utf-8", "replace"), document


@cache
def _workbook() -> bytes:
    import datetime

    import xlsxwriter

    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    sheet = book.add_worksheet("Cities")
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    clock = book.add_format({"num_format": "hh:mm:ss"})
    for place, name in enumerate(("id", "name", "since", "at", "share", "open")):
        sheet.write(0, place, name)
    for row in range(1, 6):
        sheet.write(row, 0, row)
        sheet.write(row, 1, f"臺北 {row}")
        sheet.write_datetime(row, 2, datetime.datetime(2024, 1, row), day)
        sheet.write_datetime(row, 3, datetime.time(row, 30), clock)  # type: ignore[arg-type]
        sheet.write(row, 4, row / 10)
        sheet.write_boolean(row, 5, row % 2 == 0)
    sheet.merge_range(7, 0, 7, 3, "a note")
    sheet.write_formula(8, 0, "=1/0", value="#DIV/0!")
    book.add_worksheet("Hidden").hide()
    book.close()
    return out.getvalue()


def workbook(_random: Random) -> bytes:
    """Make a workbook with every type of cell."""
    return _workbook()


DATA = """@prefix : <http://e.org/> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
:a a :C ; :p 1, "007"^^xsd:integer, "x"@zh-Hant, "2024-02-29"^^xsd:date ; :q :b ; :name "A", "甲"@zh-Hant .
:b a :C ; :p 2.50, "y"@en, [ :r "z" ] ; :q :a, :b ; :name "B" .
:c a :D ; :list ( 1 2 3 ) ; :p "NaN"^^xsd:double, "1"^^xsd:boolean .
"""
HEAD = "@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix : <http://e.org/> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .\n"
SHAPES = (
    HEAD
    + ":S a sh:NodeShape ; sh:targetClass :C ; sh:closed false ; sh:property [ sh:path :p ; sh:minCount 1 ; sh:maxCount 3 ;"
    ' sh:datatype xsd:integer ; sh:minInclusive 0 ; sh:maxExclusive 10.5 ; sh:message "m {?value}"@en ] .',
    HEAD + ":S a sh:NodeShape ; sh:targetNode :a, :b ; sh:or ( [ sh:property [ sh:path (:q :name) ; sh:minCount 1 ] ]"
    " [ sh:not [ sh:class :C ] ] ) ; sh:property [ sh:path [ sh:alternativePath (:p [ sh:inversePath :q ]) ] ;"
    ' sh:pattern "^[a-z]+$" ; sh:flags "i" ; sh:languageIn ("en" "zh") ; sh:uniqueLang true ] .',
    HEAD
    + ":S a sh:NodeShape ; sh:targetSubjectsOf :q ; sh:property [ sh:path :q ; sh:qualifiedValueShape [ sh:nodeKind sh:IRI ] ;"
    " sh:qualifiedMinCount 1 ; sh:qualifiedValueShapesDisjoint true ; sh:node :T ; sh:equals :p ; sh:hasValue :a ; sh:in (:a :b) ] ."
    " :T a sh:NodeShape ; sh:property [ sh:path [ sh:zeroOrMorePath :q ] ; sh:lessThan :p ; sh:severity sh:Warning ] .",
    HEAD
    + ':S a sh:NodeShape ; sh:targetClass :C ; sh:sparql [ sh:message "{$this} {?n}" ; sh:prefixes : ; sh:select """'
    "SELECT $this ?n WHERE { OPTIONAL { $this <http://e.org/name> ?n } FILTER NOT EXISTS { $this <http://e.org/q> ?o"
    ' FILTER(?o = $this) } }""" ] .',
    HEAD + ":K a sh:ConstraintComponent ; sh:parameter [ sh:path :k ] ; sh:validator [ a sh:SPARQLAskValidator ; sh:ask"
    ' """ASK { FILTER(STR($value) != STR($k)) }""" ] . :S a sh:NodeShape ; sh:targetObjectsOf :p ; :k "x" .',
)
QUERIES = (
    "SELECT * WHERE { ?s ?p ?o } ORDER BY ?s LIMIT 5",
    'PREFIX : <http://e.org/> SELECT ?s (COUNT(DISTINCT ?o) AS ?n) WHERE { ?s :p ?o . FILTER(?o > 1 || lang(?o) = "zh-Hant") }'
    " GROUP BY ?s HAVING (?n > 0)",
    'PREFIX : <http://e.org/> SELECT ?s ?x { { ?s :q+ ?o } UNION { ?s a :D } OPTIONAL { ?s :name ?x FILTER(STR(?x) = "A") }'
    ' MINUS { ?s :p "y"@en } BIND(IF(BOUND(?x), CONCAT(?x, "1"), 7) AS ?y) VALUES ?s { :a :b } }',
    "PREFIX : <http://e.org/> CONSTRUCT { ?s :made ?o, [ :by ?s ] } WHERE { ?s (:q|^:q)/:name ?o }",
    "PREFIX : <http://e.org/> ASK { :a :p ?x FILTER EXISTS { { SELECT ?x (MAX(?z) AS ?m) { ?x ?y ?z } GROUP BY ?x } } }",
    "DESCRIBE <http://e.org/a>",
    'SELECT (SUM(?o) AS ?t) (GROUP_CONCAT(STR(?o); separator="|") AS ?g) { ?s <http://e.org/p> ?o } # SERVICE <http://127.0.0.1:9/>',
    "SELECT ?g ?s { GRAPH ?g { ?s ?p ?o } FILTER(datatype(?o) IN (<http://www.w3.org/2001/XMLSchema#integer>)) }",
)
RDF = (
    ("d.ttl", DATA),
    ("d.nt", '<http://e/a> <http://e/p> "x\\n\\u00e9"@zh-Hant .\n_:b <http://e/p> "7"^^<http://e/t> .\n# end\n'),
    ("d.nq", '<http://e/a> <http://e/p> _:x <http://e/g> .\n_:x <http://e/p> "1" _:g .\n'),
    ("d.trig", "@prefix e: <http://e/> . e:a e:p 1 . e:g { e:a e:p _:x, [ e:q ( 1 2 ) ] } _:h { _:x a e:C }"),
    (
        "d.jsonld",
        '{"@context": {"@vocab": "http://v/", "n": {"@id": "http://s/n", "@language": "zh-Hant"}, "k": "@type",'
        ' "l": {"@container": "@list"}, "m": {"@container": "@type"}}, "@id": "http://e/a", "k": "C", "n": "甲",'
        ' "l": [1, 2.5, true, null], "m": {"T": {"n": "b"}}, "@graph": [{"@id": "x", "y": {"@value": 1, "@type": "z"}}]}',
    ),
    (
        "d.rdf",
        '<?xml version="1.0"?><!DOCTYPE r [<!ENTITY e "http://e/">]><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-'
        'syntax-ns#" xmlns:e="http://e/" xml:base="http://b/"><e:C rdf:about="&e;a" e:q="v"><e:p xml:lang="zh-Hant">x</e:p>'
        '<e:r rdf:parseType="Collection"><e:C rdf:ID="i"/></e:r><e:l rdf:parseType="Literal"><b>x</b></e:l>'
        '<rdf:li rdf:nodeID="n"/></e:C></rdf:RDF>',
    ),
    ("d.n3", "@prefix e: <http://e/> . e:a e:p 1, ( 1 [ e:q e:b ] ) ; = e:c . @forSome e:x ."),
)
PROJECT = {
    "ontology/o.ttl": b"""@prefix : <https://x.example/o#> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
<https://x.example/o> a owl:Ontology . :City a owl:Class ; rdfs:label "city"@en, "\xe5\x9f\x8e\xe5\xb8\x82"@zh-Hant .
:near a owl:ObjectProperty . :name a owl:DatatypeProperty .
""",
    "ontology/rules/near.rq": b"PREFIX : <https://x.example/o#> CONSTRUCT { ?b :near ?a } WHERE { ?a :near ?b }",
    "shapes/s.ttl": b"""@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix : <https://x.example/o#> .
:CityShape a sh:NodeShape ; sh:targetClass :City ; sh:property [ sh:path :name ; sh:minCount 1 ] .
""",
    "data/csv-metadata.json": json.dumps(
        {
            "@context": "http://www.w3.org/ns/csvw",
            "dc:title": "Cities",
            "tables": [
                {
                    "url": "cities.csv",
                    "tableSchema": {
                        "aboutUrl": "https://x.example/id/{id}",
                        "primaryKey": "id",
                        "columns": [
                            {"name": "id", "titles": "id", "suppressOutput": True},
                            {"name": "name", "titles": "name", "propertyUrl": "https://x.example/o#name"},
                            {
                                "name": "near",
                                "titles": "near",
                                "separator": ";",
                                "propertyUrl": "https://x.example/o#near",
                                "valueUrl": "https://x.example/id/{near}",
                            },
                            {
                                "name": "type",
                                "virtual": True,
                                "propertyUrl": "rdf:type",
                                "valueUrl": "https://x.example/o#City",
                            },
                        ],
                    },
                }
            ],
        }
    ).encode(),
    "data/cities.csv": "id,name,near\ntaipei,臺北市,tokyo;seoul\ntokyo,Tokyo,\nseoul,Seoul,tokyo\n".encode(),
}
COMMANDS = (
    "build -p DIR -o out",
    "validate DIR/data/cities.csv -s DIR/shapes/s.ttl",
    "validate -p DIR -f json",
    "query -p DIR --text ASK{?s?p?o}",
    "query --list",
    "explain -p DIR taipei",
    "find -p DIR Tokyo --limit 3",
    "export -p DIR -f nt",
    "csvw DIR/data/csv-metadata.json -f ttl",
    "csvw DIR/data/cities.csv --check --json",
    "csvw DIR/data/cities.csv --describe",
    "convert DIR/ontology/o.ttl -f jsonld",
    "coverage -p DIR --documents DIR/data",
    "cite DIR/data/cities.csv Tokyo",
)
WORDS = (
    *("-p", "DIR", "-f", "json", "turtle", "-o", "-", "--lang", "zh-Hant", "--text", "--file", "--source", "--base"),
    *("--timeout", "1", "0", "-1", "nan", "1e99", "--limit", "--debug", "--help", "--json", "--check", "--stream"),
    *(
        "--external",
        "--ontology-only",
        "--graph",
        "--shapes",
        "--severity",
        "violation",
        "--engine",
        "columns",
        "DIR/data",
    ),
    *("DIR/none", "DIR/data/cities.csv", "/dev/null", "http://[::1", "x" * 300, "*"),
)
