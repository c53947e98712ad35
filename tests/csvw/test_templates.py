"""URI templates are filled as RFC 6570 says, for whole columns, and read back."""

from __future__ import annotations

from urllib.parse import quote

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glocal_rdf.csvw.rdf.uri_templates import expand, invert, parse_template
from glocal_rdf.errors import InputError

# The variables and expansions of the RFC's section 3.2, those of strings and lists.
VALUES = {
    "dub": "me/too",
    "hello": "Hello World!",
    "half": "50%",
    "var": "value",
    "who": "fred",
    "base": "http://example.com/home/",
    "path": "/foo/bar",
    "v": "6",
    "x": "1024",
    "y": "768",
    "empty": "",
    "undef": None,
}
LISTS = {"count": ["one", "two", "three"], "list": ["red", "green", "blue"], "empty_list": []}
EXAMPLES = """
{count} one,two,three
{count*} one,two,three
{/count} /one,two,three
{/count*} /one/two/three
{;count} ;count=one,two,three
{;count*} ;count=one;count=two;count=three
{?count} ?count=one,two,three
{?count*} ?count=one&count=two&count=three
{&count*} &count=one&count=two&count=three
{var} value
{hello} Hello%20World%21
{half} 50%25
O{empty}X OX
O{undef}X OX
{x,y} 1024,768
{x,hello,y} 1024,Hello%20World%21,768
?{x,empty} ?1024,
?{x,undef} ?1024
?{undef,y} ?768
{var:3} val
{var:30} value
{list} red,green,blue
{list*} red,green,blue
{+var} value
{+hello} Hello%20World!
{+half} 50%25
{base}index http%3A%2F%2Fexample.com%2Fhome%2Findex
{+base}index http://example.com/home/index
O{+empty}X OX
O{+undef}X OX
{+path}/here /foo/bar/here
here?ref={+path} here?ref=/foo/bar
up{+path}{var}/here up/foo/barvalue/here
{+x,hello,y} 1024,Hello%20World!,768
{+path,x}/here /foo/bar,1024/here
{+path:6}/here /foo/b/here
{+list} red,green,blue
{#var} #value
{#hello} #Hello%20World!
{#half} #50%25
foo{#empty} foo#
foo{#undef} foo
{#x,hello,y} #1024,Hello%20World!,768
{#path,x}/here #/foo/bar,1024/here
{#list*} #red,green,blue
{.who} .fred
{.who,who} .fred.fred
{.half,who} .50%25.fred
X{.var} X.value
X{.empty} X.
X{.undef} X
X{.list} X.red,green,blue
X{.list*} X.red.green.blue
X{.empty_list} X
{/who} /fred
{/half,who} /50%25/fred
{/who,dub} /fred/me%2Ftoo
{/var} /value
{/var,empty} /value/
{/var,undef} /value
{/var:1,var} /v/value
{/list} /red,green,blue
{/list*} /red/green/blue
{;who} ;who=fred
{;half} ;half=50%25
{;empty} ;empty
{;v,empty,who} ;v=6;empty;who=fred
{;v,undef,who} ;v=6;who=fred
{;x,y,empty} ;x=1024;y=768;empty
{;hello:5} ;hello=Hello
{;list} ;list=red,green,blue
{;list*} ;list=red;list=green;list=blue
{?who} ?who=fred
{?half} ?half=50%25
{?x,y} ?x=1024&y=768
{?x,y,empty} ?x=1024&y=768&empty=
{?x,y,undef} ?x=1024&y=768
{?var:3} ?var=val
{?list*} ?list=red&list=green&list=blue
{&who} &who=fred
?fixed=yes{&x} ?fixed=yes&x=1024
{&x,y,empty} &x=1024&y=768&empty=
{&list} &list=red,green,blue
"""


def fill(template: str, **values: str | list[str] | None) -> str:
    frame = pl.DataFrame(
        {n: pl.Series([v], dtype=pl.List(pl.String) if isinstance(v, list) else pl.String) for n, v in values.items()}
    )
    lists = frozenset(n for n, v in values.items() if isinstance(v, list))
    return frame.select(expand(parse_template(template), {n: pl.col(n) for n in values}, lists)).item()


@pytest.mark.parametrize("line", EXAMPLES.strip().splitlines())
def test_examples_of_the_rfc(line: str) -> None:
    template, _, expected = line.partition(" ")
    assert fill(template, **VALUES, **LISTS) == expected


@pytest.mark.parametrize("text", ["{", "}", "{}", "a{b", "{a b}", "{a:0}", "{a:x}", "{!a}", "{a,}"])
def test_what_is_no_template_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        parse_template(text)


TEXTS = st.text(st.characters(codec="utf-8"), max_size=12)


@settings(max_examples=100, deadline=None)
@given(st.lists(TEXTS, min_size=1, max_size=8))
def test_a_column_is_encoded_as_each_of_its_texts(texts: list[str]) -> None:
    frame = pl.DataFrame({"a": texts}, schema={"a": pl.String})
    filled = frame.select(expand(parse_template("x/{a}/{+a}"), {"a": pl.col("a")})).to_series().to_list()
    reserved = [quote(t, safe=":/?#[]@!$&'()*+,;=~%") for t in texts]
    assert [f.split("/")[1] for f in filled] == [quote(t, safe="~") for t in texts]
    assert all("%" in t or f.endswith(r) for f, t, r in zip(filled, texts, reserved, strict=True))


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(TEXTS, TEXTS)
def test_a_filled_template_is_read_back(one: str, other: str) -> None:
    for text in ("http://e.org/{a}/{b}", "http://e.org/{a}{?b}", "http://e.org/{a}{/b}", "http://e.org/{a}#{b}"):
        template = parse_template(text)
        assert invert(template, fill(text, a=one, b=other)) == {"a": one, "b": other}


@settings(max_examples=200, deadline=None)
@given(st.text(st.characters(codec="utf-8", exclude_characters="%"), max_size=12))
def test_a_reserved_expansion_is_read_back(value: str) -> None:
    assert invert(parse_template("http://e.org/id/{+a}"), fill("http://e.org/id/{+a}", a=value)) == {"a": value}


@pytest.mark.parametrize("filled", ["http://e.org/other/x", "http://e.org/id", "x", "", "http://e.org/id/a b"])
def test_what_a_template_cannot_give_is_not_read(filled: str) -> None:
    assert invert(parse_template("http://e.org/id/{a}"), filled) is None
