"""The JSON API: every fact with its evidence, pages in a stable order, strict parameters, problems by RFC 9457."""

from __future__ import annotations

import json
import threading
from typing import Any

import jsonschema
import pytest
from openapi_spec_validator import validate
from serve.answering import PUBLIC, open_client
from starlette.testclient import TestClient

from glocal_rdf.dataset import Build
from glocal_rdf.serve.api.endpoints import ENDPOINTS
from glocal_rdf.serve.parts import Limits

ID = "https://w3id.org/glocal/id/"


@pytest.fixture(scope="module")
def ask(answers_client: TestClient) -> Any:
    def asks(path: str, **values: Any) -> Any:
        response = answers_client.get(f"/api/{path}", params=values)
        assert response.status_code == 200, response.text
        return response.json()

    return asks


@pytest.fixture(scope="module")
def description(answers_client: TestClient) -> Any:
    return answers_client.get("/api/openapi.json").json()


@pytest.mark.slow
def test_a_thing_has_every_fact_with_claim_document_position_and_rank(ask: Any) -> None:
    found = ask("thing", id="臺北市", lang="en", limit=200)
    assert (found["iri"], found["label"], found["names"]["zh-Hant"]) == (f"{ID}place/taipei", "Taipei", "臺北市")
    facts = found["facts"]["items"]
    [about] = [
        one
        for one in facts
        if one["object"]["value"] == f"{ID}place/taipei"
        and one["subject"]["iri"] == f"{ID}publication/taipei-international-affairs-page"
        and one["predicate"]["iri"] == "http://schema.org/about"
    ]
    [claim] = about["claims"]
    assert claim["rank"] == "normal"
    passage = claim["passages"][0]
    assert passage["document"]["iri"] == f"{ID}document/taipei-international-affairs"
    assert passage["iri"].endswith(f"#char={passage['start']},{passage['end']}")
    assert len(passage["sha256"]) == 64
    assert all(one["claims"] or one["places"] for one in facts)


def test_an_inferred_fact_has_the_rule_and_the_claims_that_it_follows_from(ask: Any) -> None:
    facts = ask("thing", id="place/taipei", limit=200)["facts"]["items"]
    inferred = [one for one in facts if one["origin"] == "rule"]
    assert {one["rule"] for one in inferred} >= {"superclass"}
    assert any(one["claims"] for one in inferred)
    assert all(one["claims"] or one["places"] for one in inferred)


@pytest.mark.slow
def test_no_path_of_the_machine_is_in_an_answer(ask: Any, built: Build) -> None:
    text = json.dumps(ask("thing", id="place/taipei", limit=500))
    assert str(built.project.root) not in text
    assert "data/places.csv:" in text


def test_documents_without_a_licence_are_not_quoted(ask: Any) -> None:
    assert {one["iri"]: one["quotable"] for one in ask("documents")}[f"{ID}document/city-alliances"] is False
    assert '"quote"' not in json.dumps(ask("contradictions"))


def test_pages_are_parts_of_one_order(ask: Any) -> None:
    whole = ask("thing", id="place/taipei", limit=500)["facts"]
    parts = [ask("thing", id="place/taipei", offset=n, limit=7)["facts"] for n in range(0, whole["total"], 7)]
    assert [one for part in parts for one in part["items"]] == whole["items"]
    beyond = ask("thing", id="place/taipei", offset=10_000)["facts"]
    assert (beyond["items"], beyond["total"]) == ([], whole["total"])


def test_a_search_finds_things_in_any_script(ask: Any) -> None:
    assert ask("search", q="台北", lang="en")["items"][0]["label"] == "Taipei"
    cities = ask("search", q="Taipei", kind="schema:City")["items"]
    assert [one["iri"] for one in cities] == [f"{ID}place/taipei", f"{ID}place/new-taipei"]
    first = ask("search", q="city", limit=3)
    second = ask("search", q="city", limit=3, offset=3)
    assert len({one["iri"] for one in first["items"] + second["items"]}) == 6
    assert first["total"] == second["total"] > 6


def test_a_question_answers_with_rows_and_their_facts(ask: Any) -> None:
    found = ask("question/networks-of-city", city="Taipei", lang="zh-Hant", limit=3)
    assert found["rows"]["total"] > 3
    assert len(found["rows"]["items"]) == 3
    assert found["traced"]
    for row in found["rows"]["items"]:
        assert row["facts"]
        assert all(found["facts"][number]["claims"] or found["facts"][number]["places"] for number in row["facts"])


