"""Infers the encoding of a delimited file: only where its bytes are words of the languages that are written in it.

In steps:

1. A byte-order mark, or NUL bytes in every other place, or UTF-8 throughout.
2. East Asian encodings, on the lines that are not ASCII: nearly all characters are of the part of the encoding that
   holds the usual ones, and no other encoding reads them as well.
3. Windows-1252, or windows-1250, where all other bytes are single letters of their languages.

What is left is refused: another encoding would read any bytes, and change the text without a sign.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable
from typing import BinaryIO, Final

from glocal_rdf.csvw.guess.results import Doubt
from glocal_rdf.errors import TableError

__all__ = ["HEAD_SIZE", "guess_encoding"]

HEAD_SIZE: Final = 1 << 20
_PIECE: Final = 4 << 20
_SAMPLE: Final = 1 << 16
_MIN_CHARACTERS: Final = 16
_MANY_CHARACTERS: Final = 40
_MARKS: Final = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_WESTERN: Final = frozenset(
    "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜÝßàáâãäåæçèéêëìíîïñòóôõöøùúûüýÿœŒšŠžŽ€£§°ªº«»·²³–—‘’‚“”„‹›•…®©±µ½¼¾\xa0¡¿×".encode(
        "cp1252"
    )
)
_SIGN_IN_A_WORD: Final = re.compile("[A-Za-z][£§°ª«»²³®©±µ½¼¾¡¿×¹¥][A-Za-z]".encode("cp1252"))
_PAIR_WITHOUT_WORD: Final = re.compile(rb"(?<![A-Za-z\x80-\xff])[\x80-\xff]{2}(?![A-Za-z\x80-\xff])")
_RUN_WITHOUT_WORD: Final = re.compile(rb"(?<![A-Za-z\x80-\xff])[\x80-\xff]+(?![A-Za-z\x80-\xff])")
_CENTRAL: Final = frozenset(
    "ĄĆĘŁŃÓŚŹŻąćęłńóśźżÁČĎÉĚÍŇŘŠŤÚŮÝŽáčďéěíňřšťúůýžÄÔĹĽŔäôĺľŕÖÜŐŰöüőűĂÂÎŞŢăâîşţĐđß€§°„”“’–—…«»\xa0".encode("cp1250")
)

Kind = Callable[[bytes], bool | None]
"""Whether the bytes of a character are of the usual part of an encoding; None for punctuation and the like."""


def _kind(codes: tuple[tuple[int, int], ...], punctuation: tuple[tuple[int, int], ...]) -> Kind:
    """Return the kind of a character whose two bytes are in ranges of codes."""

    def kind(written: bytes) -> bool | None:
        code = int.from_bytes(written, "big")
        if any(first <= code <= last for first, last in punctuation):
            return None
        return any(first <= code <= last for first, last in codes)

    return kind


_EAST_ASIAN: Final[dict[str, tuple[str, Kind]]] = {
    "big5": ("cp950", _kind(((0xA440, 0xC67E),), ((0xA140, 0xA3BF),))),
    "shift_jis": (
        "cp932",
        _kind(((0x829F, 0x82F1), (0x8340, 0x8396), (0x889F, 0x9872)), ((0x8140, 0x829A),)),
    ),
    "euc-jp": ("euc_jp", _kind(((0xA4A1, 0xA5F6), (0xB0A1, 0xCFFE)), ((0xA1A1, 0xA3FE),))),
    "euc-kr": ("cp949", _kind(((0xB0A1, 0xC8FE),), ((0xA1A1, 0xA3FE),))),
    "gb18030": ("gb18030", _kind(((0xB0A1, 0xD7FE),), ((0xA1A1, 0xA3FE),))),
}


def guess_encoding(stream: BinaryIO, file: str) -> tuple[str, list[Doubt], bytes]:
    """Return the label of the encoding, doubts about it, and the first MiB.

    Raises:
        TableError: Where the file is not text, or its encoding is not certain.
    """
    head = stream.read(HEAD_SIZE)
    encoding = next((name for mark, name in _MARKS if head.startswith(mark)), "")
    if not encoding and b"\0" in head[:1000]:
        even, odd = head[0:1000:2].count(0), head[1:1000:2].count(0)
        half = min(len(head), 1000) // 4
        encoding = "utf-16-le" if odd > half and not even else ""
        encoding = "utf-16-be" if even > half and not odd else encoding
        if not encoding:
            raise TableError.at(file, "has a NUL byte: it is not text")
    if encoding:
        return encoding, [], head
    found, doubts = _guess_without_mark(stream, head, file)
    return found, doubts, head


def _guess_without_mark(stream: BinaryIO, head: bytes, file: str) -> tuple[str, list[Doubt]]:
    """Return the encoding of a file without a byte-order mark, and doubts about it."""
    decoder, at, before = codecs.getincrementaldecoder("utf-8")(), 0, b""
    piece = head
    while True:
        try:
            decoder.decode(piece, final=not piece)
        except UnicodeDecodeError as error:
            first = error.start
            break
        if not piece:
            return "utf-8", []
        at += len(piece)
        before, piece = piece[piece.rfind(b"\n") + 1 :], stream.read(_PIECE)
    where = f"byte {at + first + 1} is not UTF-8"
    lines = [line for line in (before + piece).split(b"\n") if not line.isascii()]
    label = _east_asian(lines)
    codec = _EAST_ASIAN[label][0] if label else ""
    if not label:
        label = codec = _european(piece)
    if not label:
        raise TableError.at(file, where, 'save it as UTF-8, or name its "encoding" in a dialect by hand')
    shown = [w.strip() for w in re.split(r"[^\w '’-]", lines[0].decode(codec.replace("windows-", "cp"), "replace"))]
    examples = tuple(w for w in shown if not w.isascii())[:3]
    reason = f"{where}: it is read as {label}"
    hint = 'check these words, and correct "encoding" in the dialect if they are wrong'
    return label, [Doubt("layout", reason, hint, examples=examples, decided=True)]


def _east_asian(lines: list[bytes]) -> str:
    """Return the East Asian encoding that lines are written in; empty where none is certain."""
    sample = b"\n".join(lines)[:_SAMPLE]
    sample = sample[: sample.rfind(b"\n")] if len(sample) == _SAMPLE and b"\n" in sample else sample
    parts = {label: _usual_part(sample, *kind) for label, kind in _EAST_ASIAN.items()}
    if len(re.findall(rb"[\xa4-\xc6][\x40-\x7e]", sample)) < 0.1 * parts["big5"][1]:
        parts["big5"] = 0.0, 0  # a third of its characters have a second byte of ASCII
    many = max((count for _, count in parts.values()), default=0)
    if many < _MIN_CHARACTERS:
        return ""
    ranked = sorted(((part, label) for label, (part, _) in parts.items()), reverse=True)
    (best, label), (second, _) = ranked[:2]
    if best >= 0.9 and best - second >= 0.15:
        return label
    # The usual characters of Korean are among those of Chinese; a Chinese text does not keep to them for long.
    for narrow in ("euc-kr", "euc-jp"):
        if many >= _MANY_CHARACTERS and parts[narrow][0] >= 0.98 and ranked[0][1] in {narrow, "gb18030"}:
            return narrow
    return label if best >= 0.95 and label == "gb18030" and many >= _MANY_CHARACTERS else ""


def _usual_part(sample: bytes, codec: str, kind: Kind) -> tuple[float, int]:
    """Return the part of the characters that are usual ones of an encoding, and their number; zero if it fails."""
    try:
        text = sample.decode(codec)
        found = [kind(c.encode(codec)) for c in text if not c.isascii()]
    except UnicodeError:
        return 0.0, 0
    counted = [usual for usual in found if usual is not None]
    return sum(counted) / max(len(counted), 1), len(counted)


def _european(piece: bytes) -> str:
    """Return the Windows encoding of which all bytes beyond ASCII are single letters; empty where there is none."""
    runs = re.findall(rb"[\x80-\xff]+", piece)
    long = sum(len(run) > 2 for run in runs)
    if long > len(runs) / 8 or any(len(run) > 3 for run in runs) or _PAIR_WITHOUT_WORD.search(piece):
        return ""
    letters = frozenset(b"".join(runs))
    if letters <= _WESTERN and not _SIGN_IN_A_WORD.search(piece):
        return "windows-1252"
    return "windows-1250" if letters <= _CENTRAL and not _RUN_WITHOUT_WORD.search(piece) else ""
