"""The article in a web page (only user of trafilatura): headline, main text, date, author."""

from __future__ import annotations

import codecs
import contextlib
import re
from dataclasses import dataclass, replace
from typing import Any

from trafilatura import bare_extraction, load_html
from trafilatura.xml import xmltotxt

from agent.addressed import ADDRESSED, is_addressed_to_machine
from agent.document import Article
from agent.errors import InputError
from agent.inputs.headline import from_headline
from agent.inputs.hidden import take_out_hidden
from agent.inputs.stubs import Page, fault_of
from agent.inputs.text import Raw, decode, in_blocks, known_charset

MOST_BYTES = 10_000_000
HEAD_BYTES = 4096  # in which a page says its encoding

_XML_DECLARATION = re.compile(r"\A\s*<\?xml[^>]*\?>")
_CHARSET = re.compile(
    rb"""(?i)(?:<meta[^>]{0,200}?charset|\A\s*<\?xml[^>]{0,200}?encoding)"""
    rb"""\s*=\s*["']?\s*([\w.:-]{1,40})"""
)
_NOT_FREE = re.compile(r'(?i)"isAccessibleForFree"\s*:\s*"?false')


@dataclass(frozen=True, slots=True)
class Found:
    """What was found in a page, article or not, and the page as `fault_of` judges it."""

    article: Article
    page: Page


def read_html(raw: Raw) -> Article:
    """Return the article of a web page: headline first, then its blocks, an empty line between.

    extra: author, url (the page's own name for itself) and site, where the page tells them.

    Raises:
        InputError: the page is too large, or shows something else than an article.
    """
    if len(raw.data) > MOST_BYTES:
        raise InputError(
            f"{raw.name} is a web page of more than {MOST_BYTES // 1_000_000} MB: save the "
            "article's text as a plain text file"
        )
    text, guessed = decode_page(raw)
    found = find_article(text, raw.url)
    if fault := fault_of(found.page):
        raise InputError(f"{raw.name} {fault}")
    if guessed:
        found.article.extra["encoding"] = guessed
    return found.article


def find_article(text: str, url: str | None = None) -> Found:
    """Return what a page holds. url: where it was fetched."""
    tree = load_html(_XML_DECLARATION.sub("", text).replace("\0", ""))
    if tree is None:
        return Found(Article(""), Page([], [], text))
    surroundings = _surroundings(tree)
    hidden = take_out_hidden(tree)
    document = _extracted(tree, url)
    parts = [] if document is None else list(document.body)
    blocks = [_tidy(xmltotxt(part, include_formatting=False)) for part in parts]
    headings = [block for block, part in zip(blocks, parts, strict=True) if part.tag == "head"]
    page = Page(blocks, headings, *surroundings)
    if document is None:
        return Found(Article(""), page)
    top = next((number for number, part in enumerate(parts[:3]) if _is_top(part)), None)
    title = document.title if top is None else blocks[top]
    about = {"author": document.author, "url": document.url, "site": document.sitename}
    extra = {name: value for name, value in about.items() if value}
    if is_addressed_to_machine(hidden):
        extra["hidden"] = ADDRESSED
    shown = blocks if top is None else from_headline(blocks, top)
    article = Article(in_blocks(shown, title), title=title, date=document.date, extra=extra)
    return Found(article, page)


def _extracted(tree: Any, url: str | None) -> Any:
    """Return the article that trafilatura finds, None where there's none or it can't cope."""
    with contextlib.suppress(*_BROKEN):
        return bare_extraction(
            tree,
            url=url,
            include_comments=False,
            with_metadata=True,
            # An extensive search takes any date in the words of the page for the article's.
            date_extraction_params={"original_date": True, "extensive_search": False},
        )
    return None


# What trafilatura and htmldate let through of pages that nobody tested them on.
_BROKEN = (AssertionError,)


def _is_top(part: Any) -> bool:
    return bool(part.tag == "head" and part.get("rend") == "h1")


def _tidy(block: str) -> str:
    return "\n".join(line.strip() for line in block.splitlines() if line.strip())


def _surroundings(tree: Any) -> tuple[str, bool, bool]:
    """Return all words of a page, whether it asks for a password, and whether it's free to read."""
    words = []
    free = True
    for element in tree.iter():
        if element.tag == "script":
            free = free and not _NOT_FREE.search(element.text or "")
        elif isinstance(element.tag, str) and element.tag != "style":
            words.append(element.text or "")
        words.append(element.tail or "")
    has_password = bool(tree.xpath('//input[@type="password"]'))
    return " ".join(" ".join(words).split()), has_password, free


# ---- encoding ---------------------------------------------------------------------------------


def decode_page(raw: Raw) -> tuple[str, str | None]:
    """Return the text of a page, and its encoding where that was guessed or has errors.

    In order: byte order mark, what the server said, what the page says, UTF-8, windows-1252.
    """
    declared = known_charset(raw.charset) or _said_charset(raw.data[:HEAD_BYTES])
    marked = raw.data.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    if marked or not declared:
        return decode(replace(raw, charset=None))
    for encoding in (declared, "utf-8"):
        try:
            return raw.data.decode(encoding), None
        except UnicodeDecodeError:
            continue
    return raw.data.decode(declared, errors="replace"), f"{declared}, with unreadable bytes"


def _said_charset(head: bytes) -> str:
    """Return what a page says in its own words; they could be read, so it isn't UTF-16."""
    match = _CHARSET.search(head)
    charset = known_charset(match[1].decode("ascii")) if match else ""
    return "utf-8-sig" if charset.startswith(("utf-16", "utf-32")) else charset
