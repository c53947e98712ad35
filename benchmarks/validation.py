"""Measures SHACL validation: our engine against others, whole processes, on generated data of cities and networks.

    python benchmarks/validation.py --triples 10000 100000 1000000
    python benchmarks/validation.py --triples 1000000 --peer pyshifty=PYTHON --peer pyrudof=PYTHON
    python benchmarks/validation.py --triples 1000000 --peer jena=shacl --peer topbraid=shaclvalidate.sh
    python benchmarks/validation.py --triples 10000000 --only columns --runs 1
    python benchmarks/validation.py --workload catalogue --triples 1000000 --peer shacl-rust=PYTHON

where PYTHON is the interpreter of an environment that has the engine. Jena and TopBraid are commands of one's own
installation: `shacl` of Apache Jena, `shaclvalidate.sh` of TopBraid SHACL, with arguments if need be
(`--peer 'jena=java -Xmx8g -cp JARS shacl.shacl'`). Each engine runs in a process of its own, in turn, `--runs` times;
the table gives medians of wall time and CPU time, and the largest memory. There are two workloads: `cities` (twelve
shapes of SHACL Core and two of SPARQL; the lines are sorted by predicate), and `catalogue` (`catalogue.py`).
The data either conform or hold mistakes in about 1 % of the things; every engine should report the same number of
results, and the table shows what each does. pySHACL is asked up to `--pyshacl-limit` triples.
"""

from __future__ import annotations

import argparse
import json
import platform
import shlex
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import catalogue
import polars as pl

ROOT = Path(__file__).parents[1]
EX = "http://example.org/"
SH = "http://www.w3.org/ns/shacl#"

SHAPES = """
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix ex: <http://example.org/> .
ex:CityLabels a sh:NodeShape ; sh:targetClass ex:City ;
    sh:property [ sh:path ex:label ; sh:minCount 1 ; sh:uniqueLang true ; sh:minLength 1 ;
        sh:languageIn ( "en" "zh" ) ] .
ex:CityPopulation a sh:NodeShape ; sh:targetClass ex:City ;
    sh:property [ sh:path ex:population ; sh:maxCount 1 ; sh:datatype xsd:integer ; sh:minInclusive 0 ] .
ex:CityCountry a sh:NodeShape ; sh:targetClass ex:City ;
    sh:property [ sh:path ex:country ; sh:minCount 1 ; sh:maxCount 1 ; sh:nodeKind sh:IRI ; sh:class ex:Country ] .
ex:CityCode a sh:NodeShape ; sh:targetClass ex:City ;
    sh:property [ sh:path ex:code ; sh:pattern "^[A-Z]{3}-[0-9]+$" ; sh:minCount 1 ; sh:datatype xsd:string ] .
ex:NetworkStatus a sh:NodeShape ; sh:targetClass ex:Network ;
    sh:property [ sh:path ex:status ; sh:in ( "active" "dormant" "merged" ) ; sh:minCount 1 ] .
ex:NetworkFounded a sh:NodeShape ; sh:targetClass ex:Network ;
    sh:property [ sh:path ex:founded ; sh:datatype xsd:date ; sh:maxCount 1 ] .
ex:NetworkUrl a sh:NodeShape ; sh:targetClass ex:Network ;
    sh:property [ sh:path ex:url ; sh:nodeKind sh:IRI ; sh:pattern "^https?://" ] .
ex:NetworkSeat a sh:NodeShape ; sh:targetClass ex:Network ;
    sh:property [ sh:path ex:seat ; sh:minCount 1 ; sh:class ex:City ; sh:node ex:HasCode ] .
ex:HasCode a sh:NodeShape ; sh:property [ sh:path ex:code ; sh:minCount 1 ] .
ex:NetworkMembers a sh:NodeShape ; sh:targetClass ex:Network ;
    sh:property [ sh:path [ sh:inversePath ex:organization ] ; sh:minCount 1 ; sh:class ex:Membership ] .
ex:MembershipClosed a sh:NodeShape ; sh:targetClass ex:Membership ;
    sh:closed true ; sh:ignoredProperties ( rdf:type ) ;
    sh:property [ sh:path ex:member ; sh:class ex:City ; sh:minCount 1 ] ;
    sh:property [ sh:path ex:organization ; sh:class ex:Network ; sh:minCount 1 ] ;
    sh:property [ sh:path ex:start ] ; sh:property [ sh:path ex:end ] .
ex:MembershipDates a sh:NodeShape ; sh:targetClass ex:Membership ;
    sh:property [ sh:path ex:start ; sh:lessThanOrEquals ex:end ; sh:datatype xsd:date ] .
ex:EventPlace a sh:NodeShape ; sh:targetSubjectsOf ex:theme ;
    sh:or ( [ sh:property [ sh:path ex:location ; sh:minCount 1 ] ]
            [ sh:property [ sh:path ex:online ; sh:hasValue true ] ] ) .
ex:NetworkParent a sh:NodeShape ; sh:targetClass ex:Network ;
    sh:sparql [ sh:select \"\"\"SELECT $this ?value WHERE {
        $this <http://example.org/parent> ?value . FILTER (?value = $this) }\"\"\" ] .
ex:CityCodeOnce a sh:NodeShape ; sh:targetClass ex:City ;
    sh:sparql [ sh:select \"\"\"SELECT DISTINCT $this WHERE {
        $this <http://example.org/code> ?code . ?other <http://example.org/code> ?code .
        FILTER (?other != $this) }\"\"\" ] .
"""


