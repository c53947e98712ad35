"""Makes values of answers from terms."""

from __future__ import annotations

from glocal_rdf.serve.api.model import Value
from glocal_rdf.triples.terms import unquote

__all__ = ["make_value"]


def make_value(term: str, label: str = "") -> Value:
    """Make the value for a term in N-Triples syntax.

    Args:
        term: The term.
        label: What an IRI is called.

    Examples:
        >>> make_value('"台北"@zh-Hant')
        Value(type='literal', value='台北', lang='zh-Hant', datatype='', label='')
    """
    if term.startswith("<"):
        return Value(type="iri", value=term[1:-1], label=label)
    if term.startswith("_:"):
        return Value(type="bnode", value=term[2:])
    tail = term[term.rindex('"') + 1 :]
    lang = tail[1:] if tail.startswith("@") else ""
    return Value(type="literal", value=unquote(term), lang=lang, datatype=tail[3:-1] if tail[:2] == "^^" else "")
