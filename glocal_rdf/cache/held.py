"""Holds the files of an entry while they are used: a second name for each, so that the entry may be removed meanwhile.

The second names are in the folder of the cache (`held/`), whose file system has the entry.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Final

from glocal_rdf.temporary import HeldFolder

__all__ = ["hold", "name_again"]

_HELD: Final = "held"


def hold(cache: Path, stored: Path) -> HeldFolder | None:
    """Give the files of a folder second names in the cache.

    Args:
        cache: The folder of the cache.
        stored: The folder of the files.

    Returns:
        The folder of the second names; None where the files are not there any more.

    Raises:
        OSError: Where they cannot be made.
    """
    place = cache / _HELD
    place.mkdir(mode=0o700, exist_ok=True)
    folder = HeldFolder(place=place)
    try:
        if name_again(stored, folder.path):
            return folder
    except BaseException:
        folder.cleanup()
        raise
    folder.cleanup()
    return None


def name_again(stored: Path, folder: Path) -> bool:
    """Give files a second name in another folder, or copy them; return whether they are still there.

    Args:
        stored: The folder of the files.
        folder: The other folder, which is empty, also afterwards where they are not there.

    Raises:
        OSError: Where they can be neither named nor copied.
    """
    try:
        for file in stored.iterdir():
            try:
                os.link(file, folder / file.name)
            except OSError:
                shutil.copyfile(file, folder / file.name)
    except FileNotFoundError:
        for file in folder.iterdir():
            file.unlink()
        return False
    return True
