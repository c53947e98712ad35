"""Changes are written so that people and programs read them right, whatever the data holds."""

from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from json_schemas import find_faults

from glocal_rdf.changes import Changes, GraphVersion, apply_patch, compare_versions, write_patch
from glocal_rdf.changes.json import to_record
from glocal_rdf.changes.text import list_rows, write_markdown, write_text
from glocal_rdf.errors import InputError
from glocal_rdf.triples import Triples, terms
from glocal_rdf.triples.datasets import Dataset

PREFIXES = """@prefix : <http://e/> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
"""
OLD = """:taipei a :City ; rdfs:label "Taipei"@en, "臺北"@zh-Hant ; :founded 1894 ; :area 12.50 ; :size "5" .
:founded rdfs:label "founding year"@en, "成立年"@zh-Hant . :City rdfs:label "city"@en, "城市"@zh-Hant .
:bcn a :City ; rdfs:label "Barcelona" ; :country :es .
:gone a :City ; rdfs:label "Gone" ; :founded 3 .
:c1 rdf:subject :taipei ; rdf:predicate :founded ; rdf:object 1894 ; :rank :normal .
"""
NEW = """:taipei a :City ; rdfs:label "Taipei"@en, "臺北"@zh-Hant ; :founded 1884 ; :area 12.5 ; :size 5 .
:founded rdfs:label "founding year"@en, "成立年"@zh-Hant . :City rdfs:label "city"@en, "城市"@zh-Hant .
:barcelona a :City ; rdfs:label "Barcelona" ; :country :es .
:fresh a :City ; rdfs:label "Fresh" ; :at [ :lat 1 ; :long 2 ] .
:c1 rdf:subject :taipei ; rdf:predicate :founded ; rdf:object 1884 ; :rank :normal .
:taipei :in ( :a :b ) ; :note [ :by [ :name "x" ] ] .
"""
PREFIX = {"e": "http://e/"}


def versions(old: str, new: str) -> Changes:
    graphs = (Triples.parse(PREFIXES + text, "turtle") for text in (old, new))
    before, after = graphs
    return compare_versions(GraphVersion("1", before, prefixes=PREFIX), GraphVersion("2", after, prefixes=PREFIX))


def test_text_names_each_change_in_words() -> None:
    assert write_text(versions(OLD, NEW), "en") == (
        """From 1 to 2: 20 triples added, 10 removed

Data: 20 triples added, 10 removed
  Renamed (1)
    Barcelona: now e:barcelona, was e:bcn (3 triples)
  Changed (1)
    Taipei: area 12.5, was 12.50 (same value, written otherwise)
    Taipei: founding year 1884, was 1894
    Taipei: in (e:a, e:b), added
    Taipei: note [by [name x]], added
    Taipei: size "5" (http://www.w3.org/2001/XMLSchema#integer), was "5" (http://www.w3.org/2001/XMLSchema#string)
  New (1)
    Fresh (city, e:fresh): at [lat 1; long 2]
  Removed (1)
    Gone (city, e:gone): founding year 3
  Changed claims (1)
    claim (Taipei, founding year 1884): object 1884, was 1894
"""
    )


def test_items_of_lists_are_named_by_their_number() -> None:
    text = write_text(versions(":s :in ( 1 2 [ :v 3 ] ) .", ":s :in ( 1 5 [ :v 4 ] 9 ) ."), "en")
    assert "e:s: in › item 2 5, was 2" in text
    assert "e:s: in › item 3 › v 4, was 3" in text
    assert "in › from item 4 (9), was ()" in text


def test_a_claim_that_is_gone_is_named_by_what_it_claims() -> None:
    text = write_text(versions(OLD, OLD[: OLD.index(":c1")]), "en")
    assert "  Removed claims (1)\n    claim (Taipei, founding year 1894) (e:c1): rank e:normal\n" in text


def test_text_in_chinese_has_the_names_of_the_data() -> None:
    text = write_text(versions(OLD, NEW), "zh-Hant")
    assert "自 1 至 2：新增 20 筆三元組，移除 10 筆" in text
    assert "臺北: 成立年 1884，原為 1894" in text


def test_the_limit_says_how_much_is_left_out() -> None:
    many = " ".join(f':n{n} rdfs:label "n{n}" ; :p {n} .' for n in range(7))
    changes = versions("", many)
    text = write_text(changes, "en", 3)
    assert "New (7)" in text
    assert text.rstrip().endswith("… and 4 more")
    record = to_record(changes, "en", 3)
    assert (len(record["graphs"][0]["things"]), record["graphs"][0]["left_out"]) == (3, 4)
    assert len(list_rows(changes, "en", 3)) == 4


def test_long_texts_are_cut_where_they_begin_to_differ() -> None:
    same = "x" * 5000
    text = write_text(versions(f':a :p "{same}one{same}" .', f':a :p "{same}two{same}" .'), "en")
    assert "xtwox" in text
    assert "xonex" in text
    assert max(map(len, text.splitlines())) < 500


def test_no_difference_is_one_line() -> None:
    changes = versions(OLD, OLD)
    assert not changes
    assert write_text(changes, "en") == "1 and 2: no differences\n"
    assert find_faults("diff", to_record(changes, "en")) == []


