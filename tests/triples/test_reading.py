"""Reading: every format, tags and literals as written, and every fault told with its place and its hint."""

import gzip
import subprocess
import sys

import pytest

from glocal_rdf.errors import InputError
from glocal_rdf.triples import Triples

XSD = "http://www.w3.org/2001/XMLSchema#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
EXPECTED = {
    ("<http://e/a>", "<http://e/p>", '"臺北\\n"@zh-Hant'),
    ("<http://e/a>", "<http://e/p>", f'"12.50"^^<{XSD}decimal>'),
    ("<http://e/a>", f"<{RDF}type>", "<http://e/C>"),
}
XML = (
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="http://e/">'
    '<rdf:Description rdf:about="http://e/a">{}</rdf:Description></rdf:RDF>'
)
SOURCES = {
    "turtle": f'@prefix e: <http://e/> . e:a a e:C ; e:p "臺北\\n"@zh-Hant, "12.50"^^<{XSD}decimal> .',
    "ntriples": "".join(f"{s} {p} {o} .\n" for s, p, o in sorted(EXPECTED)),
    "nquads": "".join(f"{s} {p} {o} <http://e/g> .\n" for s, p, o in sorted(EXPECTED)),
    "trig": f'@prefix e: <http://e/> . e:a a e:C . e:g {{ e:a e:p "臺北\\n"@zh-Hant, "12.50"^^<{XSD}decimal> }}',
    "jsonld": '{"@id": "http://e/a", "@type": "http://e/C", "http://e/p": ['
    f'{{"@value": "臺北\\n", "@language": "zh-Hant"}}, {{"@value": "12.50", "@type": "{XSD}decimal"}}]}}',
    "rdfxml": XML.format(
        '<rdf:type rdf:resource="http://e/C"/><e:p xml:lang="zh-Hant">臺北\n</e:p>'
        f'<e:p rdf:datatype="{XSD}decimal">12.50</e:p>'
    ),
    "n3": f'@prefix e: <http://e/> . e:a a e:C ; e:p "臺北\\n"@zh-Hant, "12.50"^^<{XSD}decimal> .',
}
ENDINGS = {
    "turtle": "ttl",
    "ntriples": "nt",
    "nquads": "nq",
    "trig": "trig",
    "jsonld": "jsonld",
    "rdfxml": "rdf",
    "n3": "n3",
}


def objects(graph):
    return [triple[2] for triple in graph]


@pytest.mark.parametrize("name", SOURCES)
def test_every_format_is_read_by_name_and_by_ending(name, tmp_path):
    assert set(Triples.parse(SOURCES[name], name)) == EXPECTED
    path = tmp_path / f"graph.{ENDINGS[name]}"
    path.write_text(SOURCES[name], encoding="utf-8")
    assert set(Triples.read(path)) == EXPECTED
    packed = tmp_path / f"graph.{ENDINGS[name]}.gz"
    packed.write_bytes(gzip.compress(SOURCES[name].encode()))
    assert set(Triples.read(packed)) == EXPECTED


@pytest.mark.parametrize("name", SOURCES)
def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(name):
    source = b"\xef\xbb\xbf" + SOURCES[name].replace("} ", "}\n").replace(" .\n", " .\r\n").encode()
    assert set(Triples.parse(source, name)) == EXPECTED


