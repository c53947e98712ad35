"""Released versions on the site: pages in words, files as they were released, patches, event stream, feed, DCAT."""

from __future__ import annotations

import gzip
import hashlib
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from urllib.parse import urljoin
from xml.etree import ElementTree

import polars as pl
import pytest
from conftest import edit

from glocal_rdf import Project, apply_patch, release
from glocal_rdf.errors import InputError
from glocal_rdf.namespaces import AS, DCAT, DCTERMS, LDES, OWL, PROV, RDF_TYPE, SH, TREE, term
from glocal_rdf.operations.build import build
from glocal_rdf.operations.publish import contribute_parts, make_site, publish_site
from glocal_rdf.operations.release_history import find_left_out, list_versions
from glocal_rdf.publish.history.event_stream import describe_fragment, find_changed, find_orphans
from glocal_rdf.releases.folders import write_checksums
from glocal_rdf.shacl import validate
from glocal_rdf.triples import Triples, terms

from .conftest import HOSTILE, copy_parks, find_broken_links, read_page

pytestmark = pytest.mark.slow

BASE = "https://data.willowbay.example/"
DATASET = f"{BASE}dataset/parks"
VERSIONS = ("1.0.0", "1.1.0", "1.2.0")
DAY, LATER = date(2026, 1, 1), date(2026, 2, 1)
SHAPES = Triples.read(Path(__file__).with_name("ldes.ttl"))
TIME, THING = term(PROV, "generatedAtTime"), term(DCTERMS, "isVersionOf")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with three releases, two of one day: a change, a new name, a thing that is gone and comes back."""
    folder = copy_parks(tmp_path_factory.mktemp("released") / "project")
    table = folder / "data" / "parks.csv"
    before = table.read_text("utf-8")
    release(Project.open(folder), "1.0.0", DAY)
    rows = [row for row in before.splitlines(keepends=True) if not row.startswith("fort-hill,")]
    table.write_text("".join(rows).replace("1978", "1979").replace("\nlotus-pond,", "\nlotus-garden,"), "utf-8")
    edit(table, "Camphor Park", HOSTILE[0])
    things = f"{BASE}id/park/"
    gone = [f"{things}fort-hill"] if len(rows) < len(before.splitlines()) else []
    renamed = {f"{things}lotus-pond": f"{things}lotus-garden"}
    release(Project.open(folder), "1.1.0", DAY, renamed=renamed, withdrawn=gone, reason="the name in full")
    edit(table, HOSTILE[0], HOSTILE[1])
    release(Project.open(folder), "1.2.0", LATER)
    edit(table, HOSTILE[1], HOSTILE[3])
    return folder


@pytest.fixture(scope="module")
def released(project: Path) -> Path:
    """The site of that project, of which a cell has changed since the last release."""
    publish_site(build(Project.open(project)), project.parent / "site", base_url=BASE)
    return (project.parent / "site").resolve()


def write_part(folder: Path, base: str) -> dict[str, bytes]:
    """Return the files of the part of releases alone."""
    site = contribute_parts(make_site(build(Project.open(folder)), base_url=base))
    files = site.contributions["releases"].write(site)
    return {path: content if isinstance(content, bytes) else b"".join(content) for path, content in files}


def read(site: Path, address: str) -> Triples:
    """Read a file of the site by its address."""
    path = site / address.removeprefix(BASE).partition("#")[0]
    return Triples.parse(path.read_bytes(), "jsonld" if path.suffix == ".jsonld" else "turtle", address)


def follow(site: Path, ending: str) -> Iterator[tuple[list[tuple[str, str]], Triples]]:
    """Yield the pages of the stream with their bounds, in the order of time, as a client finds them from its entry."""
    entry = read(site, f"{BASE}releases/stream.{ending}")
    bounds: dict[str, list[tuple[str, str]]] = {}
    for relation in entry.match(predicate=term(TREE, "relation")).frame["object"]:
        told = {predicate: value for _, predicate, value in entry.match(subject=relation)}
        assert told[term(TREE, "path")] == TIME
        value = terms.unquote(told[term(TREE, "value")])
        bounds.setdefault(told[term(TREE, "node")], []).append((told[RDF_TYPE], value))
    for node, both in sorted(bounds.items(), key=lambda pair: min(value for _, value in pair[1])):
        yield both, read(site, node[1:-1])


def replay(state: Triples, page: Triples) -> Triples:
    """Take the members of a page in the place of the former versions of their things."""
    frame = page.frame
    members = frame.filter(pl.col("predicate") == term(TREE, "member")).select(member="object")
    things = frame.filter(pl.col("predicate") == THING).select(member="subject", thing="object")
    assert sorted(members["member"]) == sorted(things["member"])
    kept = state.frame.join(things, left_on="subject", right_on="thing", how="anti")
    told = frame.join(things, left_on="subject", right_on="member", how="inner").filter(
        ~pl.col("predicate").is_in([THING, TIME]) & (pl.col("object") != term(AS, "Delete"))
    )
    return Triples(pl.concat([kept, told.select(subject="thing", predicate="predicate", object="object")]))


@pytest.mark.slow
@pytest.mark.parametrize("ending", ["ttl", "jsonld"])
def test_whoever_follows_the_stream_has_the_graph_of_each_release(released: Path, project: Path, ending: str) -> None:
    state, last = Triples.empty(), ""
    pages = list(follow(released, ending))
    assert len(pages) == len(VERSIONS)
    for version, (bounds, page) in zip(VERSIONS, pages, strict=True):
        times = {terms.unquote(value) for _, _, value in page.match(predicate=TIME)}
        (moment,) = times
        assert (term(TREE, "GreaterThanOrEqualToRelation"), moment) in bounds
        upper = [value for kind, value in bounds if kind == term(TREE, "LessThanRelation")]
        assert upper == [] if version == VERSIONS[-1] else moment < upper[0]
        assert last < moment
        last = moment
        state = replay(state, page)
        assert state.is_isomorphic(Triples.read(project / "releases" / version / "parks.nt.gz"))
    deleted = pages[1][1].match(predicate=RDF_TYPE, object=term(AS, "Delete")).frame["subject"]
    assert f"<{BASE}releases/1.1.0/events#park/lotus-pond>" in list(deleted)


def test_the_stream_is_what_its_specifications_ask(released: Path) -> None:
    for ending in ("ttl", "jsonld"):
        entry = read(released, f"{BASE}releases/stream.{ending}")
        report = validate(entry, SHAPES)
        assert report.conforms, report.results
        own = f"<{BASE}releases/stream#shape>"
        target = Triples.from_terms([(own, term(SH, "targetObjectsOf"), term(TREE, "member"))])
        for _, page in follow(released, ending):
            assert page.match(predicate=term(LDES, "immutable")).frame["object"].str.starts_with('"true"').all()
            for shapes in (SHAPES, entry.union(target)):
                report = validate(page, shapes)
                assert report.conforms, report.results
                assert sum(report.reached.values()) > 0


def test_both_formats_of_the_stream_are_the_same(released: Path) -> None:
    for name in ("stream", *(f"{version}/events" for version in VERSIONS)):
        one, other = (read(released, f"{BASE}releases/{name}.{ending}") for ending in ("ttl", "jsonld"))
        renamed = other.serialize("ntriples").replace(b".jsonld", b".ttl")
        assert one.is_isomorphic(Triples.parse(renamed, "ntriples"))


@pytest.mark.slow
@pytest.mark.parametrize("base", [BASE, ""])
def test_ntriples_beside_the_page_of_a_version_need_the_address_of_the_site(project: Path, base: str) -> None:
    site = contribute_parts(make_site(build(Project.open(project)), base_url=base))
    part = site.contributions["releases"]
    files = {path: content for path, content in part.write(site) if isinstance(content, bytes)}
    assert ("no N-Triples beside the pages of releases: these need absolute IRIs; give --base-url" in part.notes) == (
        not base
    )
    for version in VERSIONS:
        path = f"releases/{version}/index"
        turtle = Triples.parse(files[f"{path}.ttl"], "turtle", f"{BASE}{path}")
        assert len(turtle.match(predicate=term(DCAT, "downloadURL"))) == 2
        assert (f"{path}.nt" in files) == bool(base)
        if base:
            assert Triples.parse(files[f"{path}.nt"], "ntriples").is_isomorphic(turtle)


def test_a_page_of_the_stream_stays_as_it_is(released: Path, project: Path, tmp_path: Path) -> None:
    """It is marked as immutable: neither a later release nor another edition of the data may change it."""
    earlier = tmp_path / "project"
    shutil.copytree(project, earlier)
    shutil.rmtree(earlier / "releases" / "1.2.0")
    files = write_part(earlier, BASE)
    for version in VERSIONS[:2]:
        for name in ("events.ttl", "events.jsonld", "files/SHA256SUMS"):
            path = f"releases/{version}/{name}"
            assert files[path] == (released / path).read_bytes()


def test_the_patch_leads_from_each_release_to_the_next(released: Path, project: Path) -> None:
    dumps = [Triples.read(project / "releases" / version / "parks.nt.gz") for version in VERSIONS]
    for number, version in enumerate(VERSIONS[1:], 1):
        patch = gzip.decompress((released / "releases" / version / "changes.rdfp.gz").read_bytes())
        assert dumps[number - 1] != dumps[number]
        assert apply_patch(dumps[number - 1], patch).default == dumps[number]
    assert not (released / "releases" / VERSIONS[0] / "changes.rdfp.gz").exists()


def test_files_are_as_they_were_released(released: Path, project: Path) -> None:
    for version in VERSIONS:
        folder, copied = project / "releases" / version, released / "releases" / version / "files"
        names = {path.relative_to(folder) for path in folder.rglob("*") if path.is_file()}
        assert names == {path.relative_to(copied) for path in copied.rglob("*") if path.is_file()}
        assert all((folder / name).read_bytes() == (copied / name).read_bytes() for name in names)


def test_pages_tell_the_changes_in_words(released: Path) -> None:
    page = read_page(released / "releases" / "1.1.0" / "index.html").text
    assert "opened 1979, was 1978" in page
    assert "From 1.0.0 to 1.1.0" in page
    assert HOSTILE[0] in page
    chinese = read_page(released / "releases" / "1.1.0" / "index.zh-Hant.html").text
    assert "啟用年份 1979，原為 1978" in chinese
    listed = read_page(released / "releases" / "index.html")
    positions = [listed.text.index(f"\n{version} ") for version in VERSIONS]
    assert positions == sorted(positions, reverse=True)
    assert "newer than version 1.2.0; triples added: 1, removed: 1" in listed.text
    assert "../releases/1.2.0/index.html" in listed.links
    assert "releases/1.2.0/index.html" in read_page(released / "index.html").links


def test_links_are_whole_and_names_are_text(released: Path) -> None:
    assert find_broken_links(released) == []
    for path in (released / "releases").rglob("*.html"):
        page = read_page(path)
        assert not [tag for tag, values in page.elements if tag == "script" and not values.get("src")]
        assert not [name for _, values in page.elements for name in values if name.startswith("on")]


def test_the_feed_has_each_release_once_the_latest_first(released: Path) -> None:
    atom = {"a": "http://www.w3.org/2005/Atom"}
    for name, lang in (("feed.xml", "en"), ("feed.zh-Hant.xml", "zh-Hant")):
        feed = ElementTree.parse(released / "releases" / name).getroot()
        assert feed.attrib["{http://www.w3.org/XML/1998/namespace}lang"] == lang
        assert [one.text for one in feed.findall("a:entry/a:id", atom)] == [
            f"{DATASET}/{version}" for version in reversed(VERSIONS)
        ]
        moments = [str(one.text) for one in feed.findall("a:entry/a:updated", atom)]
        assert moments == sorted(set(moments), reverse=True)
        assert feed.findtext("a:updated", namespaces=atom) == moments[0]
        assert feed.findtext("a:author/a:name", namespaces=atom)
        for link in feed.findall("a:entry/a:link", atom):
            assert (released / link.attrib["href"].removeprefix(BASE)).is_file()


def test_versions_are_linked_with_the_dataset_and_one_another(released: Path) -> None:
    catalogue = read(released, f"{BASE}data/catalogue.ttl")
    versions = catalogue.match(subject=f"<{DATASET}>", predicate=term(DCAT, "hasVersion")).frame["object"]
    assert sorted(versions) == [f"<{DATASET}/{version}>" for version in VERSIONS]
    for number, version in enumerate(VERSIONS):
        this = f"<{DATASET}/{version}>"
        beside = read(released, f"{BASE}releases/{version}/index.ttl")
        for graph in (catalogue, beside):
            told = {predicate: value for _, predicate, value in graph.match(subject=this)}
            assert told[term(DCAT, "version")] == told[term(OWL, "versionInfo")] == f'"{version}"'
            assert told[term(DCAT, "isVersionOf")] == f"<{DATASET}>"
            assert told[term(DCTERMS, "issued")].startswith(f'"{DAY if number < 2 else LATER}"')
            former = f"<{DATASET}/{VERSIONS[number - 1]}>" if number else None
            assert told.get(term(DCAT, "previousVersion")) == former
            for part in graph.match(subject=this, predicate=term(DCAT, "distribution")).frame["object"]:
                (address,) = graph.match(subject=part, predicate=term(DCAT, "downloadURL")).frame["object"]
                content = (released / address[1:-1].removeprefix(BASE)).read_bytes()
                size, digest = f'"{len(content)}"', hashlib.sha256(content).hexdigest()
                assert graph.match(subject=part, predicate=term(DCAT, "byteSize")).frame["object"][0].startswith(size)
                assert digest in graph.serialize("ntriples").decode()
    for ending, name in (("nt", "ntriples"), ("jsonld", "jsonld"), ("rdf", "rdfxml")):
        other = Triples.parse((released / "releases" / "1.1.0" / f"index.{ending}").read_bytes(), name)
        assert other.is_isomorphic(read(released, f"{BASE}releases/1.1.0/index.ttl"))


def test_a_host_leads_the_iri_of_a_version_to_its_page_and_keeps_what_lasts(released: Path) -> None:
    rules = (released / "hosting" / "w3id.htaccess").read_text("utf-8")
    assert rf"RewriteRule ^dataset/parks/1\x2e1\x2e0$ {BASE}releases/1.1.0/index.html [R=303,L,NE]" in rules
    headers = (released / "_headers").read_text("utf-8")
    assert "/releases/1.1.0/events.ttl\n  Cache-Control: public, max-age=31536000, immutable\n" in headers
    assert "stream" not in headers
    pattern = re.compile(
        next(line.split()[1] for line in (released / ".htaccess").read_text("utf-8").splitlines() if "LASTING" in line)
    )
    lasting = {
        name for name in ("releases/1.1.0/events.ttl", "releases/1.1.0/files/parks.ttl.gz") if pattern.match(name)
    }
    assert len(lasting) == 2
    assert not pattern.match("releases/stream.ttl")
    assert not pattern.match("releases/1.1.0/index.html")


def test_addresses_are_relative_where_that_of_the_site_is_not_known(project: Path) -> None:
    files = write_part(project, "")
    assert [path for path, content in files.items() if b"https://site-" in content] == []
    here = "https://elsewhere.example/sub/releases/stream.ttl"
    nodes = Triples.parse(files["releases/stream.ttl"], "turtle", here).match(predicate=term(TREE, "node"))
    assert sorted(nodes.frame["object"].unique()) == [
        f"<{urljoin(here, f'{version}/events.ttl')}>" for version in VERSIONS
    ]
    assert b'"1.2.0/index.html"' in files["releases/feed.xml"]


def test_a_project_without_releases_has_none_of_it(parks: Path) -> None:
    assert not (parks / "releases").exists()
    assert "releases/index.html" not in read_page(parks / "index.html").links


def test_versions_are_not_described_where_their_part_is_left_out(project: Path) -> None:
    site = contribute_parts(make_site(build(Project.open(project)), base_url=BASE), ["releases"])
    assert f"<{DATASET}/1.0.0>" not in site.addresses
    files = {file.path: file.content for file in site.contributions["catalogue"].write(site)}
    assert b"hasVersion" not in files["data/catalogue.ttl"]  # type: ignore[operator]


def test_a_release_that_was_changed_is_not_published(project: Path, tmp_path: Path) -> None:
    folder = tmp_path / "project"
    shutil.copytree(project, folder)
    (folder / "releases" / "1.0.0" / "changes.md").write_text("other", "utf-8")
    with pytest.raises(InputError, match=r"changes\.md: is not what was released as 1\.0\.0"):
        publish_site(build(Project.open(folder)), tmp_path / "site")
    (folder / "releases" / "1.0.0" / "SHA256SUMS").write_text(f"{'0' * 64}  ../../data/parks.csv\n", "utf-8")
    with pytest.raises(InputError, match=r"SHA256SUMS:1: '\.\./\.\./data/parks\.csv' is not in the release"):
        publish_site(build(Project.open(folder)), tmp_path / "site")


def test_what_the_stream_cannot_have_is_reported(project: Path, tmp_path: Path) -> None:
    folder = tmp_path / "project"
    shutil.copytree(project, folder)
    dump = folder / "releases" / "1.1.0" / "parks.nt.gz"
    thing = f"<{BASE}id/park/camphor-park>"
    text = gzip.decompress(dump.read_bytes()) + f'{thing} {THING} <urn:x> .\n_:x <urn:p> "1" .\n'.encode()
    dump.write_bytes(gzip.compress(text))
    write_checksums(dump.parent)
    opened = Project.open(folder)
    found = list(find_left_out(opened, list_versions(opened, DATASET)))
    assert [problem.where for problem in found] == ["releases/1.1.0"] * 2
    assert f"{thing[1:-1]} has {THING[1:-1]}" in found[0].what
    assert "1 triple of blank nodes that no thing leads to" in found[1].what
    version = list_versions(opened, DATASET)[1]
    graph = Triples.parse(text, "ntriples")
    page = describe_fragment(BASE, "ttl", version, graph, pl.Series([thing]), f"{BASE}id/")
    assert len(page.match(predicate=term(TREE, "member"))) == 0
    site = contribute_parts(make_site(build(opened)), [])
    assert [problem.kind for problem in site.contributions["releases"].problems] == ["stream"] * 2


def graph(*triples: str) -> Triples:
    return Triples.parse(" .\n".join([*triples, ""]), "ntriples")


def test_what_a_blank_node_states_belongs_to_every_thing_that_leads_to_it() -> None:
    links = ("<urn:a> <urn:p> _:x", "<urn:b> <urn:p> _:x", "<urn:c> <urn:p> _:y", "_:x <urn:p> _:z")
    old = graph(*links, '_:z <urn:q> "1"', '_:y <urn:q> "1"')
    new = graph(*links, '_:z <urn:q> "2"', '_:y <urn:q> "1"')
    assert list(find_changed(old, new)) == ["<urn:a>", "<urn:b>"]
    assert list(find_changed(old, old)) == []
    assert list(find_changed(Triples.empty(), new)) == ["<urn:a>", "<urn:b>", "<urn:c>"]
    assert len(find_orphans(new)) == 0
    assert len(find_orphans(graph('_:o <urn:q> "1"', "_:o <urn:q> _:p", "_:p <urn:q> _:o"))) == 3


def test_members_of_things_with_like_names_are_kept_apart(project: Path) -> None:
    version = replace(list_versions(Project.open(project), DATASET)[0], version="1.0+x y")
    things = ["<urn:a>", f"<{BASE}id/urn:a>", f"<{BASE}id/%E8>", f"<{BASE}id/è>"]
    stated = graph(*(f'{thing} <urn:p> "1"' for thing in things))
    page = describe_fragment(BASE, "ttl", version, stated, pl.Series(things), f"{BASE}id/")
    members = page.match(predicate=term(TREE, "member")).frame["object"]
    assert members.n_unique() == len(things)
    assert all(re.fullmatch(r"<[!-;=?-~]+>", member) for member in members)
