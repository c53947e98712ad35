"""A project whose identifiers, names, texts, columns and questions are what would do harm in some file of a site."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Final

SPACE: Final = "https://data.example.org/id/"
NAMESPACE: Final = "https://data.example.org/ontology#"

NAMES: Final = (
    "<script>alert(1)</script>",
    "</script><!--",
    "]]></style></title></textarea>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "{{ 7 * 7 }}{% raw %}",
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "a & b &lt; &#60; %3Cscript%3E",
    "\u202egnp.exe\u202c \u2066\u200b",
    "line one\nline two\r\nX-Header: yes",
    '=HYPERLINK("https://evil.example")',
    "+1+1|cmd",
    "@SUM(1)",
    '\\" . <urn:x> a <urn:y>',
    "'''\"\"\"\\",
    "$1 ${env} %{HTTP_HOST} {re.thing.1} `id`",
    "long " * 2000,
    "\U0001f600 emoji \ud7ff\ufffd",
    "](https://evil.example) **bold** | cell",
)
"""Names that are markup, code or rules in one context or another."""

SLUGS: Final = (
    "plain",
    "a b",
    "percent%zz",
    "%2e%2e%2fetc",
    "../../outside",
    "..",
    "con",
    "COM1.txt",
    "trailing.",
    "trailing%20",
    ".htaccess",
    "index",
    "page.html",
    "page.ttl",
    "page.zh-Hant",
    "x" * 300,
    "quote'single",
    "dollar$1{brace}",
    "paren(s)+*[x]^",
    "semi;colon,comma",
    "at@sign!",
    "amp&ersand=1",
    "back\\slash",
    'double"quote',
    "new\nline",
    "臺北",
    "\u202eoverride",
    "deep/er/path",
    "deep/er",
    "Plain",
    "-rf",
    "~user",
    "question?mark",
    "hash#mark",
    "<angle>",
)
"""Ends of IRIs that a file system, a server or a page would take for something else."""

ONTOLOGY: Final = f"""@prefix e: <{NAMESPACE}> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix vann: <http://purl.org/vocab/vann/> .
<https://data.example.org/ontology> a owl:Ontology ;
  vann:preferredNamespacePrefix "e" ; vann:preferredNamespaceUri "{NAMESPACE}" .
e:Thing a owl:Class ; rdfs:label "<i>Thing</i> & \\"co\\" </script>"@en , "事物<b>"@zh-Hant ;
  skos:definition "A thing --> <!-- ]]> </script>"@en .
e:near a owl:ObjectProperty ; rdfs:label "near <u>"@en , "鄰近"@zh-Hant .
"""
SHAPES: Final = f"""@prefix e: <{NAMESPACE}> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
e:ThingShape a sh:NodeShape ; sh:targetClass e:Thing ; sh:name "shape <script>alert(2)</script>"@en ;
  sh:property [ sh:path skos:prefLabel ; sh:minCount 1 ; sh:pattern "<script>|</pre>|\\"" ;
    sh:message "must </details><script>alert(3)</script>"@en ] .
"""
QUESTION: Final = f"""# title: Things </script><script>alert(4)</script>
# description: --> ]]> "quoted" & more
PREFIX e: <{NAMESPACE}>
SELECT ?thing WHERE {{ ?thing a e:Thing }}
"""


def make_hostile_project(folder: Path) -> Path:
    """Write the project; its things have the slugs in their order, and the names in turn."""
    for name in ("data", "ontology", "shapes", "queries"):
        (folder / name).mkdir(parents=True)
    with (folder / "data" / "things & <co>.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "type", "name", "name <zh>", "=note", "link", "near"])
        for number, slug in enumerate(SLUGS):
            name = NAMES[number % len(NAMES)]
            link = "javascript:alert(5)//" if number % 2 else "https://example.org/?a=1&b=<2>"
            writer.writerow([slug, "Thing", name, name[::-1] or name, name, link, SLUGS[number - 1]])
    columns: list[dict[str, object]] = [
        {
            "name": "id",
            "titles": "id",
            "suppressOutput": True,
            "dc:description": "The </table><script>alert(6)</script>",
        },
        {"name": "type", "titles": "type", "propertyUrl": "rdf:type", "valueUrl": NAMESPACE + "{type}"},
        {"name": "name_en", "titles": "name", "propertyUrl": "skos:prefLabel", "lang": "en"},
        {"name": "name_zh", "titles": "name <zh>", "propertyUrl": "skos:prefLabel", "lang": "zh-Hant"},
        {"name": "note", "titles": "=note", "propertyUrl": "skos:note", "null": ["</code>", ""]},
        {"name": "link", "titles": "link", "propertyUrl": "rdfs:seeAlso", "datatype": "string"},
        {"name": "near", "titles": "near", "propertyUrl": f"{NAMESPACE}near", "valueUrl": SPACE + "{+near}"},
    ]
    texts = '<b>Hostile</b> "things" & </script>\u202e\n* list'
    metadata = {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "en"}],
        "@id": "https://data.example.org/dataset",
        "dc:title": [{"@value": texts, "@language": "en"}, {"@value": texts, "@language": "zh-Hant"}],
        "dc:description": {"@value": texts, "@language": "en"},
        "dc:license": {"@id": "https://creativecommons.org/publicdomain/zero/1.0/"},
        "dc:publisher": {"@id": "https://data.example.org/office", "foaf:name": texts},
        "dcat:contactPoint": {"@id": "mailto:data@example.org"},
        "dc:language": [{"@value": "en"}, {"@value": "zh-Hant"}],
        "void:uriSpace": {"@value": SPACE},
        "tables": [
            {
                "url": "things%20&%20%3Cco%3E.csv",
                "dc:title": "Table </h2><script>alert(7)</script>",
                "tableSchema": {"aboutUrl": SPACE + "{+id}", "columns": columns},
            }
        ],
    }
    (folder / "data" / "csv-metadata.json").write_text(json.dumps(metadata), "utf-8")
    (folder / "ontology" / "e.ttl").write_text(ONTOLOGY, "utf-8")
    (folder / "shapes" / "e.ttl").write_text(SHAPES, "utf-8")
    (folder / "queries" / "things.rq").write_text(QUESTION, "utf-8")
    return folder
