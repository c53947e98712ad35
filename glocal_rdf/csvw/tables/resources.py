"""Opens the resources that a description refers to: files beside it, or addresses by the `fetch` of the caller.

The engine opens no connection itself and no file outside the folder of the source: an address is opened as a file only
if it is in that folder, with `fetch` if there is one, and is refused otherwise.
"""

from __future__ import annotations

import errno
import io
import json
import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO, Final
from unicodedata import normalize
from urllib.parse import quote, unquote, unquote_to_bytes

from glocal_rdf.errors import InputError
from glocal_rdf.files import open_input
from glocal_rdf.triples import iris

__all__ = [
    "SPREADSHEETS",
    "Access",
    "Fetch",
    "Fetched",
    "Resource",
    "check_address",
    "decode_path",
    "encode_path",
    "file_name",
    "is_sheet",
    "normalize_url",
    "parse_json",
    "split_sheet",
]

MAX_METADATA: Final = 32 << 20
SPREADSHEETS: Final = (".xlsx", ".xls", ".xlsb", ".ods")
_PORTS: Final = {"http": "80", "https": "443", "ftp": "21"}
MAX_PATH: Final = 4096
MAX_DIGITS: Final = 4000


@dataclass(frozen=True, slots=True)
class Fetched:
    """The response to a request: its body and the headers that are used. `url` is the address after redirects."""

    url: str
    body: bytes
    content_type: str = ""
    links: tuple[str, ...] = ()
    language: str = ""


Fetch = Callable[[str], Fetched | None]
"""Requests an address; returns None where there is nothing (404 or 410), and raises for every other failure."""


@dataclass(frozen=True, slots=True)
class Resource:
    """An open file or response: its address, its name for messages, its bytes, its local path if any, its headers."""

    url: str
    name: str
    stream: BinaryIO
    path: Path | None = None
    content_type: str = ""
    links: tuple[str, ...] = ()
    language: str = ""


def is_sheet(url: str) -> bool:
    """Return whether a file is a spreadsheet or a Parquet file, by its name."""
    return url.partition("#")[0].partition("?")[0].lower().endswith((*SPREADSHEETS, ".parquet"))


def file_name(resource: Resource) -> str:
    """Return the name whose ending tells the format: that of the file, or else that of its address."""
    return iris.split(resource.url)[2] if resource.path is None else quote(os.fsencode(resource.path.name))


@lru_cache(4096)
def normalize_url(url: str) -> str:
    """Return an address normalized for comparison: by syntax, and by scheme for default ports (Model, section 6.3).

    What need not be percent-encoded in a path is not, so that the raw and the encoded form of a name are equal.
    """
    scheme, authority, path, query, _ = iris.split(iris.encode(url))
    scheme = (scheme or "").lower()
    if authority is not None:
        user, at, host = authority.rpartition("@")
        host = host.lower().removesuffix(":").removesuffix(f":{_PORTS.get(scheme)}")
        authority = user + at + host
        path = iris.split(iris.resolve("http://x/", path or "/"))[2]
    path = re.sub(r"(?:%[0-9A-Fa-f]{2})+", lambda m: _decoded(m.group()), path)
    return iris.join((scheme or None, authority, path, query, None))


def _decoded(escaped: str) -> str:
    """Return a text with percent-encoded characters decoded, except for the slash and the percent sign."""
    kept = re.sub("%25|%2F", lambda m: m.group().replace("%", "%25"), escaped.upper())
    return unquote(kept, errors="surrogateescape")


def encode_path(path: str) -> str:
    """Return the relative URL of a file by its path below a folder."""
    return "/".join(quote(os.fsencode(segment), safe="") for segment in path.split("/"))


def decode_path(url: str) -> str:
    """Return the path of a file by its relative URL."""
    return os.fsdecode(unquote_to_bytes(url))


def split_sheet(path: str) -> tuple[str, str]:
    """Return the file and the fragment of `FILE#sheet=NAME`, if the file is a spreadsheet by its name."""
    file, mark, fragment = path.partition("#")
    return (file, fragment) if mark and file.lower().endswith(SPREADSHEETS) else (path, "")


