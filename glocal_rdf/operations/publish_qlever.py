"""Writes the settings with which the engine QLever indexes the dumps of a published site and serves them.

A Qleverfile is an INI file (Python's `configparser`, with `${…}` for other values), and a shell runs some of its
values. So nothing goes into it that a shell would read as more than a name: a graph or a file of another name is left
out, and that is reported.

https://docs.qlever.dev/qleverfile/ https://github.com/ad-freiburg/qlever-control
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Final

from glocal_rdf.errors import Problem
from glocal_rdf.publish.catalogue.model import FOLDER, Dump

__all__ = ["PATH", "write_qleverfile"]

PATH: Final = f"{FOLDER}/Qleverfile"

_FILE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_IRI: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[A-Za-z0-9:/._~@+=,#%-]+")
_PORT: Final = 7019


def write_qleverfile(
    name: str, dumps: Sequence[Dump], graphs: Mapping[str, str], base_url: str = ""
) -> tuple[bytes, tuple[Problem, ...]]:
    """Write a Qleverfile for the dumps of a site: the data and the ontology as default graph, other sources by name.

    Args:
        name: The name of the project.
        dumps: The dumps of the site.
        graphs: The IRIs of the graphs of other sources by the names of their dumps.
        base_url: The address of the site, ending in `/`; empty where it is not known.

    Returns:
        The file, and what is left out of it; without a file where the data are.
    """
    wanted = [(dump, "-" if dump.name in {"ntriples", "ontology"} else graphs.get(dump.name, "")) for dump in dumps]
    inputs: list[dict[str, str]] = []
    files: list[str] = []
    problems: list[Problem] = []
    for dump, graph in wanted:
        if not graph:
            continue
        file = dump.path.rpartition("/")[2]
        if not _FILE.fullmatch(file) or not (graph == "-" or _IRI.fullmatch(graph)):
            what = f"{file} for the graph {graph} is left out: a shell would read more than a name in it"
            problems.append(Problem(PATH, what, "load it by SPARQL: glocal load"))
            continue
        form = "nt" if dump.name == "ntriples" else "ttl"
        inputs.append({"cmd": f"zcat {file}", "graph": graph, "format": form})
        files.append(file)
    if not any(one["format"] == "nt" for one in inputs):
        return b"", tuple(problems)
    address = base_url if re.fullmatch(r"https?://[A-Za-z0-9:/._~%-]+/", base_url) else ""
    fetch = " && ".join(f"curl -fLO {address}{FOLDER}/{file}" for file in files) if address else ""
    values = {
        "data": {
            "NAME": re.sub(r"[^A-Za-z0-9_-]+", "-", name) or "dataset",
            **({"GET_DATA_CMD": fetch.replace("$", "$$")} if fetch else {}),
            "DESCRIPTION": "Written by glocal publish",
        },
        "index": {
            "INPUT_FILES": " ".join(files),
            "MULTI_INPUT_JSON": json.dumps(inputs),
            "SETTINGS_JSON": json.dumps({"ascii-prefixes-only": False, "num-triples-per-batch": 1_000_000}),
        },
        "server": {"PORT": str(_PORT), "HOST_NAME": "localhost", "MEMORY_FOR_QUERIES": "4G", "TIMEOUT": "30s"},
        "runtime": {"SYSTEM": "docker", "IMAGE": "docker.io/adfreiburg/qlever:latest"},
        "ui": {"UI_CONFIG": "default"},
    }
    lines = [
        "# Settings for QLever (pip install qlever), in the folder of the dumps:",
        f"#   {'qlever get-data && ' if fetch else ''}qlever index && qlever start",
        "# Queries without FROM see all graphs. Set ACCESS_TOKEN under [server] before anything is to be written.",
    ]
    for section, entries in values.items():
        lines += ["", f"[{section}]", *(f"{key} = {value}" for key, value in entries.items())]
    return ("\n".join(lines) + "\n").encode(), tuple(problems)
