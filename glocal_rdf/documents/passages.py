"""Passages: ranges of characters in a document, named by its IRI with the fragment of RFC 5147, guarded by checksums.

Positions count Unicode characters of the file as it is: nothing is normalised, and line ends count as they are written.
A text that is not found as given is looked for again with white space and line breaks let go, since scanned documents
break names over lines.

In a graph, a document is what has the name of its file (dcterms:identifier) and a checksum: a property that is called
`sha256`, in whatever namespace. A passage is what has a source and a selector of positions in it (Web Annotation:
oa:hasSource, oa:hasSelector); what has a document as its source and no selector lacks its positions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from glocal_rdf.errors import InputError, Problem
from glocal_rdf.files import open_input
from glocal_rdf.lazy import pl
from glocal_rdf.namespaces import DCTERMS, OA, term
from glocal_rdf.triples import Triples, terms

__all__ = [
    "Citation",
    "Document",
    "cite",
    "list_documents",
    "list_passages",
    "read_document",
    "read_passages",
    "verify_passages",
]

MAX_BYTES = 64 * 1024 * 1024
"""How many bytes a document may have."""


@dataclass(frozen=True)
class Document:
    """A text with the IRI that names it.

    Attributes:
        iri: The IRI of the document.
        path: Its file.
        text: Its text.
        sha256: The checksum of the file's bytes, in hexadecimal.
    """

    iri: str
    path: Path
    text: str
    sha256: str

    def passage(self, start: int, end: int) -> Citation:
        """Return the passage from one position up to another.

        Args:
            start: The position before the first character, from 0.
            end: The position after the last one.

        Raises:
            InputError: Where the document has not so many characters.

        https://www.rfc-editor.org/rfc/rfc5147#section-2.1.1
        """
        if not 0 <= start < end <= len(self.text):
            what = f"has no characters {start} to {end}"
            raise InputError.at(self.path, what, f"it has {len(self.text)}, counted from 0")
        text = self.text[start:end]
        return Citation(self, start, end, text)


@dataclass(frozen=True)
class Citation:
    """A passage of a document, with its text.

    Attributes:
        document: The document.
        start: The position before its first character, from 0.
        end: The position after its last one.
        text: Its text.

    https://www.rfc-editor.org/rfc/rfc5147
    """

    document: Document
    start: int
    end: int
    text: str

    @property
    def iri(self) -> str:
        """The IRI of the passage (RFC 5147, section 2.1.1)."""
        return f"{self.document.iri}#char={self.start},{self.end}"

    @property
    def sha256(self) -> str:
        """The checksum of the passage's text in UTF-8."""
        return sha256(self.text.encode()).hexdigest()

    @property
    def line(self) -> int:
        """The line of the document that the passage begins in, counted from 1."""
        return self.document.text.count("\n", 0, self.start) + 1


def read_document(path: Path, iri: str) -> Document:
    """Read a text file in UTF-8.

    Args:
        path: The file.
        iri: The IRI that names the document.

    Raises:
        InputError: Where it cannot be read or is too large.
    """
    with open_input(path) as file:
        data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise InputError.at(path, f"has more than {MAX_BYTES} bytes", "split the document")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError.at(path, f"is not UTF-8 (byte {error.start})", "save it as UTF-8") from error
    return Document(iri, path, text, sha256(data).hexdigest())


def cite(document: Document, text: str) -> tuple[Citation, ...]:
    r"""Find every place where a document has a text.

    Where it does not have it exactly, differences in white space and line breaks are ignored.

    Args:
        document: The document.
        text: The text to find.

    Returns:
        The passages, in the order of the document.

    Raises:
        InputError: Where it has it nowhere, or where the text is empty.

    Examples:
        >>> d = Document("https://example.org/d", Path("d.txt"), "the World Confer-\nence of World Mayors", "")
        >>> [c.iri for c in cite(d, "World")]
        ['https://example.org/d#char=4,9', 'https://example.org/d#char=26,31']
        >>> [c.text for c in cite(d, "Confer-ence")]
        ['Confer-\nence']
    """
    wanted = text.strip()
    if not wanted:
        raise InputError("the text to cite is empty; give some words of the document")
    found = [match.span() for match in re.finditer(re.escape(wanted), document.text)]
    if not found:
        letters = [re.escape(letter) for letter in re.sub(r"\s+", "", wanted)]
        found = [match.span() for match in re.finditer(r"\s*".join(letters), document.text)]
    if not found:
        raise InputError.at(document.path, f"does not have the text {wanted[:40]!r}", "copy it from the document")
    return tuple(document.passage(start, end) for start, end in found)


def list_documents(triples: Triples) -> pl.DataFrame:
    """List the documents that a graph names, one a row.

    Returns:
        The columns `document` (its IRI), `file` (its name), `characters` and `sha256` (in small letters).
    """
    frame = triples.match(predicate=term(DCTERMS, "identifier")).frame.select(document="subject", file="object")
    frame = frame.join(_find_named(triples, "sha256", "document"), on="document")
    frame = frame.join(_find_named(triples, "characters", "document"), on="document", how="left")
    frame = frame.select("document", "file", "characters", "sha256")
    frame = _plain(frame, "document").with_columns(
        pl.col("characters").cast(pl.Int64, strict=False), pl.col("sha256").str.to_lowercase()
    )
    return frame.unique(maintain_order=True)