@dataclass
class Access:
    """The resources that may be opened for one source: the files in its folder, and what `fetch` requests.

    `url` is the address that stands for the source, `path` its file, if it is one, `shown` the folder as it is named in
    messages, `aliases` are addresses of folders that stand for it too, and `fragment` names a sheet.
    """

    url: str
    path: Path | None
    fetch: Fetch | None = None
    shown: str = ""
    aliases: list[str] = field(default_factory=list)
    fragment: str = ""

    @classmethod
    def to(cls, source: str | Path, base: str | None = None, fetch: Fetch | None = None) -> Access:
        """Return the access for a source: a path, or an address that `fetch` requests.

        Args:
            source: The path or address.
            base: The address that stands for the source.
            fetch: Requests addresses; without it, only files are read.
        """
        text = str(source)
        base = None if base is None else check_address(base, "the base")
        if isinstance(source, str) and re.match(r"[A-Za-z][A-Za-z0-9+.-]+://", text) and not text.startswith("file:"):
            return cls(base or check_address(text, "the source"), None, fetch)
        if text.startswith("file:/"):
            text = decode_path(iris.split(text)[2])
        text, fragment = split_sheet(text) if not Path(text).exists() else (text, "")
        path = Path(text)
        if base is None:
            url = "file://" + encode_path(path.absolute().as_posix())
        else:
            url = base + encode_path(path.name) if base.endswith("/") else base
        return cls(url, path, fetch, str(path.parent), fragment=fragment)

    def open(self, url: str) -> Resource:
        """Return what is at an address.

        Raises:
            InputError: Where there is nothing, or it must not be opened.
        """
        found = self.find(url)
        if found is None:
            raise InputError.at(self.name_of(url), "there is no such file", "check its name and folder")
        return found

    def find(self, url: str) -> Resource | None:
        """Return what is at an address, or None if there is nothing.

        Raises:
            InputError: Where it must not be opened.
        """
        path = self._path_of(url)
        if path is not None:
            try:
                return Resource(url, self.name_of(url), open_input(path), path)
            except InputError as error:
                cause = error.__cause__
                if isinstance(cause, FileNotFoundError | NotADirectoryError):
                    return None
                # A table's name may be so long that the file system has none for its description.
                if isinstance(cause, OSError) and cause.errno == errno.ENAMETOOLONG:
                    return None
                raise InputError.of(replace(p, where=self.name_of(url)) for p in error.problems) from error
        if iris.scheme_of(url) not in {"http", "https"}:
            what = (
                "lies outside the folder of the description"
                if url.startswith("file:")
                else "is not an address of a file or web page"
            )
            raise InputError.at(
                self.name_of(self.url), f"{url!r} {what}", "move the file into the folder, or its description to it"
            )
        if self.fetch is None:
            raise InputError.at(
                self.name_of(self.url),
                f"{url} is not a file here",
                "allow remote addresses (--remote) or save it beside the description",
            )
        answer = self.fetch(url.partition("#")[0])
        if answer is None:
            return None
        return Resource(
            answer.url or url, url, io.BytesIO(answer.body), None, answer.content_type, answer.links, answer.language
        )

    def size_of(self, url: str) -> int:
        """Return how many bytes the file at an address has; 0 where there is no such file here."""
        path = self._path_of(url)
        return path.stat().st_size if path is not None and path.is_file() else 0

    def load_json(self, url: str) -> Any:
        """Return the JSON document at an address.

        Raises:
            InputError: Where there is none.
        """
        return parse_json(self.open(url))

    def alias(self, base: str) -> None:
        """Allow addresses under `base` to stand for files beside the source, if they cannot be requested."""
        if self.fetch is None and self.path is not None and iris.scheme_of(base) in {"http", "https"}:
            folder = iris.resolve(base, "./")
            if folder not in self.aliases:
                self.aliases.append(folder)

    def resolve_link(self, base: str, link: str) -> str:
        """Return a link resolved against a base; a file name may be raw or encoded, in any form of Unicode."""
        url = iris.resolve(base, iris.encode(link))
        if self.path is None or url.partition("#")[0] == self.url.partition("#")[0]:
            return url
        plain, mark, fragment = url.partition("#")
        below = self._below(plain)
        if below is not None:
            folder, relative = below
            found = self._existing(relative)
            if found is not None:
                same = found == relative and not folder.startswith("file:")
                return (plain if same else folder + encode_path(found)) + mark + fragment
        folder = iris.resolve(base, "./")
        below = self._below(folder)
        if below is not None and not iris.scheme_of(link).startswith(("http", "file")):
            found = self._existing(below[1] + link)
            if found is not None:
                return below[0] + encode_path(found)
        return url

    def _existing(self, relative: str) -> str | None:
        """Return a path below the folder of the source in the Unicode form of the file, or None if there is no file."""
        if self.path is None or not relative or "\0" in relative or len(relative) > MAX_PATH:
            return None
        for form in (relative, normalize("NFC", relative), normalize("NFD", relative)):
            try:
                if self._is_inside(form) and (self.path.parent / form).exists():
                    return form
            except (OSError, ValueError):
                return None
        return None

    def _is_inside(self, relative: str) -> bool:
        assert self.path is not None  # noqa: S101 - the callers have looked
        folder = self.path.parent.resolve()
        return (folder / relative).resolve().is_relative_to(folder)

    def is_source(self, url: str) -> bool:
        """Return whether an address is that of the source itself, or of the same file."""
        if normalize_url(url) == normalize_url(self.url):
            return True
        return self.path is not None and self._relative(url) == self.path.name

    def name_of(self, url: str) -> str:
        """Return the name of an address for messages: a path as the user would write it, or the address."""
        relative = self._relative(url)
        if relative is None or self.path is None:
            return url
        return str(Path(self.shown) / relative) if self.shown not in ("", ".") else relative or "."

    def _below(self, url: str) -> tuple[str, str] | None:
        """Return the folder that an address lies in, of the source or an alias of it, and the path below it."""
        for folder in (iris.resolve(self.url, "./"), *self.aliases):
            if url.startswith(folder):
                return folder, decode_path(url[len(folder) :].partition("?")[0])
        return None

    def _relative(self, url: str) -> str | None:
        url = url.partition("#")[0]
        if self.path is None:
            return None
        if url == self.url:
            return self.path.name
        below = self._below(url)
        return None if below is None else below[1]

    def _path_of(self, url: str) -> Path | None:
        relative = self._relative(url)
        if relative is None or self.path is None or "\0" in relative or len(relative) > MAX_PATH:
            return None
        if not self._is_inside(relative):
            return None
        return self.path.parent / (self._existing(relative) or relative)


