"""Finds the decoder of a file by the label of its encoding.

The Metadata Vocabulary, section 5.9, refers to the Encoding Standard of the WHATWG for the labels and for what they
stand for: `iso-8859-1` is windows-1252, as on the web, and `big5` holds the characters of Hong Kong too. Encodings that
Python has beyond that are read as well. https://encoding.spec.whatwg.org/#names-and-labels
"""

from __future__ import annotations

import codecs
from typing import Final

__all__ = ["codec_name", "find_decoder"]

# The labels that Python does not have, or has for another encoding, by the codec that they stand for.
_LABELS: Final = {
    "utf-8": "unicode-1-1-utf-8 unicode11utf8 unicode20utf8 x-unicode20utf8",
    "utf-16-le": "csunicode iso-10646-ucs-2 ucs-2 unicode unicodefeff utf-16",
    "utf-16-be": "unicodefffe",
    "iso8859-2": "iso88592",
    "iso8859-3": "iso88593",
    "iso8859-4": "iso88594",
    "iso8859-5": "iso88595",
    "iso8859-6": "csiso88596e csiso88596i iso-8859-6-e iso-8859-6-i iso88596",
    "iso8859-7": "iso88597 sun_eu_greek",
    "iso8859-8": "csiso88598e csiso88598i iso-8859-8-e iso-8859-8-i iso88598 logical visual",
    "iso8859-10": "iso885910",
    "iso8859-13": "iso885913",
    "iso8859-14": "iso885914",
    "iso8859-15": "csisolatin9 iso885915",
    "koi8-r": "koi koi8",
    "koi8-u": "koi8-ru",
    "mac-roman": "csmacintosh mac x-mac-roman",
    "mac-cyrillic": "x-mac-cyrillic x-mac-ukrainian",
    "cp874": "dos-874 iso-8859-11 iso8859-11 iso885911 tis-620 windows-874",
    "cp1250": "x-cp1250",
    "cp1251": "x-cp1251",
    "cp1252": "ansi_x3.4-1968 ascii cp819 csisolatin1 ibm819 iso-8859-1 iso-ir-100 iso8859-1 iso88591 iso_8859-1"
    " iso_8859-1:1987 l1 latin-1 latin1 us-ascii x-cp1252",
    "cp1253": "x-cp1253",
    "cp1254": "csisolatin5 iso-8859-9 iso-ir-148 iso8859-9 iso88599 iso_8859-9 iso_8859-9:1989 l5 latin5 x-cp1254",
    "cp1255": "x-cp1255",
    "cp1256": "x-cp1256",
    "cp1257": "x-cp1257",
    "cp1258": "x-cp1258",
    "gb18030": "chinese csgb2312 csiso58gb231280 gb2312 gb_2312 gb_2312-80 gbk iso-ir-58 x-gbk",
    "cp950": "big5 big5-hkscs cn-big5 csbig5 x-x-big5",
    "euc_jp": "cseucpkdfmtjapanese x-euc-jp",
    "cp932": "csshiftjis ms_kanji shift-jis shift_jis sjis windows-31j x-sjis",
    "cp949": "cseuckr csksc56011987 euc-kr iso-ir-149 korean ks_c_5601-1987 ks_c_5601-1989 ksc5601 ksc_5601"
    " windows-949",
}
_BY_LABEL: Final = {label: codec for codec, labels in _LABELS.items() for label in labels.split()}
_NOT_OF_FILES: Final = {"idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape"}
_C1, _HONG_KONG = "glocal-rdf-c1", "glocal-rdf-hong-kong"


def codec_name(label: str) -> str | None:
    """Return the name of the codec that the label of an encoding stands for; None where it is not an encoding of text.

    Examples:
        >>> codec_name("ISO-8859-1"), codec_name("x-sjis"), codec_name("rot13")
        ('cp1252', 'cp932', None)
    """
    label = label.strip().lower()
    try:
        name = codecs.lookup(_BY_LABEL.get(label, label)).name.replace("_", "-")
    except (LookupError, ValueError):
        return None
    try:
        b"x".decode(name)  # which a codec that gives no text refuses
    except LookupError:
        return None
    except UnicodeError:
        pass  # it gives text, and this is half a character of it
    return None if name in _NOT_OF_FILES else name


def find_decoder(label: str, start: bytes) -> tuple[str, codecs.IncrementalDecoder] | None:
    """Return the codec's name and a decoder for a file that starts with some bytes; None for an unknown label.

    A byte-order mark counts more than the label, for UTF-8 and for the two kinds of UTF-16.
    """
    name = codec_name(label)
    if name is None:
        return None
    if start.startswith(codecs.BOM_UTF8):
        name = "utf-8"
    elif name == "utf-16-le" and start.startswith(codecs.BOM_UTF16_BE):
        name = "utf-16-be"
    errors = _C1 if name.startswith("cp125") or name == "cp874" else _HONG_KONG if name == "cp950" else "strict"
    return name, codecs.getincrementaldecoder(name)(errors)


def _as_c1(error: UnicodeError) -> tuple[str, int]:
    """Return the bytes from 0x80 to 0x9F that a Windows code page leaves open, as control characters."""
    if isinstance(error, UnicodeDecodeError) and error.object[error.start] < 0xA0:
        return chr(error.object[error.start]), error.start + 1
    raise error


def _as_hong_kong(error: UnicodeError) -> tuple[str, int]:
    """Return what code page 950 leaves open, decoded by the Hong Kong Supplementary Character Set."""
    if isinstance(error, UnicodeDecodeError):
        pair = error.object[error.start : error.start + 2]
        try:
            return pair.decode("big5hkscs"), error.start + len(pair)
        except UnicodeDecodeError:
            pass
    raise error


codecs.register_error(_C1, _as_c1)
codecs.register_error(_HONG_KONG, _as_hong_kong)
