"""Makes random data and random SPARQL-based constraints, valid and forbidden ones, from a seed.

Names of variables say what they hold (`?n…` whole numbers, `?o…` nodes, `?v…` anything), so that orders and sums are
defined. LIMIT only cuts where the order leaves nothing open.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

PREFIXES = """@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix ex: <http://example.org/> .
@prefix own: <http://example.org/> .
"""
DECLARED = """ex: sh:declare [ sh:prefix "ex" ; sh:namespace "http://example.org/"^^xsd:anyURI ] ,
    [ sh:prefix "xsd" ; sh:namespace "http://www.w3.org/2001/XMLSchema#"^^xsd:anyURI ] ,
    [ sh:prefix "own" ; sh:namespace "http://example.org/wrong/"^^xsd:anyURI ] .
"""
NODES = ["ex:a", "ex:b", "ex:c", "ex:d", "_:x", "_:y"]
ODD = [
    '"007"^^xsd:integer',
    '"2"^^xsd:byte',
    '"02"^^xsd:integer',
    "2",
    "1.50",
    "1.5",
    '"+1"^^xsd:integer',
    '"1"^^xsd:long',
]
"""Numbers that are not written as an engine would write them."""
ODD_ANY = [
    '"x"@zh-Hant',
    '"x"@en-GB',
    '"1"^^xsd:boolean',
    "true",
    '"01"^^xsd:int',
    '"y"',
    "123456789012345678901234567890",
]
PATHS = [
    "ex:p",
    "ex:q",
    "[ sh:inversePath ex:q ]",
    "( ex:q ex:p )",
    "[ sh:alternativePath ( ex:p ex:q ) ]",
    "[ sh:zeroOrMorePath ex:q ]",
    "[ sh:oneOrMorePath ex:q ]",
]


@dataclass
class Case:
    """Data and shapes in Turtle, and the query that is put to the test."""

    data: str
    shapes: str
    query: str


def make_case(seed: int) -> Case:
    return _Maker(random.Random(seed)).case()


class _Maker:
    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.fresh = 0
        self.path = False
        self.value = False
        self.parameters: list[str] = []
        self.empty_paths = rng.random() < 0.3
        self.odd = rng.random() < 0.25

    def chance(self, probability: float) -> bool:
        return self.rng.random() < probability

    def new(self, kind: str) -> str:
        self.fresh += 1
        return f"?{kind}{self.fresh}"

    def data(self) -> str:
        rng = self.rng
        lines = []
        for node in NODES:
            if self.chance(0.6):
                lines.append(f"{node} a ex:C .")
            for predicate, values in (
                ("ex:p", [rng.choice(ODD) if self.odd else str(rng.randrange(4)) for _ in range(rng.randrange(3))]),
                ("ex:q", [rng.choice(NODES) for _ in range(rng.randrange(3))]),
                (
                    "ex:r",
                    [
                        rng.choice(ODD_ANY if self.odd else ['"x"', '"y"@en', "2", "ex:a", "true"])
                        for _ in range(rng.randrange(2))
                    ],
                ),
            ):
                lines += [f"{node} {predicate} {value} ." for value in values]
        return PREFIXES + "\n".join(lines)

    def case(self) -> Case:
        kind = self.rng.choice(["node", "node", "node", "property", "property", "ask", "ask", "ask-property", "select"])
        self.path = "property" in kind
        path = f" sh:path {self.rng.choice(PATHS)} ;" if self.path else ""
        target = self.rng.choice(
            [
                "sh:targetClass ex:C",
                "sh:targetClass ex:C",
                "sh:targetNode ex:a, ex:b, ex:nowhere",
                "sh:targetObjectsOf ex:q",
                "sh:targetObjectsOf ex:p",
            ]
        )
        message = ""
        if self.chance(0.2):
            message = ' ; sh:message "{$this} has {?value} of {?v1} {?nothing}"'
        if kind in {"node", "property"}:
            query = self.select()
            body = f'[ sh:prefixes ex: ; sh:select """{query}"""{message} ]'
            shapes = f"ex:S a sh:Shape ;{path} {target} ; ex:limit 2 ; sh:sparql {body} ."
        else:
            self.parameters = ["most"] if self.chance(0.5) else ["most", "extra"]
            given = "ex:most 1" + (" ; ex:extra ex:a" if self.chance(0.6) else "")
            if kind == "select":
                query, word, form = self.select(), "nodeValidator", "select"
            else:
                self.value = True
                query, word, form = self.ask(), "validator", "ask"
            optional = ", [ sh:path ex:extra ; sh:optional true ]" if "extra" in self.parameters else ""
            shapes = (
                f"ex:Component a sh:ConstraintComponent ; sh:parameter [ sh:path ex:most ] {optional} ;"
                f' sh:{word} [ sh:prefixes ex: ; sh:{form} """{query}"""{message} ] .\n'
                f"ex:S a sh:Shape ;{path} {target} ; ex:limit 2 ; {given} ."
            )
            if "extra" not in self.parameters:
                shapes = shapes.replace(" ; ex:extra ex:a", "")
        shapes = shapes.replace("sh:Shape", "sh:PropertyShape" if self.path else "sh:NodeShape")
        return Case(self.data(), PREFIXES + DECLARED + shapes, query)

    # Queries.

    def prologue(self) -> str:
        if self.chance(0.15):
            return "PREFIX own: <http://example.org/>\n"
        return "# a comment } with {\n" if self.chance(0.05) else ""

    def name(self, text: str, prologue: str) -> str:
        return text.replace("ex:", "own:") if "own:" in prologue else text

    def this(self) -> str:
        options = ["$this"] * 6 + ["?this"]
        if self.value:
            options += ["$value"] * 5
        return self.rng.choice(options)

    def ask(self) -> str:
        prologue = self.prologue()
        where = self.rng.choice(["", "WHERE "])
        more = self.rng.choice(["", "", "", "", " GROUP BY $this $value HAVING (COUNT(*) > 1)"])
        return prologue + self.name(f"ASK {where}{self.group(3, [])}{more}", prologue)

    def select(self) -> str:
        prologue = self.prologue()
        seen: list[str] = []
        group = self.group(3, seen)
        seen = list(dict.fromkeys(seen))
        where = self.rng.choice(["WHERE ", "", "where\n"])
        kind = self.rng.random()
        if kind < 0.2:
            query = self.counted(group, seen, where, outermost=True)
        elif kind < 0.3:
            query = f"SELECT * {where}{group}"
        else:
            head = "$this"
            if self.chance(0.3) and seen:
                head += f" ({self.rng.choice(seen)} AS ?value)"
            elif self.chance(0.15):
                head += f" ({self.expression(seen, 1)} AS ?value)"
            elif self.chance(0.1):
                head = f"(EXISTS {self.group(1, list(seen))} AS ?value) {head}"
            if self.chance(0.1):
                head += " (ex:p AS ?path)"
            if seen and self.chance(0.3):
                head += " " + self.rng.choice(seen)
            modifier = self.rng.choice(["", "", "", "DISTINCT ", ""])
            query = f"SELECT {modifier}{head} {where}{group}{self.cut(head)}"
        query = self.spoil(query)
        return prologue + self.name(query, prologue)

    def cut(self, head: str) -> str:
        if self.odd or "ex:" in head or not self.chance(0.12):
            return ""
        names = sorted({w.strip("()") for w in head.split() if w.startswith(("?n", "(?n"))})
        others = [w for w in head.replace("(", " ").replace(")", " ").split() if w[0] in "?$" and w[:2] != "?n"]
        if {w[1:] for w in others} - {"this", "value"} or not names:
            return ""
        return f" ORDER BY {' '.join(names)} LIMIT {self.rng.randrange(1, 3)}" + self.rng.choice(["", " OFFSET 1"])

    def counted(self, group: str, seen: list[str], where: str, *, outermost: bool) -> str:
        by = ["$this"] + (["$value"] if self.value else []) + [f"${p}" for p in self.parameters]
        if outermost and not self.chance(0.9):
            by = ["?this"]
        numbers = [v for v in seen if v.startswith("?n")] or ["?none"]
        one = self.rng.choice(seen or ["?none"])
        aggregate = self.rng.choice(
            ["COUNT(*)", f"COUNT({one})", f"COUNT(DISTINCT {one})", f"SUM({numbers[0]})", f"MAX({numbers[0]})"][
                : 4 if self.odd else 5
            ]
        )
        alias = "?value" if outermost and self.chance(0.5) else self.new("n")
        grouped = list(by)
        if seen and self.chance(0.2):
            grouped.append(self.rng.choice(seen))
        having = f" HAVING ({aggregate} > {self.rng.randrange(3)})" if self.chance(0.4) else ""
        if not outermost:
            seen.append(alias)
        return f"SELECT {' '.join(by)} ({aggregate} AS {alias}) {where}{group} GROUP BY {' '.join(grouped)}{having}"

    def spoil(self, query: str) -> str:
        """Make a query forbidden, now and then."""
        if not self.chance(0.04):
            return query
        at = query.rindex("}")
        more = self.rng.choice(
            [
                "MINUS { $this ex:p 1 }",
                "VALUES ?z { 1 }",
                "BIND (1 AS ?currentShape)",
                "{ SELECT ?z WHERE { $this ex:p ?z } }",
                "FILTER NOT EXISTS { $this ex:p ?z MINUS { ?s ex:q ?z } }",
            ]
        )
        return f"{query[:at]} {more} {query[at:]}"

    # Patterns.

    def group(self, depth: int, seen: list[str]) -> str:
        parts = [
            self.part(depth, seen) for _ in range(self.rng.choice([0, 1, 1, 2, 2, 3] if depth < 3 else [1, 2, 2, 3]))
        ]
        return "{ " + " ".join(parts) + " }"

    def part(self, depth: int, seen: list[str]) -> str:
        kind = self.rng.random()
        if depth == 0 or kind < 0.3:
            return self.triple(seen) + " ."
        if kind < 0.42:
            return f"OPTIONAL {self.group(depth - 1, seen)}"
        if kind < 0.54:
            return f"{self.group(depth - 1, seen)} UNION {self.group(depth - 1, seen)}"
        if kind < 0.6:
            return self.group(depth - 1, seen)
        if kind < 0.72:
            negated = self.rng.choice(["", "NOT "])
            return f"FILTER {negated}EXISTS {self.group(depth - 1, list(seen))}"
        if kind < 0.82:
            return f"FILTER ({self.expression(seen, depth)})"
        if kind < 0.89:
            name = self.new("v")
            expression = self.expression(seen, depth)
            seen.append(name)
            return f"BIND ({expression} AS {name})"
        if kind < 0.97:
            return self.subselect(depth, seen)
        pattern = self.rng.choice(
            ["$currentShape ex:limit ?nn", "$currentShape ?vv 2", "?vw ex:limit 2", "?s ex:limit $this"]
        )
        seen.extend(w for w in pattern.split() if w.startswith(("?n", "?v")))
        return f"GRAPH {self.rng.choice(['$shapesGraph', '$shapesGraph', '?g'])} {{ {pattern} }}"

    def subselect(self, depth: int, seen: list[str]) -> str:
        inner: list[str] = []
        group = self.group(depth - 1, inner)
        inner = list(dict.fromkeys(inner))
        if self.chance(0.4):
            outer: list[str] = inner[:]
            text = self.counted(group, outer, "WHERE ", outermost=False)
            seen.append(outer[-1])
            return f"{{ {text} }}"
        by = ["$this"] + (["$value"] if self.value else []) + [f"${p}" for p in self.parameters]
        if self.chance(0.3 if self.value else 0.03):
            by = by[1:] or ["?none"]
        some = [v for v in inner if self.chance(0.5)]
        seen.extend(some)
        modifier = self.rng.choice(["", "", "DISTINCT "])
        order = ""
        if not self.odd and self.chance(0.2) and all(v.startswith("?n") for v in some):
            order = f" ORDER BY {' '.join(some)} LIMIT 1" if some else " LIMIT 1"
        return f"{{ SELECT {modifier}{' '.join([*by, *some])} WHERE {group}{order} }}"

    def triple(self, seen: list[str]) -> str:
        rng = self.rng
        nodes = [v for v in seen if v.startswith("?o")]
        numbers = [v for v in seen if v.startswith("?n")]
        subject = (
            self.this() if self.chance(0.65) else rng.choice([*nodes, self.new("o"), "ex:a", "ex:a", "ex:nowhere"])
        )
        kind = rng.random()
        if self.path and kind < 0.2:
            value = rng.choice([v for v in seen if v.startswith("?v")] or [self.new("v")])
            seen.append(value)
            return f"{subject} $PATH {value}"
        if kind < 0.4:
            value = rng.choice([*numbers, self.new("n"), self.new("n"), str(rng.randrange(4))])
            predicate = "ex:p"
        elif kind < 0.6:
            value = rng.choice([*nodes, self.new("o"), self.new("o"), self.this(), "ex:b"])
            predicate = "ex:q"
        elif kind < 0.7:
            value, predicate = rng.choice([self.new("v"), '"x"', "[ ex:p 1 ]"]), "ex:r" if self.chance(0.6) else "ex:q"
        elif kind < 0.85:
            choices = [
                "ex:q/ex:q",
                "^ex:q",
                "ex:q|^ex:q",
                "(ex:q/ex:p)|ex:p",
                "(ex:q|ex:r)/ex:p",
                "^(ex:q/(ex:q|^ex:q))",
                "ex:q+",
                "!ex:q",
                "!(ex:q|ex:p)",
            ]
            if self.empty_paths:
                choices += ["ex:q*", "ex:q?", "ex:q/ex:q*", "(^ex:q)*", "ex:p?"]
            predicate, value = rng.choice(choices), rng.choice([self.new("v"), self.this()])
        elif kind < 0.95:
            predicate, value = "a", rng.choice(["ex:C", self.new("v")])
        else:
            predicate, value = self.new("v"), rng.choice([self.new("v"), self.this(), "1"])
        for name in (subject, predicate, value):
            if name.startswith(("?o", "?n", "?v")) and name != "?value":
                seen.append(name)
        return f"{subject} {predicate} {value}"

    def expression(self, seen: list[str], depth: int) -> str:
        rng = self.rng
        some = [*seen, self.this(), self.this()]
        a, b = rng.choice(some), rng.choice(some)
        number = rng.choice([v for v in seen if v.startswith("?n")] or ["1"])
        options = [
            lambda: f"BOUND({a if a[0] in '?$' else '$this'})",
            lambda: f"!BOUND({a if a[0] in '?$' else '$this'})",
            lambda: f"sameTerm({a}, {b})",
            lambda: f"{a} = {rng.choice(NODES[:4])}",
            lambda: f"{a} IN ({rng.choice(NODES[:4])}, {b})" if "?v" not in a + b else f"isIRI({a})",
            lambda: f"{number} > {rng.randrange(3)}",
            lambda: f"{number} + 1 < {rng.choice([v for v in seen if v.startswith('?n')] or ['2'])}",
            lambda: f"isBLANK({a})",
            lambda: f"isLITERAL({a})",
            lambda: f"DATATYPE({a}) = xsd:integer",
            lambda: f"LANG({a}) = 'zh-Hant'",
            lambda: f"STR({a}) = '{rng.choice(['2', '02', '007', '1.5'])}'",
            lambda: f"CONTAINS(STR({a}), '{rng.choice(['org/a', '2', 'x', '{'])}')",
            lambda: f"STRLEN(STR({a})) > 3",
            lambda: f"COALESCE({a}, 1) = 1" if not a.startswith("?v") else f"BOUND({a})",
            lambda: f"IF(BOUND({a if a[0] in '?$' else '$this'}), sameTerm({a}, {b}), true)",
        ]
        if self.parameters:
            options += [
                lambda: f"{number} >= $most",
                lambda: "BOUND($extra)" if "extra" in self.parameters else "$most = 1",
            ]
        if depth > 0:
            options += [
                lambda: f"EXISTS {self.group(depth - 1, list(seen))}",
                lambda: f"!(EXISTS {self.group(0, list(seen))} && {self.expression(seen, 0)})",
                lambda: f"{self.expression(seen, depth - 1)} || {self.expression(seen, depth - 1)}",
            ]
        return rng.choice(options)()
