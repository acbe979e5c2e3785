"""The page of a record: one file, nothing loaded, hostile words escaped, every claim shown."""

from __future__ import annotations

import base64
import hashlib
import re
import time
from collections import Counter
from html.parser import HTMLParser

import pytest

from agent.forms import render
from agent.links import text_link
from agent.page import INDEX, page, pages, reveal
from agent.schema import Extraction
from agent.segments import cut_article, cut_text
from agent.wording import SIGNS, SURE
from page_samples import ATTACK, hostile, long, make_claim, numbered, tangled
from sample_records import TEXT, sample, span


class Reader(HTMLParser):
    """Notes tags, attributes and text, and the words of the article apart."""

    VOID = frozenset({"meta", "input", "img", "br", "rect"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.attributes: list[tuple[str, str, str]] = []
        self.article = ""
        self.raw: dict[str, str] = {}
        self._inside: list[tuple[str, str]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.tags[tag] += 1
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in self.VOID:
            self._inside.append((tag, dict(attrs).get("class") or ""))

    def handle_endtag(self, tag: str) -> None:
        """Leave an element; it must be the innermost one."""
        if tag not in self.VOID:
            assert tag == self._inside.pop()[0]

    def handle_data(self, data: str) -> None:
        """Keep the article's words, and style and script as they are."""
        names = {word for _, name in self._inside for word in name.split()}
        title = any(tag == "bdi" for tag, _ in self._inside)
        if "text" in names and not title and not names & {"mark", "zone", "facts", "legend"}:
            self.article += data
        if self._inside and self._inside[-1][0] in {"style", "script"}:
            self.raw[self._inside[-1][0]] = data

    def values(self, name: str) -> list[str]:
        """Return all values of an attribute."""
        return [value for _, other, value in self.attributes if other == name]


RECORDS = {"sample": sample(), "tangled": tangled(), "hostile": hostile(), "no text": long()}
each_record = pytest.mark.parametrize("record", RECORDS.values(), ids=RECORDS.keys())


@each_record
def test_page_lets_only_its_own_code_in(record: Extraction) -> None:
    """The policy names style and script by their hashes, and there's no code anywhere else."""
    seen = Reader(page(record))
    (policy,) = (value for _, name, value in seen.attributes if value.startswith("default-src"))
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    for kind in ("style", "script"):
        digest = base64.b64encode(hashlib.sha256(seen.raw[kind].encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy
    assert [1, 1] == [seen.tags["script"], seen.tags["style"]]
    assert [] == [name for _, name, _ in seen.attributes if name.startswith("on")]
    assert [] == seen.values("style") + seen.values("src")


@each_record
def test_page_anchors_are_unique_and_all_lead_somewhere(record: Extraction) -> None:
    """Every id is there once, and every link within the page has its target."""
    seen = Reader(page(record))
    ids = seen.values("id")
    assert sorted(set(ids)) == sorted(ids)
    inner = {href[1:] for href in seen.values("href") if href.startswith("#")}
    missing = inner - set(ids)
    # A claim whose place isn't in the text has no mark there; such a record isn't of our making.
    assert missing <= ({"t2", "t3"} if record is RECORDS["hostile"] else set())


def test_page_escapes_hostile_words() -> None:
    """Whatever an article or a model says stays text: no element comes of it, no address."""
    html = page(hostile())
    seen = Reader(html)
    assert [0, 0] == [seen.tags["img"], seen.tags["a"] - len(seen.values("href"))]
    assert [] == [h for h in seen.values("href") if not re.match(r"#\w+\Z|https?://", h)]
    assert ATTACK in seen.article


def test_page_shows_control_characters_instead_of_obeying() -> None:
    """An article can't turn the direction of the page around or hide words in it."""
    html = page(hostile())
    assert [] == re.findall(
        "[\0-\x08\x0b\x0c\x0e-\x1f\u200e\u200f\u202a-\u202e\u2066-\u2069]", html
    )
    assert "\\u202eevil\\u202c \\u001b[31m\\u0000 \\u200f" in html


@pytest.mark.parametrize("name", ["sample", "tangled", "hostile"])
def test_page_keeps_the_text_whole(name: str) -> None:
    """Claims cut the text in pieces; put together, it's the article, white space apart."""
    text = RECORDS[name].document.text or ""
    assert reveal(text).split() == Reader(page(RECORDS[name])).article.split()


def test_page_is_the_same_every_time() -> None:
    """One record gives one page, byte for byte."""
    assert page(tangled()) == page(tangled())


def test_page_has_one_heading() -> None:
    """The headline is the heading; a title that isn't the headline stands above it."""
    titled = sample().model_copy(
        update={"document": sample().document.model_copy(update={"title": "Another title"})}
    )
    assert [1, 1, 1] == [Reader(page(r)).tags["h1"] for r in (sample(), titled, long())]
    assert "<h1><bdi>Another title</bdi></h1>" in page(titled)


def test_page_shows_every_claim_with_its_label() -> None:
    """Each claim is in the list with its sign and its words for how sure it sounds."""
    html = page(sample())
    items = re.findall(r'<li class="claim.*?</li>\n(?=<li class="claim|</ol>)', html, re.DOTALL)
    assert len(sample().claims) == len(items)
    for claim, item in zip(sample().claims, items, strict=True):
        sign = SIGNS[claim.confidence]
        assert (f'"sign" aria-hidden="true">{sign}<' in item) == bool(sign)
        assert (SURE[claim.confidence] if claim.act != "deny" else "it is not so") in item
        assert f'data-kind="{claim.attribution.kind}"' in item


def test_page_draws_the_chain_from_the_outside() -> None:
    """Outermost first, with relays, understood and unnamed sources told apart in words too."""
    html = page(tangled())
    item = html[html.index('id="c11"') : html.index('id="c12"')]
    chain = item[item.index('class="chain"') : item.index("</ol>")]
    steps = [re.sub(r"<[^>]+>|\s+", " ", step) for step in chain.split('<li class="link')[1:]]
    said = [" ".join(step.partition(">")[2].split()) for step in steps]
    assert [
        "The article",
        "Tarnholm Courier passes it on as the Tarnholm Courier",
        "Asta Lind passes it on, understood from the context by the words quoted by",
        "city engineers says it, not named by the words According to",
        "stated as fact",
    ] == said
    assert ["node relay", "node relay implicit", "node unnamed"] == re.findall(
        r'class="(node(?: relay| implicit| unnamed)+)"', chain
    )


def test_page_shows_a_review() -> None:
    """A person's verdict stands with the claim, and who gave it."""
    html = page(tangled())
    assert "✗ reviewed: wrong" in html
    assert "wrong, by ann, 2025-01-02: that’s the headline" in html


def test_page_shows_what_was_returned_otherwise() -> None:
    """A claim whose words the model didn't copy exactly says what differs."""
    html = page(tangled())
    item = html[html.index('id="c12"') : html.index('id="c13"')]
    assert "<dt>Differs</dt><dd>the reading leaves out “roof”</dd>" in item
    assert 1 == html.count("<dt>Differs</dt>")


def test_page_shows_what_was_rejected_and_how_it_was_read() -> None:
    """Rejected strings with their reason, flags, and the provenance are at the end."""
    html = page(sample())
    end = html[html.index('id="rejected"') :]
    for words in (
        "content isn&#39;t in the text",
        "unbalanced quotation marks",
        "script (scripted)",
        "6 calls",
        "900 tokens in",
        "4.2 s",
    ):
        assert words in end


def test_page_leads_to_the_words_on_the_web() -> None:
    """A claim of a web page has a link with a text fragment, percent-encoded and escaped."""
    record = tangled()
    link = text_link(record.document.origin, record.document.text, record.claims[6].content)
    assert link in Reader(page(record)).values("href")
    assert not [h for h in Reader(page(sample())).values("href") if ":~:" in h]


def test_page_without_text_says_so() -> None:
    """A record without the text has its claims all the same."""
    html = page(long())
    assert "text isn’t in this record" in html
    assert "We will not gamble with lives" in html


def test_form_html_is_the_page() -> None:
    """`-f html` gives the page; with --no-text the article isn't in it."""
    assert page(sample()) == render(sample(), "html", with_text=True)
    assert "TARNHOLM" in render(sample(), "html", with_text=True)
    assert "TARNHOLM" not in render(sample(), "html", with_text=False)


def test_page_of_a_record_without_claims_says_so() -> None:
    """No claim, no rejection: the page says that."""
    html = page(sample().model_copy(update={"claims": [], "rejected": []}))
    assert "No claims were found." in html
    assert "Nothing was rejected." in html


def test_segments_tell_parts_of_a_claim_apart() -> None:
    """Content, source, cue and hedge each know their claim; a second part resumes it."""
    segments = [s for block in cut_article(tangled().document, tangled().claims)
                for s in block.segments]  # fmt: skip
    by_text = {segment.text: segment for segment in segments}
    assert (11,) == by_text["the "].content[1:2]
    assert (4, 11, 12, 13) == by_text["repairs "].content
    assert (13,) == by_text["repairs "].opens
    assert 11 in by_text["opened in 1974"].resumes
    assert (11,) == by_text["city engineers"].source
    assert (4, 11) == by_text["According to"].cue
    assert 4 in by_text["could"].hedge


def test_segments_of_a_long_text_are_quick() -> None:
    """Thousands of claims in a long text are cut in no time that grows with their product."""
    text = TEXT * 200
    ferry = span("ferry")
    claims = [
        make_claim(n, [ferry.model_copy(update={"start": n * 40, "end": n * 40 + 300})], [])
        for n in range(2000)
    ]
    begin = time.perf_counter()
    pieces = cut_text(text, claims)
    assert text == "".join(segment.text for _, segment in pieces)
    assert time.perf_counter() - begin < 2


# ---- a batch ----------------------------------------------------------------------------------


def test_pages_lead_to_one_another() -> None:
    """Each page leads to the one before, the one after and the index; every target is there."""
    made = dict(pages(numbered(3)))
    assert ["0001-uber-1.html", "0002-uber-2.html", "0003-uber-3.html", INDEX] == list(made)
    for name, html in made.items():
        hrefs = {href.partition("#")[0] for href in Reader(html).values("href")} - {""}
        expected = {
            "0001-uber-1.html": {"0002-uber-2.html", INDEX},
            "0002-uber-2.html": {"0001-uber-1.html", "0003-uber-3.html", INDEX},
            "0003-uber-3.html": {"0002-uber-2.html", INDEX},
            INDEX: {"0001-uber-1.html", "0002-uber-2.html", "0003-uber-3.html"},
        }[name]
        assert expected == hrefs


def test_pages_are_made_one_by_one() -> None:
    """The first page is there before the third record is asked for."""
    taken: list[int] = []

    def records() -> object:
        for number, record in enumerate(numbered(5)):
            taken.append(number)
            yield record

    first = next(pages(records()))  # type: ignore[arg-type]
    assert ("0001-uber-1.html", [0, 1]) == (first[0], taken)


@pytest.mark.parametrize("id_", ["../../etc/passwd", "con", "", "日本", "a" * 500, "x\0y/z.html"])
def test_page_files_have_safe_names(id_: str) -> None:
    """Whatever the id is, the file lies in the folder and any system takes its name."""
    record = sample()
    named = record.model_copy(update={"document": record.document.model_copy(update={"id": id_})})
    names = [name for name, _ in pages([named])]
    assert [] == [n for n in names[:-1] if not re.fullmatch(r"0001(-[a-z0-9-]{1,60})?\.html", n)]
