"""Makes the index of a site: which things there are, what they are called, and which terms their texts have.

1. Things are numbered: those with short names first, and among them those that much leads to. So the smallest numbers
   that have all terms are the best answers, and no more than these has to be looked up.
2. Each term has the numbers of the things whose names have it, and of those that have it in descriptions alone. A
   whole name is a term too, with `=` before it.
3. Terms are sorted and cut into files of about the same size (`shards`), so that all terms with one beginning are in
   one file or in neighbours, and a browser finds them with a list of the first term of each.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

import polars as pl

from glocal_rdf.namespaces import RDF_TYPE
from glocal_rdf.publish.pages.things import DESCRIPTIONS, NAMES
from glocal_rdf.publish.phrases import name_kind
from glocal_rdf.publish.rendering import embed_json
from glocal_rdf.publish.search.words import cut_terms, fold_table, fold_text, join_words
from glocal_rdf.publish.showing import split_literal
from glocal_rdf.publish.site import File, Site

__all__ = ["FOLDER", "Index", "make_index"]

FOLDER: Final = "search"

_SHARD: Final = 24_000
"""About how many characters a file of terms has."""

_BLOCK: Final = 32
"""How many things a file of records has."""

_LONGEST_NAME: Final = 60
"""Longer names are not terms as a whole."""

_DESCRIPTION: Final = 200
_DIGITS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


@dataclass(frozen=True)
class Index:
    """An index, as the files that a browser loads.

    Attributes:
        files: The files.
        version: A hash of all of them, by which a browser does not take an old one with a new one.
        things: How many things are in it.
    """

    files: tuple[File, ...]
    version: str
    things: int


def make_index(site: Site) -> Index:
    """Index everything that has a page.

    Args:
        site: The site.
    """
    texts = _list_texts(site)
    things = _number_things(site, texts)
    texts = texts.join(things.select("subject", "number"), on="subject")
    kinds, sets, codes = _list_classes(site, things)
    terms = _list_terms(texts)
    files = dict(_write_terms(terms))
    firsts = [first for first, _ in files.values()]
    width = next(n for n in range(1, 9) if len(sets) <= len(_DIGITS) ** n)
    head = {
        "things": things.height,
        "block": _BLOCK,
        "firsts": firsts,
        "fold": fold_table(texts["text"]),
        "classes": [
            [site.name_of(kind, lang) if kind.startswith("<") else name_kind(kind, lang) for lang in site.languages]
            for kind in kinds
        ],
        "sets": sets,
        "width": width,
        "codes": "".join(_write_code(code, width) for code in codes),
    }
    whole = [
        File(f"{FOLDER}/index.js", _call("index", 0, head)),
        *(File(path, content) for path, (_, content) in files.items()),
        *_write_records(site, things, texts),
    ]
    digest = sha256()
    for file in whole:
        digest.update(file.path.encode() + bytes(file.content))  # type: ignore[arg-type]
    return Index(tuple(whole), digest.hexdigest()[:12], things.height)


def _list_texts(site: Site) -> pl.DataFrame:
    """List the texts of what has a page: `subject`, `name` (whether it is one), `order`, `literal`, `text` (folded)."""
    order = {predicate: place for place, predicate in enumerate((*NAMES, *DESCRIPTIONS))}
    stated = pl.concat([site.known, site.graph.frame, *(source.about.frame for source in site.built.source_graphs)])
    rows = (
        stated.filter(pl.col("predicate").is_in(list(order)) & pl.col("object").str.starts_with('"'))
        .join(site.resources, left_on="subject", right_on="term", how="semi")
        .select(
            "subject",
            order=pl.col("predicate").replace_strict(order, return_dtype=pl.Int64),
            literal="object",
        )
        .unique()
    )
    # What things are called on pages, where that is another name or there is none.
    called = [
        (one, 0, f"{_quote(name)}@{lang}")
        for one in site.resources["term"]
        for lang in site.languages
        for name in [site.name_of(one, lang)]
    ]
    named = pl.DataFrame(called, schema=rows.schema, orient="row")
    known = rows.filter(pl.col("order") < len(NAMES)).with_columns(text=_text_of("literal"))
    named = named.with_columns(text=_text_of("literal")).join(known, on=["subject", "text"], how="anti").drop("text")
    rows = pl.concat([rows, named]).sort("subject", "order", "literal")
    folded = rows.select(pl.col("literal").unique()).with_columns(
        text=pl.col("literal").map_elements(lambda one: fold_text(split_literal(one)[0]), return_dtype=pl.String)
    )
    rows = rows.join(folded, on="literal", how="left", maintain_order="left")
    return rows.with_columns(name=pl.col("order") < len(NAMES))


def _text_of(column: str) -> pl.Expr:
    return pl.col(column).str.replace(r'"[^"]*$', "")


def _quote(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _number_things(site: Site, texts: pl.DataFrame) -> pl.DataFrame:
    """Give numbers to things: the columns `subject`, `path` and `number`."""
    shortest = texts.filter("name").group_by("subject").agg(length=pl.col("text").str.len_bytes().min())
    leading = site.graph.frame.group_by(subject="object").agg(leading=pl.len())
    paths = pl.DataFrame({"subject": site.resources["term"]}).with_columns(
        path=pl.col("subject").replace_strict(site.addresses, return_dtype=pl.String)
    )
    return (
        paths.join(shortest, on="subject")
        .join(leading, on="subject", how="left")
        # In bytes, as a Chinese character says as much as some letters; and in steps, so that of names with nearly the
        # same length that of the thing comes first that much leads to.
        .sort(pl.col("length") // 6, -pl.col("leading").fill_null(0).cast(pl.Int64), "path")
        .select("subject", "path")
        .with_row_index("number")
    )


def _list_classes(site: Site, things: pl.DataFrame) -> tuple[list[str], list[list[int]], list[int]]:
    """List the classes with things, the sets of classes that things have, and the place of its set for each thing.

    What has no class that is stated, as the terms of the ontology, has its kind of page for one.
    """
    own = things.join(site.resources, left_on="subject", right_on="term")
    stated = site.known.filter(pl.col("predicate") == RDF_TYPE).join(own, on="subject")
    stated = stated.filter(pl.col("kind").is_in(["thing", "concept"])).select("number", kind="object")
    types = pl.concat([stated, own.join(stated, on="number", how="anti").select("number", "kind")])
    kinds = sorted(types["kind"].unique())
    places = {kind: place for place, kind in enumerate(kinds)}
    of_thing = dict(types.group_by("number").agg(pl.col("kind").unique().sort()).iter_rows())
    each = [tuple(places[kind] for kind in of_thing.get(number, ())) for number in range(things.height)]
    sets = sorted(set(each))
    codes = {one: place for place, one in enumerate(sets)}
    return kinds, [list(one) for one in sets], [codes[one] for one in each]


def _list_terms(texts: pl.DataFrame) -> pl.DataFrame:
    """List terms, sorted, with the numbers of the things: `term`, `names`, `texts`."""
    wholes = texts.filter("name").select("number", "name", term=pl.lit("=") + join_words(pl.col("text")))
    wholes = wholes.filter(pl.col("term").str.len_chars().is_between(2, _LONGEST_NAME))
    rows = pl.concat([cut_terms(texts.select("number", "name", "text")), wholes])
    # What is in the names of a thing need not be looked for in its descriptions.
    rows = rows.group_by("term", "number").agg(pl.col("name").any()).sort("number")
    return (
        rows.group_by("term")
        .agg(names=pl.col("number").filter("name"), texts=pl.col("number").filter(~pl.col("name")))
        .sort("term")
    )


def _write_terms(terms: pl.DataFrame) -> Iterator[tuple[str, tuple[str, bytes]]]:
    """Yield the files of terms: the path, the first term, and the content."""
    steps = pl.element().diff().fill_null(pl.element())
    rows = terms.with_columns(pl.col("names", "texts").list.eval(steps).cast(pl.List(pl.String)).list.join(","))
    size = pl.sum_horizontal(pl.col("term", "names", "texts").str.len_chars() + 3)
    rows = rows.with_columns(shard=(size.cum_sum() - size) // _SHARD)
    for place, some in enumerate(rows.partition_by("shard", maintain_order=True)):
        lists = ",".join(
            f"{embed_json(term)}:[[{names}]" + (f",[{texts}]]" if texts else "]")
            for term, names, texts in some.select("term", "names", "texts").iter_rows()
        )
        yield f"{FOLDER}/terms-{place}.js", (some["term"][0], _call("terms", place, f"{{{lists}}}"))


def _write_records(site: Site, things: pl.DataFrame, texts: pl.DataFrame) -> Iterator[File]:
    """Yield the files of records: for each thing its path, its names by language, other spellings, descriptions."""
    of_thing: dict[int, tuple[list[str], dict[str, str]]] = {}
    for number, name, literal in (
        texts.sort("number", "order", "literal").select("number", "name", "literal").iter_rows()
    ):
        spellings, descriptions = of_thing.setdefault(number, ([], {}))
        text, tag, _ = split_literal(literal)
        if name:
            spellings.append(text)
        elif tag in site.languages or not tag:
            short = text if len(text) <= _DESCRIPTION else text[: _DESCRIPTION - 1].rstrip() + "…"
            descriptions.setdefault(tag, " ".join(short.split()))
    rows = things.select("number", "subject", "path").rows()
    for start in range(0, len(rows), _BLOCK):
        block = []
        for number, subject, path in rows[start : start + _BLOCK]:
            spellings, descriptions = of_thing[number]
            names = [site.name_of(subject, lang) for lang in site.languages]
            others = [one for one in dict.fromkeys(spellings) if one not in names]
            block.append(
                [path, names, others, [descriptions.get(lang) or descriptions.get("", "") for lang in site.languages]]
            )
        place = start // _BLOCK
        yield File(f"{FOLDER}/things-{place}.js", _call("things", place, block))


def _call(kind: str, place: int, value: object) -> bytes:
    """Write a value as a script that hands it over: from the disk (`file:`) a browser loads scripts, and no data."""
    text = value if isinstance(value, str) else embed_json(value)
    return f'glocalSearch("{kind}",{place},{text});\n'.encode()


def _write_code(code: int, width: int) -> str:
    digits = ""
    for _ in range(width):
        code, digit = divmod(code, len(_DIGITS))
        digits = _DIGITS[digit] + digits
    return digits
