"""The cache: results that are kept in the user's folder, by the content of all that they were made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glocal_rdf.lazy import importer

if TYPE_CHECKING:
    from glocal_rdf.cache.folder import Cache, find_cache_folder
    from glocal_rdf.cache.inputs import FileState, InputReader, Inputs

__all__ = ["Cache", "FileState", "InputReader", "Inputs", "find_cache_folder"]

__getattr__ = importer(
    __name__,
    {
        "Cache": "folder",
        "FileState": "inputs",
        "InputReader": "inputs",
        "Inputs": "inputs",
        "find_cache_folder": "folder",
    },
)
