"""Graphs of odd terms for property tests: IRIs, texts and datatypes that other forms cannot take for granted."""

from __future__ import annotations

from hypothesis import strategies as st

from glocal_rdf.triples.terms import quote

__all__ = ["odd_graphs"]

EX, XSD = "https://e.org/", "http://www.w3.org/2001/XMLSchema#"
TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
odd = st.sampled_from(
    ["", " ", "a;b", ";", "|", '"', "\n", "\r", "\t", "#x", "NULL", "true", "1", "-0", "1999", "x\x00y"]
)
iris = st.sampled_from(["a", "b", "a/b", "x#y", "c%20d", "é", "a;b", "..", "q?x=1", "(x)", "~", "-"]).map(
    lambda name: f"<{EX}{name}>"
)
others = st.sampled_from(
    ["<urn:x:1>", "<mailto:a@b.org>", "<geo:1,2>", "<x:y>", "<dc:title>", "_:b0", "_:b1", "<http://e>"]
)
datatypes = [
    *(f"{XSD}{name}" for name in ("integer", "decimal", "double", "boolean", "date", "gYear", "anyURI", "unknown")),
    *(f"{XSD}{name}" for name in ("token", "normalizedString", "duration", "base64Binary", "NCName", "anyAtomicType")),
    *(f"{EX}dt", f"{EX}é", "http://www.w3.org/1999/02/22-rdf-syntax-ns#XMLLiteral"),
]
literals = st.one_of(
    (texts | odd).map(quote),
    st.builds(quote, texts | odd, st.sampled_from(["en", "zh-Hant", "x-odd", "en-GB-oed"])),
    st.builds(
        lambda t, name: quote(t, None, name),
        odd | st.sampled_from(["2", "1.50", "+5", "1E3", "NaN", "2024-02-30", "2024-02-28", "ab", "P1Y"]),
        st.sampled_from(datatypes),
    ),
)  # fmt: skip
classes = st.sampled_from([f"<{EX}C>", f"<{EX}D>", "<http://www.w3.org/2004/02/skos/core#Concept>", f"<{EX}é>", "_:c"])
properties = st.sampled_from([f"<{EX}{n}>" for n in ("p", "q", "id", "class", "type", "p_en", "é", "p{x}"[:1])])
triples = st.one_of(
    st.tuples(iris | others, st.just(TYPE), classes),
    st.tuples(iris | others, properties, iris | others | literals),
)
odd_graphs = st.lists(triples, max_size=25)
