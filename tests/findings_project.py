"""A project with findings in its cells, and values that a spreadsheet or a page could take for something else."""

from __future__ import annotations

from pathlib import Path

ROWS = {
    "taipei": ("Taipei", "Taiwan"),
    "formula": ('=HYPERLINK("https://evil.example/","x")', "Nowhere"),
    "markup": ("<script>alert(1)</script><img src=x onerror=alert(2)>", "\"&'</style>"),
    "digits": ("007", "1E5"),
    "control": ("a\u202eb\u0007c", "_x0041_"),
    "empty": ("", "Spain"),
    "lines": ("two\nlines", "+1"),
}
SHAPES = """@prefix ex: <https://data.example/ontology#> . @prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
<https://data.example/shapes#City> a sh:NodeShape ; sh:targetClass ex:City ; sh:name "city"@en, "城市"@zh-Hant ;
    sh:property [ sh:path rdfs:label ; sh:minCount 1 ; sh:message "Give a name."@en, "請填名稱。"@zh-Hant ] ;
    sh:property [ sh:path ex:country ; sh:in ( "Taiwan" "Spain" ) ; sh:severity sh:Warning ] ;
    sh:property [ sh:path rdfs:label ; sh:maxLength 8 ; sh:severity sh:Info ] .
<https://data.example/shapes#Nowhere> a sh:NodeShape ; sh:name "nowhere"@en ;
    sh:targetNode <https://data.example/id/nobody> ; sh:property [ sh:path ex:country ; sh:minCount 1 ] .
"""


def break_project(folder: Path) -> Path:
    """Write the rows and shapes into the small project of the tests."""

    def quote(cell: str) -> str:
        return '"' + cell.replace('"', '""') + '"'

    lines = ["id,name,country", *(",".join((key, *map(quote, cells))) for key, cells in ROWS.items())]
    (folder / "data" / "cities.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "shapes" / "city.ttl").write_text(SHAPES, encoding="utf-8")
    return folder
