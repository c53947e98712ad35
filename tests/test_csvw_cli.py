"""`glocal csvw` describes, checks and converts tables, and asks the network only when told to."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from urllib.error import HTTPError

import pytest
from click.testing import CliRunner

from glocal_rdf.cli.csvw import command
from glocal_rdf.errors import EndpointError, InputError


def test_the_command_describes_checks_and_converts(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("id,n\na,1\nb,2\n")
    table, run = str(tmp_path / "t.csv"), CliRunner().invoke
    assert run(command, ["--describe", table, "-o", f"{table}-metadata.json"]).exit_code == 0
    assert run(command, ["--check", table]).exit_code == 0
    result = run(command, [table, "--base", "http://e.org/t.csv", "-f", "ntriples"])
    assert (result.exit_code, len(result.stdout.splitlines())) == (0, 4)
    assert (
        '<http://e.org/t.csv#a> <http://e.org/t.csv#n> "1"^^<http://www.w3.org/2001/XMLSchema#integer> .'
        in result.stdout
    )
    streamed = tmp_path / "out.nt"
    assert run(command, [table, "--base", "http://e.org/t.csv", "--stream", "-o", str(streamed)]).exit_code == 0
    assert sorted(streamed.read_text().splitlines()) == sorted(result.stdout.splitlines())


def test_check_tells_errors_as_text_json_and_annotations(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("id,n\na,1\nb,x\n")
    columns = [{"name": "id", "titles": "id"}, {"name": "n", "titles": "n", "datatype": "integer"}]
    (tmp_path / "t.csv-metadata.json").write_text(
        json.dumps({"@context": "http://www.w3.org/ns/csvw", "url": "t.csv", "tableSchema": {"columns": columns}})
    )
    table, run = str(tmp_path / "t.csv"), CliRunner().invoke
    text = run(command, ["--check", table])
    assert (text.exit_code, text.stdout) == (1, "")
    assert text.stderr.splitlines() == [
        f"{table}:3: n: 'x' is not a whole number (xsd:integer); write digits only",
        "rows: 2 read, 2 checked; 1 cell is not of the datatype",
    ]
    as_json = run(command, ["--check", "--json", table])
    report = json.loads(as_json.stdout)
    [problem] = report["problems"]
    assert (report["accounts"]["total"]["read"], as_json.stderr) == (2, "")
    assert (problem["file"], problem["row"], problem["column"], problem["value"]) == (table, 3, "n", "x")
    annotations = run(command, ["--check", "--github", table])
    assert (
        annotations.stdout
        == f"::error file={table},line=3::n: 'x' is not a whole number (xsd:integer); write digits only\n"
    )


def test_a_stream_is_packed_and_whole_or_not_there(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("id\na\n")
    (tmp_path / "bad.csv").write_text('id\n"a\n')
    run = CliRunner().invoke
    assert run(command, [str(tmp_path / "t.csv"), "--stream", "-o", str(tmp_path / "out.nt.gz")]).exit_code == 0
    assert gzip.decompress((tmp_path / "out.nt.gz").read_bytes()).count(b"\n") == 1
    failed = run(command, [str(tmp_path / "bad.csv"), "--stream", "-o", str(tmp_path / "bad.nt")])
    assert isinstance(failed.exception, InputError)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["bad.csv", "out.nt.gz", "t.csv"]


ANSWERS = {
    "http://e.org/t.csv": (b"id,n\na,1\n", {"link": '<m.json>; rel="describedby"; type="application/csvm+json"'}),
    "http://e.org/m.json": (
        json.dumps(
            {
                "@context": "http://www.w3.org/ns/csvw",
                "url": "t.csv",
                "tableSchema": {"columns": [{"titles": "id"}, {"titles": "n", "datatype": "integer"}]},
            }
        ).encode(),
        {},
    ),
}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    addresses: list[str] = []

    def fetch(address: str, **_: object) -> tuple[bytes, dict[str, str]]:
        addresses.append(address)
        if address not in ANSWERS:
            missing = HTTPError(address, 404, "Not Found", None, None)  # type: ignore[arg-type]
            missing.close()
            raise EndpointError.at(address, "answered 404") from missing
        return ANSWERS[address]

    monkeypatch.setattr("glocal_rdf.endpoint.fetch", fetch)
    return addresses


def test_remote_tables_are_fetched_when_asked_for(asked: list[str]) -> None:
    result = CliRunner().invoke(command, ["http://e.org/t.csv", "--remote", "-f", "ntriples"])
    assert (result.exit_code, asked[-1]) == (0, "http://e.org/t.csv")
    assert "http://e.org/m.json" in asked
    assert '<http://e.org/t.csv#n> "1"^^<http://www.w3.org/2001/XMLSchema#integer> .' in result.stdout


def test_nothing_is_fetched_otherwise(asked: list[str]) -> None:
    failed = CliRunner().invoke(command, ["http://e.org/t.csv"])
    assert isinstance(failed.exception, InputError)
    assert "--remote" in str(failed.exception)
    assert asked == []
