"""Reads the files of other projects that come with the package, and the manifest that lists them (`manifest.json`).

Each package of the manifest has a folder of its name here, with its licence. `tarball` and `integrity` are those of the
registry that it was released at, `files` has the SHA-256 of each file, and `changes` what was done to them (`none`, if
they are as released). `tools/vendor.py` fetches them; a test compares the folder with the manifest.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final

from glocal_rdf.files import read_bytes

__all__ = ["VendoredPackage", "list_vendored", "read_vendored"]

_FOLDER: Final = Path(__file__).parent
_MAX_FILE: Final = 64 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class VendoredPackage:
    """A package of another project, some of whose files come with this one.

    Attributes:
        name: Its name in the registry.
        version: Its version.
        registry: Where it was released: `npm`, `PyPI`.
        tarball: The address of the release.
        integrity: The checksum of the release that the registry gives (Subresource Integrity).
        licence: The licence of its files (SPDX).
        licence_file: The file that has the text of the licence.
        credit: Who made it, for people.
        homepage: Its page on the web.
        why: What it is used for.
        changes: What was done to the files; `none` where they are as released.
        files: The SHA-256 of each file, by its path in the folder of the package.
        bundled: The releases that were made into one file (`name@version`), with their checksums; empty without any.
    """

    name: str
    version: str
    registry: str
    tarball: str
    integrity: str
    licence: str
    licence_file: str
    credit: str
    homepage: str
    why: str
    changes: str
    files: Mapping[str, str]
    bundled: Mapping[str, str] = field(default_factory=dict)


@cache
def list_vendored() -> Mapping[str, VendoredPackage]:
    """Return the packages of the manifest by name.

    Examples:
        >>> list_vendored()["world-atlas"].licence
        'ISC'
    """
    manifest = json.loads(read_bytes(_FOLDER / "manifest.json", _MAX_FILE))
    return {entry["name"]: VendoredPackage(**entry) for entry in manifest["packages"]}


def read_vendored(package: str, file: str) -> bytes:
    """Return the content of a file of a package.

    Args:
        package: The name of the package.
        file: The path of the file in the folder of the package, as in the manifest.

    Raises:
        KeyError: Where the manifest does not list it.
        InputError: Where it cannot be read.
    """
    if file not in list_vendored()[package].files:
        raise KeyError(f"{package}/{file}")
    return read_bytes(_FOLDER / package / file, _MAX_FILE)