def generate(triples: int, mistakes: bool) -> pl.DataFrame:
    """Make about as many triples as asked for: cities (8 each), networks (7), memberships (5) and events (4)."""
    units = max(10, triples // 67)
    rdf_type = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
    parts: list[pl.DataFrame] = []

    def each(count: int) -> pl.DataFrame:
        return pl.DataFrame({"i": pl.int_range(count, eager=True)})

    def iri(kind: str, number: pl.Expr) -> pl.Expr:
        return pl.concat_str(pl.lit(f"<{EX}{kind}/"), number.cast(pl.String), pl.lit(">"))

    def say(frame: pl.DataFrame, subject: pl.Expr, predicate: str, obj: pl.Expr) -> None:
        name = rdf_type if predicate == "type" else f"<{EX}{predicate}>"
        parts.append(frame.select(subject=subject, predicate=pl.lit(name), object=obj).drop_nulls())

    def wrong(nth: int, right: pl.Expr, instead: pl.Expr | None) -> pl.Expr:
        """Put a mistake in the place of every hundredth, at a place of its own for each kind of mistake."""
        if not mistakes:
            return right
        return pl.when(pl.col("i") % 100 != nth).then(right).otherwise(instead if instead is not None else pl.lit(None))

    def typed(text: pl.Expr, name: str) -> pl.Expr:
        return pl.concat_str(pl.lit('"'), text, pl.lit(f'"^^<http://www.w3.org/2001/XMLSchema#{name}>'))

    def quoted(*text: pl.Expr, tag: str = "") -> pl.Expr:
        return pl.concat_str(pl.lit('"'), *text, pl.lit('"' + tag))

    i = pl.col("i")
    countries = each(50)
    say(countries, iri("country", i), "type", pl.lit(f"<{EX}Country>"))
    cities, city = each(units * 3), iri("city", i)
    say(cities, city, "type", pl.lit(f"<{EX}City>"))
    say(
        cities,
        city,
        "label",
        wrong(1, quoted(pl.lit("City "), i.cast(pl.String), tag="@en"), quoted(pl.lit("Ville"), tag="@fr")),
    )
    say(cities, city, "label", quoted(pl.lit("城市 "), i.cast(pl.String), tag="@zh"))
    say(
        cities,
        city,
        "population",
        wrong(2, typed((i * 37 + 1000).cast(pl.String), "integer"), typed(pl.lit("many"), "integer")),
    )
    say(cities, city, "country", wrong(3, iri("country", i % 50), iri("nowhere", i)))
    say(
        cities,
        city,
        "code",
        wrong(4, quoted(pl.lit("ABC-"), i.cast(pl.String)), quoted(pl.lit("abc "), i.cast(pl.String))),
    )
    say(cities, city, "area", typed(pl.concat_str((i % 900).cast(pl.String), pl.lit(".50")), "decimal"))
    say(cities, city, "twin", iri("city", (i * 7 + 1) % (units * 3)))
    networks, network = each(units), iri("network", i)
    say(networks, network, "type", pl.lit(f"<{EX}Network>"))
    say(networks, network, "status", wrong(5, pl.lit('"active"'), pl.lit('"lively"')))
    year = (i % 100 + 1900).cast(pl.String)
    say(
        networks,
        network,
        "founded",
        wrong(6, typed(pl.concat_str(year, pl.lit("-05-06")), "date"), typed(pl.lit("1990-02-30"), "date")),
    )
    say(
        networks,
        network,
        "url",
        wrong(7, pl.concat_str(pl.lit("<https://example.org/n"), i.cast(pl.String), pl.lit("/>")), pl.lit('"n.org"')),
    )
    say(networks, network, "seat", wrong(8, iri("city", i * 3), None))
    say(networks, network, "parent", wrong(9, iri("network", (i + 1) % units), network))
    say(networks, network, "label", quoted(pl.lit("Network "), i.cast(pl.String), tag="@en"))
    members, member = each(units * 6), iri("membership", i)
    say(members, member, "type", pl.lit(f"<{EX}Membership>"))
    say(members, member, "member", wrong(10, iri("city", i % (units * 3)), iri("country", i % 50)))
    say(members, member, "organization", iri("network", i % units))
    say(members, member, "start", typed(pl.concat_str((i % 50 + 1950).cast(pl.String), pl.lit("-01-01")), "date"))
    say(
        members,
        member,
        "end",
        wrong(
            11,
            typed(pl.concat_str((i % 20 + 2001).cast(pl.String), pl.lit("-12-31")), "date"),
            typed(pl.lit("1940-01-01"), "date"),
        ),
    )
    if mistakes:
        say(members.filter(i % 100 == 12), member, "note", pl.lit('"stray"'))
    events, event = each(units), iri("event", i)
    say(events, event, "theme", quoted(pl.lit("theme "), (i % 40).cast(pl.String)))
    say(events, event, "location", wrong(13, iri("city", i), None))
    say(events, event, "visitors", typed((i % 5000).cast(pl.String), "integer"))
    say(events, event, "organizer", network)
    return pl.concat(parts)


WORKLOADS = {"cities": (SHAPES, generate), "catalogue": (catalogue.SHAPES, catalogue.generate)}
"""The shapes of each workload, and what makes its data."""

ENGINES = {
    "columns": """
import json, sys
from pathlib import Path
from glocal_rdf.shacl import validate
from glocal_rdf.triples import Triples
report = validate(Triples.read(Path(sys.argv[1])), Triples.read(Path(sys.argv[2])))
print(json.dumps([report.conforms, report.total]))
""",
    "bounded": """
import json, os, sys
os.environ["_RJEM_MALLOC_CONF"] = "dirty_decay_ms:200,muzzy_decay_ms:0"
from glocal_rdf import validate
report = validate(sys.argv[1], shapes=sys.argv[2], max_memory=1 << 30)
print(json.dumps([report.conforms, report.total]))
""",
    "pyshacl": """
import json, sys, logging
import rdflib, pyshacl
rdflib.NORMALIZE_LITERALS = False
logging.disable(logging.CRITICAL)
data, shapes = rdflib.Graph().parse(sys.argv[1]), rdflib.Graph().parse(sys.argv[2])
conforms, report, _ = pyshacl.validate(data, shacl_graph=shapes, inplace=True)
print(json.dumps([conforms, len(list(report.objects(None, rdflib.URIRef("http://www.w3.org/ns/shacl#result"))))]))
""",
    "pyshifty": """
import json, sys
from pathlib import Path
import rdflib, shifty
conforms, report, _ = shifty.validate(Path(sys.argv[1]), Path(sys.argv[2]), infer=False, sort_results=False)
print(json.dumps([conforms, len(list(report.objects(None, rdflib.URIRef("http://www.w3.org/ns/shacl#result"))))]))
""",
    "pyrudof": """
import json, sys
import pyrudof
rudof = pyrudof.Rudof(pyrudof.RudofConfig())
rudof.read_data(sys.argv[1], pyrudof.RDFFormat.NTriples)
rudof.read_shacl(sys.argv[2], pyrudof.ShaclFormat.Turtle)
report = rudof.validate_shacl()
print(json.dumps([report.conforms, len(report)]))
""",
    "pyshacl-turbo": """
import json, sys
import pyshacl_turbo, rdflib
conforms, report, _ = pyshacl_turbo.validate(sys.argv[1], shacl_graph=sys.argv[2])
print(json.dumps([conforms, len(list(report.objects(None, rdflib.URIRef("http://www.w3.org/ns/shacl#result"))))]))
""",
    "shacl": """
import json, sys
import shacl
report = shacl.Shapes.from_file(sys.argv[2]).validate_file(sys.argv[1])
print(json.dumps([report.conforms, len(report)]))
""",
    "shacl-rust": """
import json, sys
import shacl_rust
report = shacl_rust.validate_file(sys.argv[1], sys.argv[2], experimental_index=True)
print(json.dumps([report["conforms"], len(report["results"])]))
""",
}


COMMANDS = {
    "jena": ["validate", "--data", "{data}", "--shapes", "{shapes}"],
    "topbraid": ["-datafile", "{data}", "-shapesfile", "{shapes}"],
}
"""Engines that are commands: their arguments. They write the report as Turtle."""


def run_engine(engine: str, command: str, data: Path, shapes: Path, limit: float) -> dict[str, float | str]:
    """Run one engine in a process of its own; give wall and CPU seconds, memory in MB, and what it reports."""
    if engine in COMMANDS:
        arguments = [part.format(data=data, shapes=shapes) for part in COMMANDS[engine]]
        words = [*shlex.split(command), *arguments]
    else:
        words = [command, "-c", ENGINES[engine], str(data), str(shapes)]
    start = time.perf_counter()
    with subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT, text=True, encoding="utf-8"
    ) as process:
        try:
            out, errors = process.communicate(timeout=limit)
        except subprocess.TimeoutExpired:
            process.kill()
            return {"said": f"over {limit:g} s"}
    wall = time.perf_counter() - start
    # Some commands tell by their exit code that data do not conform.
    if "ValidationReport" in out if engine in COMMANDS else process.returncode == 0:
        return {"wall": wall, "said": count_results(out) if engine in COMMANDS else out.strip().splitlines()[-1]}
    return {"wall": wall, "said": (errors.strip().splitlines() or ["?"])[-1][:80]}


