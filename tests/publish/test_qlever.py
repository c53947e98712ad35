"""The settings for QLever are read as they are meant, and hold nothing that a shell would run."""

from __future__ import annotations

import configparser
import json
from dataclasses import replace

from glocal_rdf.operations.publish_qlever import write_qleverfile
from glocal_rdf.publish.catalogue.model import Dump

DUMP = Dump(
    name="ntriples",
    path="data/glocal.nt.gz",
    titles={},
    descriptions={},
    media_type="application/n-triples",
    file_type="RDF_N_TRIPLES",
    content=b"",
    size=0,
    sha256="",
    packed="",
)
ONTOLOGY = replace(DUMP, name="ontology", path="data/ontology.ttl.gz")
SOURCE = replace(DUMP, name="source-geonames", path="data/source-geonames.ttl.gz")
TABLE = replace(DUMP, name="csv", path="data/glocal.csv.zip")
GRAPH = "https://w3id.org/glocal/graph/geonames"


def read(data: bytes) -> configparser.ConfigParser:
    """Read as QLever's command does."""
    found = configparser.ConfigParser(interpolation=configparser.ExtendedInterpolation())
    found.optionxform = str  # type: ignore[assignment, method-assign]
    found.read_string(data.decode())
    return found


def test_each_graph_is_read_from_its_dump() -> None:
    dumps = [DUMP, TABLE, ONTOLOGY, SOURCE]
    data, problems = write_qleverfile("glocal", dumps, {"source-geonames": GRAPH}, "https://example.org/a/")
    settings = read(data)
    assert problems == ()
    assert settings["data"]["NAME"] == "glocal"
    assert json.loads(settings["index"]["MULTI_INPUT_JSON"]) == [
        {"cmd": "zcat glocal.nt.gz", "graph": "-", "format": "nt"},
        {"cmd": "zcat ontology.ttl.gz", "graph": "-", "format": "ttl"},
        {"cmd": "zcat source-geonames.ttl.gz", "graph": GRAPH, "format": "ttl"},
    ]
    assert settings["index"]["INPUT_FILES"] == "glocal.nt.gz ontology.ttl.gz source-geonames.ttl.gz"
    assert settings["data"]["GET_DATA_CMD"].startswith("curl -fLO https://example.org/a/data/glocal.nt.gz && ")
    assert "GET_DATA_CMD" not in read(write_qleverfile("glocal", dumps, {})[0])["data"]


def test_what_a_shell_would_run_is_left_out_and_reported() -> None:
    dumps = [DUMP, SOURCE, replace(SOURCE, name="other", path="data/a`id`.ttl.gz")]
    graphs = {"source-geonames": "https://example.org/$(touch /tmp/x)", "other": GRAPH}
    data, problems = write_qleverfile("a\n[runtime]\nSYSTEM = `id`", dumps, graphs, "https://example.org/;id/")
    settings = read(data)
    assert len(problems) == 2
    assert all("is left out" in problem.what for problem in problems)
    assert settings["data"]["NAME"] == "a-runtime-SYSTEM-id-"
    assert settings["runtime"]["SYSTEM"] == "docker"
    assert not {"`", "$", ";"} & set(data.decode())
    assert len(json.loads(settings["index"]["MULTI_INPUT_JSON"])) == 1
    data, problems = write_qleverfile("x", [replace(DUMP, path="data/$HOME.nt.gz")], {})
    assert (data, len(problems)) == (b"", 1)
