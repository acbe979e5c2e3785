"""A page that isn't the article: a paywall, a cookie wall, a login, a check, a list of links."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

LEAST_CHARS = 80  # of prose; less, and there is no article: two short sentences
STUB_CHARS = 600  # of prose; less, and what a page says of walls is believed
TEASER_CHARS = 1500  # of prose; less, and a page that calls itself not free is believed
HEADINGS_OF_A_LIST = 5
CHARS_BELOW_HEADING = 150  # of prose for each heading; less, and the page lists other pages

_ENDED = re.compile(r"[.!?…][\"”’')\]]*\Z")
_PAYWALL = re.compile(
    r"(?i)(?:\b(?:to (?:continue|keep) reading|(?:subscribe|register|sign up|sign in|log in) to "
    r"(?:read|continue|unlock|access|view)|already a (?:subscriber|member)|(?:for|to) (?:our )?"
    r"(?:paying )?subscribers(?: only)?|subscribers? only|unlock th(?:is|e) (?:article|story)"
    r"|(?:free|remaining|last) (?:free )?articles? (?:this|left|remaining)|start your free trial))"
)
_COOKIES = re.compile(
    r"(?i)\b(?:(?:accept|allow|reject|use of|uses?|using|store|such as|manage) (?:all |optional "
    r"|your |our )?cookies|we value your privacy"
    r"|(?:privacy|cookie) (?:settings|choices|preferences)|manage (?:options|consent)"
    r"|give your consent|legitimate interest)"
)
_LOGIN = re.compile(
    r"(?i)\b(?:log ?in|sign ?in|forgot(?:ten)? (?:your )?password|create an account)\b"
)
_CHECK = re.compile(
    r"(?i)\b(?:are you a (?:robot|human)|(?:verify|confirm)(?:ing)? (?:that )?you are (?:a )?human"
    r"|not a robot|checking your browser|captcha|unusual (?:traffic|activity)|access denied"
    r"|security check|just a moment)"
)
_SCRIPT = re.compile(
    r"(?i)\b(?:enable|turn on|requires?|without|activate) java ?script"
    r"|java ?script (?:is |has been )?(?:disabled|required|turned off|not enabled)"
)
_SAVE = "open it in a browser, and once the whole article shows, save the page as an HTML file"


@dataclass(frozen=True, slots=True)
class Page:
    """What a web page holds.

    blocks: its main text, headings included. headings: those of the blocks that are headings.
    words: all that can be read on it. has_password: it asks for one. free: False where it says
    that it isn't free to read.
    """

    blocks: Sequence[str]
    headings: Sequence[str]
    words: str
    has_password: bool = False
    free: bool = True


def fault_of(page: Page) -> str | None:
    """Return why a page isn't an article, and what to do; None if it seems to be one.

    A page with enough text is an article whatever it says of cookies or subscriptions: nearly
    every page says something.

    >>> page = Page(["We use cookies to make this site work."], [], "We use cookies")
    >>> fault_of(page).partition(":")[0]
    'shows a cookie wall, not an article'
    """
    prose = [block for block in page.blocks if block not in page.headings and _ENDED.search(block)]
    chars = sum(map(len, prose))
    if chars < (STUB_CHARS if page.free else TEASER_CHARS):
        wall = _wall(page, prose, chars)
        if wall:
            return wall
    if chars < LEAST_CHARS:
        return (
            "holds no article that can be told from the rest of the page: save the article's text "
            "as a plain text file"
        )
    if len(page.headings) >= HEADINGS_OF_A_LIST and chars < CHARS_BELOW_HEADING * len(
        page.headings
    ):
        return "seems to be a list of articles: give the address of one of them"
    return None


def _wall(page: Page, prose: Sequence[str], chars: int) -> str | None:
    """Return what stands in the way of a page with little text."""
    empty = chars < LEAST_CHARS
    if not page.free or _PAYWALL.search(page.words):
        return f"shows only the start of an article, the rest is behind a paywall: {_SAVE}"
    about_cookies = sum(len(block) for block in prose if _COOKIES.search(block))
    if about_cookies > chars / 2 or (empty and _COOKIES.search(page.words)):
        return f"shows a cookie wall, not an article: {_SAVE}"
    shown = "\n".join(page.blocks)
    if _CHECK.search(shown) or (empty and _CHECK.search(page.words)):
        return f"shows a check for robots, not an article: {_SAVE}"
    if page.has_password and (empty or _LOGIN.search(shown)):
        return f"is a login page, not an article: log in with a browser; {_SAVE}"
    if empty and _SCRIPT.search(page.words):
        return f"needs JavaScript to show its article: {_SAVE}"
    return None
