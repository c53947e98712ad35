"""Many graphs written in one go are those that the writer of the format gives for each alone, byte for byte."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glocal_rdf.dataset import Build
from glocal_rdf.errors import OutputError
from glocal_rdf.namespaces import WELL_KNOWN, XSD
from glocal_rdf.triples.formats.registry import FORMATS, Format
from glocal_rdf.triples.groups import write_groups

FORMS = [form for form in FORMATS if form.writable and not form.dataset_only]
TERMS = ("subject", "predicate", "object")

SUBJECTS = ("<https://schema.org/a>", "<urn:b>", "<http://example.org/id/c>", "_:x", "_:y", "<mailto:a@example.org>")
PREDICATES = (
    "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>",
    "<http://www.w3.org/2004/02/skos/core#prefLabel>",
    "<http://example.org/p#a>",
    "<urn:p>",
)
OBJECTS = (
    *SUBJECTS,
    "<http://www.w3.org/2004/02/skos/core#Concept>",
    "<http://example.org/1>",
    "<http://www.w3.org/1999/02/22-rdf-syntax-ns#nil>",
    '"臺北"@zh-Hant',
    '"Taipei"@en',
    r'"two\nlines\n\nand a gap"',
    r'"a \"quoted\" \\ thing"',
    f'"5"^^<{XSD}integer>',
    f'"2004"^^<{XSD}gYear>',
    '"x"^^<urn:d>',
)
ROWS = st.tuples(st.sampled_from(SUBJECTS), st.sampled_from(PREDICATES), st.sampled_from(OBJECTS))


def write_alone(frame: pl.DataFrame, form: Format) -> dict[str, bytes]:
    parts = frame.sort(TERMS).partition_by("group", as_dict=True, include_key=False)
    return {str(group): form.write(part.select(TERMS), WELL_KNOWN) for (group,), part in parts.items()}


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
@settings(max_examples=60, deadline=None)
@given(rows=st.lists(ROWS, min_size=1, max_size=30, unique=True))
def test_groups_of_any_terms_are_written_as_each_alone(form: Format, rows: list[tuple[str, str, str]]) -> None:
    # A subject is in one group, as on the pages of a site.
    frame = pl.DataFrame([(*row, f"page{SUBJECTS.index(row[0]) % 3}") for row in rows], [*TERMS, "group"], orient="row")
    assert dict(write_groups(frame, form, WELL_KNOWN)) == write_alone(frame, form)


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_the_bundled_graph_by_subject_is_written_as_each_alone(form: Format, built: Build) -> None:
    frame = built.with_ontology.frame.filter(~pl.col("subject").str.starts_with("_:"))
    subjects = frame["subject"].unique().sort().gather_every(20)
    frame = frame.filter(pl.col("subject").is_in(subjects.implode())).with_columns(group="subject")
    assert dict(write_groups(frame, form, WELL_KNOWN)) == write_alone(frame, form)


def test_what_a_format_cannot_hold_is_found_before_and_refused() -> None:
    rows = [
        ("<urn:a>", "<urn:p>", '"1"', "good"),
        ("<urn:b>", "<urn:p/1>", '"2"', "bad"),
        ("<urn:c>", "<urn:p>", r'"\u0001"', "worse"),
    ]
    frame = pl.DataFrame(rows, [*TERMS, "group"], orient="row")
    for form in FORMS:
        left_out = form.find_unholdable(frame)
        assert left_out["group"].to_list() == (["bad", "worse"] if form.name == "rdfxml" else [])
        assert set(dict(write_groups(frame.join(left_out, on="group", how="anti"), form))) >= {"good"}
    with pytest.raises(OutputError, match=r"RDF/XML cannot hold the predicate <urn:p/1>"):
        list(write_groups(frame, next(form for form in FORMS if form.name == "rdfxml")))
