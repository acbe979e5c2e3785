"""Web pages: the article in them, and pages that show something else."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from agent.errors import InputError
from agent.inputs import html
from agent.inputs.html import decode_page, read_html
from agent.inputs.text import Raw
from input_samples import ARTICLE, PROSE, SENTENCE, page

DATA = Path(__file__).parent / "data" / "inputs"


def raw(data: bytes, charset: str | None = None, url: str | None = None) -> Raw:
    """Return a page as it came in."""
    return Raw(data, "page.html", 100_000, charset=charset, url=url)


def test_page_is_its_article_without_what_surrounds_it() -> None:
    """Navigation, byline, share buttons, caption, related links and comments are left out."""
    article = read_html(raw((DATA / "story.html").read_bytes()))
    blocks = article.text.split("\n\n")
    assert "Old harbour bridge will close for repairs, mayor says" == blocks[0]
    assert "Shops fear for their trade" == blocks[4]
    assert "“Nobody asked the people who live here.”" == blocks[6]
    assert (9, "no decision is expected before autumn.") == (len(blocks), blocks[8][-38:])
    about = {
        "author": "Ann Lee",
        "url": "https://herald.example/local/2024/bridge-closure",
        "site": "The Lakeside Herald",
    }
    assert ("2024-03-05", about) == (article.date, article.extra)


@pytest.mark.parametrize(
    ("expected", "head", "body"),
    [
        ("Bridge closes", "<title>Bridge closes | Herald</title>", f"<article>{ARTICLE}</article>"),
        (
            "Bridge closes",
            "<title>x</title><meta property='og:title' content='Bridge closes'>",
            f"<article><p>{PROSE}</p><p>{PROSE}</p></article>",
        ),
        (
            "Bridge closes",
            "<meta property='og:title' content='WATCH: bridge closes'>",
            f"<article>{ARTICLE}</article>",
        ),
    ],
    ids=["in the text", "dropped", "another one in the head"],
)
def test_page_begins_with_its_headline(expected: str, head: str, body: str) -> None:
    """The text begins with the headline once, kept or put back, and the title is the same."""
    article = read_html(raw(page(body, head)))
    assert (expected, expected) == (article.title, article.text.partition("\n\n")[0])
    assert 1 == article.text.count(expected)


def test_page_keeps_lines_lists_and_tables_apart() -> None:
    """A line break stays one, and each block has an empty line around it."""
    body = (
        f"<article><h1>Bridge closes</h1><p>{PROSE}</p><p>One said.<br>Two said.</p>"
        "<ul><li>First thing</li><li>Second</li></ul>"
        f"<table><tr><td>a</td><td>b</td></tr></table><p>{SENTENCE}</p></article>"
    )
    blocks = read_html(raw(page(body))).text.split("\n\n")
    expected = ["One said.\nTwo said.", "- First thing\n- Second", "| a | b |", SENTENCE]
    assert expected == blocks[2:]


def test_page_without_a_date_of_its_own_has_none() -> None:
    """A date in the words of a page isn't taken for that of the article."""
    body = f"<article>{ARTICLE}<p>The bridge was built on 3 May 1931, he said.</p></article>"
    assert read_html(raw(page(body))).date is None


def test_page_that_names_no_address_has_the_one_it_was_fetched_from() -> None:
    """The address is kept where the page has none of its own."""
    article = read_html(raw(page(ARTICLE), url="https://herald.example/x"))
    assert "https://herald.example/x" == article.extra["url"]


def test_short_page_is_an_article() -> None:
    """Two sentences of news among cookie notices and offers to subscribe can be read."""
    body = (
        "<div id='banner'><p>We use cookies.</p><button>Accept all cookies</button></div>"
        f"<a href='/s'>Subscribe</a><form><input type='password'></form>{ARTICLE}"
    )
    assert PROSE in read_html(raw(page(body))).text


# ---- pages that show something else -----------------------------------------------------------

NOT_FREE = '<script type="application/ld+json">{"isAccessibleForFree": false}</script>'
TEASERS = "".join(
    f"<section><h2><a href='/{n}'>Story {n} about the town</a></h2><p>What happened in story {n}, "
    "told in a few words.</p></section>"
    for n in range(12)
)


COOKIES = (
    "<h1>We value your privacy</h1><p>We and our 842 partners store and access information on your "
    "device, such as cookies, to show you advertisements.</p><button>Accept all</button>"
)
LOGIN = (
    "<form><h1>Log in</h1><input type='email'><input type='password'><p>Forgot your password? "
    "Reset it here. New here? Create an account to see it all.</p></form>"
)


