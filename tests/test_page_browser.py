"""Pages in a real browser: clicks, filters, keys, print, phones; nothing loaded, nothing broken."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pypdf
import pytest
from playwright.sync_api import (
    Browser,
    Dialog,
    Page,
    Request,
    ViewportSize,
    expect,
    sync_playwright,
)

from agent.links import text_link
from agent.page import INDEX, pages
from agent.schema import Span
from lying_server import LyingServer, answer_bytes
from page_samples import ATTACK, hostile, long, numbered, tangled

CHROMIUM = shutil.which("chromium")
pytestmark = pytest.mark.skipif(not CHROMIUM, reason="needs chromium")

WIDE, PHONE = ViewportSize(width=1280, height=900), ViewportSize(width=390, height=844)
BATCH = [tangled(), hostile(), long(), *numbered(2)]
TANGLED = "0001-tunnel.html"
WIDTHS = "[document.documentElement.scrollWidth, innerWidth]"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Start Chromium once for all tests of this file."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the pages of a batch."""
    place = tmp_path_factory.mktemp("pages")
    for name, html in pages(BATCH):
        (place / name).write_text(html, encoding="utf-8")
    return place


@contextmanager
def opened(browser: Browser, file: Path, hash_: str = "", **how: Any) -> Iterator[Page]:
    """Open a page; what it logs, throws or asks of the network fails the test."""
    context = browser.new_context(**({"viewport": WIDE, "reduced_motion": "reduce"} | how))
    wrong: list[str] = []

    def refuse(dialog: Dialog) -> None:
        wrong.append("dialog")
        dialog.dismiss()

    def look(request: Request) -> None:
        if not request.url.startswith(file.parent.as_uri()):
            wrong.append(f"request: {request.url}")

    page = context.new_page()
    page.on("console", lambda message: wrong.append(f"console: {message.text}"))
    page.on("pageerror", lambda error: wrong.append(f"error: {error}"))
    page.on("dialog", refuse)
    page.on("request", look)
    page.goto(file.as_uri() + hash_)
    page.set_default_timeout(5000)
    yield page
    assert [] == wrong
    context.close()


@pytest.fixture
def page(browser: Browser, folder: Path) -> Iterator[Page]:
    """Open the page of the tangled record on a wide screen."""
    with opened(browser, folder / TANGLED) as found:
        yield found


def open_claims(page: Page) -> list[str]:
    """Return the numbers of the claims that are open."""
    script = "[...document.querySelectorAll('.claim:has([open])')].map(c => c.dataset.n)"
    return list(page.evaluate(script))


def shown_claims(page: Page) -> list[str]:
    """Return the numbers of the claims in the list that the filter lets through."""
    script = "[...document.querySelectorAll('.claim:not([hidden])')].map(c => c.dataset.n)"
    return list(page.evaluate(script))


def lit(page: Page, name: str) -> str:
    """Return the words of the article that are marked in one way."""
    words: list[str] = page.locator(f".text .seg.{name}").all_inner_texts()
    return "".join(words)


def in_view(page: Page, selector: str) -> bool:
    """Tell whether an element is within the window."""
    box = page.locator(selector).bounding_box()
    size = page.viewport_size
    return bool(box and size and box["y"] >= 0 and box["y"] + box["height"] <= size["height"])


# ---- words and claims -------------------------------------------------------------------------


def test_click_on_words_opens_their_claim(page: Page) -> None:
    """A click in the article opens the claim, and lights its words, source, cue and hedge."""
    page.click("text=the leak had been known for years")
    assert ["6"] == open_claims(page)
    assert "the leak had been known for years" == lit(page, "lit")
    assert "denied" == lit(page, "cue")
    assert page.locator("#c6 .full").is_visible()
    assert in_view(page, "#c6 summary")


def test_opened_claim_is_seen_whole(page: Page) -> None:
    """A claim low in the list is scrolled so far that its chain and its facts are seen too."""
    page.set_viewport_size({"width": 1280, "height": 800})
    for number in ("6", "13", "9"):
        page.click(f"#c{number} summary")
        assert in_view(page, f"#c{number}"), number


