"""How long a site of many things takes, and how much memory: `glocal publish` on a made-up project, whole processes.

    python benchmarks/publish.py [--things 1000 10000 100000] [--formats turtle,jsonld] [--base-url URL]

The project has one table: things of three classes with names in two languages, a year, a number, coordinates, one of
ten districts (which are hubs: a tenth of all things leads to each) and a reference to another thing. Each site is
written twice: new, and again without any change. Printed are wall and CPU seconds, the largest resident set of the
process and its children, files and their size, as the rows of a table.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import shutil
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

import polars as pl

SPACE = "https://data.example.org/id/"
NAMESPACE = "https://data.example.org/ontology#"
CLASSES = ("City", "Park", "Network")
DISTRICTS = 10

ONTOLOGY = f"""@prefix e: <{NAMESPACE}> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix vann: <http://purl.org/vocab/vann/> .
<https://data.example.org/ontology> a owl:Ontology ;
  vann:preferredNamespacePrefix "e" ; vann:preferredNamespaceUri "{NAMESPACE}" .
e:District a owl:Class ; rdfs:label "District"@en , "行政區"@zh-Hant .
e:founded a owl:DatatypeProperty ; rdfs:label "founded"@en , "成立年"@zh-Hant .
e:area a owl:DatatypeProperty ; rdfs:label "area"@en , "面積"@zh-Hant .
e:district a owl:ObjectProperty ; rdfs:label "district"@en , "行政區"@zh-Hant ; rdfs:range e:District .
e:near a owl:ObjectProperty ; rdfs:label "near"@en , "鄰近"@zh-Hant .
""" + "".join(f'e:{name} a owl:Class ; rdfs:label "{name}"@en , "{name}類"@zh-Hant .\n' for name in CLASSES)

SHAPES = f"""@prefix e: <{NAMESPACE}> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
e:CityShape a sh:NodeShape ; sh:targetClass e:City ; sh:property [ sh:path skos:prefLabel ; sh:minCount 1 ] .
"""

COLUMNS = (
    ("type", "rdf:type", {"valueUrl": NAMESPACE + "{type}"}),
    ("name_en", "skos:prefLabel", {"lang": "en"}),
    ("name_zh", "skos:prefLabel", {"lang": "zh-Hant"}),
    ("founded", f"{NAMESPACE}founded", {"datatype": "gYear"}),
    ("area", f"{NAMESPACE}area", {"datatype": "decimal"}),
    ("latitude", "http://www.w3.org/2003/01/geo/wgs84_pos#lat", {"datatype": "decimal"}),
    ("longitude", "http://www.w3.org/2003/01/geo/wgs84_pos#long", {"datatype": "decimal"}),
    ("district", f"{NAMESPACE}district", {"valueUrl": SPACE + "{+district}"}),
    ("near", f"{NAMESPACE}near", {"valueUrl": SPACE + "{+near}"}),
)


def make_project(folder: Path, things: int) -> None:
    """Write a project with a number of things, of which the first few are the districts."""
    number = pl.col("n")
    rows = pl.int_range(things, eager=True).alias("n").to_frame()
    kinds = pl.Series([*CLASSES]).gather(rows["n"] % len(CLASSES))
    is_district = number < DISTRICTS
    rows = rows.select(
        id=pl.format("thing/{}", number),
        type=pl.when(is_district).then(pl.lit("District")).otherwise(kinds),
        name_en=pl.format("Thing {}", number),
        name_zh=pl.format("事物 {}", number),
        founded=1900 + number % 120,
        area=pl.format("{}.5", number),
        latitude=(number % 179 - 89) / 1.5,
        longitude=(number % 359 - 179) / 1.5,
        district=pl.when(is_district).then(None).otherwise(pl.format("thing/{}", number % DISTRICTS)),
        near=pl.format("thing/{}", (number * 7 + 1) % things),
    )
    for name in ("data", "ontology", "shapes"):
        (folder / name).mkdir(parents=True)
    rows.write_csv(folder / "data" / "things.csv")
    columns = [{"name": "id", "titles": "id", "required": True, "suppressOutput": True}]
    columns += [{"name": name, "titles": name, "propertyUrl": of, **more} for name, of, more in COLUMNS]
    metadata = {
        "@context": "http://www.w3.org/ns/csvw",
        "@id": "https://data.example.org/dataset",
        "dc:title": "Made-up things",
        "dc:language": [{"@value": "en"}, {"@value": "zh-Hant"}],
        "void:uriSpace": {"@value": SPACE},
        "tables": [
            {"url": "things.csv", "tableSchema": {"aboutUrl": SPACE + "{+id}", "primaryKey": "id", "columns": columns}}
        ],
    }
    (folder / "data" / "csv-metadata.json").write_text(json.dumps(metadata, indent=1), "utf-8")
    (folder / "ontology" / "e.ttl").write_text(ONTOLOGY, "utf-8")
    (folder / "shapes" / "e.ttl").write_text(SHAPES, "utf-8")


def run(command: list[str], log: Path) -> tuple[float, float, float]:
    """Run a command; return its wall seconds, CPU seconds and largest resident set in MB. Exit code 1 is an answer."""
    start = time.perf_counter()
    with log.open("wb") as file:
        process = os.posix_spawn(
            command[0], command, os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, file.fileno(), n) for n in (1, 2)]
        )
        _, status, usage = os.wait4(process, 0)
    wall = time.perf_counter() - start
    if os.waitstatus_to_exitcode(status) not in {0, 1}:
        sys.exit(log.read_text("utf-8"))
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def main() -> None:
    """Print a row for each number of things and each run."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--things", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--formats", default="turtle,jsonld")
    parser.add_argument("--base-url", default="https://data.example.org/")
    parser.add_argument("--without", nargs="*", default=[])
    options = parser.parse_args()
    program = shutil.which("glocal", path=str(Path(sys.executable).parent))
    if program is None:
        sys.exit("install the package first: pip install .")
    print(f"Python {platform.python_version()}, polars {version('polars')}, {os.cpu_count()} cores; {options.formats}")
    print("| things | run | wall s | CPU s | memory MB | files | size MB | written |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    os.environ["GLOCAL_NO_CACHE"] = "1"
    with tempfile.TemporaryDirectory() as folder:
        for things in options.things:
            project, site, log = (Path(folder) / f"{name}{things}" for name in ("project", "site", "log"))
            make_project(project, things)
            command = [program, "publish", "--project", str(project), "-o", str(site), "--formats", options.formats]
            command += [
                "--base-url",
                options.base_url,
                *(word for one in options.without for word in ("--without", one)),
            ]
            for name in ("new", "again"):
                wall, cpu, memory = run(command, log)
                found = re.search(r": ([\d,]+) files, ([\d,]+) new", log.read_text("utf-8"))
                files, written = found.groups() if found else ("?", "?")
                size = sum(path.stat().st_size for path in site.rglob("*") if path.is_file()) / 1e6
                row = (
                    f"{things:,}",
                    name,
                    f"{wall:.0f}",
                    f"{cpu:.0f}",
                    f"{memory:,.0f}",
                    files,
                    f"{size:,.0f}",
                    written,
                )
                print(f"| {' | '.join(row)} |", flush=True)
            shutil.rmtree(site)


if __name__ == "__main__":
    main()