@pytest.mark.parametrize(
    ("message", "body"),
    [
        ("behind a paywall", f"<p>{SENTENCE}</p><p>To continue reading, subscribe now.</p>"),
        ("behind a paywall", f"{NOT_FREE}<article>{ARTICLE * 2}</article>"),
        ("behind a paywall", f"<p>{PROSE}</p><div>Already a subscriber? <a>Log in</a></div>"),
        ("shows a cookie wall", COOKIES),
        ("is a login page", LOGIN),
        ("a check for robots", "<h1>Just a moment...</h1><p>Checking your browser.</p>"),
        ("a check for robots", "<p>Please verify you are human. It takes a moment.</p>"),
        ("needs JavaScript", "<noscript>You need to enable JavaScript to run this app.</noscript>"),
        ("a list of articles", f"<main>{TEASERS}</main>"),
        ("holds no article", "<p>Mayor.</p>"),
        ("holds no article", ""),
    ],
)
def test_page_that_is_no_article_is_refused(message: str, body: str) -> None:
    """What stands in the way is told, with what to do about it."""
    with pytest.raises(InputError, match=rf"page\.html .*{message}.*: "):
        read_html(raw(page(body)))


def test_page_that_is_not_free_but_whole_is_read() -> None:
    """A long text is an article, whatever the page says of its price."""
    prose = "".join(f"<p>{PROSE} It was said {n} times.</p>" for n in range(20))
    body = f"{NOT_FREE}<article><h1>Bridge closes</h1>{prose}</article>"
    assert len(read_html(raw(page(body))).text) > 1500


@pytest.mark.parametrize("data", [b"", b"<", b"<!DOCTYPE html>", b"<html", b"&#0;&#x110000;"])
def test_page_of_nothing_is_refused(data: bytes) -> None:
    """What hardly is HTML is refused as a page without an article."""
    with pytest.raises(InputError, match="holds no article"):
        read_html(raw(data))


def test_page_that_is_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page's size is limited before it's parsed."""
    monkeypatch.setattr(html, "MOST_BYTES", 1000)
    with pytest.raises(InputError, match="web page of more than"):
        read_html(raw(b"x" * 1001))


def test_page_of_entities_is_not_expanded() -> None:
    """Entities that a page defines itself stay what they are: no billion laughs."""
    laughs = "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in pairwise("abcdefghi"))
    text = f'<!DOCTYPE html [<!ENTITY a "ha">{laughs}]><html><body><p>&i; {PROSE}</p></body></html>'
    assert len(read_html(raw(text.encode())).text) < 300


# ---- encoding ---------------------------------------------------------------------------------

META = '<meta charset="{}"><p>“é”'


@pytest.mark.parametrize(
    ("guessed", "charset", "data"),
    [
        (None, None, META.format("utf-8").encode()),
        (None, None, META.format("iso-8859-1").encode("windows-1252")),
        (None, "ISO-8859-1", META.format("utf-8").encode("windows-1252")),
        (None, "utf-8", META.format("windows-1252").encode()),
        (None, "latin-1", META.format("x").encode("utf-8-sig")),
        (None, None, META.format("utf-8").encode("utf-16")),
        (None, None, META.format("utf-16").encode()),
        (None, "base64", META.format("none").encode()),
        (None, None, META.format("ascii").encode()),
        ("windows-1252", None, META.format("none").encode("windows-1252")),
    ],
)
def test_page_is_decoded_as_declared(guessed: str | None, charset: str | None, data: bytes) -> None:
    """A byte order mark counts before the server, the server before the page, then UTF-8."""
    text, found = decode_page(raw(data, charset))
    assert ("“é”", guessed) == (text[-3:], found)


def test_page_with_damaged_bytes_is_read_around_them() -> None:
    """A few bytes that mean nothing don't make the whole page unreadable, and are told."""
    data = page(f"<article>{ARTICLE}</article>").replace(b"reporters", b"report\xffers")
    article = read_html(raw(data))
    assert "utf-8, with unreadable bytes" in article.extra["encoding"].replace("-sig", "")
    assert "“Nobody asked us,” said Omar Haddad." in article.text


@pytest.mark.parametrize(
    ("expected", "above"),
    [
        (["Bridge closes"], "<p>Transport</p>"),
        (["5 March 2024", "Bridge closes"], "<p>Transport</p><p>5 March 2024</p>"),
        ([PROSE, "Bridge closes"], f"<p>{PROSE}</p>"),
    ],
    ids=["section", "date", "prose"],
)
def test_page_without_the_section_above_its_headline(expected: list[str], above: str) -> None:
    """The name of a section above the headline is no claim of the article; a date stays."""
    body = f"<main><article>{above}{ARTICLE}<p>{PROSE}</p></article></main>"
    article = read_html(raw(page(body)))
    assert expected == article.text.split("\n\n")[: len(expected)]