def count_results(report: str) -> str:
    """Read a report in Turtle and say what the other engines say: whether the data conform, and how many results."""
    from glocal_rdf.triples import Triples  # noqa: PLC0415 - what measures itself imports nothing more

    graph = Triples.parse(report, "turtle")
    conforms = any(o.startswith('"true"') for _, _, o in graph.match(predicate=f"<{SH}conforms>"))
    return json.dumps([conforms, len(graph.match(predicate=f"<{SH}result>"))])


def measured(engine: str, command: str, data: Path, shapes: Path, limit: float) -> dict[str, float | str]:
    """Run one engine in a child that does nothing else, so that its CPU time and memory can be told apart."""
    code = (
        "import json, resource, sys; sys.path[:0] = [sys.argv[1], sys.argv[1] + '/..']\n"
        "from pathlib import Path; import validation as v\n"
        "r = v.run_engine(sys.argv[2], sys.argv[3], Path(sys.argv[4]), Path(sys.argv[5]), float(sys.argv[6]))\n"
        "u = resource.getrusage(resource.RUSAGE_CHILDREN)\n"
        "print(json.dumps({**r, 'cpu': u.ru_utime + u.ru_stime, 'memory': u.ru_maxrss / 1024}))"
    )
    arguments = [str(Path(__file__).parent), engine, command, str(data), str(shapes), str(limit)]
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True)
    answer: dict[str, float | str] = json.loads(done.stdout.strip().splitlines()[-1])
    return answer


