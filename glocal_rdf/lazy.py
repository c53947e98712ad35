"""Imports what is slow when it is first used, so that commands start at once: names of packages, and Polars.

Modules take Polars from here (`from glocal_rdf.lazy import pl`) where they are part of commands that may need no frame,
such as a query that is answered by a store in the cache.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

__all__ = ["importer", "pl"]

if TYPE_CHECKING:
    import polars as pl
else:

    class _LateModule(ModuleType):
        """A module that is imported when an attribute of it is first used."""

        def __getattr__(self, name: str) -> Any:
            """Import the module, and keep the attribute."""
            found = getattr(import_module(self.__name__), name)
            setattr(self, name, found)
            return found

    pl = _LateModule("polars")


def importer(package: str, homes: Mapping[str, str], former: Mapping[str, str] | None = None) -> Callable[[str], Any]:
    """Return a `__getattr__` for a package or a module, which imports names when they are first used.

    Args:
        package: The name of the package or module.
        homes: The modules that names are imported from, relative to the package.
        former: The names of today, by names of an earlier version, which work with a deprecation warning. A name with
            dots is that of another module of `glocal_rdf`.

    Examples:
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
