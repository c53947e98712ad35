"""Generated shapes and data: all components, paths, targets and kinds of terms, small enough to collide."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st

from glocal_rdf.namespaces import RDF_FIRST, RDF_NIL, RDF_REST, RDF_TYPE, RDFS_SUBCLASS_OF
from glocal_rdf.shacl.terms import sh, xsd
from glocal_rdf.triples import Triples

__all__ = ["EX", "graphs"]

Triple = tuple[str, str, str]
EX = "http://example.org/"
NODES = [f"<{EX}n{i}>" for i in range(5)]
PREDICATES = [f"<{EX}p{i}>" for i in range(4)]
CLASSES = [f"<{EX}C{i}>" for i in range(3)]
BLANKS = ["_:d0", "_:d1"]


def typed(text: str, name: str) -> str:
    return f'"{text}"^^{xsd(name)}'


NUMBERS = [typed("1", "integer"), typed("05", "integer"), typed("2", "integer"), typed("-3", "integer"),
           typed("2.0", "decimal"), typed("2.50", "decimal"), typed("1.0E0", "double"), typed("7", "byte")]  # fmt: skip
DATES = [typed("2001-02-03", "date"), typed("1999-12-31", "date"), typed("2004-02-29", "date")]
STAMPS = [typed("2001-02-03T04:05:06Z", "dateTime"), typed("2001-02-03T04:05:06+02:00", "dateTime")]
TEXTS = ['"a"', '"b"', '"ab"', '"A b"', '"臺北"', '"a\\nb"']
TAGGED = ['"a"@en', '"b"@en', '"a"@en-gb', '"甲"@zh-hant', '"a"@fr']
BOOLEANS = [typed("true", "boolean"), typed("0", "boolean")]
ILL_TYPED = [typed("abc", "integer"), typed("2001-02-30", "date"), typed("300", "byte"), typed("x", "boolean")]
LITERALS = [*NUMBERS, *DATES, *STAMPS, *TEXTS, *TAGGED, *BOOLEANS]
TERMS = [*NODES, *BLANKS, *LITERALS, *ILL_TYPED]

# Predicates whose values are all of one kind, with those values: order is only asked of them (see KNOWN_DEFECTS).
LABEL = "<http://example.org/label%s>"
ORDERED = {"<http://example.org/number%s>": NUMBERS, "<http://example.org/date%s>": DATES, LABEL: TAGGED}


@dataclass
class Sheet:
    """Collects the triples of a shapes graph while it is drawn."""

    triples: list[Triple]
    count: int = 0

    def fresh(self, blank: bool) -> str:
        self.count += 1
        return f"_:s{self.count}" if blank else f"<{EX}S{self.count}>"

    def add(self, s: str, p: str, o: str) -> None:
        self.triples.append((s, p, o))

    def list(self, members: list[str]) -> str:
        head = RDF_NIL
        for member in reversed(members):
            node = self.fresh(blank=True)
            self.add(node, RDF_FIRST, member)
            self.add(node, RDF_REST, head)
            head = node
        return head


@st.composite
def paths(draw: st.DrawFn, sheet: Sheet, depth: int = 2) -> str:
    kind = draw(
        st.sampled_from(["predicate"] * 5 + (["inverse", "sequence", "alternative", "*", "+", "?"] if depth else []))
    )
    if kind == "predicate":
        return draw(st.sampled_from(PREDICATES))
    if kind == "sequence":
        return sheet.list([draw(paths(sheet, depth - 1)) for _ in range(draw(st.integers(2, 3)))])
    node = sheet.fresh(blank=True)
    if kind == "alternative":
        sheet.add(node, sh("alternativePath"), sheet.list([draw(paths(sheet, depth - 1)) for _ in range(2)]))
    else:
        word = {"inverse": "inversePath", "*": "zeroOrMorePath", "+": "oneOrMorePath", "?": "zeroOrOnePath"}[kind]
        sheet.add(node, sh(word), draw(paths(sheet, depth - 1)))
    return node


VALUE_COMPONENTS = ["class", "datatype", "nodeKind", "in", "hasValue", "minLength", "maxLength", "pattern"]
VALUE_COMPONENTS += ["languageIn", "equals", "disjoint"]
SHAPE_COMPONENTS = ["node", "not", "and", "or", "xone", "property"]
PROPERTY_COMPONENTS = ["minCount", "maxCount", "uniqueLang", "qualified"]
RANGES = ["minInclusive", "maxInclusive", "minExclusive", "maxExclusive"]


@st.composite
def ordered(draw: st.DrawFn, sheet: Sheet, node: str) -> None:
    """Ask for order, of values that have one."""
    predicate, values = draw(st.sampled_from(list(ORDERED.items())))
    sheet.add(node, sh("path"), predicate % 0)
    if predicate == LABEL:
        sheet.add(node, sh("uniqueLang"), typed("true", "boolean"))
        return
    names = st.sampled_from([*RANGES, "lessThan", "lessThanOrEquals"])
    for name in draw(st.lists(names, min_size=1, max_size=3, unique=True)):
        sheet.add(node, sh(name), draw(st.sampled_from(values)) if name in RANGES else predicate % 1)


@st.composite
def shapes(draw: st.DrawFn, sheet: Sheet, depth: int, prop: bool) -> str:
    node = sheet.fresh(blank=draw(st.booleans()))
    if prop and draw(st.integers(0, 2)) == 0:
        draw(ordered(sheet, node))
        return node
    if prop:
        sheet.add(node, sh("path"), draw(paths(sheet)))
    names = VALUE_COMPONENTS + (PROPERTY_COMPONENTS if prop else ["closed"]) + ["sparql", "custom"]
    names += SHAPE_COMPONENTS * 2 if depth else []
    for name in draw(st.lists(st.sampled_from(names), min_size=1, max_size=3, unique=True)):
        draw(components(sheet, node, name, depth, prop))
    if draw(st.integers(0, 9)) == 0:
        sheet.add(node, sh("severity"), draw(st.sampled_from([sh("Warning"), sh("Info"), f"<{EX}odd>"])))
    if draw(st.integers(0, 14)) == 0:
        sheet.add(node, sh("deactivated"), typed("true", "boolean"))
    return node


@st.composite
def components(draw: st.DrawFn, sheet: Sheet, node: str, name: str, depth: int, prop: bool) -> None:
    def one(choices: list[str]) -> str:
        return draw(st.sampled_from(choices))

    def some(choices: list[str]) -> str:
        return sheet.list(draw(st.lists(st.sampled_from(choices), min_size=1, max_size=4, unique=True)))

    def put(value: str, word: str = name) -> None:
        sheet.add(node, sh(word), value)

    def number(high: int, least: int = 0) -> str:
        return typed(str(draw(st.integers(least, high))), "integer")

    if name == "class":
        put(one(CLASSES))
    elif name == "datatype":
        kinds = ["integer", "decimal", "double", "date", "dateTime", "string", "boolean", "byte"]
        put(one([*(xsd(k) for k in kinds), "<http://www.w3.org/1999/02/22-rdf-syntax-ns#langString>"]))
    elif name == "nodeKind":
        put(sh(one(["IRI", "BlankNode", "Literal", "BlankNodeOrIRI", "BlankNodeOrLiteral", "IRIOrLiteral"])))
    elif name == "in":
        put(some([*NODES, *LITERALS]))
    elif name == "hasValue":
        put(one([*NODES, *LITERALS]))
    elif name in {"minLength", "maxLength"}:
        put(number(24, least=1))
    elif name == "pattern":
        put(one(['"a"', '"^a"', '"b$"', '"[a-c]+"', '"\\\\d{2}"', '"^.b"', '"^http"']))
        if draw(st.booleans()):
            put(one(['"i"', '"s"']), "flags")
    elif name == "languageIn":
        put(some(['"en"', '"fr"', '"zh"', '"en-gb"']))
    elif name in {"equals", "disjoint"}:
        put(one(PREDICATES))
    elif name in {"minCount", "maxCount"}:
        put(number(3))
    elif name == "uniqueLang":
        put(typed("true", "boolean"))
    elif name == "closed":
        put(typed("true", "boolean"))
        if draw(st.booleans()):
            put(some([*PREDICATES, RDF_TYPE]), "ignoredProperties")
    elif name in {"node", "not"}:
        put(draw(shapes(sheet, depth - 1, prop=False)))
    elif name == "property":
        put(draw(shapes(sheet, depth - 1, prop=True)))
    elif name in {"and", "or", "xone"}:
        members = [draw(shapes(sheet, depth - 1, prop=draw(st.booleans()))) for _ in range(draw(st.integers(1, 3)))]
        put(sheet.list(members))
    elif name == "qualified":
        put(draw(shapes(sheet, 0, prop=False)), "qualifiedValueShape")
        put(number(2), one(["qualifiedMinCount", "qualifiedMaxCount"]))
    elif name == "sparql":
        constraint = sheet.fresh(blank=False)
        put(constraint)
        step = "$PATH" if prop else PREDICATES[0]
        queries = [
            f"SELECT $this ?value WHERE {{ $this {step} ?value . FILTER (isIRI(?value)) }}",
            f"SELECT $this ?value WHERE {{ $this {step} ?value FILTER NOT EXISTS {{ ?value {PREDICATES[1]} ?o }} }}",
        ]
        sheet.add(constraint, sh("select"), f'"{one(queries)}"')
    elif name == "custom":
        sheet.add(node, f"<{EX}shorterThan>", number(6))


COMPONENT: list[Triple] = [
    (f"<{EX}Shorter>", RDF_TYPE, sh("ConstraintComponent")),
    (f"<{EX}Shorter>", sh("parameter"), f"<{EX}Shorter-p>"),
    (f"<{EX}Shorter-p>", sh("path"), f"<{EX}shorterThan>"),
    (f"<{EX}Shorter>", sh("validator"), f"<{EX}Shorter-v>"),
    (f"<{EX}Shorter-v>", RDF_TYPE, sh("SPARQLAskValidator")),
    (
        f"<{EX}Shorter-v>",
        sh("ask"),
        f'"ASK {{ FILTER (DATATYPE($value) = {xsd("string")} && STRLEN($value) < $shorterThan) }}"',
    ),
]


@st.composite
def graphs(draw: st.DrawFn) -> tuple[Triples, Triples]:
    subjects = st.sampled_from([*NODES, *BLANKS])
    edges = st.tuples(subjects, st.sampled_from(PREDICATES), st.sampled_from(TERMS))
    types = st.tuples(subjects, st.just(RDF_TYPE), st.sampled_from(CLASSES))
    data = draw(st.lists(edges, min_size=8, max_size=24)) + draw(st.lists(types, min_size=2, max_size=6))
    for predicate, values in ORDERED.items():
        both = st.sampled_from([predicate % 0] if predicate == LABEL else [predicate % 0, predicate % 1])
        some = st.tuples(st.sampled_from(NODES[:2]), both, st.sampled_from(values))
        data += draw(st.lists(some, min_size=2, max_size=8))
    data += draw(
        st.lists(
            st.sampled_from([(CLASSES[1], RDFS_SUBCLASS_OF, CLASSES[0]), (CLASSES[2], RDFS_SUBCLASS_OF, CLASSES[1])]),
            max_size=2,
        )
    )
    sheet = Sheet(list(COMPONENT))
    for _ in range(draw(st.integers(1, 2))):
        root = draw(shapes(sheet, 2, prop=draw(st.booleans())))
        target = draw(st.sampled_from(["targetNode", "targetClass", "targetSubjectsOf", "targetObjectsOf"]))
        predicates = [*PREDICATES, *(p % 0 for p in ORDERED)]
        choices = {"targetNode": [*NODES[:2], *NODES, *LITERALS], "targetClass": CLASSES}.get(target, predicates)
        sheet.add(root, sh(target), draw(st.sampled_from(choices)))
    return Triples.from_terms(data), Triples.from_terms(sheet.triples)