def list_passages(triples: Triples) -> pl.DataFrame:
    """List the passages of a graph, one a row.

    Returns:
        The columns `passage` and `document` (IRIs), `start`, `end` and `sha256` (in small letters).
    """
    frame = triples.match(predicate=term(OA, "hasSource")).frame.select(passage="subject", document="object")
    selectors = triples.match(predicate=term(OA, "hasSelector")).frame.select(passage="subject", selector="object")
    frame = frame.join(selectors, on="passage", how="left")
    documents = pl.concat_str(pl.lit("<"), list_documents(triples)["document"], pl.lit(">")).implode()
    frame = frame.filter(pl.col("selector").is_not_null() | pl.col("document").is_in(documents))
    frame = frame.join(_find_named(triples, "sha256", "passage"), on="passage", how="left")
    frame = _join(frame, "selector", triples, {"start": term(OA, "start"), "end": term(OA, "end")}).drop("selector")
    frame = _plain(frame, "passage", "document")
    frame = frame.with_columns(pl.col("start", "end").cast(pl.Int64, strict=False), pl.col("sha256").str.to_lowercase())
    return frame.unique(maintain_order=True).sort("document", "start", "end")


def read_passages(triples: Triples, folder: Path) -> dict[str, Citation]:
    """Read the text of every passage whose document lies in a folder.

    A document whose checksum differs from the graph's is left out: its positions mean nothing.

    Args:
        triples: The graph that describes documents and passages.
        folder: The folder of the documents.

    Returns:
        The passages by IRI.
    """
    documents = {
        iri: document
        for iri, file, _, checksum in list_documents(triples).iter_rows()
        if (folder / str(file)).is_file() and (document := read_document(folder / file, iri)).sha256 == checksum
    }
    return {
        passage: documents[document].passage(start, end)
        for passage, document, _, start, end in list_passages(triples).select(
            "passage", "document", "sha256", "start", "end"
        ).iter_rows()
        if document in documents and start is not None and end is not None and end <= len(documents[document].text)
    }  # fmt: skip


def verify_passages(triples: Triples, folder: Path) -> tuple[Problem, ...]:
    """Check every document and passage of a graph against the files in a folder.

    Args:
        triples: The graph that describes documents and passages.
        folder: The folder of the documents.

    Returns:
        What does not match: a file that is missing or another version, a passage outside its document or with another
        text.
    """
    return tuple(_verify(triples, folder))


def _verify(triples: Triples, folder: Path) -> Iterator[Problem]:
    """Yield what does not match, document by document."""
    texts: dict[str, Document] = {}
    for iri, file, characters, checksum in list_documents(triples).iter_rows():
        try:
            document = read_document(folder / str(file), iri)
        except InputError as error:
            yield from error.problems
            continue
        texts[iri] = document
        if document.sha256 != checksum:
            yield Problem(
                str(document.path), "is not the document that was cited: its checksum differs", "get that version"
            )
        elif len(document.text) != characters:
            yield Problem(
                str(document.path), f"has {len(document.text)} characters, not {characters}", "correct the table"
            )
    for passage, iri, checksum, start, end in list_passages(triples).select(
        "passage", "document", "sha256", "start", "end"
    ).iter_rows():  # fmt: skip
        if iri not in texts:
            yield Problem(passage, "is a passage of a document that is not at hand", "describe the document")
            continue
        if start is None or end is None or not 0 <= start < end <= len(texts[iri].text):
            yield Problem(passage, f"lies outside its document ({start} to {end})", "cite it again")
            continue
        found = texts[iri].passage(start, end)
        if found.iri != passage:
            yield Problem(passage, f"is named otherwise than its positions ({start} to {end})", "cite it again")
        if found.sha256 != checksum:
            yield Problem(passage, "has another text than was cited: the checksum differs", "cite it again")


def _find_named(triples: Triples, name: str, key: str) -> pl.DataFrame:
    """Return the values of the properties of a name in any namespace, as a column of it, by their subjects in `key`."""
    predicate = pl.col("predicate")
    found = triples.frame.filter(predicate.str.ends_with(f"#{name}>") | predicate.str.ends_with(f"/{name}>"))
    return found.select(pl.col("subject").alias(key), pl.col("object").alias(name))


def _join(frame: pl.DataFrame, key: str, triples: Triples, columns: dict[str, str]) -> pl.DataFrame:
    for name, predicate in columns.items():
        one = triples.match(predicate=predicate).frame.select(
            pl.col("subject").alias(key), pl.col("object").alias(name)
        )
        frame = frame.join(one, on=key, how="left")
    return frame


def _plain(frame: pl.DataFrame, *resources: str) -> pl.DataFrame:
    """Return IRIs without their brackets, and literals by their text."""
    values = [name for name in frame.columns if name not in resources]
    return frame.with_columns(
        pl.col(resources).str.strip_chars_start("<").str.strip_chars_end(">"),
        *[terms.value(pl.col(name)) for name in values],
    ).sort(frame.columns[0])