def test_click_on_overlapping_words_goes_through_their_claims(page: Page) -> None:
    """Where claims lie on one another, each click opens the next one."""
    found = []
    for _ in range(5):
        page.click(".text .seg:text-is('repairs ')")
        found += open_claims(page)
    assert ["4", "11", "12", "13", "4"] == found


def test_click_on_a_claim_lights_all_its_parts(page: Page) -> None:
    """A claim in two places of the text lights both, with every source and cue of its chain."""
    page.click("#c11 summary")
    assert "opened in 1974the repairs could take months" == lit(page, "lit")
    assert "city engineersthe Tarnholm Courier" == lit(page, "source")
    assert "According toquoted by" == lit(page, "cue")
    assert in_view(page, "#t11")
    page.click("#c11 summary")
    assert [[], ""] == [open_claims(page), lit(page, "lit")]


def test_mark_and_claim_lead_to_one_another(page: Page) -> None:
    """The number in the article opens the claim; its link leads back to the number."""
    page.click("#t7")
    assert ["7"] == open_claims(page)
    page.click("#c7 .back")
    assert page.url.endswith("#t7")
    assert in_view(page, "#t7")


def test_address_with_a_claim_opens_it(browser: Browser, folder: Path) -> None:
    """`#c9` at the end of the address opens claim 9."""
    with opened(browser, folder / TANGLED, "#c9") as page:
        assert ["9"] == open_claims(page)
        assert in_view(page, "#c9 summary")


# ---- filters ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expected", "checked", "source", "words"),
    [
        (["10", "12"], ["probable"], "", ""),
        (["1", "4", "10", "12"], ["possible", "probable"], "", ""),
        (["5", "8"], ["direct", "mixed"], "", ""),
        (["5"], ["certain", "direct"], "", ""),
        (["4", "11"], [], "city engineers (2)", ""),
        (["4", "11"], [], "Tarnholm Courier (2)", ""),
        (["1", "2", "3", "12", "13"], [], "the article itself (5)", ""),
        (["7"], [], "", "COST of"),
        (["5", "6", "7", "8", "9", "11"], [], "", "asta lind"),
        (["7"], ["uncommitted"], "Asta Lind (6)", "works"),
        ([], ["direct"], "city engineers (2)", ""),
    ],
)
def test_filter_narrows_the_list(
    page: Page, expected: list[str], checked: list[str], source: str, words: str
) -> None:
    """Confidence, kind, source and words narrow the list together; the rest is dimmed."""
    for value in checked:
        page.check(f"#filter [value={value}]")
    if source:
        page.select_option("#filter select", label=source)
    page.fill("#filter [type=search]", words)
    assert expected == shown_claims(page)
    assert f"{len(expected)} of 13 claims" == page.inner_text("#shown")
    marks = page.evaluate("[...document.querySelectorAll('.mark[id]:not(.dim)')].map(m => m.id)")
    assert {f"t{number}" for number in expected} == set(marks)
    page.click("#all")
    expect(page.locator("#shown")).to_have_text("13 claims")
    assert 13 == len(shown_claims(page))


def test_source_in_a_chain_filters(page: Page) -> None:
    """The name in a drawn chain, or in the table of sources, shows what that source says."""
    page.click("#c4 summary")
    page.click("#c4 .chain button:has-text('Tarnholm Courier')")
    assert ["4", "11"] == shown_claims(page)
    page.click("#sources button:has-text('unspecified source')")
    assert ["10"] == shown_claims(page)


# ---- keys -------------------------------------------------------------------------------------


def test_keys_walk_the_claims_that_are_shown(page: Page) -> None:
    """The keys j and k go to the next and the previous claim shown, and stop at the ends."""
    page.check("#filter [value=possible]")
    found = []
    for key in "jjjkk":
        page.keyboard.press(key)
        found += open_claims(page)
    assert ["1", "4", "4", "1", "1"] == found
    assert page.evaluate("document.activeElement.closest('.claim').id") == "c1"


