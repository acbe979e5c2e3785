"""Articles made of blocks, and what is read out of them."""

from __future__ import annotations

from agent.document import Article, Document, read_document

BODY = "The council met on Monday and put the vote off for a week."
MORE = "Residents had asked for a longer debate about the new bridge."


def read(*blocks: str, between: str = "\n\n", title: str | None = None) -> Document:
    """Return the document of the blocks with blank lines between them."""
    return read_document(Article(between.join(blocks), title=title))


def zones(document: Document) -> list[str]:
    """Return the zone of each block."""
    return [block.zone for block in document.blocks]


def sentences(document: Document) -> list[str]:
    """Return the words of each sentence."""
    return [sentence.extent.of(document.text) for sentence in document.sentences]