@pytest.mark.slow
def test_the_rows_of_a_part_have_the_facts_of_the_whole(ask: Any) -> None:
    whole = ask("question/networks-of-city", city="taipei", limit=50)
    part = ask("question/networks-of-city", city="taipei", limit=2, offset=3)

    def rows(answer: Any) -> list[Any]:
        facts = answer["facts"]
        return [(row["values"], [facts[n] for n in row["facts"]]) for row in answer["rows"]["items"]]

    assert rows(part) == rows(whole)[3:5]


@pytest.mark.slow
def test_an_answer_that_rests_on_too_much_says_so(ask: Any) -> None:
    found = ask("question/things-by-class", limit=5)
    assert found["traced"] is False
    assert "rests on more than 5,000 statements" in found["note"]
    assert found["rows"]["items"]


@pytest.mark.slow
def test_contradictions_have_all_sides(ask: Any) -> None:
    found = ask("contradictions", limit=100)
    assert found["total"] == len(found["items"]) == 12
    assert all(len(one["facts"]) > 1 and all(fact["claims"] for fact in one["facts"]) for one in found["items"])
    subject = found["items"][0]["facts"][0]["subject"]["iri"]
    about = ask("contradictions", subject=subject)
    assert found["items"][0] in about["items"]
    assert about["total"] < 12


@pytest.mark.slow
def test_evidence_is_of_a_subject_predicate_and_value(ask: Any) -> None:
    whole = ask("evidence", subject="organization/cities-alliance", predicate="schema:foundingDate")
    assert {one["predicate"]["iri"] for one in whole["items"]} == {"http://schema.org/foundingDate"}
    year = whole["items"][0]["object"]["value"]
    one = ask("evidence", subject="organization/cities-alliance", predicate="schema:foundingDate", value=year)
    assert {fact["object"]["value"] for fact in one["items"]} == {year}
    country = ask("evidence", subject="place/taipei", object="place/taiwan")
    assert country["items"]
    assert {fact["object"]["value"] for fact in country["items"]} == {f"{ID}place/taiwan"}


