"""Fetches the packages of npm that published sites use, as `glocal_rdf/publish/vendor/manifest.json` lists them.

    python tools/vendor.py              fetch all again, and compare with the manifest
    python tools/vendor.py oxigraph     fetch one, and write its version, checksums and files

To take another version, change `version` in the manifest (or the versions in `tools/editor/package.json`, after which
`npm install --package-lock-only --omit-lockfile-registry-resolved` in that folder writes the lock file) and run the
second line. Node and npm are needed for this alone; to publish a site, neither they nor a network are.

A package is taken as it was released. The editor is made of several packages, which esbuild bundles into one file.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
VENDOR = ROOT / "glocal_rdf" / "publish" / "vendor"
MANIFEST = VENDOR / "manifest.json"
EDITOR = ROOT / "tools" / "editor"
LICENCES = {"oxigraph": ROOT / "LICENSE"}
"""Texts of licences that releases do not have: Oxigraph's is Apache-2.0 by choice, and its package names it only."""


def main() -> None:
    """Fetch packages, and write or compare them."""
    parser = argparse.ArgumentParser(description="Fetch the packages of npm that published sites use.")
    parser.add_argument("names", nargs="*", help="the packages to write; without any, all are compared")
    names = parser.parse_args().names
    manifest = json.loads(MANIFEST.read_text(encoding="utf-8"))
    differs = []
    for entry in manifest["packages"]:
        if (names and entry["name"] not in names) or entry["registry"] != "npm":
            continue
        with tempfile.TemporaryDirectory() as folder:
            fetch = bundle_editor if entry["name"] == "codemirror" else fetch_package
            made, files = fetch(entry, Path(folder))
        made["files"] = {name: hashlib.sha256(files[name]).hexdigest() for name in sorted(files)}
        if not names:
            differs += [entry["name"]] if made != entry else []
            continue
        shutil.rmtree(VENDOR / entry["name"], ignore_errors=True)
        for name, content in files.items():
            path = VENDOR / entry["name"] / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        entry.update(made)
    if names:
        MANIFEST.write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    for name in differs:
        print(f"{name}: is not what the manifest states", file=sys.stderr)
    sys.exit(bool(differs))


def run(*command: str, folder: Path) -> str:
    """Run a program, and return what it prints."""
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout


def fetch_package(entry: dict[str, Any], folder: Path) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Return the entry and the files of a package as it was released."""
    spec = f"{entry['name']}@{entry['version']}"
    about = json.loads(run("npm", "view", spec, "dist.tarball", "dist.integrity", "--json", folder=folder))
    run("npm", "pack", "--silent", spec, folder=folder)
    [archive] = folder.glob("*.tgz")
    checksum = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if about["dist.integrity"] != f"sha512-{checksum}":
        sys.exit(f"{spec}: is not what the registry states")
    files = {}
    with tarfile.open(archive) as opened:
        for name in entry["files"]:
            own = name == entry["licence_file"] and LICENCES.get(entry["name"])
            member = None if own else opened.extractfile(f"package/{name}")
            files[name] = own.read_bytes() if own else member.read()  # type: ignore[union-attr]
    return {**entry, "tarball": about["dist.tarball"], "integrity": about["dist.integrity"]}, files


def bundle_editor(entry: dict[str, Any], folder: Path) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Return the entry and the files of the editor: one script, and the licences of all packages in it."""
    for path in EDITOR.iterdir():
        if path.is_file():
            shutil.copy(path, folder)
    run("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", folder=folder)
    esbuild = str(folder / "node_modules" / ".bin" / "esbuild")
    options = ("--bundle", "--minify", "--format=esm", "--target=es2022", "--legal-comments=none")
    run(esbuild, "index.js", *options, "--outfile=editor.js", "--metafile=meta.json", folder=folder)
    meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
    lock = json.loads((folder / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    parts = [path for path, one in meta["outputs"]["editor.js"]["inputs"].items() if one["bytesInOutput"]]
    used = {name for path in parts for name in lock if name and path.startswith(f"{name}/")}
    texts: dict[str, list[str]] = {}
    for name in sorted(used):
        text = (folder / name / "LICENSE").read_text(encoding="utf-8").strip()
        texts.setdefault(text, []).append(name.removeprefix("node_modules/"))
    licences = "\n\n".join(f"{', '.join(names)}\n\n{text}" for text, names in texts.items())
    releases = {name: f"{name.removeprefix('node_modules/')}@{lock[name]['version']}" for name in sorted(used)}
    bundled = {release: lock[name]["integrity"] for name, release in releases.items()}
    made, _ = fetch_package({**entry, "files": []}, folder)
    files = {"LICENSE": f"{licences}\n".encode(), "editor.js": (folder / "editor.js").read_bytes()}
    return {**made, "bundled": bundled}, files


if __name__ == "__main__":
    main()
