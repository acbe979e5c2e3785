"""The text of a Word document (only user of python-docx)."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any

from docx import Document
from docx.opc.exceptions import OpcError
from docx.oxml.ns import qn

from agent.document import Article
from agent.errors import InputError
from agent.inputs.text import Raw, in_blocks, plain_words

MOST_BYTES = 200_000_000  # of all parts unpacked, pictures included
MOST_XML_BYTES = 30_000_000  # of one part that is XML

_LEFT_OUT = {qn("w:del"), qn("w:moveFrom"), qn("w:txbxContent"), qn("w:footnoteReference")}
_WORDS = {
    qn("w:tab"): " ",
    qn("w:br"): "\n",
    qn("w:cr"): "\n",
    qn("w:noBreakHyphen"): "-",
    qn("w:softHyphen"): "\u00ad",
}


def read_docx(raw: Raw) -> Article:
    """Return the text as it reads with all tracked changes accepted, a paragraph a block.

    Tables are read row by row; headers, footers, notes, comments, text boxes and hidden text are
    left out. The file's own title counts where the text begins with it. extra: author, created
    (the day on which the file was made, which needn't be the article's).

    Raises:
        InputError: it's broken, a zip bomb, or holds no text.
    """
    try:
        _check_parts(raw)
        document: Any = Document(io.BytesIO(raw.data))
        blocks = list(_blocks(document.element.body))
        about = _about(document.core_properties)
    except (zipfile.BadZipFile, zlib.error, OpcError, SyntaxError, *_BROKEN) as error:
        raise InputError(
            f"{raw.name} is a broken Word document ({type(error).__name__}: {error}): open it in "
            "Word or LibreOffice and save it anew"
        ) from error
    if not blocks:
        raise InputError(f"{raw.name} holds no text, only pictures or text boxes")
    title = about.pop("title", None)
    standing = title and plain_words(title) in map(plain_words, blocks[:3])
    return Article(in_blocks(blocks), title=title if standing else None, extra=about)


# What python-docx and zipfile let through of files that nobody tested them on.
_BROKEN = (ValueError, KeyError, AttributeError, NotImplementedError, RuntimeError, EOFError)


def _check_parts(raw: Raw) -> None:
    """Check what the archive says of its parts; zipfile unpacks no more than that.

    Raises:
        InputError: it's no Word document, or would be too large unpacked.
    """
    with zipfile.ZipFile(io.BytesIO(raw.data)) as archive:
        parts = [(part.filename, part.file_size) for part in archive.infolist()]
    if "word/document.xml" not in dict(parts):
        raise InputError(
            f"{raw.name} is an archive or a document of another kind, and of these only Word's "
            "are read: save it as .docx, .pdf or plain text"
        )
    xml = max(size for name, size in parts if name.endswith(".xml"))
    whole = sum(size for _, size in parts)
    if whole > MOST_BYTES or xml > MOST_XML_BYTES:
        raise InputError(
            f"{raw.name} would be {max(whole, xml) / 1e6:,.0f} MB unpacked, too much for an "
            "article: save its text as a plain text file"
        )


def _blocks(body: Any) -> Iterator[str]:
    """Yield the paragraphs, and the rows of tables with a bar between cells."""
    for element in body.iterchildren():
        if element.tag == qn("w:p"):
            yield from _block(element)
        elif element.tag == qn("w:tbl"):
            for row in element.iterchildren(qn("w:tr")):
                cells = (" ".join(_blocks(cell)) for cell in row.iterchildren(qn("w:tc")))
                yield from filter(None, [" | ".join(filter(None, cells))])
        elif element.tag == qn("w:sdt"):  # a form field or a cover around paragraphs
            for content in element.iterchildren(qn("w:sdtContent")):
                yield from _blocks(content)


def _block(paragraph: Any) -> Iterator[str]:
    text = "".join(_words(paragraph)).strip()
    if text:
        yield text


def _words(element: Any) -> Iterator[str]:
    """Yield the words of a paragraph, those of links, fields and tracked insertions included."""
    for child in element.iterchildren():
        if child.tag == qn("w:t"):
            yield child.text or ""
        elif child.tag in _WORDS:
            yield _WORDS[child.tag]
        elif child.tag == qn("w:r") and _is_hidden(child):
            continue
        elif child.tag == _ALTERNATIVE:  # the same content twice, for old and new programs
            yield from _words(child[0]) if len(child) else ()
        elif child.tag not in _LEFT_OUT:
            yield from _words(child)


def _is_hidden(run: Any) -> bool:
    """Tell whether a run is formatted as hidden text."""
    marks = run.findall(f"{qn('w:rPr')}/{qn('w:vanish')}")
    return any(mark.get(qn("w:val")) not in ("0", "false", "off") for mark in marks)


_ALTERNATIVE = "{http://schemas.openxmlformats.org/markup-compatibility/2006}AlternateContent"


def _about(properties: Any) -> dict[str, str]:
    """Return what the file says about itself."""
    about = {
        "title": properties.title,
        "author": properties.author,
        "created": properties.created.date().isoformat() if properties.created else None,
    }
    return {name: value.strip() for name, value in about.items() if value and value.strip()}
