"""The text of a Markdown file (only user of markdown-it): its words without the markup."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from markdown_it import MarkdownIt
from markdown_it.token import Token

from agent.document import Article
from agent.errors import InputError
from agent.inputs.text import Raw, decode, in_blocks

# A block of "key: value" between lines of three dashes or pluses, as static site generators use.
_FRONT_MATTER = re.compile(r"\A\s*(---|\+\+\+)[ \t]*\n(.*?\n)\1[ \t]*(?:\n|\Z)", re.DOTALL)
_KEY = re.compile(r"(?im)^(title|date|author)\s*[:=]\s*(.+?)\s*$")


def read_markdown(raw: Raw) -> Article:
    """Return the words, an empty line between blocks; the title of the front matter stands first.

    Images, HTML and code blocks are left out; of links the words stay.

    Raises:
        InputError: there are no words in it.
    """
    text, guessed = decode(raw)
    text = "\n".join(text.splitlines())
    front = _FRONT_MATTER.match(text)
    keys = {}
    if front:
        text = text[front.end() :]
        keys = {key.lower(): value.strip("\"' ") for key, value in _KEY.findall(front[2])}
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    blocks = list(_blocks(tokens))
    if not blocks:
        raise InputError(f"{raw.name} holds no text, only markup")
    extra = {"author": keys["author"]} if keys.get("author") else {}
    if guessed:
        extra["encoding"] = guessed
    headed = tokens[0].type == "heading_open" and tokens[0].tag == "h1"
    title = blocks[0] if headed else keys.get("title") or None
    return Article(in_blocks(blocks, title), title=title, date=keys.get("date"), extra=extra)


def _blocks(tokens: Iterable[Token]) -> Iterator[str]:
    """Yield the words of each block; an item of a list begins with a dash."""
    mark = ""
    for token in tokens:
        if token.type == "list_item_open":
            mark = "- "
        elif token.type == "inline":
            words = "".join(_words(token.children or [])).strip()
            if words:
                yield mark + words
            mark = ""


def _words(tokens: Iterable[Token]) -> Iterator[str]:
    for token in tokens:
        if token.type in ("text", "code_inline"):
            yield token.content
        elif token.type == "softbreak":
            yield " "
        elif token.type == "hardbreak":
            yield "\n"