def test_json_follows_its_schema_and_has_every_triple_once() -> None:
    changes = versions(OLD, NEW)
    record = json.loads(json.dumps(to_record(changes, "en")))
    assert find_faults("diff", record) == []
    (graph,) = record["graphs"]
    told = [row for thing in graph["things"] for row in thing["changes"]]
    renamed = sum(one["triples"] for one in graph["renamed"])
    assert sum(row["new"] is not None for row in told) + renamed == graph["added"] == 20
    assert sum(row["old"] is not None for row in told) + renamed == graph["removed"] == 10


ODD = st.one_of(
    st.sampled_from(
        ["\x00\x1b[31m\r\n", "\u202egnp.exe", "a|b`c`*d*_e_<b>", "\n# heading", "](javascript:x)", "\ufeff"]
    ),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
)


@pytest.mark.slow
@settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])
@given(ODD, ODD, ODD)
def test_nothing_in_the_data_is_obeyed_by_a_terminal_or_a_page(name: str, old: str, new: str) -> None:
    label = "<http://www.w3.org/2000/01/rdf-schema#label>"
    graphs = [
        Triples.from_terms(
            [("<http://e/a>", label, terms.quote(name)), ("<http://e/a>", "<http://e/p>", terms.quote(value)),
             (f"<http://e/{key}'(x)>", label, terms.quote(name)), ("_:b", "<http://e/p>", terms.quote(value))]
        )
        for key, value in (("o", old), ("n", new))
    ]  # fmt: skip
    changes = compare_versions(GraphVersion(name, graphs[0]), GraphVersion("new", graphs[1]))
    text, page = write_text(changes, "en"), write_markdown(changes, "en")
    for written in (text, page):
        assert not [c for c in written if unicodedata.category(c) in {"Cc", "Cs"} and c != "\n"]
        assert not set(written) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\ufeff\u2028")
    assert not [
        line for line in page.splitlines() if line.startswith("#") and not line.startswith(("# ", "## ", "### "))
    ]
    if changes:
        assert sum(line.startswith("# ") for line in page.splitlines()) == 1
        assert len(text.splitlines()) == 1 + sum(1 for _ in filter(None, text.splitlines()[1:])) + 1
    assert "<b>" not in page
    made = apply_patch(graphs[0], write_patch(changes))
    assert made.default.is_isomorphic(graphs[1])


class TestPatch:
    """A patch is RDF Patch, and is read as it says."""

    def test_it_deletes_before_it_adds_in_one_transaction(self) -> None:
        lines = write_patch(versions(":a :p 1 .", ":a :p 2 .")).decode().splitlines()
        assert [line.split(" ")[0] for line in lines] == ["H", "H", "TX", "D", "A", "TC"]
        assert all(line.endswith(" .") for line in lines)

    def test_names_of_versions_are_literals(self) -> None:
        graph = Triples.empty()
        changes = compare_versions(GraphVersion('a"\n .', graph), GraphVersion("b", graph))
        assert write_patch(changes).decode().splitlines()[0] == r'H old "a\"\n ." .'
        assert len(apply_patch(graph, write_patch(changes)).default) == 0

    def test_what_others_write_is_read(self) -> None:
        patch = (
            b'H id <urn:uuid:1> .\n# comment\nTX .\nPA "e" "http://e/" .\nA <_:x> <http://e/p> "a <_:y> b" .\n'
            b"A <http://e/s> <http://e/p> _:x <http://e/g> .\nTC .\nTX .\nA <http://e/no> <http://e/p> 1 .\nTA .\n"
        )
        with pytest.raises(InputError, match="patch:9: is not a triple or quad"):
            apply_patch(Triples.empty(), patch.replace(b"TA", b"TC"))
        made = apply_patch(Triples.empty(), patch)
        assert list(made.default) == [("_:x", "<http://e/p>", '"a <_:y> b"')]
        assert list(made.named["http://e/g"]) == [("<http://e/s>", "<http://e/p>", "_:x")]

    @pytest.mark.parametrize(
        ("patch", "message"),
        [
            ("A <urn:a> <urn:b> <urn:c> .\n", "patch:1: is outside of a transaction"),
            ("TX .\nX <urn:a> .\nTC .\n", "patch:2: is not a row of RDF Patch"),
            ("TX .\nTX .\n", "patch:2: begins a transaction within a transaction"),
            ("TC .\n", "patch:1: ends a transaction that did not begin"),
            ("TX .\nA <urn:a> <urn:b> <urn:c> .\n", "patch: the transaction is not ended"),
            ("TX .\nA <urn:a> <urn:b> .\nTC .\n", "patch:2: is not a triple or quad"),
            ("TX .\nA <urn:a> <urn:b> <urn:c> . <urn:a> <urn:b> <urn:c> .\nTC .\n", "patch:2"),
            ("\xff", "is not UTF-8"),
        ],
    )
    def test_a_malformed_patch_is_refused_with_its_line(self, patch: str, message: str) -> None:
        with pytest.raises(InputError, match=message):
            apply_patch(Triples.empty(), patch.encode("latin-1"))

    def test_a_row_without_effect_is_none(self) -> None:
        graph = Triples.from_terms([("<urn:a>", "<urn:b>", "<urn:c>")])
        patch = b"TX .\nD <urn:x> <urn:b> <urn:c> .\nA <urn:a> <urn:b> <urn:c> .\nTC .\n"
        assert apply_patch(Dataset(graph), patch).default == graph