def test_keys_search_and_leave(page: Page) -> None:
    """/ goes to the search, where letters are letters; Esc shows all again, then ends."""
    page.keyboard.press("/")
    page.keyboard.type("jk/?")
    assert "jk/?" == page.input_value("#filter [type=search]")
    assert [[], False] == [open_claims(page), page.locator("#help").is_visible()]
    page.keyboard.press("Escape")
    expect(page.locator("#shown")).to_have_text("13 claims")
    page.keyboard.press("j")
    page.keyboard.press("Escape")
    assert [] == open_claims(page)


def test_keys_help_and_text(page: Page) -> None:
    """? shows the keys and Esc closes them; t goes to the claim's words and back."""
    page.keyboard.press("?")
    assert page.locator("#help").is_visible()
    page.keyboard.press("j")  # not meant for the page behind
    page.keyboard.press("Escape")
    assert [False, []] == [page.locator("#help").is_visible(), open_claims(page)]
    page.keyboard.press("j")
    page.keyboard.press("t")
    assert "t1" == page.evaluate("document.activeElement.id")
    page.keyboard.press("t")
    assert "c1" == page.evaluate("document.activeElement.closest('.claim').id")


def test_page_works_by_tab_and_enter_alone(page: Page) -> None:
    """A claim opens by the keyboard without letters, and the focus is seen."""
    page.focus("#c3 summary")
    page.keyboard.press("Enter")
    assert ["3"] == open_claims(page)
    assert "none" != page.evaluate("getComputedStyle(document.activeElement).outlineStyle")


# ---- every screen -----------------------------------------------------------------------------


@pytest.mark.parametrize("viewport", [PHONE, {"width": 320, "height": 600}], ids=str)
def test_pages_never_scroll_sideways(browser: Browser, folder: Path, viewport: Any) -> None:
    """No page is wider than its screen, with claims open, endless words and hostile ones."""
    for file in sorted(folder.iterdir()):
        with opened(browser, file, viewport=viewport) as page:
            page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true })")
            wide, window = page.evaluate(WIDTHS)
            assert (file.name, window) == (file.name, wide)


def test_phone_says_what_was_touched(browser: Browser, folder: Path) -> None:
    """On a phone the list is far below: a bar tells the claim, and leads to it."""
    with opened(browser, folder / TANGLED, viewport=PHONE, has_touch=True) as page:
        page.tap("text=the leak had been known for years")
        assert "6. Asta Lind: says it is not so" == page.inner_text("#now p")
        assert in_view(page, "#t6")
        page.tap("#now button:has-text('Details')")
        assert in_view(page, "#c6 summary")
        page.tap("#now button[aria-label=Close]")
        assert [False, []] == [page.locator("#now").is_visible(), open_claims(page)]


def contrasts(page: Page) -> dict[str, float]:
    """Return the lowest contrast of text on its ground, by selector (WCAG 2's ratio)."""
    script = """selectors => Object.fromEntries(selectors.map(selector => {
      const element = document.createElement("canvas");
      const canvas = element.getContext("2d", { willReadFrequently: true });
      const rgb = colour => { canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
        return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3); };
      const light = colours => { const [r, g, b] = colours.map(c => c / 255)
        .map(c => c <= .04045 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4);
        return .2126 * r + .7152 * g + .0722 * b; };
      const ratio = element => { let ground = element;
        while (ground && getComputedStyle(ground).backgroundColor === "rgba(0, 0, 0, 0)")
          ground = ground.parentElement;
        rgb(getComputedStyle(document.body).backgroundColor);
        const below = light(rgb(getComputedStyle(ground || document.body).backgroundColor));
        const above = light(rgb(getComputedStyle(element).color));
        return (Math.max(above, below) + .05) / (Math.min(above, below) + .05); };
      return [selector, Math.min(...[...document.querySelectorAll(selector)].map(ratio))];
    }))"""
    return dict(page.evaluate(script, [".sure", ".mark", ".quiet", ".text .seg", ".zone", "a"]))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_are_readable(browser: Browser, folder: Path, scheme: Any) -> None:
    """Light or dark as the system is, every text stands out 4.5 to 1 or more."""
    with opened(browser, folder / TANGLED, color_scheme=scheme) as page:
        ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert {"light": "rgb(255, 255, 255)", "dark": "rgb(22, 23, 24)"}[scheme] == ground
        page.click("#c11 summary")
        assert {} == {what: ratio for what, ratio in contrasts(page).items() if ratio < 4.5}


