"""Names that a package offers, imported from their modules when they are first used: so that commands start at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

__all__ = ["importer"]


def importer(package: str, homes: Mapping[str, str]) -> Callable[[str], Any]:
    """Return a `__getattr__` for a package: it imports each name from the module, relative to the package, of `homes`.

    >>> importer("glocal_rdf.triples", {"Format": "formats.registry"})("Format").__name__
    'Format'
    """

    def get(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(import_module(f"{package}.{homes[name]}"), name)

    return get
