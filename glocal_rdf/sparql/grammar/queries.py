"""Reads a SPARQL query into a tree, by the grammar of SPARQL 1.1 Query (section 19.8), all but Update.

Recursive descent over the tokens: each rule is a method, named for what it reads. What SPARQL 1.2 and the engine add
(triple terms, reifiers, annotations, LATERAL, more functions) is read too. A mistake is reported with its line and
column, and with what was expected there. Beyond the grammar, the notes of section 19.8 and of 18.2 are held: a variable
that gets a value by AS is not one that is in scope already, and SELECT with GROUP BY selects what can be selected.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal as OneOf
from typing import cast

from glocal_rdf.sparql.grammar import tree
from glocal_rdf.sparql.grammar.patterns import PatternParser
from glocal_rdf.sparql.grammar.scope import check_scope, visible_variables
from glocal_rdf.sparql.grammar.tokens import query_form

__all__ = ["parse_query", "selected_variables"]

_Form = OneOf["SELECT", "CONSTRUCT", "DESCRIBE", "ASK"]


def parse_query(text: str, prefixes: Mapping[str, str] | None = None) -> tree.Query:
    """Read a query.

    Args:
        text: The query.
        prefixes: Namespaces by prefix, known besides those that it declares.

    Raises:
        QueryError: With line and column where it is not SPARQL, is an update, or is nested too deep.

    Examples:
        >>> parse_query("ASK { ?s ?p 1 }").where.elements[0].triples[0].object.value
        '1'

    https://www.w3.org/TR/sparql11-query/#sparqlGrammar
    """
    parser = _Parser(text, prefixes or {})
    return parser.query()


def selected_variables(query: tree.Query) -> tuple[str, ...]:
    """Name the variables that a SELECT gives, in order; for `*` those that are in scope, as they come in the text.

    Examples:
        >>> selected_variables(parse_query("SELECT * { ?b ?a [] }"))
        ('b', 'a')
    """
    if query.star:
        return tuple(visible_variables(query))
    return tuple(
        item.variable.name if isinstance(item, tree.Alias) else item.name
        for item in query.selection
        if not isinstance(item, tree.Iri)
    )


class _Parser(PatternParser):
    """The rules of queries."""

    def query(self) -> tree.Query:
        """Read rule 1, up to the end of the text."""
        self.prologue()
        form = self.token.text if self.token.kind == "keyword" else ""
        if form not in {"SELECT", "CONSTRUCT", "DESCRIBE", "ASK"}:
            update = query_form(self.text)
            hint = f"{update} belongs to SPARQL Update, which changes data" if update else ""
            self.fail("SELECT, ASK, CONSTRUCT or DESCRIBE", hint)
        found = self.select(inner=False) if form == "SELECT" else self.other(cast("_Form", form))
        if self.at < len(self.tokens):
            self.fail("the end of the query")
        check_scope(found, self.fail_at)
        return found

    def prologue(self) -> None:
        """Read rules 4 to 6."""
        while self.is_word("PREFIX", "BASE", "VERSION"):
            word = self.token.text
            self.at += 1
            if word == "VERSION":
                self.string()
                continue
            name = ""
            if word == "PREFIX":
                if self.token.kind != "name" or not self.token.text.endswith(":") or self.token.text.count(":") > 1:
                    self.fail("a prefix with its colon")
                name = self.token.text[:-1]
                self.at += 1
            if self.token.kind != "iri":
                self.fail("an IRI in angle brackets")
            iri = self.iri().value
            if word == "PREFIX":
                self.prefixes[name] = iri
            else:
                self.base = iri

    def select(self, *, inner: bool) -> tree.Query:
        """Read a SELECT query or subquery (rules 7 to 9)."""
        start = self.here
        self.need_word("SELECT")
        distinct: OneOf["", "DISTINCT", "REDUCED"] = ""
        if self.take_word("DISTINCT"):
            distinct = "DISTINCT"
        elif self.take_word("REDUCED"):
            distinct = "REDUCED"
        star = self.take_mark("*")
        selection: list[tree.Var | tree.Alias | tree.Iri] = []
        while not star and (self.token.kind == "var" or self.is_mark("(")):
            selection.append(self.var() if self.token.kind == "var" else self.alias())
        if not star and not selection:
            self.fail("'*', a variable or '('")
        head_end = self.last
        return self.rest(start, "SELECT", distinct, star, selection, None, head_end, inner=inner)

    def other(self, form: _Form) -> tree.Query:
        """Read a CONSTRUCT, DESCRIBE or ASK query (rules 10 to 12)."""
        start = self.here
        self.at += 1
        star = form == "DESCRIBE" and self.take_mark("*")
        selection: list[tree.Var | tree.Alias | tree.Iri] = []
        template = None
        if form == "DESCRIBE" and not star:
            selection.append(self.var_or_iri())
            while self.token.kind in {"var", "iri", "name"}:
                selection.append(self.var_or_iri())
        elif form == "CONSTRUCT" and self.is_mark("{"):
            template = self.template()
        return self.rest(start, form, "", star, selection, template, self.last)

    def template(self) -> tree.Triples:
        """Read a template (rules 73 and 74); its span holds the braces."""
        start = self.here
        self.need_mark("{")
        triples = self.block() if not self.is_mark("}") else None
        self.need_mark("}")
        return tree.Triples(start, self.last, triples.triples if triples else ())

    def rest(
        self,
        start: int,
        form: _Form,
        distinct: OneOf["", "DISTINCT", "REDUCED"],
        star: bool,
        selection: list[tree.Var | tree.Alias | tree.Iri],
        template: tree.Triples | None,
        head_end: int,
        *,
        inner: bool = False,
    ) -> tree.Query:
        """Read what follows the head: datasets, the pattern, the modifiers and VALUES (rules 13 to 28).

        Args:
            start: Where the query starts.
            form: Its form.
            distinct: The modifier of SELECT.
            star: Whether it selects everything.
            selection: What it selects.
            template: The template of a CONSTRUCT.
            head_end: Where the head ends.
            inner: Whether it is a subquery.
        """
        dataset: list[tuple[bool, tree.Iri]] = []
        while not inner and self.take_word("FROM"):
            named = self.take_word("NAMED")
            dataset.append((named, self.iri()))
        where_start = self.here
        where = None
        has_where = self.take_word("WHERE")
        if has_where or self.is_mark("{") or form != "DESCRIBE":
            where = self.group()
        if form == "CONSTRUCT" and template is None and where is not None:
            if not has_where:
                self.fail_at(
                    where_start, "is not SPARQL: expected WHERE before the pattern of the short form of CONSTRUCT"
                )
            blocks = where.elements
            if any(not isinstance(element, tree.Triples) for element in blocks):
                self.fail_at(blocks[0].start, "is not SPARQL: the short form of CONSTRUCT takes nothing but triples")
            template = tree.Triples(where.start, where.end, blocks[0].triples if blocks else ())  # type: ignore[union-attr]
        group_by: list[tree.Expression | tree.Alias] = []
        if self.take_word("GROUP"):
            self.need_word("BY")
            group_by.append(self.group_condition())
            while self.token.kind in {"var", "iri", "name"} or self.is_mark("(") or self.starts_builtin():
                group_by.append(self.group_condition())
        having: list[tree.Expression] = []
        if self.take_word("HAVING"):
            having.append(self.constraint())
            while self.token.kind in {"iri", "name"} or self.is_mark("(") or self.starts_builtin():
                having.append(self.constraint())
        order_by: list[tree.OrderCondition] = []
        if self.take_word("ORDER"):
            self.need_word("BY")
            order_by.append(self.order_condition())
            while (
                self.token.kind in {"var", "iri", "name"}
                or self.is_mark("(")
                or self.is_word("ASC", "DESC")
                or self.starts_builtin()
            ):
                order_by.append(self.order_condition())
        limits: dict[str, int] = {}
        while self.is_word("LIMIT", "OFFSET") and self.token.text not in limits:
            word = self.token.text
            self.at += 1
            if self.token.kind != "number" or not self.token.text.isascii() or not self.token.text.isdigit():
                self.fail("a whole number")
            if len(self.token.text) > 18:
                self.fail("a number of at most 18 digits")
            limits[word] = int(self.token.text)
            self.at += 1
        values = self.values() if self.is_word("VALUES") else None
        return tree.Query(
            start=start,
            end=self.last,
            form=form,
            text=self.text,
            prefixes=tuple(self.prefixes.items()),
            distinct=distinct,
            star=star,
            selection=tuple(selection),
            template=template,
            dataset=tuple(dataset),
            where=where,
            group_by=tuple(group_by),
            having=tuple(having),
            order_by=tuple(order_by),
            limit=limits.get("LIMIT"),
            offset=limits.get("OFFSET"),
            values=values,
            head_end=head_end,
            where_start=where_start,
        )

    def starts_builtin(self) -> bool:
        """Return whether a keyword comes next with which an expression can start, not a clause."""
        clauses = {"GROUP", "HAVING", "ORDER", "LIMIT", "OFFSET", "VALUES", "ASC", "DESC", "TRUE", "FALSE", "a"}
        return self.token.kind == "keyword" and self.token.text not in clauses

    def alias(self) -> tree.Alias:
        """Read `(expression AS ?name)`."""
        start = self.here
        expression, variable = self.named_expression()
        return tree.Alias(start, self.last, expression, variable)

    def group_condition(self) -> tree.Expression | tree.Alias:
        """Read rule 20."""
        if self.token.kind == "var":
            return self.var()
        if not self.is_mark("("):
            return self.constraint()
        start = self.here
        self.deeper()
        self.need_mark("(")
        expression = self.expression()
        variable = self.var() if self.take_word("AS") else None
        self.need_mark(")")
        self.shallower()
        return expression if variable is None else tree.Alias(start, self.last, expression, variable)

    def order_condition(self) -> tree.OrderCondition:
        """Read rule 24."""
        start = self.here
        if self.is_word("ASC", "DESC"):
            descending = self.token.text == "DESC"
            self.at += 1
            inner = self.brackets()
            return tree.OrderCondition(start, self.last, descending, inner)
        expression = self.var() if self.token.kind == "var" else self.constraint()
        return tree.OrderCondition(start, self.last, False, expression)
