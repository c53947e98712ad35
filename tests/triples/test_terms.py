"""Terms: what is written equals what the parser would write, for every character there is."""

import polars as pl
import pyoxigraph
import pytest

from glocal_rdf.errors import InputError
from glocal_rdf.triples import terms

XSD = "http://www.w3.org/2001/XMLSchema#"
EVERY_CHARACTER = [chr(code) for code in range(0x110000) if not 0xD800 <= code < 0xE000]
TRICKY = [
    "",
    '"',
    "\\",
    "\\n",
    "\\\n",
    '\\"',
    '""',
    "a\\u0041",
    "\\\\u0000",
    '"@en',
    '"^^<x>',
    "\0\x7f\ufffe",
    "é臺𠮷\r\n",
]


def column(*values):
    return pl.DataFrame({"x": values}, schema={"x": pl.String})


@pytest.mark.slow
def test_every_character_is_quoted_as_the_parser_quotes_it():
    expected = [str(pyoxigraph.Literal(char)) for char in EVERY_CHARACTER]
    assert [terms.quote(char) for char in EVERY_CHARACTER] == expected
    frame = column(*EVERY_CHARACTER).select(term=terms.literal(pl.col("x")))
    assert frame["term"].to_list() == expected
    assert frame.select(terms.value(pl.col("term"))).to_series().to_list() == EVERY_CHARACTER
    assert [terms.unquote(term) for term in expected] == EVERY_CHARACTER


@pytest.mark.parametrize("text", TRICKY)
@pytest.mark.parametrize("kind", [{}, {"language": "zh-Hant"}, {"datatype": XSD + "date"}])
def test_text_survives_being_quoted_and_unquoted(text, kind):
    term = terms.quote(text, **kind)
    node = pyoxigraph.NamedNode(kind["datatype"]) if "datatype" in kind else None
    expected = str(pyoxigraph.Literal(text, language=kind.get("language"), datatype=node))
    assert term.replace("zh-Hant", "zh-hant") == expected.replace("zh-Hant", "zh-hant")
    assert terms.unquote(term) == text
    by_column = terms.literal(pl.col("x"), lang=kind.get("language"), datatype=kind.get("datatype"))
    assert column(text).select(by_column).item() == term
    assert column(term).select(terms.value(pl.col("x"))).item() == text


def test_terms_are_told_apart_and_taken_to_pieces():
    frame = pl.DataFrame(
        [
            ("<http://a/@en>", "iri", "http://a/@en", None, None),
            ("_:b0", "blank", "_:b0", None, None),
            ('"臺北"@zh-Hant', "literal", "臺北", "zh-Hant", terms.LANG_STRING),
            ('"x\\"@en"', "literal", 'x"@en', None, terms.STRING),
            ('"12.50"^^<http://www.w3.org/2001/XMLSchema#decimal>', "literal", "12.50", None, XSD + "decimal"),
            ('"\\"^^<x>"', "literal", '"^^<x>', None, terms.STRING),
        ],
        schema=["term", "kind", "value", "language", "datatype"],
        orient="row",
    )
    term = pl.col("term")
    read = frame.select(
        term,
        kind=terms.kind(term),
        value=terms.value(term),
        language=terms.language(term),
        datatype=terms.datatype(term),
    )
    assert read.equals(frame)


@pytest.mark.parametrize("times", [1, 400])
def test_few_terms_and_many_say_the_same(times):
    # Few are read one by one.
    said = [*TRICKY, "https://example.org/a", "_:b0", None]
    written = [*map(terms.quote, TRICKY), "<https://example.org/a>", "_:b0", None]
    read = column(*written * times).select(terms.value(pl.col("x")))
    assert read["x"].to_list() == said * times


def test_tags_and_datatypes_may_be_columns_with_gaps():
    frame = pl.DataFrame({"x": ["a", "b", "c", None], "tag": ["en", None, "zh-Hant", "en"]})
    by_tag = frame.select(terms.literal(pl.col("x"), lang=pl.col("tag"))).to_series()
    assert by_tag.to_list() == ['"a"@en', '"b"', '"c"@zh-Hant', None]
    frame = pl.DataFrame({"x": ["a", "b", "1"], "iri": [terms.STRING, None, XSD + "integer"]})
    by_datatype = frame.select(terms.literal(pl.col("x"), datatype=pl.col("iri"))).to_series()
    assert by_datatype.to_list() == ['"a"', '"b"', f'"1"^^<{XSD}integer>']
    assert column("a").select(terms.literal(pl.col("x"), datatype=terms.STRING)).item() == '"a"'


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        ("http://example.org/", True),
        ("urn:isbn:123", True),
        ("http://[::1]/", True),
        ("http://a@b:80/x?y#z", True),
        ("https://例.tw/臺北", True),
        ("http://a/%E5%8C%97", True),
        ("mailto:a@b", True),
        ("http://a/%zz", False),
        ("http://a b/", False),
        ("relative/path", False),
        ("//host/path", False),
        ("", False),
        ("http://a/<b>", False),
        ("http://[x]/", False),
        ("http://a:b/", False),
        ("http://a/\ue000", False),
        ("http://a#b#c", False),
        ("http://a/\n", False),
    ],
)
def test_iris_are_judged_as_the_parser_judges_them(text, valid):
    assert column(text, None).select(terms.is_iri(pl.col("x"))).to_series().to_list() == [valid, None]
    if valid:
        assert str(pyoxigraph.NamedNode(text)) == column(text).select(terms.iri(pl.col("x"))).item()
    else:
        with pytest.raises(ValueError, match=r"IRI|IP|character|scheme"):
            pyoxigraph.NamedNode(text)


def test_half_a_surrogate_pair_is_refused():
    with pytest.raises(InputError, match="half of a surrogate pair at character 3; write whole characters"):
        terms.quote("ab\ud800")