def test_confidence_is_told_without_colour(page: Page) -> None:
    """Each confidence has a stroke of its own below the words, a sign, and its name."""
    styles = page.evaluate(
        "[2, 12, 1, 7].map(n => getComputedStyle(document.querySelector("
        "`.text .seg.on[data-c~='${n}']${n === 12 ? '.probable' : ''}`)).borderBottomStyle)"
    )
    assert ["solid", "dashed", "dotted", "double"] == styles
    assert ["2", "12~", "1?", "7-"] == [page.inner_text(f"#t{n}") for n in (2, 12, 1, 7)]


def test_pages_fit_on_paper(browser: Browser, folder: Path) -> None:
    """Tables don't run off the sheet: 700 pixels are A4 between its margins."""
    for file in sorted(folder.iterdir()):
        with opened(browser, file, viewport={"width": 700, "height": 1000}) as page:
            page.emulate_media(media="print")
            page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true })")
            wide, window = page.evaluate(WIDTHS)
            assert (file.name, window) == (file.name, wide)


def test_phone_shows_who_gave_no_answer_and_about_what(browser: Browser, folder: Path) -> None:
    """Of the audit the first columns are seen without scrolling, whatever the names are."""
    with opened(browser, folder / INDEX, viewport=PHONE) as page:
        box = page.locator("#unanswered th", has_text="about").bounding_box()
        assert box is not None
        assert box["x"] < PHONE["width"] - 60


def test_print_shows_everything_but_the_tools(browser: Browser, folder: Path) -> None:
    """On paper every claim is open and filters and links of the screen are gone."""
    with opened(browser, folder / TANGLED, color_scheme="dark") as page:
        paper = pypdf.PdfReader(io.BytesIO(page.pdf(format="A4")))
        text = "".join(sheet.extract_text() for sheet in paper.pages)
    for words in ("understood from the context", "Decided by", "Rejected", "script (scripted)"):
        assert words in text
    for words in ("Search", "In the article", "Keys"):
        assert words not in text


def test_page_reads_without_its_script(browser: Browser, folder: Path) -> None:
    """Without JavaScript the article and claims are there and open; filters aren't offered."""
    with opened(browser, folder / TANGLED, java_script_enabled=False) as page:
        page.click("#c4 summary")
        assert page.locator("#c4 .chain").is_visible()
        assert not page.locator("#filter").is_visible()


# ---- attacks ----------------------------------------------------------------------------------


@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
def test_attack_stays_text(browser: Browser, folder: Path, viewport: Any) -> None:
    """Script in an article isn't run, in any place that it gets to, also when used."""
    (file,) = folder.glob("0002-*.html")
    with opened(browser, file, viewport=viewport) as page:
        assert page.title().startswith("</script>")
        for key in "jjjkt":
            page.keyboard.press(key)
        page.fill("#filter [type=search]", "<img")
        page.click("#sources button >> nth=0")
        page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true })")
        assert 0 == page.locator("img").count()
        assert 1 == page.locator("script").count()
        assert ATTACK in page.inner_text(".text")
        assert "owned" != page.title()


