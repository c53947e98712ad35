"""Names that a package offers, imported from their modules when they are first used: so that commands start at once."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

__all__ = ["importer"]


def importer(package: str, homes: Mapping[str, str], former: Mapping[str, str] | None = None) -> Callable[[str], Any]:
    """Return a `__getattr__` for a package or a module, which imports names when they are first used.

    Args:
        package: The name of the package or module.
        homes: The modules that names are imported from, relative to the package.
        former: The names of today, by names of an earlier version, which work with a deprecation warning. A name with
            dots is that of another module of `glocal_rdf`.

    >>> importer("glocal_rdf.triples", {"Format": "formats.registry"})("Format").__name__
    'Format'
    """

    def get(name: str) -> Any:
        today = (former or {}).get(name)
        if today is not None:
            warnings.warn(f"{package}.{name} is called {today} now", DeprecationWarning, stacklevel=2)
            module, _, attribute = today.rpartition(".")
            return getattr(import_module(f"glocal_rdf.{module}"), attribute) if module else get(today)
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(import_module(f"{package}.{homes[name]}"), name)

    return get
