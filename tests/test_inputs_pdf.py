"""PDFs: lines to paragraphs, and files that can't be read."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader, PdfWriter

from agent.errors import InputError
from agent.inputs.pdf import read_pdf
from agent.inputs.text import Raw
from input_samples import SENTENCE, make_pdf, show

DATA = Path(__file__).parent / "data" / "inputs"
LINES = (
    "The mayor of the town said that the bridge would",
    "close on Monday, and nobody knew why.",
)


def raw(data: bytes, max_chars: int = 100_000) -> Raw:
    """Return a PDF as it came in."""
    return Raw(data, "story.pdf", max_chars)


def blocks(*pages: str) -> list[str]:
    """Return the paragraphs of a PDF."""
    return read_pdf(raw(make_pdf(pages))).text.split("\n\n")


def test_pdf_printed_by_a_browser_reads_as_paragraphs() -> None:
    """Justified, indented paragraphs over two pages are whole; page furniture is gone."""
    article = read_pdf(raw((DATA / "story.pdf").read_bytes()))
    found = article.text.split("\n\n")
    title = "Old harbour bridge will close for repairs, mayor says"
    assert [title, "By Ann Lee, 5 March 2024"] == found[:2]
    assert "The old harbour bridge will close for six months from Monday, mayor" == found[2][:67]
    assert "to lose half of his customers. “They told us nothing until" in found[6]
    assert (9, title) == (len(found), article.title)
    assert ("herald.example" in article.text, "1/2" in article.text) == (False, False)
    assert (None, ["created"]) == (article.date, list(article.extra))


def test_pdf_title_that_is_not_in_the_text_is_no_title() -> None:
    """The file's own title is often a file's name or a template's."""
    info = "<< /Title (Microsoft Word - final2.doc) /Author (Ann Lee) >>"
    data = make_pdf([show(LINES)], objects=[info], trailer="/Info 4 0 R")
    article = read_pdf(raw(data))
    assert (None, {"author": "Ann Lee"}) == (article.title, article.extra)


def entitled(title: str) -> dict[str, Any]:
    """Return what gives a made PDF a title of its own."""
    return {"objects": [f"<< /Title ({title}) >>"], "trailer": "/Info 4 0 R"}


MENU = show(["The Herald", "Home News Sport Business Log in"], top=760)


@pytest.mark.parametrize("title", ["Bridge closes today", "Bridge closes today | The Herald"])
def test_pdf_of_a_web_page_begins_with_its_headline(title: str) -> None:
    """A menu above the headline is left out; a date there stays."""
    head = show(["5 March 2024"], size=9, top=730) + show(["Bridge closes today"], size=20, top=710)
    content = MENU + head + show(LINES, top=600)
    article = read_pdf(raw(make_pdf([content], **entitled(title))))
    expected = ["5 March 2024", "Bridge closes today", " ".join(LINES)]
    assert (expected, "Bridge closes today") == (article.text.split("\n\n"), article.title)


@pytest.mark.parametrize(
    ("content", "title"),
    [
        (
            MENU + show(LINES, top=600) + show(["Bridge closes today"], top=500),
            "Bridge closes today",
        ),
        (MENU + show(["Bridge closes today"], top=700), "Bridge closes todays"),
        (MENU + show(["The"], top=700), "The - Herald"),
    ],
    ids=["below prose", "another", "a word"],
)
def test_pdf_whose_title_heads_nothing_is_read_whole(content: str, title: str) -> None:
    """Nothing is left out where the title isn't that of what follows."""
    article = read_pdf(raw(make_pdf([content], **entitled(title))))
    assert (True, None) == (article.text.startswith("The Herald"), article.title)


def test_pdf_bar_over_a_line_is_none_of_it() -> None:
    """What a browser printed at the height of a line, from its beginning on, stands for itself."""
    bar = "BT /F1 12 Tf 60 686.5 Td (We use cookies on this site of ours.) Tj ET"
    line = show(LINES).removesuffix("0 -14 Td ET ") + "ET "  # no step to a line below
    assert [" ".join(LINES), "We use cookies on this site of ours."] == blocks(line + bar)


def test_pdf_paragraphs_of_one_line_are_kept_apart() -> None:
    """Where most paragraphs are a line long, their gap isn't taken for that of lines."""
    whole = [
        f"{number} people of the town said that the bridge would close." for number in range(5)
    ]
    shown = "".join(show([line], top=700 - 30 * number) for number, line in enumerate(whole))
    assert [*whole, " ".join(LINES)] == blocks(shown + show(LINES, top=500))


