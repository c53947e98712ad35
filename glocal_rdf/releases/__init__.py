"""Releases of a project: frozen versions in `releases/`, the order of versions, and redirects of renamed things."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glocal_rdf.lazy import importer

if TYPE_CHECKING:
    from glocal_rdf.releases.folders import Release, find_release, list_releases
    from glocal_rdf.releases.redirects import Redirect, Redirects
    from glocal_rdf.releases.versions import check_version, is_later

__all__ = ["Redirect", "Redirects", "Release", "check_version", "find_release", "is_later", "list_releases"]

__getattr__ = importer(
    __name__,
    {
        "Redirect": "redirects",
        "Redirects": "redirects",
        "Release": "folders",
        "check_version": "versions",
        "find_release": "folders",
        "is_later": "versions",
        "list_releases": "folders",
    },
)
