"""Functions that a shapes graph declares (SHACL Advanced Features, section 5), which queries cannot call here.

https://www.w3.org/TR/shacl-af/#functions
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from glocal_rdf.shacl.terms import is_iri, sh
from glocal_rdf.shacl.triple_index import TripleIndex

__all__ = ["FUNCTION_CLASSES", "called_function", "list_functions"]

FUNCTION_CLASSES = ("SPARQLFunction", "JSFunction")


def list_functions(index: TripleIndex) -> list[str]:
    """Return the IRIs of the functions that a shapes graph declares, as terms."""
    return sorted({s for name in FUNCTION_CLASSES for s in index.instances(sh(name)) if is_iri(s)})


def called_function(query: str, functions: Sequence[str]) -> str | None:
    """Return the first function that the text of a query calls, by IRI or prefixed name; None where it calls none.

    Examples:
        >>> called_function("SELECT (ex:double(2) AS ?n) {}", ["<http://example.org/double>"])
        '<http://example.org/double>'
        >>> called_function("SELECT ?s { ?s ex:double 2 }", ["<http://example.org/double>"]) is None
        True
    """
    for function in functions:
        local = re.split("[/#:]", function[1:-1])[-1]
        if function in query or (local and re.search(rf":{re.escape(local)}\s*\(", query)):
            return function
    return None
