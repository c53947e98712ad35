"""`glocal serve`: the same files as `glocal publish` writes, new builds, and how it ends."""

from __future__ import annotations

import shutil
import signal
import threading
import time
from pathlib import Path
from urllib.parse import quote

import pytest
from conftest import ROOT, SMALL, Run, edit
from glocal_server import serving

from glocal_rdf.operations.build import build
from glocal_rdf.operations.publish import publish_site
from glocal_rdf.project import Project

SPACE = '"void:uriSpace": {"@value": "https://data.example/id/"}'


def write_small(folder: Path) -> Path:
    for name, text in SMALL.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.replace('"dc:title"', f'{SPACE}, "dc:title"'), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.mark.slow
def test_every_file_of_a_published_site_is_served_with_the_same_bytes(tmp_path: Path, cache: Path) -> None:
    project = tmp_path / "parks"
    shutil.copytree(ROOT / "examples" / "city-spreadsheet", project)
    with serving(project, cache=cache) as server:
        site = tmp_path / "site"
        publish_site(build(Project.open(project)), site, base_url=server.url)
        files = [path for path in sorted(site.rglob("*")) if path.is_file() and path.name != ".glocal-site"]
        assert len(files) > 100
        for path in files:
            name = path.relative_to(site).as_posix()
            if name.startswith(("sparql/index.", "sparql/page.")):
                continue  # That of a server asks the server, and that of a site a store in the browser.
            assert server.ask_until_made(f"/{quote(name)}") == path.read_bytes(), name


@pytest.mark.slow
def test_the_pages_of_the_bundled_dataset_are_those_of_its_site(tmp_path: Path, cache: Path) -> None:
    from glocal_rdf.operations.publish import contribute_parts, make_site

    with serving(ROOT, "--no-access-log", cache=cache) as server:
        site = contribute_parts(make_site(build(Project.open(ROOT)), base_url=server.url))
        pages = ("doc/place/taipei", "doc/organization/uclg", "dataset", "ontology/City")
        made = [file for name in ("things", "data") for file in site.contributions[name].make(site, pages)]
        assert len(made) >= 24
        for file in made:
            status, _, body = server.ask(f"/{quote(file.path)}")
            assert (status, body) == (200, file.content), file.path
        assert server.ask("/sparql?query=ASK%7B%3Fs%20%3Fp%20%3Fo%7D")[0] == 200


@pytest.mark.slow
def test_a_new_build_is_swapped_in_without_a_dropped_request(tmp_path: Path, cache: Path) -> None:
    project = write_small(tmp_path / "small")
    with serving(project, cache=cache) as server:
        for path in ("/index.html", "/id/taipei", "/doc/taipei.ttl", "/search.html", "/robots.txt"):
            server.ask_until_made(path) if "id" not in path else server.ask(path)
        edit(project / "data/cities.csv", "barcelona,Barcelona,Spain", "barcelona,Barcelona,Catalonia")
        statuses = set()
        end = time.monotonic() + 60
        while b"Catalonia" not in server.ask("/doc/barcelona.ttl")[2]:
            statuses |= {server.ask(path)[0] for path in ("/doc/barcelona", "/search.html", "/doc/taipei.ttl")}
            assert time.monotonic() < end, server.lines
        statuses |= {server.ask(path)[0] for path in ("/doc/barcelona", "/search.html", "/doc/taipei.ttl")}
        assert statuses == {200}
        # What does not conform is reported, and the former build stays.
        edit(project / "data/cities.csv", "taipei,Taipei,Taiwan", "taipei,Taipei,")
        assert "does not conform" in server.wait_for("not served: ")
        assert b"Taiwan" in server.ask("/doc/taipei.ttl")[2]
        # So is what cannot be built, and what comes after it is served again.
        edit(project / "data/csv-metadata.json", '"tables"', "tables")
        server.wait_for("not served: .*csv-metadata.json")
        edit(project / "data/csv-metadata.json", " tables:", ' "tables":')
        edit(project / "data/cities.csv", "taipei,Taipei,", "taipei,Taipei,Formosa")
        end = time.monotonic() + 60
        while b"Formosa" not in server.ask("/doc/taipei.ttl")[2]:
            assert time.monotonic() < end, server.lines
            time.sleep(0.2)
        assert server.process.poll() is None


@pytest.mark.slow
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_requests_in_flight_are_answered_before_it_ends(
    tmp_path: Path, cache: Path, number: signal.Signals, code: int
) -> None:
    query = "SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . }"
    with serving(write_small(tmp_path / "small"), cache=cache) as server:
        found: list[int] = []
        asking = threading.Thread(target=lambda: found.append(server.ask(f"/sparql?query={quote(query)}")[0]))
        asking.start()
        time.sleep(0.2)
        server.process.send_signal(number)
        asking.join(30)
        assert server.process.wait(30) == code
        assert found == [200]
        assert not [line for line in server.lines if "Traceback" in line or "Error" in line]


@pytest.mark.slow
def test_it_starts_again_after_a_kill(tmp_path: Path, cache: Path) -> None:
    project = write_small(tmp_path / "small")
    for _ in range(2):
        with serving(project, cache=cache) as server:
            assert server.ask("/doc/taipei.ttl")[0] == 200
            children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text().split()
            assert children
            server.process.kill()
            server.process.wait()
            end = time.monotonic() + 10
            while any(Path(f"/proc/{number}/exe").exists() for number in children):
                assert time.monotonic() < end, "a process of the server did not end with it"
                time.sleep(0.05)


@pytest.mark.parametrize(
    ("options", "line"),
    [
        (("--host", "256.0.0.1"), "256.0.0.1:8000: cannot be listened at"),
        (("--public-url", "example.org"), "--public-url: 'example.org' is not the address of a site"),
        (("--base-path", "/a/../b"), "--base-path: '/a/../b' is not a path; write /data"),
        (("--port", "70000"), "Invalid value for '--port'"),
    ],
)
def test_what_cannot_be_served_is_one_line(run: Run, options: tuple[str, ...], line: str) -> None:
    result = run("serve", "-p", ROOT / "examples" / "city-spreadsheet", *options)
    assert result.exit_code == 2
    assert line in result.stderr