@pytest.mark.parametrize("name", ["text/turtle", "ttl", "TTL", ".ttl", "text/turtle; charset=utf-8", "turtle"])
def test_formats_have_several_names(name):
    assert len(Triples.parse(SOURCES["turtle"], name)) == 3


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("turtle", '<x:a> <x:p> "1"@zh-Hant , "2" @en-GB, "3"@en , "4" # @EN\n @de-AT, "@ZH-HANT" .'),
        ("trig", '<x:g> { <x:a> <x:p> "1"@zh-Hant , "2"@en-GB, "3"@en , "4"@de-AT, "@ZH-HANT" }'),
        (
            "ntriples",
            "".join(
                f"<x:a> <x:p>  {o} . # @EN\n" for o in ('"1"@zh-Hant', '"2"@en-GB', '"3"@en', '"4"@de-AT', '"@ZH-HANT"')
            ),
        ),
        (
            "jsonld",
            """{"@id": "x:a", "x:p": [{"@value": "1", "@language": "zh-Hant"}, {"@value": "2", "@language": "en-GB"},
            {"@value": "3", "@language": "en"}, {"@value": "4", "@language": "de-AT"}, "@ZH-HANT"]}""",
        ),
        (
            "rdfxml",
            XML.replace("http://e/a", "x:a")
            .replace("http://e/", "x:")
            .format(
                '<e:p xml:lang="zh-Hant">1</e:p><e:p xml:lang="en-GB">2</e:p><e:p xml:lang=\'en\'>3</e:p>'
                '<e:p xml:lang="de-AT">4</e:p><e:p>@ZH-HANT</e:p>'
            ),
        ),
    ],
)
def test_language_tags_keep_their_case(name, source):
    assert objects(Triples.parse(source, name)) == ['"1"@zh-Hant', '"2"@en-GB', '"3"@en', '"4"@de-AT', '"@ZH-HANT"']


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("turtle", '@prefix e: <x:@EN/> . <x:a> <x:p> "1 @En"@EN , "2"@en , "3"@En , <x:@EN> , e:a .'),
        (
            "jsonld",
            """{"@context": {"@vocab": "x:", "EN": "x:@EN"}, "@id": "x:a", "p": [
            {"@value": "1 @En", "@language": "EN"}, {"@value": "2", "@language": "en"},
            {"@value": "3", "@language": "En"}, {"@id": "x:@EN"}, {"@id": "x:@EN/a"}]}""",
        ),
        (
            "rdfxml",
            XML.replace("http://e/a", "x:a")
            .replace("http://e/", "x:")
            .format(
                '<e:p xml:lang="EN">1 @En</e:p><e:p xml:lang="en">2</e:p><e:p xml:lang="En">3</e:p>'
                '<e:p rdf:resource="x:@EN"/><e:p rdf:resource="x:@EN/a"/>'
            ),
        ),
    ],
)
def test_one_tag_in_several_cases_keeps_each(name, source):
    assert objects(Triples.parse(source, name)) == ['"1 @En"@EN', '"2"@en', '"3"@En', "<x:@EN>", "<x:@EN/a>"]


def test_language_maps_of_jsonld_keep_their_case():
    source = (
        '{"@context": {"l": {"@id": "x:l", "@container": "@language"}}, "@id": "x:a", "l": {"zh-Hant": "1", "EN": "2"}}'
    )
    assert objects(Triples.parse(source, "jsonld")) == ['"1"@zh-Hant', '"2"@EN']


def test_literals_stay_as_they_are_written():
    source = '<x:a> <x:p> 12.50, 01, +1, 1e3, 1.0E3, true, "1"^^<http://www.w3.org/2001/XMLSchema#boolean> .'
    written = [
        ("12.50", "decimal"),
        ("01", "integer"),
        ("+1", "integer"),
        ("1e3", "double"),
        ("1.0E3", "double"),
        ("true", "boolean"),
        ("1", "boolean"),
    ]
    assert objects(Triples.parse(source, "turtle")) == [f'"{text}"^^<{XSD}{name}>' for text, name in written]


def test_blank_nodes_without_a_label_are_named_by_the_source_alone():
    source = "<x:a> <x:p> [ <x:q> [ <x:r> 1 ] ], _:b ."
    code = f"from glocal_rdf.triples import Triples; print(list(Triples.parse({source!r}, 'turtle')))"
    again = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert f"{list(Triples.parse(source, 'turtle'))}\n" == again
    assert "'_:b'" in again
    other = Triples.parse(source + " ", "turtle")
    assert len(Triples.parse(source, "turtle") | other) == 7  # nothing but the triple of _:b is shared


