"""A claim is supported where its passages have what it states, and slips in any part of it are found."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl
import pytest

from glocal_rdf.evidence import Support, check_support
from glocal_rdf.triples import Triples

TEXT = """一、城市聯盟（Cities Alliance）

1999年由世界銀行及聯合國人居署共同創立，總部設在美國華盛頓特區。該組織致力於消除貧窮，擁有三個會員。

1992年設立的國際委員會由415個地方政府組成，促進城市間合作。
"""
DOCUMENT = "https://example.org/id/document/d"
PREFIXES = """
@prefix : <https://example.org/id/> .
@prefix g: <https://w3id.org/glocal/ontology#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix prov: <http://www.w3.org/ns/prov#> .
@prefix schema: <http://schema.org/> .
"""
THINGS = """
:alliance skos:prefLabel "Cities Alliance"@en, "城市聯盟"@zh-Hant .
:bank skos:prefLabel "World Bank"@en, "世界銀行"@zh-Hant .
:habitat skos:prefLabel "UN-Habitat"@en, "聯合國人居署"@zh-Hant .
:council skos:prefLabel "international council"@en, "國際委員會"@zh-Hant .
:poverty a skos:Concept ; skos:prefLabel "elimination of poverty"@en, "貧窮的消除"@zh-Hant .
:slum a skos:Concept ; skos:prefLabel "slums"@en, "貧民區"@zh-Hant .
"""
EDTF = "<http://id.loc.gov/datatypes/edtf/EDTF>"
FOUNDING = "1999年由世界銀行及聯合國人居署共同創立"
AIM = "該組織致力於消除貧窮"


def check(claim: Mapping[str, str], *passages: str, more: str = "") -> Support:
    """Check one claim, given as Turtle by property, against the document."""
    rows = []
    for words in passages:
        start = TEXT.index(words)
        rows.append((f"{DOCUMENT}#char={start},{start + len(words)}", DOCUMENT, start, start + len(words)))
    frame = pl.DataFrame(rows, schema=["passage", "document", "start", "end"], orient="row")
    stated = " ; ".join(f"{predicate} {value}" for predicate, value in claim.items())
    sources = " , ".join(f"<{passage}>" for passage in frame["passage"])
    graph = f"{PREFIXES}{THINGS}{more}:claim {stated} ; prov:wasDerivedFrom {sources} ."
    return check_support(Triples.parse(graph, "turtle"), Triples.empty(), {DOCUMENT: TEXT}, frame)


def claim(subject: str, predicate: str, value: str, **qualifiers: str) -> dict[str, str]:
    named = {f"g:{name}": value for name, value in qualifiers.items()}
    return {"rdf:subject": subject, "rdf:predicate": predicate, "rdf:object": value} | named


def verdict_of(support: Support) -> tuple[str, list[str]]:
    return support.claims["verdict"].item(), sorted(support.missing["part"])


def test_a_name_in_the_heading_is_a_name_of_the_subject() -> None:
    assert verdict_of(check(claim(":alliance", ":founder", ":bank"), FOUNDING)) == ("supported", [])


@pytest.mark.parametrize(
    ("slip", "missing"),
    [
        (claim(":alliance", ":founder", ":council"), ["object"]),
        (claim(":council", ":founder", ":bank"), ["subject"]),
        (claim(":alliance", ":date", '"1998"^^xsd:gYear'), ["object"]),
        (claim(":alliance", ":date", '"2009"^^xsd:gYear'), ["object"]),
        (claim(":alliance", ":founder", ":bank", start='"1989"^^xsd:gYear'), ["start"]),
        (claim(":alliance", ":founder", ":bank", heldBy=":council"), ["heldBy"]),
        (claim(":alliance", ":founder", ":bank", appliesTo=":slum"), ["appliesTo"]),
        (claim(":alliance", ":founder", ":bank", asWritten='"世界銀號"'), ["asWritten"]),
        (claim(":alliance", ":founder", ":bank", pointInTime='"2006"^^xsd:gYear'), ["pointInTime"]),
    ],
)
def test_a_slip_is_not_supported(slip: dict[str, str], missing: list[str]) -> None:
    assert verdict_of(check(slip, FOUNDING)) == ("unsupported", missing)


def test_a_date_and_a_number_must_be_in_the_passage_itself() -> None:
    year = claim(":alliance", ":date", '"1999"^^xsd:gYear')
    assert verdict_of(check(year, FOUNDING)) == ("supported", [])
    assert verdict_of(check(year, "總部設在美國華盛頓特區")) == ("unsupported", ["object"])
    number = claim(":council", ":count", "415")
    assert verdict_of(check(number, "國際委員會由415個地方政府組成")) == ("supported", [])
    assert verdict_of(check(claim(":council", ":count", "451"), "國際委員會由415個地方政府組成"))[0] == "unsupported"


def test_a_second_passage_may_have_what_the_first_has_not() -> None:
    stated = claim(":council", ":founder", ":habitat")
    assert verdict_of(check(stated, FOUNDING)) == ("unsupported", ["subject"])
    assert verdict_of(check(stated, FOUNDING, "國際委員會")) == ("supported", [])


def test_a_concept_is_there_with_its_key_terms_in_other_order() -> None:
    assert verdict_of(check(claim(":alliance", ":aimsAt", ":poverty"), AIM)) == ("supported", [])
    assert verdict_of(check(claim(":alliance", ":aimsAt", ":slum"), AIM)) == ("unsupported", ["object"])


def test_names_of_organizations_are_not_taken_by_their_key_terms() -> None:
    more = ':other skos:prefLabel "聯合國人居署共同創立委員"@zh-Hant .\n'
    assert verdict_of(check(claim(":alliance", ":founder", ":other"), FOUNDING, more=more))[0] == "unsupported"


def test_an_explanation_gives_words_of_the_passage_and_what_they_stand_for() -> None:
    stated = claim(":alliance", ":memberOf", ":council", supportReason=":ellipsis")
    words = {"g:supportingWords": '"該組織 = council"'}
    assert verdict_of(check(stated | words, AIM)) == ("explained", [])


@pytest.mark.parametrize("words", ["本組織 = council", "該組織 = bank", "該組織", "= council", "該組織 = "])
def test_an_explanation_with_words_that_are_not_there_or_stand_for_another_explains_nothing(words: str) -> None:
    stated = claim(":alliance", ":memberOf", ":council", supportReason=":ellipsis", supportingWords=f'"{words}"')
    assert verdict_of(check(stated, AIM)) == ("unsupported", ["object"])


def test_a_text_in_our_own_words_is_counted_apart() -> None:
    own = claim(":alliance", ":goal", '"為消除貧窮而致力"@zh-Hant')
    assert verdict_of(check(own, AIM)) == ("own words", [])
    as_written = claim(":alliance", ":goal", '"致力於消除貧窮"@zh-Hant')
    assert verdict_of(check(as_written, AIM)) == ("supported", [])
    other = claim(":alliance", ":goal", '"推動觀光與運動"@zh-Hant')
    assert verdict_of(check(other, AIM)) == ("unsupported", ["object"])


def test_a_text_in_two_languages_is_one_value() -> None:
    both = claim(":alliance", ":goal", '"to end poverty"@en , "為消除貧窮而致力"@zh-Hant')
    assert verdict_of(check(both, AIM)) == ("own words", [])


def test_what_others_claim_need_only_be_about_the_passage() -> None:
    ours = claim(":alliance", ":related", ":council") | {"prov:wasAttributedTo": ":us"}
    assert verdict_of(check(ours, AIM)) == ("explained", [])
    assert verdict_of(check(claim(":bank", ":related", ":council") | {"prov:wasAttributedTo": ":us"}, AIM)) == (
        "unsupported",
        ["object", "subject"],
    )


def test_a_document_need_not_name_itself() -> None:
    more = f'<{DOCUMENT}> skos:prefLabel "一篇文章"@zh-Hant .\n:work skos:prefLabel "一篇文章"@zh-Hant .\n'
    stated = claim(":work", ":mentions", ":bank")
    assert verdict_of(check(stated, FOUNDING, more=more)) == ("supported", [])
    assert verdict_of(check(stated, FOUNDING))[0] == "unsupported"


def test_a_name_claim_needs_the_name_alone() -> None:
    named = claim(":council", "skos:altLabel", '"該組織"@zh-Hant')
    assert verdict_of(check(named, AIM)) == ("supported", [])
    assert verdict_of(check(claim(":council", "skos:altLabel", '"該組職"@zh-Hant'), AIM))[0] == "unsupported"


def test_the_dates_and_numbers_of_others_are_in_their_notes() -> None:
    note = '"Our correction: in December 2004; the day, 26 December, by the gazette."@en'
    ours = claim(":alliance", ":date", '"2004-12-26"^^xsd:date') | {"prov:wasAttributedTo": ":us", "skos:note": note}
    assert verdict_of(check(ours, AIM)) == ("explained", [])
    for slip in ('"2005-12-26"^^xsd:date', '"2004-12-27"^^xsd:date', "26000"):
        assert verdict_of(check(ours | {"rdf:object": slip}, AIM)) == ("unsupported", ["object"])


def test_a_role_is_there_with_its_key_terms_in_one_language() -> None:
    founding = claim(":alliance", ":founder", ":bank")
    assert verdict_of(check(founding | {"g:role": '"共同創立者"@zh-Hant , "co-founder"@en'}, FOUNDING)) == (
        "own words",
        [],
    )
    other = founding | {"g:role": '"觀察員身分"@zh-Hant , "observer"@en'}
    assert verdict_of(check(other, FOUNDING)) == ("unsupported", ["role", "role"])


def test_a_text_of_digits_is_not_put_in_other_words() -> None:
    assert verdict_of(check(claim(":alliance", ":volume", '"1999"@zh-Hant'), FOUNDING)) == ("supported", [])
    assert verdict_of(check(claim(":alliance", ":volume", '"99"@zh-Hant'), FOUNDING))[0] == "unsupported"


def test_what_explains_a_text_in_one_language_explains_it_in_the_others() -> None:
    both = claim(":alliance", ":goal", '"to do good"@en , "行善助人"@zh-Hant', supportReason=":other")
    assert verdict_of(check(both, AIM))[0] == "unsupported"
    words = {"g:supportingWords": '"致力於消除貧窮 = 行善助人"'}
    assert verdict_of(check(both | words, AIM)) == ("explained", [])


def test_a_name_is_not_a_part_of_the_passage_that_has_it_alone() -> None:
    named = claim(":council", "skos:altLabel", '"國際委員"@zh-Hant')
    assert verdict_of(check(named, "國際委員會"))[0] == "unsupported"
    assert verdict_of(check(named | {"rdf:object": '"國際委員會"@zh-Hant'}, "國際委員會")) == ("supported", [])


@pytest.mark.parametrize(
    ("time", "missing"),
    [("199X", []), ("1992~", ["time"]), ("198X/", ["time"]), ("[1991,1992,1999]", ["time"]), ("[1992,1999]", [])],
)
def test_a_time_that_is_not_exact_is_looked_for_as_it_is(time: str, missing: list[str]) -> None:
    found = check(claim(":council", ":aim", ":habitat", time=f'"{time}"^^{EDTF}'), "1992年設立的國際委員會", FOUNDING)
    assert sorted(found.missing["part"]) == missing


def test_a_date_is_that_of_the_value_as_written() -> None:
    founding = claim(":council", ":founded", '"1992"^^xsd:gYear', asWritten='"1992年設立"')
    both = ("1992年設立的國際委員會", FOUNDING)
    assert verdict_of(check(founding, *both)) == ("supported", [])
    assert verdict_of(check(founding | {"rdf:object": '"1999"^^xsd:gYear'}, *both)) == ("unsupported", ["object"])
    parts = claim(":council", ":parts", "415", asWritten='"415個地方政府"')
    words = ("由415個地方政府組成", "擁有三個會員")
    assert verdict_of(check(parts, "國際委員會", *words)) == ("supported", [])
    assert verdict_of(check(parts | {"rdf:object": "3"}, "國際委員會", *words)) == ("unsupported", ["object"])


PLACES = """
:washington a schema:Place ; skos:prefLabel "Washington, D.C."@en, "華盛頓特區"@zh-Hant .
:seats a g:Trend, skos:Concept ; skos:prefLabel "seats of alliances"@en, "總部"@zh-Hant .
:costs a skos:Concept ; skos:prefLabel "costs"@en, "總部設"@zh-Hant .
"""
SEAT = "總部設在美國華盛頓特區"


def list_unlimited(stated: Mapping[str, str], more: str = "") -> list[tuple[str, str]]:
    found = check(stated, SEAT, more=f"{PLACES}{more}").unlimited.rows()
    return [(claim.rpartition("/")[2].strip(">"), place.rpartition("/")[2].strip(">")) for claim, place in found]


def test_a_claim_about_a_concept_is_asked_for_the_place_that_its_passage_speaks_of() -> None:
    seats = claim(":seats", ":concerns", ":costs")
    assert list_unlimited(seats) == [("claim", "washington")]
    assert list_unlimited(seats | {"g:appliesTo": ":washington"}) == []
    assert list_unlimited(claim(":seats", ":concerns", ":washington")) == []
    assert list_unlimited(seats | {"g:supportingWords": '"華盛頓特區 = washington"'}) == []
    assert list_unlimited(claim(":alliance", ":concerns", ":costs")) == []


def test_a_place_in_the_middle_of_another_name_is_not_named() -> None:
    agency = ':agency skos:prefLabel "美國華盛頓特區"@zh-Hant .\n'
    assert list_unlimited(claim(":seats", ":concerns", ":costs"), agency) == []


def test_only_a_figure_is_asked_for_a_place_that_another_claim_names() -> None:
    start = TEXT.index(SEAT)
    other = (
        ":other rdf:subject :alliance ; rdf:predicate :seat ; rdf:object :washington ;"
        f" prov:wasDerivedFrom <{DOCUMENT}#char={start},{start + len(SEAT)}> .\n"
    )
    assert list_unlimited(claim(":seats", ":concerns", ":costs"), other) == []
    assert list_unlimited(claim(":seats", ":amount", "3"), other) == [("claim", "washington")]
