"""Makes the second workload of `validation.py`: a catalogue of datasets as DCAT describes it, and shapes for it.

The lines are sorted by subject, as in most dumps; titles and descriptions are in three languages; the shapes have paths
of several steps and of any number of steps, nested shapes, alternatives, qualified value shapes and comparisons.
"""

from __future__ import annotations

import polars as pl

EX = "http://example.org/"
PREFIXES = {
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "sh": "http://www.w3.org/ns/shacl#",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "ex": EX,
}
SHAPES = (
    "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in PREFIXES.items())
    + """
ex:Catalog a sh:NodeShape ; sh:targetClass dcat:Catalog ;
    sh:property [ sh:path dcat:dataset ; sh:minCount 1 ; sh:class dcat:Dataset ] .
ex:DatasetTexts a sh:NodeShape ; sh:targetClass dcat:Dataset ;
    sh:property [ sh:path dct:title ; sh:minCount 1 ; sh:uniqueLang true ; sh:languageIn ( "en" "de" "zh" ) ;
        sh:maxLength 80 ] ;
    sh:property [ sh:path dct:description ; sh:minCount 1 ; sh:uniqueLang true ; sh:minLength 20 ] ;
    sh:property [ sh:path dcat:keyword ; sh:minCount 2 ; sh:disjoint dct:title ; sh:pattern "^[a-z0-9 ]+$" ] .
ex:DatasetDates a sh:NodeShape ; sh:targetClass dcat:Dataset ;
    sh:property [ sh:path dct:issued ; sh:datatype xsd:date ; sh:lessThanOrEquals dct:modified ; sh:maxCount 1 ] ;
    sh:property [ sh:path dct:modified ; sh:or ( [ sh:datatype xsd:date ] [ sh:datatype xsd:dateTime ] ) ] .
ex:DatasetPublisher a sh:NodeShape ; sh:targetClass dcat:Dataset ;
    sh:property [ sh:path dct:publisher ; sh:minCount 1 ; sh:maxCount 1 ; sh:node ex:Agent ] .
ex:Agent a sh:NodeShape ; sh:class foaf:Agent ; sh:nodeKind sh:IRI ;
    sh:property [ sh:path foaf:name ; sh:minCount 1 ; sh:maxLength 60 ] .
ex:DatasetContact a sh:NodeShape ; sh:targetClass dcat:Dataset ;
    sh:property [ sh:path dcat:contactPoint ; sh:minCount 1 ; sh:or (
        [ sh:property [ sh:path vcard:hasEmail ; sh:minCount 1 ; sh:pattern "^mailto:" ] ]
        [ sh:property [ sh:path vcard:hasURL ; sh:minCount 1 ; sh:nodeKind sh:IRI ] ] ) ] .
ex:DatasetFiles a sh:NodeShape ; sh:targetClass dcat:Dataset ;
    sh:property [ sh:path dcat:distribution ; sh:minCount 1 ; sh:node ex:Distribution ;
        sh:qualifiedValueShape [ sh:property [ sh:path dct:format ; sh:hasValue "text/csv" ] ] ;
        sh:qualifiedMinCount 1 ; sh:qualifiedMaxCount 1 ] ;
    sh:property [ sh:path ( dcat:distribution dct:license ) ; sh:minCount 1 ; sh:maxCount 1 ;
        sh:in ( ex:cc0 ex:ccby ) ] .
ex:Distribution a sh:NodeShape ; sh:closed true ; sh:ignoredProperties ( rdf:type ) ;
    sh:property [ sh:path dcat:accessURL ; sh:minCount 1 ; sh:nodeKind sh:IRI ] ;
    sh:property [ sh:path dct:format ; sh:minCount 1 ; sh:in ( "text/csv" "application/json" "text/turtle" ) ] ;
    sh:property [ sh:path dcat:byteSize ; sh:datatype xsd:integer ; sh:minExclusive 0 ] ;
    sh:property [ sh:path dct:title ] ; sh:property [ sh:path dct:license ; sh:nodeKind sh:IRI ] .
ex:DatasetThemes a sh:NodeShape ; sh:targetClass dcat:Dataset ;
    sh:property [ sh:path dcat:theme ; sh:minCount 1 ; sh:class skos:Concept ] ;
    sh:property [ sh:path ( dcat:theme [ sh:zeroOrMorePath skos:broader ] skos:topConceptOf ) ;
        sh:hasValue ex:themes ] .
ex:DatasetListed a sh:NodeShape ; sh:targetClass dcat:Dataset ;
    sh:property [ sh:path [ sh:inversePath dcat:dataset ] ; sh:minCount 1 ; sh:class dcat:Catalog ] ;
    sh:not [ sh:property [ sh:path dct:isReplacedBy ; sh:minCount 1 ] ] .
ex:Period a sh:NodeShape ; sh:targetObjectsOf dct:temporal ;
    sh:property [ sh:path dcat:startDate ; sh:datatype xsd:date ; sh:lessThan dcat:endDate ] ;
    sh:property [ sh:path dcat:endDate ; sh:datatype xsd:date ; sh:maxCount 1 ] .
ex:Concept a sh:NodeShape ; sh:targetClass skos:Concept ;
    sh:property [ sh:path skos:prefLabel ; sh:minCount 2 ; sh:uniqueLang true ; sh:disjoint skos:altLabel ] ;
    sh:xone ( [ sh:property [ sh:path skos:broader ; sh:minCount 1 ] ]
              [ sh:property [ sh:path skos:topConceptOf ; sh:minCount 1 ] ] ) .
"""
)
_DATASETS_OF_A_CATALOGUE, _AGENTS, _CONCEPTS = 100, 500, 1000