def test_graphs_are_merged_or_one_is_picked():
    source = (
        '<x:a> <x:p> "x <y>" <x:g> .\n<x:a> <x:p> <x:b> _:h .\n<x:a> <x:p> "<x:g>"@EN <x:g> .\n<x:a> <x:p> "_:h" .\n'
    )
    assert objects(Triples.parse(source, "nquads")) == ['"x <y>"', "<x:b>", '"<x:g>"@EN', '"_:h"']
    assert objects(Triples.parse(source, "nquads", graph="x:g")) == ['"x <y>"', '"<x:g>"@EN']
    with pytest.raises(InputError, match="has no graph <x:z>; its named graphs: <x:g>"):
        Triples.parse(source, "nquads", graph="x:z")
    with pytest.raises(InputError, match="Turtle has no named graphs"):
        Triples.parse("<x:a> <x:b> <x:c> .", "turtle", graph="x:g")


def test_relative_iris_are_resolved_against_the_base():
    for name, source in {
        "turtle": "<a> <#p> <../b> .",
        "jsonld": '{"@id": "a", "http://e/d#p": {"@id": "../b"}}',
        "rdfxml": XML.replace("http://e/a", "a")
        .replace('xmlns:e="http://e/"', 'xmlns:e="http://e/d#"')
        .format('<e:p rdf:resource="../b"/>'),
    }.items():
        graph = Triples.parse(source, name, base="http://e/d")
        assert graph.match("<http://e/a>"), name


@pytest.mark.parametrize(
    ("name", "source", "told"),
    [
        (
            "turtle",
            "<a> <b> <c> .",
            "text:1:1: a relative IRI, and no base to resolve it against; give a base IRI, or write the IRI out",
        ),
        ("turtle", "<x:a> <x:b>\n e:c .", "text:2:2: The prefix e: has not been declared; declare it with @prefix"),
        (
            "turtle",
            "<x:a> <x:b>\n  <x:c d> .",
            "text:2:3: Invalid IRI code point ' '; percent-encode what an IRI may not hold",
        ),
        ("turtle", '<x:a> <x:b> "\\uD800" .', "text:1:14: The escape sequence"),
        ("turtle", '<x:a> <x:b> "open .', "text:1:13: Unexpected end of file; close what is open"),
        (
            "turtle",
            '<x:a> <x:b> "x"@a .',
            "text:1:17: The given language subtag is invalid; write a language tag like en or zh-Hant",
        ),
        ("turtle", b'<x:a> <x:b>\n "\xff" .', "text:2:3: byte 0xFF is not UTF-8; save the file as UTF-8"),
        ("turtle", "<x:a> <x:b> <x:c> .".encode("utf-16"), "text:1:1: byte 0xFF is not UTF-8"),
        ("turtle", '<x:a> <x:b> <<( <x:a> <x:b> "c" )>> .', '"c" )>> is a term of RDF 1.2; write it in RDF 1.1'),
        ("turtle", '<x:a> <x:b> "c"@ar--rtl .', 'text: "c"@ar--rtl is a term of RDF 1.2'),
        (
            "jsonld",
            '{"@context": "https://schema.org", "@id": "x:a"}',
            "text: the context is remote; put the context into the file: nothing is fetched",
        ),
        (
            "jsonld",
            '{"@id": "a", "x:b": "c"}',
            "text: 'a': a relative IRI, and no base to resolve it against; give a base IRI",
        ),
        ("jsonld", '{"@id": "x:a b", "x:b": "c"}', "text: 'x:a b': Invalid IRI code point ' '; percent-encode"),
        ("jsonld", '{"@id": "x:a> <x:b> <x:c> .\\n<x:d", "x:b": "c"}', "Invalid IRI code point '>'"),
        (
            "jsonld",
            '{"@id": "x:a", "x:b": {"@value": "c", "@language": "no tag"}}',
            "text: 'no tag': The given language subtag is invalid",
        ),
        ("jsonld", '{"@id": "x:a",\n "x:b": }', "text:2:9: "),
        ("jsonld", '{"@id": "x:a", "x:b": "\\ud800"}', "text:1:"),
        ("rdfxml", XML.format("<e:p>"), "text:1:133: not well-formed XML (mismatched tag); write valid XML"),
        ("rdfxml", XML.format("<e:p>\x01</e:p>"), "text:1:131: not well-formed XML (not well-formed (invalid token))"),
        ("rdfxml", XML.format('\n<e:p rdf:resource="x y"/>'), "text:2: 'x y': "),
        ("rdfxml", XML.format("<e:p>é</e:p>").encode("latin-1"), "text:1: is not UTF-8; save the file as UTF-8"),
        ("rdfxml", '<?xml version="1.0" encoding="rot13"?><a/>', "text:1: unknown encoding 'rot13'"),
        ("rdfxml", "", "text:1:1: not well-formed XML (no element found)"),
        ("n3", "{ <x:a> <x:b> <x:c> } <x:p> 5 .", "text: formulas, { … }, are not RDF; write Turtle or TriG"),
        ("turtle", "x\ud800", "text: half of a surrogate pair at character 2"),
        ("nope", "", "unknown RDF format 'nope'; choose one of turtle, ntriples"),
    ],
)
def test_what_cannot_be_read_is_told_with_place_and_mend(name, source, told):
    with pytest.raises(InputError) as caught:
        Triples.parse(source, name)
    assert told in str(caught.value)


