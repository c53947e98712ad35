"""Where things have their pages: the path of a page for each IRI, which is also the name of its files.

`id/place/taipei` is a thing, `doc/place/taipei` the document about it, and `doc/place/taipei.html`, `.ttl` and so on
are its forms. A path follows from the IRI alone, so that it never changes, by the first of these that fits:

1. The IRI of the dataset: `dataset`.
2. The header of the ontology: `ontology/index`; a term of a namespace that the ontology prefers: `ontology/City`.
3. A thing in the dataset's space (void:uriSpace): `doc/` and the rest of its IRI.
4. A source graph: `source/geonames`; a term with a well-known prefix: `term/schema/Event`.
5. Any other IRI: `other/` and its local name with a hash of the IRI.

What a file system cannot hold or would confuse (`..`, reserved characters, names that differ only in case) is written
with a hash of the IRI in the place of its name.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from glocal_rdf.namespaces import local_name, shorten

__all__ = ["Addresses", "assign_paths", "choose_base", "is_safe", "make_relative"]

_UNSAFE: Final = re.compile(
    r"[\x00-\x1f\x7f-\x9f<>:\"|?*\\%#;\u2028\u2029\ud800-\udfff]|^[.\- ]|[. ]$|"
    # What would be read as a language or a format.
    r"\.(?:[A-Za-z]{2,3}(?:-[A-Za-z0-9]+)*|html|jsonld|json)$"
)
_RESERVED: Final = re.compile(r"(?i:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?|index(?:\..*)?")
_MAX_BYTES: Final = 180
"""How long a name of a file may be, without language and ending."""

_UNKNOWN: Final = "https://site-{}.invalid/"
"""The address of a site whose address is not known, until it is made relative."""

Addresses = Mapping[str, str]
"""The path of the page about a thing, by its term (`<https://…>`). A part of a thing may lead to `path#fragment`."""


def assign_paths(
    resources: Iterable[str],
    *,
    space: str,
    dataset: str,
    ontology: str,
    sources: Mapping[str, str],
    namespaces: Mapping[str, str],
    prefixes: Mapping[str, str],
) -> dict[str, str]:
    """Return the path of the page of each resource.

    Args:
        resources: The terms of the resources that have pages.
        space: How the IRIs of the dataset's things begin; empty where it is not known.
        dataset: The term of the dataset.
        ontology: The term of the ontology's header.
        sources: The short names of the source graphs, by term.
        namespaces: The namespaces of the ontology, by prefix.
        prefixes: Namespaces by prefix, for terms of other vocabularies.

    Examples:
        >>> known = {"schema": "http://schema.org/"}
        >>> assign_paths(
        ...     ["<https://e.org/id/a/b>", "<https://e.org/o#T>", "<http://schema.org/Event>", "<urn:x>"],
        ...     space="https://e.org/id/",
        ...     dataset="",
        ...     ontology="",
        ...     sources={},
        ...     namespaces={"o": "https://e.org/o#"},
        ...     prefixes=known,
        ... ).values()
        dict_values(['doc/a/b', 'ontology/T', 'term/schema/Event', 'other/urn-x-9d5d044684'])
    """
    several = len(namespaces) > 1

    def choose(iri: str) -> str:
        term = f"<{iri}>"
        if term == dataset:
            return "dataset"
        if term == ontology:
            return "ontology/index"
        for prefix, namespace in namespaces.items():
            if iri.startswith(namespace) and len(iri) > len(namespace):
                return f"ontology/{prefix}/{iri[len(namespace) :]}" if several else f"ontology/{iri[len(namespace) :]}"
        if space and iri.startswith(space) and len(iri) > len(space):
            return f"doc/{iri[len(space) :]}"
        if term in sources:
            return f"source/{sources[term]}"
        short = shorten(iri, prefixes, names_only=True)
        if short != iri:
            return f"term/{short.replace(':', '/', 1)}"
        name = re.sub(r"[^\w.-]+", "-", local_name(iri)).strip("-.")[:60]
        return f"other/{name}-{_hash(iri)}" if name else f"other/{_hash(iri)}"

    paths = {one: _make_safe(choose(one[1:-1]), one) for one in resources}
    return _keep_apart(paths)


def choose_base(texts: Iterable[str]) -> str:
    """Return an address that stands for that of a site where it is not known: one that none of some texts has.

    Args:
        texts: The texts.
    """
    texts = tuple(texts)
    candidates = map(_UNKNOWN.format, range(10**6))
    return next(one for one in candidates if not any(one in text for text in texts))


def make_relative(content: bytes, base: str, path: str) -> bytes:
    """Make the addresses in a file relative, where `choose_base` chose them; others stay.

    Args:
        content: The content of the file.
        base: The address of the site.
        path: The path of the file.
    """
    if not (base.startswith("https://site-") and base.endswith(".invalid/")):
        return content
    return content.replace(base.encode(), ("../" * path.count("/")).encode())


def _make_safe(path: str, term: str) -> str:
    """Replace the names that a file system cannot hold by a hash of the IRI."""
    parts = path.split("/")
    if path in {"dataset", "ontology/index"} or (len(parts) > 1 and all(map(is_safe, parts[1:]))):
        return path
    if "" not in parts and len(parts) > 1 and all(map(is_safe, parts[1:-1])):
        return "/".join([*parts[:-1], f"x-{_hash(term)}"])
    return f"{parts[0]}/x-{_hash(term)}"


def is_safe(name: str) -> bool:
    """Return whether a file or folder of any file system can have a name, and is not taken for something else.

    Args:
        name: The name.
    """
    return bool(name) and not (
        _UNSAFE.search(name) or _RESERVED.fullmatch(name) or len(name.encode(errors="replace")) > _MAX_BYTES
    )


def _keep_apart(paths: Mapping[str, str]) -> dict[str, str]:
    """Give those of the same path but for case, and those whose path is a folder of others' files, one of their own."""
    taken: dict[str, list[str]] = {}
    for term, path in paths.items():
        taken.setdefault(path.casefold(), []).append(term)
    return dict(_rename(paths, taken))


def _rename(paths: Mapping[str, str], taken: Mapping[str, list[str]]) -> Iterator[tuple[str, str]]:
    for term, path in paths.items():
        alike = taken[path.casefold()]
        yield term, path if len(alike) == 1 or term == min(alike) else f"{path}-{_hash(term)}"


def _hash(text: str) -> str:
    return hashlib.blake2b(text.encode(errors="surrogatepass"), digest_size=5).hexdigest()
