"""Mapping sets are valid by the `sssom` library, survive a round trip, and merge without losing a decision."""

from __future__ import annotations

import io
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glocal_rdf.errors import GlocalError
from glocal_rdf.linking.things import make_things
from glocal_rdf.operations.link_proposals import find_links
from glocal_rdf.operations.wikidata.reconcile import WIKIDATA_ITEMS
from glocal_rdf.sssom.mapping_sets import EXTENSIONS, MappingSet
from glocal_rdf.sssom.review import Decision, apply_decision, list_open, merge_proposals

DAY = "2026-11-27"


def thing(number: str, name: str, **more: object) -> dict[str, object]:
    return {"id": number, "label": name, "names": [(name, "", "label")], "countries": ["TW"], **more}


def propose(*names: str, former: MappingSet | None = None) -> MappingSet:
    ours = make_things([thing(f"https://example.org/{name}", name) for name in names])
    theirs = make_things([thing("Q1", "Taipei"), thing("Q2", "Hualien"), thing("Q3", "Hualien")])
    found = find_links(
        ours, lambda _: [(theirs, [])], WIKIDATA_ITEMS,
        subjects={"ours": "https://example.org/"}, date=DAY, version="1", former=former,
    )  # fmt: skip
    return found.mappings


def states(mappings: MappingSet) -> list[tuple[str, str, str]]:
    return list(mappings.frame.select("subject_id", "object_id", "ext_review_state").iter_rows())


def test_a_decision_survives_every_run() -> None:
    first = propose("Taipei", "Hualien")
    assert states(first) == [
        ("ours:Taipei", "wikidata:Q1", "proposed"),
        ("ours:Hualien", "wikidata:Q2", "proposed"),
        ("ours:Hualien", "wikidata:Q3", "proposed"),
    ]
    decided = apply_decision(first, 1, Decision("rejected", "Lin", DAY, "a county"))
    again = propose("Taipei", "Hualien", "Taipei County", former=decided)
    assert states(again)[:3] == states(decided)
    assert again.frame.row(1, named=True) == decided.frame.row(1, named=True)
    assert again.frame.height == 3 or states(again)[3][0] == "ours:Taipei County"
    accepted = apply_decision(decided, 2, Decision("accepted", "Lin", DAY))
    assert states(propose("Taipei", "Hualien", former=accepted)) == states(accepted)


def test_rows_that_were_never_proposals_stay_and_settle_their_things() -> None:
    curated = propose("Taipei")
    plain = MappingSet({"curie_map": {"ours": "https://example.org/"}}, curated.frame.drop(list(EXTENSIONS)))
    merged = merge_proposals(plain, propose("Taipei", "Hualien"))
    assert (merged.kept, merged.new, merged.dropped) == (1, 2, 0)
    assert merged.mappings.frame["ext_review_state"].to_list() == [None, "proposed", "proposed"]


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2), st.sampled_from(["accepted", "rejected", "unsure"])), max_size=4))
def test_merging_with_oneself_changes_nothing(decisions: list[tuple[int, str]]) -> None:
    mappings = PROPOSED
    for row, state in decisions:
        mappings = apply_decision(mappings, row, Decision(state, "Lin", DAY))
    assert merge_proposals(mappings, PROPOSED).mappings.frame.equals(mappings.frame)
    open_rows = {row for group in list_open(mappings) for row in group}
    assert open_rows == {n for n, state in enumerate(mappings.frame["ext_review_state"]) if state == "proposed"}
    accepted = mappings.frame.filter(pl.col("ext_review_state") == "accepted")
    assert accepted["predicate_modifier"].null_count() == accepted.height


PROPOSED = propose("Taipei", "Hualien")


def test_a_file_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "a.sssom.tsv"
    odd = PROPOSED.frame.with_columns(comment=pl.Series(['"quoted"\tand\ntwo lines', "#hash", "臺北"]))
    path.write_bytes(MappingSet(PROPOSED.header, odd).serialize())
    read = MappingSet.read(path)
    assert read.frame["comment"].to_list() == ['"quoted" and two lines', "#hash", "臺北"]
    assert dict(read.header) == dict(PROPOSED.header)
    assert read.serialize() == path.read_bytes()


@pytest.mark.parametrize("content", [b"", b"\xff", b"a\tb\n", b"#[\na\tb\n", b"subject_id\n#late\n", b"\0" * 9])
def test_broken_files_are_errors_on_one_line(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.sssom.tsv"
    path.write_bytes(content)
    with pytest.raises(GlocalError) as caught:
        MappingSet.read(path)
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.slow
@pytest.mark.peer
@pytest.mark.filterwarnings("ignore")
def test_the_sssom_library_finds_it_valid_and_keeps_it() -> None:
    """What survives their round trip: all slots of SSSOM, and the definitions of the extensions."""
    from sssom.constants import SchemaValidationType
    from sssom.parsers import parse_sssom_table
    from sssom.validators import validate
    from sssom.writers import write_table

    rejected = apply_decision(PROPOSED, 1, Decision("rejected", "Lin", DAY, "a county"))
    parsed = parse_sssom_table(io.StringIO(rejected.serialize().decode()))
    reports = validate(parsed, [SchemaValidationType.JsonSchema, SchemaValidationType.PrefixMapCompleteness], False)
    assert [result.message for report in reports.values() for result in report.results] == []
    out = io.StringIO()
    write_table(parsed, out)
    back = out.getvalue()
    header = [line for line in back.splitlines() if line.startswith("#")]
    assert any("ext_review_state" in line for line in header)
    table = pl.read_csv(
        io.StringIO("\n".join(x for x in back.splitlines() if x[0] != "#")), separator="\t", infer_schema=False
    )
    both = table.join(rejected.frame, on=["subject_id", "object_id"], suffix="_ours")
    assert both.height == rejected.frame.height
    for name in ("predicate_modifier", "confidence", "reviewer_label", "review_date", "subject_label", *EXTENSIONS):
        if name in table.columns:
            assert both[name].fill_null("").to_list() == both[f"{name}_ours"].fill_null("").to_list(), name
    # sssom 0.4 drops extension slots, of which the header keeps the definitions: our file is the authority.
    assert set(EXTENSIONS) & set(table.columns) in (set(), set(EXTENSIONS))