def test_every_wrong_line_of_ntriples_is_told():
    source = "<x:a> <x:b> <x:c> .\nfoo\n# fine\n<x:a> <x:b> <x:c>\n\n<x:a> <x:b> <x:c> .\n<x a> <x:b> <x:c> .\n"
    with pytest.raises(InputError) as caught:
        Triples.parse(source, "ntriples")
    assert [problem.row for problem in caught.value.problems] == [2, 4, 7]


def test_a_wrong_base_is_told():
    with pytest.raises(InputError, match="the base 'nope' is not an IRI"):
        Triples.parse("<x:a> <x:b> <x:c> .", "turtle", base="nope")


@pytest.mark.parametrize(
    "source",
    [
        "",
        "\n\n# nothing\n",
        "# comment\r<x:a> <x:b> <x:c> .\n<x:a> <x:b> <x:d> .\r<x:a> <x:b> <x:e> .",
        '<x:a> <x:b> "c" .',
        '<x:a> <x:b> "c" .\n\n# comment\n<x:a> <x:b> "d"@EN .\r\n',
        '  <x:a>\t<x:b>"c".# comment\n_:b <x:b> _:c.d .\n',
        '<x:a> <x:b> "\\u0041\\U0001F600\t" .\n',
        '<x:a> <x:b> "\x00" .\n',
        '<x:a> <x:b> "c"^^<http://www.w3.org/2001/XMLSchema#string> .\n',
        '<x:a> <http://[::1]/> <x:b%41?c=(d)#e> .\n<x:a> <x:b> "a\u2028b\x85" .\r',
    ],
)
def test_canonical_or_not_ntriples_give_the_same_graph_as_turtle(source):
    assert Triples.parse(source, "ntriples") == Triples.parse(source, "turtle")


def test_other_encodings_of_xml_are_recoded_as_declared():
    for encoding in ("UTF-16", "big5", "utf-8"):
        source = f'<?xml version="1.0" encoding="{encoding}"?>' + XML.format('<e:p xml:lang="zh-Hant">臺北</e:p>')
        assert objects(Triples.parse(source.encode(encoding), "rdfxml")) == ['"臺北"@zh-Hant']


def test_line_ends_in_xml_are_line_feeds_but_references_stay():
    assert objects(Triples.parse(XML.format("<e:p>a\r\nb\rc&#13;d</e:p>"), "rdfxml")) == ['"a\\nb\\nc\\rd"']


