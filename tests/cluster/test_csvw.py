"""Tables in parts on a cluster: the triples, problems and accounts of one machine, wherever the file is cut."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from cluster.conftest import read_joined

from glocal_rdf import csvw
from glocal_rdf.cluster import Cluster
from glocal_rdf.csvw.metadata.model import Dialect
from glocal_rdf.csvw.parts.cutting import Block, choose_parts, scan_block
from glocal_rdf.csvw.results import Mode
from glocal_rdf.errors import GlocalError
from glocal_rdf.operations.cluster_csvw import ClusterConversion, convert_tables

QUOTED = b'id,text\n1,"a\nb"\n2,"c ""d"" \n\n,e"\n3,f\n4,"\r\n"\n5,g\n'
HOSTILE = {
    "quotes": QUOTED,
    "crlf": QUOTED.replace(b"\n", b"\r\n"),
    "bom": b"\xef\xbb\xbf" + QUOTED,
    "no last newline": QUOTED.rstrip(b"\n"),
    "stray quotes": b'id,text\n1,a "b" c\n2,"d"e\n3,"f\ng"\n4,5" pipe\n5,h\n6,i\n',
    "blank lines": b"id,text\n\n1,a\n\n\n2,b\n3,c\n\n\n",
    "blank and comments": b"id,text\n1,a\n\n#c\n\n2,b\n#d\n",
    "wrong widths": b"id,text\n1\n2,a,b\n3,c\n4,d,\n5,e\n",
    "all rows wrong": b"id,text\n1,a,b\n2,c,d\n3,e,f\n",
    "never closes": b'id,text\n1,a\n2,"b\n3,c\n4,d\n',
    "byte order mark inside": b"id,text\n\xef\xbb\xbf1,a\n\xef\xbb\xbf2,b\n",
    "not utf-8": b"id,text\n1,a\n2,b\xff\n3,c\n",
    "nul": b"id,text\n1,a\n2,\0\n3,c\n",
    "utf-16": "id,text\n1,a\n2,b\n".encode("utf-16"),
    "gzip": b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xcbL\xd1)I\xad(\xe12\xd4I\xe42\xd2I\xe2\x02\x00",
    "empty": b"",
    "header alone": b"id,text\n",
    "one record": b'id,text\n1,"a\nb"',
    "long record": b'id,text\n1,"' + b"x\n" * 500 + b'"\n2,b\n',
    "wide": "id,text\n1,é漢字\n2,\u2028\n3,\u0085\n".encode(),
}
DIALECTS = {"blank and comments": {"commentPrefix": "#"}, "blank lines skipped": {"skipBlankRows": True}}
HOSTILE["blank lines skipped"] = b'id,text\n\n1,a\n,\n"",""\n2,b\n3,c\n\n'


def describe(folder: Path, data: bytes, dialect: dict[str, object], **schema: object) -> Path:
    """Write a table with its description."""
    (folder / "t.csv").write_bytes(data)
    columns = [{"name": "id", "titles": "id"}, {"name": "text", "titles": "text"}]
    table = {"url": "t.csv", "tableSchema": {"columns": columns, **schema}, "dialect": dialect}
    file = folder / "t.csv-metadata.json"
    file.write_text(json.dumps({"@context": "http://www.w3.org/ns/csvw", **table}))
    return file


def convert_both(
    cluster: Cluster, source: Path, out: Path, *, size: int = 1
) -> tuple[csvw.Conversion, ClusterConversion]:
    """Convert on one machine and on a cluster, cut wherever a record begins."""
    base = "https://example.org/t/"
    one = csvw.convert(str(source), base=base + source.name)
    many = convert_tables(
        cluster, str(source), str(out), base=base + source.name, range_size=size, max_tasks=2, partitions=2
    )
    return one, many


def refuse(source: Path) -> GlocalError | None:
    """Return the error that one machine ends with, if it does."""
    try:
        csvw.convert(str(source), base="https://example.org/t/" + source.name)
    except GlocalError as error:
        return error
    return None


def compare(one: csvw.Conversion, many: ClusterConversion, out: Path) -> None:
    """Check that two conversions have the same triples, problems and accounts."""
    assert read_joined(out) == one.triples.sort().serialize("ntriples")
    assert Counter(map(str, many.problems)) == Counter(map(str, one.problems))
    assert many.accounts == one.accounts


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_blocks_join_to_the_records_of_the_file(name: str, size: int) -> None:
    """Each part that is cut begins where a record does: read part by part, the rows are those of the whole."""
    data = HOSTILE[name].removeprefix(b"\xef\xbb\xbf")
    dialect = Dialect(comment_prefix="#") if name in DIALECTS else Dialect()
    starts = [0, *(at + 1 for at, byte in enumerate(data) if byte == 10 and at + 1 < len(data))]
    chosen = [at for number, at in enumerate(starts) if number % size == 0]
    blocks = [scan_block(data[a:b], a, dialect) for a, b in zip(chosen, [*chosen[1:], len(data)], strict=True)]
    if None in blocks:
        assert name in {"not utf-8", "nul", "utf-16", "gzip"}
        return
    whole = [block for block in blocks if block is not None]
    parts = choose_parts(whole, size=len(data), body=data.find(b"\n") + 1, line=1, width=2)
    assert b"".join(data[part.start : part.stop] for part in parts) == data
    assert [part.line for part in parts] == [data.count(b"\n", 0, part.start) + 1 for part in parts]
    if name in {"quotes", "crlf", "bom"} and size == 1:
        assert [data[part.start : part.start + 1] for part in parts] == [b"i", b"2", b"3", b"4", b"5"]


def test_a_block_inside_a_cell_is_seen_in_both_cases() -> None:
    assert scan_block(b'b"\n2,c\n', 5, Dialect()) == Block(2, (False, False), ((5, 0), (8, 1)))


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_hostile_files_give_what_one_machine_gives(cluster: Cluster, tmp_path: Path, name: str) -> None:
    source = describe(tmp_path, HOSTILE[name], DIALECTS.get(name, {}))
    out = tmp_path / "out"
    failed = refuse(source)
    if failed is not None:
        with pytest.raises(type(failed)) as caught:
            convert_both(cluster, source, out)
        assert str(caught.value) == str(failed)
    else:
        compare(*convert_both(cluster, source, out), out)
    left = {path.name for path in tmp_path.iterdir()} - {"t.csv", "t.csv-metadata.json"}
    assert left == (set() if failed else {"out"})


def test_rows_keys_and_subjects_are_those_of_one_machine(cluster: Cluster, tmp_path: Path) -> None:
    """Numbers of rows in labels, repeated and dangling keys, values of the wrong type: all by line and column."""
    cities = "id,name,size\n" + "".join(f"{n % 40:03},City {n},{n if n % 7 else 'x'}\n" for n in range(60))
    trips = "city,note\n" + "".join(f'{n},"trip\n{n}"\n' for n in range(45))
    (tmp_path / "cities.csv").write_text(cities)
    (tmp_path / "trips.csv").write_text(trips)
    number = {"base": "integer"}
    tables = [
        {
            "url": "cities.csv",
            "tableSchema": {
                "columns": [
                    {"name": "id", "titles": "id", "datatype": number},
                    {"name": "name", "titles": "name"},
                    {"name": "size", "titles": "size", "datatype": number},
                ],
                "primaryKey": "id",
                "aboutUrl": "https://example.org/city/{id}",
            },
        },
        {
            "url": "trips.csv",
            "tableSchema": {
                "columns": [
                    {"name": "city", "titles": "city", "datatype": number},
                    {"name": "note", "titles": "note", "separator": "i", "ordered": True},
                ],
                "foreignKeys": [
                    {"columnReference": "city", "reference": {"resource": "cities.csv", "columnReference": "id"}}
                ],
            },
        },
    ]
    source = tmp_path / "csv-metadata.json"
    source.write_text(json.dumps({"@context": "http://www.w3.org/ns/csvw", "tables": tables}))
    one, many = convert_both(cluster, source, tmp_path / "out", size=100)
    compare(one, many, tmp_path / "out")
    kinds = Counter(problem.kind for problem in many.problems)
    assert kinds["primary-key"] == 20
    assert kinds["foreign-key"] == 25
    assert any("is not an id in cities.csv" in problem.what for problem in many.problems)
    assert kinds["datatype"] > 5


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["minimal", "standard"])
def test_a_table_without_a_description_is_one_with_it(cluster: Cluster, tmp_path: Path, mode: Mode) -> None:
    (tmp_path / "t.csv").write_bytes(QUOTED)
    source = str(tmp_path / "t.csv")
    one = csvw.convert(source, mode=mode, base="https://example.org/t.csv")
    many = convert_tables(
        cluster, source, str(tmp_path / "out"), mode=mode, base="https://example.org/t.csv", range_size=4, max_tasks=2
    )
    compare(one, many, tmp_path / "out")
