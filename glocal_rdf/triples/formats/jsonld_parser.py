"""JSON-LD beyond the fast parser: the standard's whole algorithms, for the few documents that need them.

The fast parser is right for nearly every document. It refuses type maps, and keeps the dot segments of a base or a
relative vocabulary. Such documents are expanded by PyLD, which passes the W3C's tests; nothing is fetched.

JSON-LD 1.1 Processing Algorithms and API: https://www.w3.org/TR/json-ld11-api/
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from glocal_rdf.errors import InputError, Problem
from glocal_rdf.triples.base_iris import is_odd

__all__ = ["may_need_expansion", "to_nquads"]

_TYPE_MAP: Final = re.compile(rb'"@container"\s*:\s*(?:"@type"|\[[^\]]*"@type")')
_RELATIVE_VOCABULARY: Final = re.compile(rb'"@vocab"\s*:\s*"(?![A-Za-z][A-Za-z0-9+.-]*:)(?!_:)')
_BASE: Final = re.compile(rb'"@base"\s*:\s*"([^"]*)"')
_SLASH_IN_QUERY: Final = re.compile(rb"\?[^#\"]*/[^#\"]*")
_NO_BASE: Final = "http://no-base.invalid/"
_MAX_PROBLEMS: Final = 100


def may_need_expansion(data: bytes, base: str | None) -> bool:
    """Decide by its text whether a document may use what the fast parser does not know."""
    bases = [base or "", *(found.decode(errors="replace") for found in _BASE.findall(data))]
    return bool(_TYPE_MAP.search(data) or _RELATIVE_VOCABULARY.search(data) or any(map(is_odd, bases)))


def to_nquads(data: bytes, base: str | None, where: str) -> tuple[bytes, list[str]]:
    """Expand a document and write its quads.

    Args:
        data: The document in UTF-8.
        base: The IRI that relative IRIs are resolved against, or None.
        where: What to call the document in errors.

    Returns:
        The quads as N-Quads, and the keys that no context maps, which are left out.

    Raises:
        InputError: Where it is not JSON-LD, needs a remote context, or holds IRIs that are not.

    https://www.w3.org/TR/json-ld11-api/#deserialize-json-ld-to-rdf-algorithm
    """
    from pyld import jsonld  # noqa: PLC0415 - few documents need it

    class Processor(jsonld.JsonLdProcessor):  # type: ignore[misc]  # PyLD has no types
        """Expands the entries of a map each by itself: PyLD carries the context of one type to the next."""

        def _expand_index_map(self, context: Any, active: Any, value: dict[str, Any], *more: Any) -> list[Any]:
            out: list[Any] = []
            for key in sorted(value):
                out += super()._expand_index_map(context, active, {key: value[key]}, *more)
            return out

    dropped: dict[str, None] = {}

    def refuse(url: str, _options: object) -> None:
        raise InputError.at(where, f"the context {url} is remote", "put the context into the file: nothing is fetched")

    # PyLD misreads a base whose query has a slash too; without the query only references to the base itself differ.
    data = _BASE.sub(lambda found: _SLASH_IN_QUERY.sub(b"", found[0]), data)
    base = base if base is None else _SLASH_IN_QUERY.sub(b"", base.encode()).decode()
    options: dict[str, Any] = {"base": base or _NO_BASE, "documentLoader": refuse}
    try:
        document = json.loads(data)
        expanded = Processor(on_property_dropped=lambda key: dropped.setdefault(str(key))).expand(document, options)
        if problems := [Problem(where, what, file=where) for what in _find_wrong(expanded, base)]:
            raise InputError.of(problems[:_MAX_PROBLEMS])
        written = jsonld.to_rdf(expanded, {**options, "format": "application/n-quads"})
    except jsonld.JsonLdError as error:
        cause: BaseException | None = error
        while cause is not None:
            if isinstance(cause, InputError):
                raise cause from None
            cause = getattr(cause, "cause", None) or cause.__cause__
        raise InputError.at(where, f"is not valid JSON-LD ({error.code or error.type})", "correct it") from error
    except RecursionError as error:
        raise InputError.at(where, "is nested too deeply", "write its nodes side by side") from error
    except ValueError as error:
        raise InputError.at(where, f"is not valid JSON: {error}", "correct it") from error
    return str(written).encode(), list(dropped)


def _find_wrong(expanded: object, base: str | None) -> Iterator[str]:
    """Find the IRIs of an expanded document that are relative or not IRIs, each once.

    Args:
        expanded: The document, or a part of it.
        base: The IRI that relative IRIs were resolved against.

    Yields:
        A text for each, for the message.
    """
    import pyoxigraph  # noqa: PLC0415 - imported late, so that the command starts fast

    seen: set[str] = set()
    todo: list[object] = [expanded]
    while todo:
        node = todo.pop()
        if isinstance(node, list):
            todo += node
        if not isinstance(node, dict):
            continue
        found = [key for key in node if not key.startswith("@")]
        for key in ("@id", "@type"):
            value = node.get(key, [])
            found += [value] if isinstance(value, str) else [one for one in value if isinstance(one, str)]
        if "@value" not in node:
            todo += node.values()
        for iri in found:
            if iri in seen or iri.startswith("_:") or iri in ("@json", "@none"):
                continue
            seen.add(iri)
            if base is None and iri.startswith(_NO_BASE):
                yield f"{iri.removeprefix(_NO_BASE)!r}: a relative IRI, and no base to resolve it against"
                continue
            try:
                pyoxigraph.NamedNode(iri)
            except ValueError as error:
                yield f"{iri!r}: {error}"