def test_entities_are_put_in_unless_they_grow_without_bound():
    declared = '<!DOCTYPE rdf:RDF [<!ENTITY x \'say "\'><!ENTITY y "&x;hi">]>'
    assert objects(Triples.parse(declared + XML.format("<e:p>&y;</e:p>"), "rdfxml")) == ['"say \\"hi"']
    laughs = "".join(f'<!ENTITY a{n + 1} "{f"&a{n};" * 10}">' for n in range(9))
    bomb = f'<!DOCTYPE rdf:RDF [<!ENTITY a0 "ha">{laughs}]>' + XML.format("<e:p>&a9;</e:p>")
    with pytest.raises(InputError, match="its entities grow to"):
        Triples.parse(bomb, "rdfxml")
    with pytest.raises(InputError):
        Triples.parse('<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + XML.format("<e:p>&x;</e:p>"), "rdfxml")


@pytest.mark.timeout(60)
def test_nesting_without_end_is_read_or_refused_in_bounded_time():
    assert len(Triples.parse("<x:a> <x:b> " + "(" * 20_000 + ")" * 20_000 + ".", "turtle")) == 39_999
    for name, source in {
        "rdfxml": XML.format("<e:p><rdf:Description>" * 100_000 + "</rdf:Description></e:p>" * 100_000),
        "jsonld": '{"@id":"x:a","x:b":' + "[" * 100_000 + "]" * 100_000 + "}",
    }.items():
        with pytest.raises(InputError):
            Triples.parse(source, name)


def test_missing_files_folders_and_odd_names_are_told(tmp_path):
    with pytest.raises(InputError, match=r"gone\.ttl: no such file; check the name"):
        Triples.read(tmp_path / "gone.ttl")
    with pytest.raises(InputError, match="is a folder, not a file; name a file in it"):
        Triples.read(tmp_path)
    (tmp_path / "graph.foo").write_text("")
    with pytest.raises(
        InputError, match=r"graph\.foo: the ending \.foo is not an RDF format that we know; name the format"
    ):
        Triples.read(tmp_path / "graph.foo")
    (tmp_path / "graph").write_text("")
    with pytest.raises(InputError, match="the name has no ending"):
        Triples.read(tmp_path / "graph")
    with pytest.raises(InputError, match="cannot be read"):
        Triples.read("nul\0.ttl")
    (tmp_path / "bad.ttl").write_text("<x:a> <x:b>\n  ]")
    with pytest.raises(InputError, match=r"bad\.ttl:2:3: "):
        Triples.read(tmp_path / "bad.ttl")


def test_devices_which_may_never_end_are_refused():
    with pytest.raises(InputError, match="/dev/zero: is a device, not a file; name a file, or - for standard input"):
        Triples.read("/dev/zero", "turtle")


def test_a_text_that_the_parser_cannot_hold_is_told(tmp_path):
    (tmp_path / "long.ttl").write_text('<x:a> <x:b> "' + "x" * (17 << 20) + '" .')
    with pytest.raises(InputError, match=r"long\.ttl: has a text or an IRI of over 16 MiB"):
        Triples.read(tmp_path / "long.ttl")


def test_files_that_may_not_be_read_are_told(tmp_path, monkeypatch):
    def refuse(path, *flags):
        raise PermissionError(13, "Permission denied", path)

    (tmp_path / "secret.ttl").touch()
    monkeypatch.setattr("os.open", refuse)
    with pytest.raises(InputError, match=r"secret\.ttl: may not be read; allow reading it"):
        Triples.read(tmp_path / "secret.ttl")


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"not gzip", "is not a gzip file"),
        (gzip.compress(b"<x:a> <x:b> <x:c> .\n")[:-9], "the gzip file ends too early"),
        (b"", "the gzip file ends too early"),
        (gzip.compress(b"#" * (80 << 20), 9), "unpacks to over 64 MiB"),
    ],
)
def test_broken_and_exploding_gzip_files_are_refused(data, told, tmp_path):
    path = tmp_path / "graph.nt.gz"
    path.write_bytes(data)
    with pytest.raises(InputError, match=told):
        Triples.read(path)


def test_all_members_of_a_gzip_file_are_read(tmp_path):
    path = tmp_path / "graph.nt.gz"
    path.write_bytes(gzip.compress(b"<x:a> <x:b> <x:c> .\n") + gzip.compress(b"<x:a> <x:b> <x:d> .\n") + b"\0\0")
    assert len(Triples.read(path)) == 2
