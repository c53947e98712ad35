"""The one style of docstrings, read off the code: each rule lists all that breaks it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from glocal_rdf import errors

PACKAGE = Path(__file__).parent.parent / "glocal_rdf"
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if "bundled" not in path.parts)
OUR_ERRORS = {
    name for name, one in vars(errors).items() if isinstance(one, type) and issubclass(one, errors.GlocalError)
}
MANY = 3
"""From how many parameters on a public function explains them."""

SECTIONS = ("Args", "Attributes", "Returns", "Yields", "Raises", "Examples")
Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def definitions() -> tuple[tuple[str, tuple[str, ...], Function | ast.ClassDef], ...]:
    """Every class, function and method that is not nested in a function: module, qualified name, definition."""
    found = []
    for path in MODULES:
        found += [
            (str(path.relative_to(PACKAGE)), *pair) for pair in _definitions_in(ast.parse(path.read_text("utf-8")))
        ]
    return tuple(found)


def _definitions_in(
    node: ast.AST, outer: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], Function | ast.ClassDef]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, Function | ast.ClassDef):
            yield (*outer, child.name), child
        if isinstance(child, ast.ClassDef):
            yield from _definitions_in(child, (*outer, child.name))
        elif isinstance(child, ast.If | ast.Try):
            yield from _definitions_in(child, outer)


def functions() -> Iterator[tuple[str, tuple[str, ...], Function]]:
    """Every function with a docstring of its own; that of a command is its help, and is written for users."""
    for module, name, node in definitions():
        decorators = " ".join(map(ast.unparse, node.decorator_list))
        if isinstance(node, Function) and not re.search(r"\bclick\.|command\(|overload", decorators):
            yield module, name, node


def is_public(name: tuple[str, ...]) -> bool:
    return not any(part.startswith("_") for part in name)


def parameters_of(name: tuple[str, ...], node: Function) -> list[str]:
    """The names of the parameters, without `self` and `cls`, and without those that are not for callers."""
    a = node.args
    found = [*a.posonlyargs, *a.args, *([a.vararg] if a.vararg else []), *a.kwonlyargs, *([a.kwarg] if a.kwarg else [])]
    if len(name) > 1 and "staticmethod" not in map(ast.unparse, node.decorator_list):
        found = found[1:]
    return [parameter.arg for parameter in found if not parameter.arg.startswith("_")]


def entries_of(doc: str, section: str) -> list[str] | None:
    """The names that a section explains, without stars; None where there is no such section."""
    found = re.search(rf"^{section}:\n((?: {{4}}.*\n?|\n)*)", doc, re.MULTILINE)
    return None if found is None else re.findall(r"^ {4}\*{0,2}(\w+):", found[1], re.MULTILINE)


def raised_by(node: Function) -> set[str]:
    """The names of the errors that a function raises itself."""
    found: set[str] = set()
    todo: list[ast.AST] = list(node.body)
    while todo:
        part = todo.pop()
        if isinstance(part, Function | ast.Lambda | ast.ClassDef):
            continue
        if isinstance(part, ast.Raise) and part.exc is not None:
            error = part.exc.func if isinstance(part.exc, ast.Call) else part.exc
            found |= {name.id for name in ast.walk(error) if isinstance(name, ast.Name)}
        todo += ast.iter_child_nodes(part)
    return found


def test_arguments_are_explained_all_or_none() -> None:
    offenders = [
        f"{module}: {'.'.join(name)} has {parameters}, and explains {explained}"
        for module, name, node in functions()
        if (explained := entries_of(ast.get_docstring(node) or "", "Args")) is not None
        and sorted(explained) != sorted(parameters := parameters_of(name, node))
    ]
    assert offenders == []


def test_public_functions_explain_many_arguments() -> None:
    offenders = [
        f"{module}: {'.'.join(name)}"
        for module, name, node in functions()
        if is_public(name)
        and len(parameters_of(name, node)) >= MANY
        and entries_of(ast.get_docstring(node) or "", "Args") is None
    ]
    assert offenders == []


def test_public_functions_list_the_errors_that_they_raise() -> None:
    offenders = [
        f"{module}: {'.'.join(name)} raises {', '.join(sorted(missing))}"
        for module, name, node in functions()
        if is_public(name)
        and (missing := (raised_by(node) & OUR_ERRORS) - set(entries_of(ast.get_docstring(node) or "", "Raises") or ()))
    ]
    assert offenders == []


def test_errors_are_listed_in_a_section_and_nowhere_else() -> None:
    offenders = [
        f"{module}: {'.'.join(name)}"
        for module, name, node in functions()
        if re.search(r"\b[Rr]aises?\s+(?:an?\s+)?[A-Z]\w*Error\b", ast.get_docstring(node) or "")
    ]
    assert offenders == []


def test_attributes_are_explained_all_or_none() -> None:
    offenders = []
    for module, name, node in definitions():
        explained = entries_of(ast.get_docstring(node) or "", "Attributes")
        if isinstance(node, ast.ClassDef) and explained is not None:
            fields = [
                part.target.id
                for part in node.body
                if isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name)
            ]
            public = [field for field in fields if not field.startswith("_")]
            if explained != public:
                offenders.append(f"{module}: {'.'.join(name)} has {public}, and explains {explained}")
    assert offenders == []


def test_sections_stand_in_one_order_and_examples_in_theirs() -> None:
    offenders = []
    for module, name, node in definitions():
        doc = ast.get_docstring(node) or ""
        found = re.findall(rf"^({'|'.join(SECTIONS)}):$", doc, re.MULTILINE)
        if found != sorted(set(found), key=SECTIONS.index):
            offenders.append(f"{module}: {'.'.join(name)} has {', '.join(found)}")
        if re.search(r"^>>>", doc, re.MULTILINE):
            offenders.append(f"{module}: {'.'.join(name)} has an example outside of Examples")
    assert offenders == []
