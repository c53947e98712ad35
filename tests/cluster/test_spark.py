"""Tables and graphs on Apache Spark with two worker processes: the bytes of one machine, also when a worker is killed.

The forty cases of the W3C that run in every gate, and not in the long run alone, are those that a cluster can do wrong:
what is put together from several tasks, tables and steps.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from cluster.conftest import read_joined
from cluster.spark import kill_first
from cluster.test_graphs import convert, make_lines
from cluster.test_w3c import check_case, list_cases
from w3c_suites import CsvwCase

from glocal_rdf import csvw
from glocal_rdf.cluster import Cluster
from glocal_rdf.operations import cluster_csvw, cluster_graphs
from glocal_rdf.operations.cluster_csvw import convert_tables
from glocal_rdf.triples import Triples

pytestmark = pytest.mark.timeout(900)

DATA = Path(__file__).parent.parent.parent / "data" / "csv-metadata.json"
FORTY = {
    "several tables": "028 029 030 033 034 035 037",
    "primary and foreign keys": "011 027 101 231 232 233 234 235",
    "lists and blank nodes": "008 228 230 305 306 307",
    "numbers of rows and headers": "010 023 068 071 126 132 149",
    "descriptions elsewhere": "015 018 118 273",
    "values, and warnings with their places": "040 155 157 170 183 188 204 248",
}
EVERYWHERE = {f"test{number}" for numbers in FORTY.values() for number in numbers.split()}
DESCRIPTION = """{"@context": "http://www.w3.org/ns/csvw", "url": "towns.csv", "tableSchema": {"primaryKey": "id",
 "aboutUrl": "https://example.org/{id}", "columns": [
  {"name": "id", "titles": "id", "datatype": "integer", "propertyUrl": "https://example.org/number"},
  {"name": "name", "titles": "name", "lang": "en", "propertyUrl": "https://example.org/name"},
  {"name": "parts", "titles": "parts", "separator": ";", "propertyUrl": "https://example.org/part"},
  {"virtual": true, "propertyUrl": "rdf:type", "valueUrl": "https://example.org/Town"}]}}"""


@pytest.fixture(scope="module")
def towns(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A described table of 20,001 rows, of which two have the same key: 100,000 triples."""
    folder = tmp_path_factory.mktemp("towns")
    rows = [f'{n},"Town\n{n}",a;b{n % 7}' for n in range(20_000)]
    (folder / "towns.csv").write_text("\n".join(["id,name,parts", *rows, "7,Again,a"]) + "\n", encoding="utf-8")
    (folder / "towns.csv-metadata.json").write_text(DESCRIPTION, encoding="utf-8")
    return folder / "towns.csv"


def check_towns(cluster: Cluster, towns: Path, out: Path, partitions: int) -> None:
    """Convert the table on a cluster, and compare triples, problems and accounts with those of one machine."""
    made = convert_tables(cluster, str(towns), str(out), range_size=100_000, partitions=partitions)
    one = csvw.convert(str(towns))
    assert len(one.triples) > 100_000
    assert read_joined(out) == one.triples.sort().serialize("ntriples")
    assert len(list(out.glob("part-*"))) == partitions
    assert list(map(str, made.problems)) == list(map(str, one.problems))
    assert made.problems
    assert made.accounts == one.accounts


@pytest.mark.slow
def test_a_hundred_thousand_triples_of_a_table_are_the_same_in_seven_parts(
    on_spark: Cluster, towns: Path, tmp_path: Path
) -> None:
    check_towns(on_spark, towns, tmp_path / "out", 7)


@pytest.mark.long
def test_the_dataset_is_the_same(on_spark: Cluster, tmp_path: Path) -> None:
    made = convert_tables(on_spark, str(DATA), str(tmp_path / "out"), range_size=200_000, partitions=4)
    one = csvw.convert(str(DATA))
    assert read_joined(tmp_path / "out") == one.triples.sort().serialize("ntriples")
    assert made.accounts == one.accounts
    assert sorted(map(str, made.problems)) == sorted(map(str, one.problems))


@pytest.mark.parametrize(
    ("form", "partitions"),
    [
        pytest.param(form, count, marks=pytest.mark.slow if (form, count) == ("turtle", 7) else pytest.mark.long)
        for form in ("ntriples", "turtle")
        for count in (1, 7, 64)
    ],
)
def test_parts_joined_are_the_bytes_of_one_machine(
    on_spark: Cluster, tmp_path: Path, form: str, partitions: int
) -> None:
    source = tmp_path / "large.nt"
    source.write_text(make_lines(100_000))
    graph = Triples.read(source)
    convert(on_spark, source, tmp_path / "out", form, partitions, size=4_000_000)
    assert read_joined(tmp_path / "out") == (graph.sort() if form == "ntriples" else graph).serialize(form)


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, id=case.name, marks=pytest.mark.slow if case.name in EVERYWHERE else pytest.mark.long)
        for case in list_cases()
    ],
)
def test_case(on_spark: Cluster, case: CsvwCase, tmp_path: Path) -> None:
    check_case(on_spark, case, tmp_path / "out")


@pytest.mark.slow
@pytest.mark.skipif(not list_cases(), reason="the W3C's suite is not here")
def test_forty_cases_run_in_every_gate() -> None:
    assert len(EVERYWHERE & {case.name for case in list_cases()}) == 40


@pytest.mark.slow
def test_a_worker_that_is_killed_while_tables_are_converted_changes_nothing(
    on_spark: Cluster, towns: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark = tmp_path / "killed"
    monkeypatch.setattr(cluster_csvw, "convert_part", kill_first(cluster_csvw.convert_part, mark))
    check_towns(on_spark, towns, tmp_path / "out", 4)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["killed", "out"]


@pytest.mark.long
def test_a_worker_that_is_killed_while_parts_are_written_changes_nothing(
    on_spark: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, mark = tmp_path / "large.nt", tmp_path / "killed"
    source.write_text(make_lines(200_000))
    monkeypatch.setattr(cluster_graphs, "_make_part", kill_first(cluster_graphs._make_part, mark))
    convert(on_spark, source, tmp_path / "out", "ntriples", 8, size=1_000_000)
    assert read_joined(tmp_path / "out") == Triples.read(source).sort().serialize("ntriples")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["killed", "large.nt", "out"]
