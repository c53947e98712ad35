"""What the process that makes pages and the server send each other, over pipes.

A message is twelve bytes (the lengths of what follows), a JSON object, and bytes. The object says what it is in `do`:

    from the maker   with                      bytes
    built            version, modified         none; the build can be opened from the cache
    plan             all of `Plan`             none; pages can be asked for
    file             path, etag                its content
    asked            page, known               none; all files of a page that was asked for have been sent
    together         none                      none; all files have been sent but those that can be asked for
    done             none                      none; all files of the site have been sent
    refused          reasons                   none; the project cannot be served, and the process ends
    note             line                      none; for the log

    from the server  with
    make             page                      make the files of a page
    stop             none                      make nothing more but what is asked for
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Self

__all__ = ["Plan", "pack_message", "read_messages"]

_HEAD: Final = struct.Struct(">IQ")


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What of a site is known before any file of it is made.

    Attributes:
        languages: The languages of the pages, that of `path.html` first.
        formats: The endings of the data beside pages, by media type.
        stem: What the IRIs of things begin with that the server answers for, besides its own address.
        addresses: The pages of all things and terms by IRI, with the fragment where they are a part of one.
        lacking: The endings of data that there are not beside a page, by its path.
        beside: The folders of files that are made with the pages of things, and that nobody can ask for.
        lasting: The paths of files that never change, and of folders of such (with `/`).
        gone: The IRIs that things had which were withdrawn or renamed, by the path of their page, with the new ones.
    """

    languages: tuple[str, ...]
    formats: Mapping[str, str]
    stem: str
    addresses: Mapping[str, str]
    lacking: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    beside: tuple[str, ...] = ()
    lasting: tuple[str, ...] = ()
    gone: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Self:
        """Make a plan of what a message has.

        Args:
            record: The object of the message.
        """
        return cls(
            languages=tuple(record["languages"]),
            formats=record["formats"],
            stem=record["stem"],
            addresses=record["addresses"],
            lacking={path: tuple(endings) for path, endings in record["lacking"].items()},
            beside=tuple(record["beside"]),
            lasting=tuple(record["lasting"]),
            gone={path: (old, new) for path, (old, new) in record["gone"].items()},
        )


def pack_message(head: Mapping[str, Any], content: bytes = b"") -> bytes:
    """Return the bytes of a message.

    Args:
        head: The object.
        content: The bytes that follow.
    """
    text = json.dumps(head, ensure_ascii=False).encode(errors="surrogatepass")
    return _HEAD.pack(len(text), len(content)) + text + content


def read_messages(read: Callable[[int], bytes]) -> Iterator[tuple[dict[str, Any], bytes]]:
    """Yield messages until there are no more, or one is not whole.

    Args:
        read: Returns so many bytes; fewer at the end.
    """
    while len(head := read(_HEAD.size)) == _HEAD.size:
        length, size = _HEAD.unpack(head)
        text, content = read(length), read(size) if size else b""
        if len(text) < length or len(content) < size:
            return
        yield json.loads(text.decode(errors="surrogatepass")), content
