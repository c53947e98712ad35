"""The files of other projects: each as its manifest states, with its licence, and none besides."""

from __future__ import annotations

import hashlib
import re
import tomllib

import pytest
from conftest import ROOT

from glocal_rdf.publish.vendor.manifest import list_vendored, read_vendored

FOLDER = ROOT / "glocal_rdf" / "publish" / "vendor"


def test_the_folder_has_the_files_of_the_manifest_and_no_other() -> None:
    listed = {f"{name}/{file}" for name, package in list_vendored().items() for file in package.files}
    ours = {"__init__.py", "manifest.py", "manifest.json"}
    found = {
        path.relative_to(FOLDER).as_posix()
        for path in FOLDER.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert found - ours == listed


@pytest.mark.parametrize("name", sorted(list_vendored()))
def test_a_package_is_what_its_entry_states(name: str) -> None:
    package = list_vendored()[name]
    found = {file: hashlib.sha256(read_vendored(name, file)).hexdigest() for file in package.files}
    assert found == package.files
    assert package.licence_file in package.files
    assert re.fullmatch(r"\d+\.\d+\.\d+", package.version)
    assert package.version in package.tarball
    assert re.fullmatch(r"sha512-[A-Za-z0-9+/]{86}==|sha256-[A-Za-z0-9+/]{43}=", package.integrity)
    assert package.credit
    assert package.why
    assert package.changes


def test_the_licence_of_this_package_names_those_of_all_others() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert {package.licence for package in list_vendored().values()} <= set(project["license"].split(" AND "))
    licences = {path for pattern in project["license-files"] for path in ROOT.glob(pattern)}
    assert {FOLDER / name / package.licence_file for name, package in list_vendored().items()} <= licences


def test_what_the_manifest_does_not_list_is_not_read() -> None:
    with pytest.raises(KeyError, match=r"world-atlas/\.\./manifest\.json"):
        read_vendored("world-atlas", "../manifest.json")