def main() -> None:
    """Print a table: engine by size, medians of seconds, memory, results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--triples", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--workload", choices=WORKLOADS, default="cities")
    parser.add_argument("--peer", action="append", default=[], metavar="ENGINE=COMMAND")
    parser.add_argument("--only", action="append", metavar="ENGINE", help="leave the other engines out")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--limit", type=float, default=900.0, help="seconds that one run may take")
    parser.add_argument("--pyshacl-limit", type=int, default=100_000, help="largest number of triples for pySHACL")
    given = parser.parse_args()
    engines = {"columns": sys.executable, "pyshacl": sys.executable, **dict(p.split("=", 1) for p in given.peer)}
    unknown = set(engines) - set(ENGINES) - set(COMMANDS)
    if unknown:
        parser.error(f"{', '.join(sorted(unknown))}: no such engine; there are {', '.join([*ENGINES, *COMMANDS])}")
    if given.only:
        engines = {name: command for name, command in engines.items() if name in given.only}
    print(f"Python {platform.python_version()}, {platform.machine()}, medians of {given.runs}\n")
    print("| triples | data | engine | wall s | CPU s | peak MB | conforms, results |")
    print("| ---: | --- | --- | ---: | ---: | ---: | --- |")
    with tempfile.TemporaryDirectory() as folder:
        shapes = Path(folder) / "shapes.ttl"
        shapes_text, generate_data = WORKLOADS[given.workload]
        shapes.write_text(shapes_text, encoding="utf-8")
        for size in given.triples:
            for mistakes in (False, True):
                data = Path(folder) / "data.nt"
                frame = generate_data(size, mistakes)
                line = pl.concat_str("subject", pl.lit(" "), "predicate", pl.lit(" "), "object", pl.lit(" ."))
                frame.select(line).write_csv(data, include_header=False, quote_style="never")
                triples = frame.height
                del frame
                kind = "1 % mistakes" if mistakes else "conform"
                wanted = {n: p for n, p in engines.items() if n != "pyshacl" or size <= given.pyshacl_limit}
                rounds = [
                    {n: measured(n, p, data, shapes, given.limit) for n, p in wanted.items()} for _ in range(given.runs)
                ]
                for name in wanted:
                    runs = [r[name] for r in rounds]
                    walls = [float(r["wall"]) for r in runs if "wall" in r]
                    wall = f"{statistics.median(walls):.2f}" if walls else "-"
                    cpu = statistics.median(float(r["cpu"]) for r in runs)
                    memory = max(float(r["memory"]) for r in runs)
                    said = ", ".join(dict.fromkeys(str(r["said"]) for r in runs))
                    print(
                        f"| {triples:,} | {kind} | {name} | {wall} | {cpu:.2f} | {memory:.0f} | {said} |",
                        flush=True,
                    )


if __name__ == "__main__":
    main()
