"""What is fuzzed: how each kind of input is made, and what must hold of whatever comes out."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pyoxigraph as ox
from click.testing import CliRunner

from fuzz import seeds
from fuzz.mutations import mutate_bytes, mutate_json, mutate_text, odd_text
from glocal_rdf import ask, build, csvw, shacl, validate
from glocal_rdf.cli import cli
from glocal_rdf.errors import GlocalError, OutputError
from glocal_rdf.project import Project
from glocal_rdf.triples import Triples
from glocal_rdf.triples.datasets import Dataset

__all__ = ["TARGETS", "Files", "Target", "pack", "unpack"]

Files = dict[str, bytes]
"""An input: files by name."""

FORMATS = {
    "turtle": ox.RdfFormat.TURTLE,
    "ntriples": ox.RdfFormat.N_TRIPLES,
    "trig": ox.RdfFormat.TRIG,
    "nquads": ox.RdfFormat.N_QUADS,
    "jsonld": ox.RdfFormat.JSON_LD,
    "rdfxml": ox.RdfFormat.RDF_XML,
}


@dataclass(frozen=True)
class Target:
    """How inputs are made, and how one is checked: by an assertion, or by any error that is not ours."""

    make: Callable[[Random], Files]
    check: Callable[[Files, Path], None]


def pack(files: Files) -> dict[str, str]:
    """Write files as JSON can hold them."""
    return {name: data.decode("latin-1") for name, data in files.items()}


def unpack(packed: dict[str, str]) -> Files:
    """Undo `pack`."""
    return {name: data.encode("latin-1") for name, data in packed.items()}


def _put(files: Files, folder: Path) -> None:
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def check_written(graph: Triples) -> None:
    """Write a graph in every format: another parser reads the same graph, or the format refuses it."""
    want = sorted(graph.serialize("ntriples").splitlines())
    for name, form in FORMATS.items():
        try:
            written = graph.serialize(name)
        except OutputError:
            assert name == "rdfxml", f"{name} refuses a graph"
            continue
        quads = list(ox.parse(written, form))
        assert len(quads) == len(want), f"{name}: {len(quads)} of {len(want)} triples are read back"
        assert Triples.parse(written, name).is_isomorphic(graph), f"{name} reads back another graph"


# --- tables


def _make_table(random: Random) -> Files:
    table, document = seeds.table(random)
    for _ in range(random.choice((0, 0, 1, 2))):
        document = mutate_json(document, random)
    if random.random() < 0.5:
        table = mutate_bytes(table, random)
    return {"t.csv": table, "t.csv-metadata.json": json.dumps(document).encode()}


def _check_table(files: Files, folder: Path) -> None:
    _put(files, folder)
    problems = csvw.check(folder / "t.csv")
    assert all(str(p).strip() for p in problems)
    sink = io.BytesIO()
    conversion = csvw.convert(folder / "t.csv", base="http://e.org/t.csv")
    csvw.convert_stream(folder / "t.csv", sink, base="http://e.org/t.csv")
    graph = conversion.triples
    assert {tuple(t) for t in Triples.parse(sink.getvalue(), "ntriples")} == set(graph), "a stream says something else"
    if len(graph) < 2000:
        check_written(graph)


def _make_description(random: Random) -> Files:
    table, _ = seeds.table(random)
    return {"t.csv": mutate_bytes(table, random) if random.random() < 0.7 else table}


def _check_description(files: Files, folder: Path) -> None:
    _put(files, folder)
    described = csvw.describe(folder / "t.csv")
    (folder / "t.csv-metadata.json").write_text(json.dumps(described.document), encoding="utf-8")
    errors = [p for p in csvw.check(folder / "t.csv") if p.level == "error"]
    assert not errors, f"the description does not fit its own table: {errors[0]}"


def _make_sheet(random: Random) -> Files:
    book = seeds.workbook(random)
    if random.random() < 0.2:
        return {"t.xlsx": mutate_bytes(book, random)}
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as given, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        changed = random.choice(given.namelist())
        for name in given.namelist():
            data = given.read(name)
            if name == changed:
                data = mutate_text(data.decode(), random).encode("utf-8", "replace")
            made.writestr(name, data)
    return {"t.xlsx": out.getvalue()}


def _check_sheet(files: Files, folder: Path) -> None:
    _put(files, folder)
    check_written(csvw.convert(folder / "t.xlsx", base="http://e.org/t.xlsx").triples)


# --- RDF


def _make_rdf(random: Random) -> Files:
    name, data = random.choice(seeds.RDF)
    text = mutate_text(data, random) if random.random() < 0.8 else data
    changed = text.encode("utf-8", "replace")
    return {name: mutate_bytes(changed, random) if random.random() < 0.3 else changed}


def _check_rdf(files: Files, folder: Path) -> None:
    _put(files, folder)
    (name,) = files
    dataset = Dataset.read(folder / name, base="http://e.org/base")
    for form in ("trig", "nquads", "jsonld"):
        again = Dataset.parse(dataset.serialize(form), form)
        assert len(again) == len(dataset), f"{form}: {len(again)} of {len(dataset)} quads are read back"
    check_written(dataset.merged())


# --- shapes and queries


def _make_shapes(random: Random) -> Files:
    return {"s.ttl": mutate_text(random.choice(seeds.SHAPES), random).encode("utf-8", "replace")}


def _check_shapes(files: Files, folder: Path) -> None:
    _put(files, folder)
    data = Triples.parse(seeds.DATA, "turtle")
    report = shacl.validate(data, Triples.read(folder / "s.ttl"), time_limit=5)
    assert report.conforms == (not report.total), "the report contradicts itself"


def _make_query(random: Random) -> Files:
    return {"q.rq": mutate_text(random.choice(seeds.QUERIES), random).encode("utf-8", "replace")}


def _check_query(files: Files, folder: Path) -> None:
    _put(files, folder)
    answer = ask(Triples.parse(seeds.DATA, "turtle"), files["q.rq"].decode(), timeout=5)
    if answer.triples is None:
        for form in ("csv", "tsv", "json", "xml", "markdown"):
            assert answer.serialize(form)
    else:
        check_written(answer.triples)


# --- projects and the command


def _make_project(random: Random) -> Files:
    files = dict(seeds.PROJECT)
    for _ in range(random.choice((1, 1, 2))):
        name = random.choice(sorted(files))
        if name.endswith(".json"):
            files[name] = json.dumps(mutate_json(json.loads(files[name]), random)).encode()
        elif random.random() < 0.8:
            files[name] = mutate_text(files[name].decode("utf-8", "replace"), random).encode("utf-8", "replace")
        else:
            files[name] = mutate_bytes(files[name], random)
    return {name.replace("/", "__"): data for name, data in files.items()}


def _check_project(files: Files, folder: Path) -> None:
    _put({name.replace("__", "/"): data for name, data in files.items()}, folder)
    built = build(Project.open(folder))
    check_written(built.triples)
    validate(built)


def _make_arguments(random: Random) -> Files:
    words = random.choice(seeds.COMMANDS).split()
    for _ in range(random.choice((1, 1, 2, 3))):
        at = random.randrange(len(words) + 1)
        words[at : at + random.choice((0, 1))] = [random.choice((odd_text(random), random.choice(seeds.WORDS)))]
    return {"arguments.json": json.dumps([word[:1000] for word in words]).encode()}


def _check_arguments(files: Files, folder: Path) -> None:
    _put({name.replace("__", "/"): data for name, data in seeds.PROJECT.items()}, folder / "p")
    words = [w.replace("DIR", str(folder / "p")) for w in json.loads(files["arguments.json"])]
    runner = CliRunner()
    with runner.isolated_filesystem(folder):
        result = runner.invoke(cli, words, input="", prog_name="glocal")
    if result.exception is not None and not isinstance(result.exception, (SystemExit, GlocalError)):
        raise result.exception
    assert result.exit_code in {0, 1, 2}, f"exit code {result.exit_code}"
    assert "--debug" in words or "Traceback" not in result.stderr, result.stderr[-400:]
    assert "\x1b" not in result.stderr.replace("\x1b[0m", ""), "a control character reaches the terminal"


TARGETS = {
    "tables": Target(_make_table, _check_table),
    "descriptions": Target(_make_description, _check_description),
    "sheets": Target(_make_sheet, _check_sheet),
    "rdf": Target(_make_rdf, _check_rdf),
    "shapes": Target(_make_shapes, _check_shapes),
    "queries": Target(_make_query, _check_query),
    "projects": Target(_make_project, _check_project),
    "arguments": Target(_make_arguments, _check_arguments),
}
