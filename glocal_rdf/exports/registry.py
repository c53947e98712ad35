"""The registry of forms that a described graph is exported in: for each its name, title, writer and what it can hold.

A form is added with an entry here and a module with its writer; `glocal export` offers it then.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Final

from glocal_rdf.errors import OutputError

if TYPE_CHECKING:
    from glocal_rdf.exports.graph import DescribedGraph, Exported

__all__ = ["FORMS", "Form", "find_form", "form_names"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """Describe one form.

    Attributes:
        name: The name that commands and functions take.
        title: The name for people.
        writer: `module:function` in this package: from a `DescribedGraph` to `Exported`.
        several_files: Whether it is a folder of files, and not one file.
        sources: Whether it shows the graphs of other sources beside that of the project.
        claims: Whether claims can be shown or left out.
        chosen: Whether it can write the claims about some things alone.
        names: Whether it shows things and properties by their names in a language.
    """

    name: str
    title: str
    writer: str
    several_files: bool = False
    sources: bool = False
    claims: bool = False
    chosen: bool = False
    names: bool = True

    def write(self, graph: DescribedGraph) -> Exported:
        """Write a graph in this form."""
        module, _, function = self.writer.partition(":")
        return getattr(import_module(f"glocal_rdf.exports.{module}"), function)(graph)  # type: ignore[no-any-return]


FORMS: Final = (
    Form(
        name="csv",
        title="tables with their description (CSV on the Web)",
        writer="tables:write_tables",
        several_files=True,
    ),
    Form(name="geojson", title="a map (GeoJSON)", writer="geojson:write_geojson", sources=True),
    Form(name="graphml", title="a network (GraphML)", writer="graphml:write_graphml", claims=True),
    Form(
        name="nanopub",
        title="claims as nanopublications (TriG)",
        writer="nanopublications:write_nanopublications",
        chosen=True,
        names=False,
    ),
    Form(
        name="turtle-1.2", title="claims as reifiers (Turtle of RDF 1.2)", writer="rdf_12:write_turtle_12", names=False
    ),
)


def form_names() -> tuple[str, ...]:
    """List the names of the forms.

    Examples:
        >>> form_names()
        ('csv', 'geojson', 'graphml', 'nanopub', 'turtle-1.2')
    """
    return tuple(form.name for form in FORMS)


def find_form(name: str) -> Form:
    """Return the form of a name.

    Raises:
        OutputError: Where there is none, with the names.
    """
    for form in FORMS:
        if form.name == name:
            return form
    raise OutputError.at("export", f"there is no form {name!r}", f"choose one of {', '.join(form_names())}")
