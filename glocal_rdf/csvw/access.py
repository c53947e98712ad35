"""Opens what a description points to: files beside it, or addresses through the `fetch` that the caller hands in.

The engine opens no connection itself and no file outside the folder of the source: an address is answered by a file
only if it lies in that folder, by `fetch` if there is one, and is refused otherwise.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO, Final
from urllib.parse import quote, unquote, urldefrag, urljoin, urlsplit, urlunsplit

from glocal_rdf.errors import InputError
from glocal_rdf.triples.files import open_input

MAX_METADATA: Final = 32 << 20
SPREADSHEETS: Final = (".xlsx", ".xls", ".xlsb", ".ods")
_PORTS: Final = {"http": "80", "https": "443", "ftp": "21"}


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer to a request: its body and the headers that matter here. `url` is where it was found in the end."""

    url: str
    body: bytes
    content_type: str = ""
    links: tuple[str, ...] = ()
    language: str = ""


Fetch = Callable[[str], Fetched | None]
"""Requests an address; None means that there is nothing (404 or 410). Raises where it cannot be known."""


@dataclass(frozen=True, slots=True)
class Resource:
    """Something opened: its address, its name for messages, its bytes, its local path if it has one, its headers."""

    url: str
    name: str
    stream: BinaryIO
    path: Path | None = None
    content_type: str = ""
    links: tuple[str, ...] = ()
    language: str = ""


@lru_cache(4096)
def normalize_url(url: str) -> str:
    """Normalize an address for comparison: by syntax, and by scheme for default ports (Model, section 6.3)."""
    parts = urlsplit(urldefrag(url).url)
    host = (parts.hostname or "").lower()
    port = f":{parts.port}" if parts.port and str(parts.port) != _PORTS.get(parts.scheme.lower()) else ""
    user = parts.netloc.rpartition("@")[0]
    path = re.sub(r"%[0-9A-Fa-f]{2}", lambda m: _unreserved(m.group()), parts.path)
    if parts.netloc:
        path = urlsplit(urljoin("http://x/", path or "/")).path
    return urlunsplit((parts.scheme.lower(), (user + "@" if user else "") + host + port, path, parts.query, ""))


def _unreserved(escaped: str) -> str:
    character = chr(int(escaped[1:], 16))
    return character if re.match(r"[A-Za-z0-9._~-]", character) else escaped.upper()


def split_sheet(path: str) -> tuple[str, str]:
    """Part `FILE#sheet=NAME` into the file and the fragment, where the file is a spreadsheet by its name."""
    file, mark, fragment = path.partition("#")
    return (file, fragment) if mark and file.lower().endswith(SPREADSHEETS) else (path, "")


@dataclass
class Access:
    """What may be opened: the files in the folder of one source, under the address that stands for it, and `fetch`."""

    url: str
    path: Path | None
    fetch: Fetch | None = None
    shown: str = ""
    aliases: list[str] = field(default_factory=list)
    fragment: str = ""

    @classmethod
    def to(cls, source: str | Path, base: str | None = None, fetch: Fetch | None = None) -> Access:
        """Return the access that a source gives: a path, or an address that `fetch` is asked for."""
        text = str(source)
        if isinstance(source, str) and re.match(r"[A-Za-z][A-Za-z0-9+.-]+://", text) and not text.startswith("file:"):
            return cls(base or text, None, fetch)
        if text.startswith("file:"):
            text = unquote(urlsplit(text).path)
        text, fragment = split_sheet(text) if not Path(text).exists() else (text, "")
        path = Path(text)
        url = path.absolute().as_uri() if base is None else base if not base.endswith("/") else base + quote(path.name)
        return cls(url, path, fetch, str(path.parent), fragment=fragment)

    def open(self, url: str) -> Resource:
        """Open an address; raises InputError if there is nothing, or it must not be opened."""
        found = self.find(url)
        if found is None:
            raise InputError.at(self.name_of(url), "there is no such file", "check its name and folder")
        return found

    def find(self, url: str) -> Resource | None:
        """Open an address, or return None if there is nothing; raises InputError if it must not be opened."""
        path = self._path_of(url)
        if path is not None:
            try:
                return Resource(url, self.name_of(url), open_input(path), path)
            except InputError as error:
                if isinstance(error.__cause__, FileNotFoundError | NotADirectoryError):
                    return None
                raise InputError.of(replace(p, where=self.name_of(url)) for p in error.problems) from error
        if urlsplit(url).scheme not in {"http", "https"}:
            what = (
                "lies outside the folder of the description"
                if url.startswith("file:")
                else "is no address of a file or web page"
            )
            raise InputError.at(
                self.name_of(self.url), f"{url!r} {what}", "move the file into the folder, or its description to it"
            )
        if self.fetch is None:
            raise InputError.at(
                self.name_of(self.url),
                f"{url} is not here",
                "allow remote addresses (--remote) or save it beside the description",
            )
        answer = self.fetch(urldefrag(url).url)
        if answer is None:
            return None
        return Resource(
            answer.url or url, url, io.BytesIO(answer.body), None, answer.content_type, answer.links, answer.language
        )

    def load_json(self, url: str) -> Any:
        """Open and parse a JSON document; raises InputError if there is none."""
        return parse_json(self.open(url))

    def alias(self, base: str) -> None:
        """Look for addresses under `base` beside the source, where they cannot be fetched."""
        if self.fetch is None and self.path is not None and urlsplit(base).scheme in {"http", "https"}:
            self.aliases.append(urljoin(base, "."))

    def name_of(self, url: str) -> str:
        """Return the name of an address for messages: a path as the user would write it, or the address."""
        relative = self._relative(url)
        if relative is None or self.path is None:
            return url
        return str(Path(self.shown) / relative) if self.shown not in ("", ".") else relative

    def _relative(self, url: str) -> str | None:
        url = urldefrag(url).url
        if self.path is None:
            return None
        if url == self.url:
            return self.path.name
        for folder in (urljoin(self.url, "."), *self.aliases):
            if url.startswith(folder):
                return unquote(urlsplit(url[len(folder) :]).path if "?" in url else url[len(folder) :])
        return None

    def _path_of(self, url: str) -> Path | None:
        relative = self._relative(url)
        if relative is None or self.path is None or "\0" in relative:
            return None
        folder = self.path.parent.resolve()
        path = (folder / relative).resolve()
        if not path.is_relative_to(folder):
            return None
        return self.path.parent / relative


def parse_json(resource: Resource) -> Any:
    """Parse a JSON document; raises InputError with the line of what is wrong."""
    with resource.stream as stream:
        body = stream.read(MAX_METADATA + 1)
    if len(body) > MAX_METADATA:
        raise InputError.at(resource.name, f"is larger than {MAX_METADATA >> 20} MiB: it is no metadata document")
    try:
        document = json.loads(body.decode("utf-8-sig"))
        if b"\\u" in body:
            json.dumps(document, ensure_ascii=False).encode()
    except UnicodeDecodeError as error:
        raise InputError.at(resource.name, f"byte {error.start + 1} is not UTF-8", "save it as UTF-8") from error
    except json.JSONDecodeError as error:
        raise InputError.at(f"{resource.name}:{error.lineno}", f"is no JSON: {error.msg}") from error
    except UnicodeEncodeError as error:
        raise InputError.at(
            resource.name, "holds half of a surrogate pair (\\uD800 to \\uDFFF)", "write whole characters"
        ) from error
    except RecursionError as error:
        raise InputError.at(resource.name, "is nested too deep to be a metadata document") from error
    return document