def test_policy_stops_what_got_in(browser: Browser, folder: Path) -> None:
    """Were there an element of an attacker's, the policy would let it do nothing."""
    page = browser.new_page()
    page.goto((folder / TANGLED).as_uri())
    refused: list[str | None] = []
    page.on("requestfailed", lambda request: refused.append(request.failure))
    page.evaluate("""() => {
      const script = document.createElement("script");
      script.textContent = "document.title = 'owned'";
      document.body.append(script);
      const image = document.createElement("img");
      image.setAttribute("onerror", "document.title = 'owned'");
      image.src = "https://example.org/x.png";
      document.body.append(image);
    }""")
    page.wait_for_timeout(300)
    assert ["csp"] == refused
    assert "owned" != page.title()
    page.close()


# ---- the index --------------------------------------------------------------------------------


def test_index_searches_and_sorts(browser: Browser, folder: Path) -> None:
    """The search hides rows in all tables; a click on a column sorts by it, a second turns it."""
    with opened(browser, folder / INDEX) as page:
        column = "#articles tbody td:nth-child(3)"
        page.click("#articles .sort:text-is('claims')")
        assert ["13", "10", "10", "10", "3"] == page.locator(column).all_inner_texts()
        page.click("#articles .sort:text-is('claims')")
        assert ["3", "10", "10", "10", "13"] == page.locator(column).all_inner_texts()
        page.keyboard.press("/")
        page.keyboard.type("city engineers")
        assert [0, 4] == [
            page.locator(f"{part} tbody tr:visible").count() for part in ("#articles", "#unnamed")
        ]
        page.keyboard.press("Escape")
        expect(page.locator("#shown")).to_have_text("")
        assert 5 == page.locator("#articles tbody tr:visible").count()


def test_index_breaks_no_word_of_ours(browser: Browser, folder: Path) -> None:
    """What a source is, such as "organisation", stands on one line where it's one word."""
    with opened(browser, folder / INDEX) as page:
        lines = """e => { const words = document.createRange(); words.selectNodeContents(e);
                           return new Set([...words.getClientRects()].map(r => r.top)).size }"""
        cells = page.locator("td.type", has_text="organisation")
        assert {1} == {cell.evaluate(lines) for cell in cells.all()}


def test_index_leads_to_the_claim(browser: Browser, folder: Path) -> None:
    """A number in the audit opens the article's page at that claim."""
    with opened(browser, folder / INDEX) as page:
        page.click("#unanswered tbody tr:first-child td:last-child a")
        page.wait_for_selector("#c6 details[open]")
        assert page.url.endswith(f"{TANGLED}#c6")
        page.click("text=All articles")
        assert page.url.endswith(INDEX)


# ---- links into a page's text -----------------------------------------------------------------


def test_text_link_is_followed_by_the_browser(browser: Browser) -> None:
    """A link for words that stand in a page twice, with marks of the syntax, finds its place."""
    words = "the ferry, well-known & slow, is “full”"
    lines = [f"Filler line {number}." for number in range(60)]
    text = "\n\n".join(
        [*lines, f"Ann said {words} today.", *lines, f"Bo said {words} too.", *lines]
    )
    body = "".join(f"<p>{line.replace('&', '&amp;')}</p>" for line in text.split("\n\n"))
    html = f"<!doctype html><meta charset=utf-8><title>t</title>{body}"
    seen = []
    with LyingServer(models=answer_bytes(html.encode(), content_type="text/html")) as server:
        for start in (text.index(words), text.rindex(words)):
            span = Span(start=start, end=start + len(words), text=words)
            page = browser.new_page(viewport=PHONE)
            page.goto(text_link(f"{server.base_url}/a", text, [span]) or "")
            page.wait_for_function("scrollY > 0")
            seen += page.evaluate("""[...document.querySelectorAll("p")].filter(p => {
              const box = p.getBoundingClientRect();
              return box.top >= 0 && box.bottom <= innerHeight && p.textContent.includes("ferry");
            }).map(p => p.textContent)""")
            page.close()
    assert [f"Ann said {words} today.", f"Bo said {words} too."] == seen