@pytest.mark.parametrize(
    ("expected", "lines"),
    [
        ("the engineers said", ("the engi-", "neers said")),
        ("the well-known man said", ("the well-", "known man said")),
        ("the Franco-German talks", ("the Franco-", "German talks")),
        ("the 2015-2016 talks", ("the 2015-", "2016 talks")),
        ("vote-counting and vote-counting", ("vote-", "counting and vote-counting")),
    ],
)
def test_pdf_word_parted_at_the_end_of_a_line_is_whole(
    expected: str, lines: tuple[str, str]
) -> None:
    """A hyphen goes with the line's end, unless it belongs to the word."""
    first, second = lines
    assert [f"It was told that {expected}"] == blocks(show([f"It was told that {first}", second]))


def test_pdf_paragraphs_are_told_by_distance_and_size() -> None:
    """A wider gap or another size of type begins a paragraph; a full line doesn't end one."""
    content = show(["Bridge closes"], size=20, top=750) + show(LINES) + show(LINES, top=650)
    paragraph = " ".join(LINES)
    assert ["Bridge closes", paragraph, paragraph] == blocks(content)


def test_pdf_paragraph_goes_on_over_a_page() -> None:
    """A sentence that a page cuts is whole again, without the lines that all pages have."""
    heads = [show([f"The Herald, page {number}"], size=8, top=780) for number in (1, 2, 3)]
    pages = [heads[0] + show(LINES[:1]), heads[1] + show(LINES[1:]), heads[2] + show([SENTENCE])]
    assert [" ".join(LINES), SENTENCE] == blocks(*pages)


def test_pdf_ligatures_are_letters() -> None:
    """The letters of a ligature are letters of the text."""
    data = make_pdf([show(["The of\\336ce said so to all of them."])])
    data = data.replace(b"/WinAnsiEncoding", b"/MacRomanEncoding")
    assert "The office said so to all of them." == read_pdf(raw(data)).text


# ---- files that can't be read -----------------------------------------------------------------


def locked(user_password: str) -> bytes:
    """Return a PDF that its owner has locked, and maybe against reading too."""
    writer = PdfWriter(PdfReader(io.BytesIO(make_pdf([show(LINES)]))))
    writer.encrypt(user_password, "owner", algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


AES = (
    "<< /Filter /Standard /V 5 /R 6 /Length 256 /P -4 /CF << /StdCF << /CFM /AESV3 /Length 32 >> "
    f">> /StmF /StdCF /StrF /StdCF /O <{'00' * 48}> /U <{'00' * 48}> /OE <{'00' * 32}> "
    f"/UE <{'00' * 32}> /Perms <{'00' * 16}> >>"
)
IDS = f"/ID [<{'00' * 16}> <{'00' * 16}>]"


def test_pdf_locked_against_printing_is_read() -> None:
    """What a viewer shows without a password is read without one."""
    assert " ".join(LINES) == read_pdf(raw(locked(""))).text


@pytest.mark.parametrize(
    ("message", "data"),
    [
        ("is protected by a password", locked("secret")),
        (
            "is (?:encrypted|protected)",
            make_pdf([show(LINES)], objects=[AES], trailer=f"/Encrypt 4 0 R {IDS}"),
        ),
        ("is a scan", make_pdf(["0 0 100 100 re f"])),
        ("is a scan", make_pdf([show(LINES), *[f"{n} 0 1 1 re f" for n in range(9)]])),
        ("has 2,000 pages, and 300 is the limit", make_pdf([show(LINES)] * 2000)),
        ("is a broken PDF", b"%PDF-1.7\n" + bytes(range(256)) * 40),
        ("is a broken PDF", b"no PDF at all"),
        ("is a broken PDF", b""),
        ("is a broken PDF", (DATA / "story.pdf").read_bytes()[:9000]),
        ("is a broken PDF", make_pdf(["% " + " " * 80_000_000])),
        ("doesn't tell which letters", make_pdf([show(["/g12/g45/g7/g99/g12 " * 5])])),
    ],
    ids=lambda value: "" if isinstance(value, bytes) else None,
)
def test_pdf_that_cannot_be_read_is_refused(message: str, data: bytes) -> None:
    """Locked, scanned, broken and too long ones each have their message, with what to do."""
    with pytest.raises(InputError, match=rf"story\.pdf .*{message}.*: "):
        read_pdf(raw(data))


def test_pdf_with_too_much_text_is_not_read_to_its_end() -> None:
    """The length is checked page by page."""
    with pytest.raises(InputError, match=r"has more than 1,0\d\d characters"):
        read_pdf(raw(make_pdf([show(LINES)] * 200), max_chars=1000))


def test_pdf_with_pages_in_a_circle_is_refused() -> None:
    """A tree of pages that holds itself ends in an error, not in an endless loop."""
    data = make_pdf([show(LINES)]).replace(b"/Kids [6 0 R]", b"/Kids [2 0 R]")
    data = data.replace(b"/Kids [5 0 R]", b"/Kids [2 0 R]")
    with pytest.raises(InputError, match=r"story\.pdf"):
        read_pdf(raw(data))
