"""Finds the cells that a term or triple of the output was made from.

1. The templates of each table are inverted on the subject: a table that cannot have made it is passed over.
2. The triples of a table that may have made it are indexed with their cells, once (`TableRows.index`).
3. The triples that match lead to their cells: the cell of the column, or, for a virtual column, the cells that its
   templates use.
"""

from __future__ import annotations

from glocal_rdf.csvw.rdf.cell_iris import expand_prefix
from glocal_rdf.csvw.rdf.uri_templates import invert, parse_template
from glocal_rdf.csvw.results import Conversion
from glocal_rdf.csvw.table_rows import Cell, TableRows

__all__ = ["Cell", "locate"]


def locate(
    conversion: Conversion,
    subject: str | None = None,
    predicate: str | None = None,
    object: str | None = None,  # noqa: A002 - the word that people know
) -> list[Cell]:
    """Return the cells that a term or triple was made from, in the order of files, lines and columns.

    Args:
        conversion: What `convert` returned; the rows of a stream are not kept.
        subject: A term in N-Triples syntax, or an IRI without brackets. Alone, it leads to the cells that its IRI was
            made from.
        predicate: The same for the predicate; with a subject, it leads to the cells of its value.
        object: The same for the object.

    Returns:
        The cells, empty if none made such a triple.
    """
    wanted = (_term(subject), _term(predicate), _term(object))
    if wanted == (None, None, None):
        return []
    found: dict[Cell, None] = {}
    for rows in conversion.tables:
        if _may_have_made(rows, wanted[0]):
            found.update(dict.fromkeys(rows.index.find(*wanted)))
    return list(found)


def _term(text: str | None) -> str | None:
    if text is None or text.startswith(("<", '"', "_:")):
        return text
    return f"<{text}>"


def _may_have_made(rows: TableRows, subject: str | None) -> bool:
    """Return whether some template of a table can be filled to a subject."""
    if subject is None:
        return True
    for text in {c.inherited.about_url for c in rows.table.schema.columns}:
        if text is None:
            if subject.startswith("_:"):
                return True
            continue
        template = expand_prefix(parse_template(text))
        if ":" not in template.start or invert(template, subject.strip("<>")) is not None:
            return True
    return False
