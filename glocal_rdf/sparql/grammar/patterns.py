"""Reads the patterns of SPARQL from tokens: groups, triples and paths (SPARQL 1.1, rules 52 to 106 of 19.8)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from glocal_rdf.sparql.grammar import tree
from glocal_rdf.sparql.grammar.expressions import ExpressionParser

if TYPE_CHECKING:
    from glocal_rdf.sparql.grammar.tree import Element, Path, Term, Triple

__all__ = ["PatternParser"]


class PatternParser(ExpressionParser):
    """The rules of groups, triples and paths."""

    def select(self, *, inner: bool) -> tree.Query:
        """Read a subquery; the parser of queries does."""
        raise NotImplementedError

    # Groups

    def group(self) -> tree.Group:
        """Read a group graph pattern (rules 53 and 54)."""
        self.deeper()
        start = self.here
        self.need_mark("{")
        elements: list[Element] = []
        if self.is_word("SELECT"):
            at = self.here
            query = self.select(inner=True)
            elements.append(tree.SubSelect(at, self.last, query))
        else:
            after_block = False
            while not self.is_mark("}"):
                if self.starts_triples():
                    if after_block:
                        self.fail("'.' or '}'")
                    elements.append(self.block())
                    after_block = True
                    continue
                elements.append(self.element())
                self.take_mark(".")
                after_block = False
        self.need_mark("}")
        self.shallower()
        return tree.Group(start, self.last, tuple(elements))

    def starts_triples(self) -> bool:
        """Return whether a subject comes next."""
        kinds = {"var", "iri", "name", "string", "number", "blank"}
        return self.token.kind in kinds or self.is_mark("(", "[", "<<", "<<(") or self.is_word("TRUE", "FALSE")

    def element(self) -> Element:
        """Read what is not triples (rule 56)."""
        start = self.here
        if self.is_mark("{"):
            groups = [self.group()]
            while self.take_word("UNION"):
                groups.append(self.group())
            return tree.Union(start, self.last, tuple(groups))
        word = self.token.text if self.token.kind == "keyword" else ""
        read = self._elements().get(word)
        if read is None:
            self.fail("a pattern or '}'")
        if word != "VALUES":
            self.at += 1
        return read(start)

    def _elements(self) -> dict[str, Callable[[int], Element]]:
        return {
            "OPTIONAL": lambda start: _spanned(tree.Optional, start, self.group()),
            "MINUS": lambda start: _spanned(tree.Minus, start, self.group()),
            "GRAPH": self._graph,
            "SERVICE": self._service,
            "FILTER": self._filter,
            "BIND": self._bind,
            "VALUES": lambda _start: self.values(),
            "LATERAL": self._lateral,
        }

    def _graph(self, start: int) -> tree.Graph:
        name = self.var_or_iri()
        group = self.group()
        return tree.Graph(start, self.last, name, group)

    def _service(self, start: int) -> tree.Service:
        silent = self.take_word("SILENT")
        name = self.var_or_iri()
        group = self.group()
        return tree.Service(start, self.last, silent, name, group)

    def _filter(self, start: int) -> tree.Filter:
        condition = self.constraint()
        return tree.Filter(start, self.last, condition)

    def _bind(self, start: int) -> tree.Bind:
        expression, variable = self.named_expression()
        return tree.Bind(start, self.last, expression, variable)

    def named_expression(self) -> tuple[tree.Expression, tree.Var]:
        """Read `(expression AS ?name)`, of BIND, SELECT or GROUP BY."""
        self.deeper()
        self.need_mark("(")
        expression = self.expression()
        self.need_word("AS")
        variable = self.var()
        self.need_mark(")")
        self.shallower()
        return expression, variable

    def _lateral(self, start: int) -> tree.Union:
        group = self.group()
        return tree.Union(start, self.last, (group,), lateral=True)

    def values(self) -> tree.Values:
        """Read VALUES with its data (rules 28 and 61 to 65)."""
        start = self.here
        self.need_word("VALUES")
        variables: list[tree.Var] = []
        rows: list[tuple[Term | None, ...]] = []
        if self.token.kind == "var":
            variables.append(self.var())
            self.need_mark("{")
            while not self.is_mark("}"):
                rows.append((self.value(),))
        else:
            self.need_mark("(")
            while not self.is_mark(")"):
                variables.append(self.var())
            self.need_mark(")")
            self.need_mark("{")
            while not self.is_mark("}"):
                at = self.here
                self.need_mark("(")
                row: list[Term | None] = []
                while not self.is_mark(")"):
                    row.append(self.value())
                self.need_mark(")")
                if len(row) != len(variables):
                    self.fail_at(
                        at, f"is not SPARQL: expected {len(variables)} values, one for each variable, found {len(row)}"
                    )
                rows.append(tuple(row))
        self.need_mark("}")
        return tree.Values(start, self.last, tuple(variables), tuple(rows))

    def value(self) -> Term | None:
        """Read a value of VALUES; none is UNDEF (rule 65)."""
        if self.take_word("UNDEF"):
            return None
        if self.is_literal():
            return self.literal()
        return self.triple_term() if self.is_mark("<<(") else self.iri()

    # Triples

    def block(self) -> tree.Triples:
        """Read triples with dots between them (rules 52, 55 and 75 to 80)."""
        start = self.here
        triples: list[Triple] = []
        end = start
        while self.starts_triples():
            self.same_subject(triples)
            end = self.last
            if not self.take_mark("."):
                break
        return tree.Triples(start, end, tuple(triples))

    def same_subject(self, triples: list[Triple]) -> None:
        """Read the triples of one subject."""
        alone = self.is_mark("[", "(", "<<")
        subject = self.node()
        empty = isinstance(subject, tree.BlankNode) or (isinstance(subject, tree.Collection) and not subject.items)
        if alone and not empty and not self.starts_verb():
            if isinstance(subject, tree.Collection):
                self.fail("a predicate")
            if isinstance(subject, tree.PropertyList):
                triples += subject.triples
            return
        self.properties(subject, triples)

    def starts_verb(self) -> bool:
        """Return whether a predicate or a path comes next."""
        return self.token.kind in {"var", "iri", "name"} or self.is_word("a") or self.is_mark("^", "!", "(")

    def properties(self, subject: Term, triples: list[Triple]) -> None:
        """Read predicates with their objects, for a subject (rules 77 and 83)."""
        while True:
            start = self.here
            predicate = self.var() if self.token.kind == "var" else self.path()
            while True:
                object_ = self.node()
                triples.append(tree.Triple(start, self.last, subject, predicate, object_))
                self.annotation(triples)
                if not self.take_mark(","):
                    break
                start = self.here
            if not self.is_mark(";"):
                return
            while self.take_mark(";"):
                pass
            if not self.starts_verb():
                return

    def annotation(self, triples: list[Triple]) -> None:
        """Read reifiers and annotations of a triple (SPARQL 1.2)."""
        while self.is_mark("~", "{|"):
            start = self.here
            if self.take_mark("~"):
                if self.token.kind in {"var", "iri", "name", "blank"}:
                    self.node()
                continue
            self.deeper()
            self.need_mark("{|")
            self.properties(tree.BlankNode(start, start), triples)
            self.need_mark("|}")
            self.shallower()

    def node(self) -> Term:
        """Read a subject or an object (rules 98 to 107)."""
        start = self.here
        token = self.token
        if token.kind == "var":
            return self.var()
        if self.is_literal():
            return self.literal()
        if token.kind == "blank":
            self.at += 1
            return tree.BlankNode(start, self.last, token.text)
        if self.is_mark("["):
            return self._property_list(start)
        if self.is_mark("("):
            self.deeper()
            self.at += 1
            items: list[Term] = []
            while not self.is_mark(")"):
                items.append(self.node())
            self.need_mark(")")
            self.shallower()
            return tree.Collection(start, self.last, tuple(items))
        if self.is_mark("<<("):
            return self.triple_term()
        if self.is_mark("<<"):
            return self._reified(start)
        if token.kind in {"iri", "name"}:
            return self.iri()
        return self.fail("a term or a variable")

    def _property_list(self, start: int) -> tree.BlankNode | tree.PropertyList:
        self.deeper()
        self.at += 1
        inner: list[Triple] = []
        if not self.is_mark("]"):
            self.properties(tree.BlankNode(start, start), inner)
        self.need_mark("]")
        self.shallower()
        if inner:
            return tree.PropertyList(start, self.last, tuple(inner))
        return tree.BlankNode(start, self.last)

    def _reified(self, start: int) -> tree.TripleTerm:
        self.deeper()
        self.at += 1
        subject = self.node()
        predicate = self.var() if self.token.kind == "var" else self.iri_or_a()
        object_ = self.node()
        if self.take_mark("~") and self.token.kind in {"var", "iri", "name", "blank"}:
            self.node()
        self.need_mark(">>")
        self.shallower()
        return tree.TripleTerm(start, self.last, subject, predicate, object_)

    # Paths

    def path(self) -> Path | tree.Iri:
        """Read a property path, or one predicate (rules 88 and 89)."""
        return self._chain("|", lambda: self._chain("/", self._step))

    def _chain(self, mark: str, read: Callable[[], Path | tree.Iri]) -> Path | tree.Iri:
        start = self.here
        parts = [read()]
        while self.take_mark(mark):
            parts.append(read())
        return parts[0] if len(parts) == 1 else tree.Path(start, self.last, mark, tuple(parts))

    def _step(self) -> Path | tree.Iri:
        """Read rules 91 to 93."""
        start = self.here
        inverse = self.take_mark("^")
        found = self._simple()
        if self.is_mark("*", "+", "?"):
            mark = self.token.text
            self.at += 1
            found = tree.Path(start + inverse, self.last, mark, (found,))
        return tree.Path(start, self.last, "^", (found,)) if inverse else found

    def _simple(self) -> Path | tree.Iri:
        """Read rules 94 to 96."""
        start = self.here
        if self.take_mark("!"):
            parts: tuple[Path | tree.Iri, ...]
            if self.is_mark("("):
                self.at += 1
                found: list[Path | tree.Iri] = []
                while not self.is_mark(")"):
                    if found:
                        self.need_mark("|")
                    found.append(self._one_in_set())
                self.need_mark(")")
                parts = tuple(found)
            else:
                parts = (self._one_in_set(),)
            return tree.Path(start, self.last, "!", parts)
        if self.is_mark("("):
            self.deeper()
            self.at += 1
            inner = self.path()
            self.need_mark(")")
            self.shallower()
            return inner
        return self.iri_or_a()

    def _one_in_set(self) -> Path | tree.Iri:
        start = self.here
        if self.take_mark("^"):
            inner = self.iri_or_a()
            return tree.Path(start, self.last, "^", (inner,))
        return self.iri_or_a()


def _spanned(kind: type[tree.Optional] | type[tree.Minus], start: int, group: tree.Group) -> tree.Optional | tree.Minus:
    return kind(start, group.end, group)
