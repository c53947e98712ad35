"""IRIs in their long and short forms."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from conftest import ROOT

from glocal_rdf import namespaces, vocabulary
from glocal_rdf.namespaces import SH, WELL_KNOWN, expand, iri_of, local_name, shorten, split_iri, term_of
from glocal_rdf.rdfa_context import RDFA_CONTEXT


def test_every_constant_is_a_namespace_and_no_two_are_the_same() -> None:
    own = {n: v for n, v in vars(namespaces).items() if n.isupper() and isinstance(v, str) and v.startswith("http")}
    assert len(own) > 50
    assert len(set(own.values())) == len(own)
    names_of_xml = {"ATOM", "GRAPHML", "ITS", "XML"}
    assert {n for n, v in own.items() if not v.endswith(("/", "#"))} == names_of_xml, "no IRIs are made of them"
    assert set(own) < set(namespaces.__all__)


def test_every_namespace_with_a_prefix_is_a_constant() -> None:
    own = {v for n, v in vars(namespaces).items() if n.isupper() and isinstance(v, str)}
    assert set(WELL_KNOWN.values()) <= own
    assert set(RDFA_CONTEXT.values()) <= own


def test_a_prefix_of_both_sets_has_one_namespace_except_dc() -> None:
    differ = {p for p in WELL_KNOWN.keys() & RDFA_CONTEXT.keys() if WELL_KNOWN[p] != RDFA_CONTEXT[p]}
    assert differ == {"dc"}, "dc: is DCMI Terms in the RDFa context, and the older elements elsewhere"


@pytest.mark.parametrize(
    "name", ["APPLIES_TO", "BOUND", "CLAIM", "END", "HELD_BY", "ORDER", "QUANTITY", "START", "SOURCE_GRAPH"]
)
def test_the_ontology_defines_the_terms_that_the_code_uses(name: str) -> None:
    word = vars(vocabulary)[name]
    ontology = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "ontology").glob("*.ttl"))
    assert re.search(rf"^glocal:{word}\s+a\s", ontology, re.MULTILINE)


def test_the_longest_namespace_is_shortened() -> None:
    prefixes = {"a": "http://e.org/", "b": "http://e.org/b/", "c": "http://e.org/b/"}
    assert shorten("http://e.org/b/x", prefixes) == "b:x"
    assert shorten("http://e.org/b/x", dict(reversed(prefixes.items()))) == "c:x"
    assert shorten("http://e.org/b", prefixes) == "a:b"
    assert shorten("http://e.org/b/", prefixes) == "b:"
    assert shorten("http://e.org/b/x.y", prefixes, names_only=True) == "http://e.org/b/x.y"
    assert shorten('"http://e.org/b"', prefixes) == '"http://e.org/b"'
    assert shorten("http://e.org/b", {"": "http://e.org/"}) == ":b"


@pytest.mark.parametrize("curie", ["sh:", "sh:minCount", "skos:a:b"])
def test_what_is_expanded_is_shortened_to_the_same(curie: str) -> None:
    iri = expand(curie, WELL_KNOWN)
    assert iri is not None
    assert shorten(iri, WELL_KNOWN) == shorten(term_of(iri), WELL_KNOWN) == curie


def test_an_iri_without_a_known_prefix_is_not_expanded() -> None:
    assert expand("http://e.org/", {"http": "http://wrong.org/"}) is None
    assert expand("unknown:x", WELL_KNOWN) is None
    assert expand(":x", {"": "http://e.org/"}) == "http://e.org/x"


@pytest.mark.parametrize("term", ['"text"', "_:b0", "http://e.org/", "", '"<a>"', "<"])
def test_only_terms_of_iris_have_an_iri(term: str) -> None:
    with pytest.raises(ValueError, match="is not the term of an IRI"):
        iri_of(term)


def test_an_iri_is_split_at_its_last_separator() -> None:
    assert split_iri(f"{SH}minCount") == (SH, "minCount")
    assert split_iri("http://e.org/a#b/c") == ("http://e.org/a#b/", "c")
    assert local_name("http://e.org/a/#") == "a"
    assert local_name("<#>") == ""


def test_importing_namespaces_is_cheap() -> None:
    modules = "glocal_rdf.namespaces, glocal_rdf.vocabulary"
    code = f"import sys, {modules}; print('polars' in sys.modules, 'rdflib' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert ran.stdout.split() == ["False", "False"]