@pytest.mark.slow
def test_the_description_is_openapi_and_the_answers_are_what_it_says(
    answers_client: TestClient, description: Any
) -> None:
    validate(description)
    assert set(description["paths"]) == {f"/{one.name}" for one in ENDPOINTS} | {"/question/{name}"}
    values: dict[str, dict[str, str]] = {
        "thing": {"id": "place/taipei"},
        "search": {"q": "city"},
        "evidence": {"subject": "place/taipei"},
    }
    cases = [(f"/{one.name}", one.name, values.get(one.name, {})) for one in ENDPOINTS]
    cases.append(("/question/{name}", "question/networks-of-city", {"city": "taipei"}))
    for path, address, given in cases:
        schema = description["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        answer = answers_client.get(f"/api/{address}", params=given).json()
        whole = {"$ref": "#/x", "x": schema, "components": description["components"]}
        jsonschema.Draft202012Validator(whole).validate(answer)
    problem = answers_client.get("/api/thing").json()
    schema = {"$ref": "#/components/schemas/Problem", "components": description["components"]}
    jsonschema.Draft202012Validator(schema).validate(problem)


def test_the_page_names_all_that_can_be_asked(answers_client: TestClient) -> None:
    page = answers_client.get("/api/", headers={"Accept-Language": "zh-TW"})
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["content-language"] == "zh-Hant"
    assert "networks-of-city" in page.text
    assert all(f'id="{one.name}"' in page.text for one in ENDPOINTS)
    assert answers_client.get("/api").headers["location"] == f"{PUBLIC}api/"


def test_the_language_is_the_one_that_is_accepted_or_asked_for(answers_client: TestClient) -> None:
    accepted = {"Accept-Language": "zh-Hant, en;q=0.5"}
    answer = answers_client.get("/api/thing", params={"id": "place/taipei"}, headers=accepted)
    assert answer.json()["label"] == "臺北市"
    assert answer.headers["vary"] == "Accept-Language"
    asked = answers_client.get("/api/thing", params={"id": "place/taipei", "lang": "en"}, headers=accepted)
    assert asked.json()["label"] == "Taipei"


REFUSED = {
    "a parameter that is not known": ("thing?id=taipei&langg=en", 400, "unknown-parameter", "'langg'"),
    "a callback": ("thing?id=taipei&callback=alert", 400, "unknown-parameter", "'callback'"),
    "a parameter twice": ("thing?id=taipei&id=kaohsiung", 400, "wrong-value", "twice"),
    "a parameter twice for a question": ("question/networks-of-city?city=a&city=b", 400, "wrong-value", "twice"),
    "no value": ("search", 400, "wrong-value", "must be given"),
    "an empty value": ("search?q=%20", 400, "wrong-value", "empty"),
    "a number that is none": ("search?q=a&limit=NaN", 400, "wrong-value", "whole number"),
    "a negative number": ("search?q=a&offset=-1", 400, "wrong-value", "whole number"),
    "a huge number": ("search?q=a&limit=" + "9" * 400, 400, "wrong-value", "whole number"),
    "too many items": ("search?q=a&limit=101", 400, "wrong-value", "from 1 to 100"),
    "a language that is none": ("thing?id=taipei&lang=%3Cscript%3E", 400, "wrong-value", "language tag"),
    "a long text": ("search?q=" + "a" * 3000, 400, "wrong-value", "more than 500"),
    "a NUL": ("thing?id=a%00b", 400, "wrong-value", "control"),
    "malformed UTF-8": ("thing?id=%ff%fe", 404, "not-found", "called"),
    "an unknown thing": ("thing?id=no-such-thing", 404, "not-found", "no-such-thing"),
    "an unknown IRI": ("thing?id=https://evil.example/%3Cb%3E", 404, "not-found", "evil"),
    "an unknown question": ("question/no-such", 404, "not-found", "no-such"),
    "a question by path": ("question/..%2F..%2Fetc%2Fpasswd", 404, "not-found", "nothing is here"),
    "a value that names nothing": ("question/networks-of-city?city=xyzzy", 400, "wrong-value", "xyzzy"),
    "SPARQL in a value": ("question/networks-of-city?city=%7D%20DROP%20ALL", 400, "wrong-value", "called"),
    "an unknown question's parameter": ("question/networks-of-city?town=a", 400, "unknown-parameter", "'town'"),
    "an unknown kind": ("search?q=a&kind=nokind", 404, "not-found", "nokind"),
    "object and value": ("evidence?subject=taipei&object=taiwan&value=1", 400, "wrong-value", "exclude"),
    "an unknown address": ("nothing/here", 404, "not-found", "nothing"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_answered_is_refused_with_its_reason(answers_client: TestClient, name: str) -> None:
    path, status, kind, part = REFUSED[name]
    response = answers_client.get(f"/api/{path}")
    problem = response.json()
    assert (response.status_code, problem["status"]) == (status, status), problem
    assert response.headers["content-type"] == "application/problem+json"
    assert problem["type"] == f"{PUBLIC}api/#{kind}"
    assert part in problem["detail"] or name == "a question by path"
    assert "Traceback" not in response.text
    assert "\n" not in problem["detail"]


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_other_methods_are_refused(answers_client: TestClient, method: str) -> None:
    response = answers_client.request(method, "/api/search", params={"q": "city"})
    assert response.status_code == 405
    assert response.headers["allow"] == "GET, HEAD, OPTIONS"


def test_an_error_that_nobody_expected_shows_nothing_of_itself() -> None:
    class Broken:
        def dataset(self, lang: str) -> None:
            raise RuntimeError("/home/secret/path")

    with open_client(Broken()) as client:  # type: ignore[arg-type]
        response = client.get("/api/dataset")
    assert response.status_code == 500
    assert "secret" not in response.text


def test_who_waits_too_long_is_asked_to_return_and_others_are_answered_then() -> None:
    gate = threading.Event()

    class Slow:
        def dataset(self, lang: str) -> dict[str, str]:
            if lang == "de":
                gate.wait(20)
            return {}

    with open_client(Slow(), limits=Limits(concurrency=1, timeout=0.1)) as client:  # type: ignore[arg-type]
        late = client.get("/api/dataset", params={"lang": "de"})
        waiting = client.get("/api/dataset", params={"lang": "en"})
        gate.set()
        then = client.get("/api/dataset", params={"lang": "en"})
    assert [late.status_code, waiting.status_code, then.status_code] == [503, 503, 200]
    assert late.headers["retry-after"] == "10"
    assert late.json()["type"].endswith("#took-too-long")