def generate(triples: int, mistakes: bool) -> pl.DataFrame:
    """Make about as many triples as asked for: datasets with two files, a contact and a period each, 38 together."""
    parts: list[pl.DataFrame] = []
    i = pl.col("i")

    def iri(kind: str, number: pl.Expr) -> pl.Expr:
        return pl.concat_str(pl.lit(f"<{EX}{kind}/"), number, pl.lit(">"))

    def name(curie: str) -> str:
        prefix, _, local = curie.partition(":")
        return f"<{PREFIXES[prefix]}{local}>"

    def text(*words: pl.Expr | str, tag: str = "") -> pl.Expr:
        return pl.concat_str(
            pl.lit('"'), *(pl.lit(word) if isinstance(word, str) else word for word in words), pl.lit('"' + tag)
        )

    def typed(words: pl.Expr, datatype: str) -> pl.Expr:
        return text(words, tag=f"^^{name(datatype)}")

    def wrong(nth: int, right: pl.Expr, instead: pl.Expr | None) -> pl.Expr:
        """Put a mistake in the place of every hundredth, at a place of its own for each kind of mistake."""
        if not mistakes:
            return right
        return pl.when(i % 100 != nth).then(right).otherwise(instead if instead is not None else pl.lit(None))

    def state(things: int, kind: str, statements: list[tuple[str, pl.Expr]]) -> None:
        frame = pl.DataFrame({"i": pl.int_range(things, eager=True)})
        for predicate, obj in statements:
            parts.append(frame.select(subject=iri(kind, i), predicate=pl.lit(name(predicate)), object=obj).drop_nulls())

    def day(number: pl.Expr) -> pl.Expr:
        return typed((pl.lit(7300) + number).cast(pl.Int32).cast(pl.Date).cast(pl.String), "xsd:date")

    count = max(10, triples // 38)
    long = "records of the city, measured every day and checked by hand before they are published, number "
    dataset = [
        ("rdf:type", pl.lit(name("dcat:Dataset"))),
        ("dct:title", wrong(1, text("Dataset ", i, tag="@en"), text("Jeu ", i, tag="@fr"))),
        ("dct:title", text("Datensatz ", i, tag="@de")),
        ("dct:title", text("資料集 ", i, tag="@zh")),
        ("dct:description", wrong(2, text("All ", long, i, tag="@en"), text("All", tag="@en"))),
        ("dct:description", text("臺北市的資料，每日測量，公布前由人工檢查並更正，編號 ", i, tag="@zh")),
        ("dct:issued", wrong(3, day(i % 5000), day(i % 5000 + 9000))),
        ("dct:modified", wrong(4, day(i % 5000 + i % 7), text("yesterday"))),
        ("dcat:keyword", text("city ", i % 700)),
        ("dcat:keyword", wrong(5, text("year ", i % 90), text("Year: ", i % 90))),
        ("dcat:keyword", text("open data")),
        ("dct:publisher", wrong(6, iri("agent", i % _AGENTS), iri("nobody", i % _AGENTS))),
        ("dcat:theme", wrong(7, iri("concept", i % _CONCEPTS), iri("agent", i % _AGENTS))),
        ("dcat:theme", iri("concept", (i * 31) % _CONCEPTS)),
        ("dcat:contactPoint", iri("contact", i)),
        ("dct:temporal", iri("period", i)),
        ("dcat:distribution", iri("csv", i)),
        ("dcat:distribution", iri("json", i)),
    ]
    state(count, "dataset", dataset)
    for kind, media_type in (("csv", "text/csv"), ("json", "application/json")):
        license_ = pl.when(i % 2 == 0).then(pl.lit(name("ex:cc0"))).otherwise(pl.lit(name("ex:ccby")))
        right = text(media_type)
        file = [
            ("rdf:type", pl.lit(name("dcat:Distribution"))),
            ("dcat:accessURL", iri(f"download/{kind}", i)),
            ("dct:format", wrong(8, right, text("application/pdf")) if kind == "csv" else right),
            (
                "dcat:byteSize",
                wrong(9, typed((i * 13 + 1).cast(pl.String), "xsd:integer"), typed(pl.lit("many"), "xsd:integer")),
            ),
            ("dct:license", license_),
            ("dct:title", text(f"The {kind} of ", i, tag="@en")),
        ]
        state(count, kind, file)
    if mistakes:
        stray = pl.when(i % 100 == 10).then(text("stray"))
        state(count, "json", [("dct:subject", stray)])
        state(count, "dataset", [("dct:isReplacedBy", pl.when(i % 100 == 11).then(iri("dataset", i - 1)))])
    mail = pl.concat_str(pl.lit("<mailto:office"), i, pl.lit("@example.org>"))
    contact = [
        ("rdf:type", pl.lit(name("vcard:Kind"))),
        ("vcard:fn", text("Office ", i % 300)),
        ("vcard:hasEmail", pl.when(i % 2 == 0).then(wrong(12, mail, text("office")))),
        ("vcard:hasURL", pl.when(i % 2 == 1).then(iri("office", i))),
    ]
    state(count, "contact", contact)
    state(
        count,
        "period",
        [("dcat:startDate", day(i % 4000)), ("dcat:endDate", wrong(13, day(i % 4000 + 30), day(i % 4000)))],
    )
    catalogues = pl.DataFrame({"i": pl.int_range(count, eager=True)}).select(
        subject=iri("catalogue", i // _DATASETS_OF_A_CATALOGUE),
        predicate=pl.lit(name("dcat:dataset")),
        object=wrong(14, iri("dataset", i), None),
    )
    parts.append(catalogues.drop_nulls())
    state(1 + (count - 1) // _DATASETS_OF_A_CATALOGUE, "catalogue", [("rdf:type", pl.lit(name("dcat:Catalog")))])
    state(_AGENTS, "agent", [("rdf:type", pl.lit(name("foaf:Agent"))), ("foaf:name", text("Agent ", i))])
    is_top = i < 10
    concept = [
        ("rdf:type", pl.lit(name("skos:Concept"))),
        ("skos:prefLabel", text("Theme ", i, tag="@en")),
        ("skos:prefLabel", text("主題 ", i, tag="@zh")),
        ("skos:altLabel", text("Subject ", i, tag="@en")),
        ("skos:broader", pl.when(~is_top).then(iri("concept", i // 5))),
        ("skos:topConceptOf", pl.when(is_top).then(pl.lit(name("ex:themes")))),
    ]
    state(_CONCEPTS, "concept", concept)
    return pl.concat(parts).sort("subject", maintain_order=True)