def check_address(text: str, what: str) -> str:
    """Return an address with everything encoded that must be.

    `what` names it in the message.

    Raises:
        InputError: Where it is not an absolute IRI.
    """
    encoded = iris.encode(text)
    wrong = iris.fault(encoded)
    if wrong:
        raise InputError.at(
            text[:200], f"{what} is not an absolute IRI: {wrong}", "write it like https://example.org/data/"
        )
    return encoded


class _OddNumberError(ValueError):
    """A number of a JSON document that cannot be kept as it is."""


def _whole_number(text: str) -> int:
    if len(text) > MAX_DIGITS:
        raise _OddNumberError(f"holds a number of {len(text)} digits")
    return int(text)


def _number(text: str) -> float:
    number = float(text)
    if number - number != 0:
        raise _OddNumberError(f"holds the number {text[:40]}, which is not finite")
    return number


def parse_json(resource: Resource) -> Any:
    """Return a parsed JSON document.

    Raises:
        InputError: With the line of what is wrong.
    """
    with resource.stream as stream:
        body = stream.read(MAX_METADATA + 1)
    if len(body) > MAX_METADATA:
        raise InputError.at(resource.name, f"is larger than {MAX_METADATA >> 20} MiB: it is not a metadata document")
    try:
        document = json.loads(
            body.decode("utf-8-sig"), parse_int=_whole_number, parse_float=_number, parse_constant=_number
        )
        if b"\\u" in body:
            json.dumps(document, ensure_ascii=False).encode()
    except UnicodeDecodeError as error:
        raise InputError.at(resource.name, f"byte {error.start + 1} is not UTF-8", "save it as UTF-8") from error
    except json.JSONDecodeError as error:
        raise InputError.at(f"{resource.name}:{error.lineno}", f"is not JSON: {error.msg}") from error
    except _OddNumberError as error:
        raise InputError.at(resource.name, str(error), "write it as a string") from error
    except UnicodeEncodeError as error:
        raise InputError.at(
            resource.name, "holds half of a surrogate pair (\\uD800 to \\uDFFF)", "write whole characters"
        ) from error
    except RecursionError as error:
        raise InputError.at(resource.name, "is nested too deep to be a metadata document") from error
    return document
