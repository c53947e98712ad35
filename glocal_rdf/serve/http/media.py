"""The media types of files by their endings, as they are sent."""

from __future__ import annotations

from typing import Final

__all__ = ["TYPES", "find_type"]

TYPES: Final = {
    "atom": "application/atom+xml",
    "cff": "text/plain; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "csv": "text/csv; charset=utf-8; header=present",
    "csvm": "application/csvm+json",
    "geojson": "application/geo+json",
    "gz": "application/gzip",
    "html": "text/html; charset=utf-8",
    "ico": "image/x-icon",
    "jpg": "image/jpeg",
    "js": "text/javascript; charset=utf-8",
    "json": "application/json",
    "jsonld": "application/ld+json",
    "md": "text/markdown; charset=utf-8",
    "nq": "application/n-quads",
    "nt": "application/n-triples",
    "parquet": "application/vnd.apache.parquet",
    "pdf": "application/pdf",
    "png": "image/png",
    "rdf": "application/rdf+xml",
    "rq": "application/sparql-query",
    "svg": "image/svg+xml",
    "trig": "application/trig",
    "ttl": "text/turtle; charset=utf-8",
    "txt": "text/plain; charset=utf-8",
    "wasm": "application/wasm",
    "webp": "image/webp",
    "woff2": "font/woff2",
    "xml": "application/xml",
    "yaml": "application/yaml",
    "zip": "application/zip",
}
"""Media types by the last ending of a name."""

_WITHOUT: Final = {"void": TYPES["ttl"]}
"""Those of files whose names have no ending; else they are text."""


def find_type(path: str) -> str:
    """Return the media type of a file, as the value of Content-Type.

    Args:
        path: Its path.

    Examples:
        >>> find_type("doc/place/taipei.ttl"), find_type("data/all.ttl.gz"), find_type("LICENSE")
        ('text/turtle; charset=utf-8', 'application/gzip', 'text/plain; charset=utf-8')
    """
    name = path.rpartition("/")[2]
    stem, dot, ending = name.rpartition(".")
    if not dot or not stem:
        return _WITHOUT.get(name, TYPES["txt"])
    if ending == "xml" and stem.partition(".")[0] == "feed":
        return TYPES["atom"]
    return TYPES["txt"] if ending == "conf" else TYPES.get(ending.lower(), "application/octet-stream")
