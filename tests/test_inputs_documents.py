"""Word documents, mails, subtitles and Markdown: their words, and files that hold none."""

from __future__ import annotations

import io
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import docx as word
import pytest

from agent.document import Article
from agent.errors import InputError
from agent.inputs import docx
from agent.inputs.docx import read_docx
from agent.inputs.email import read_email
from agent.inputs.markdown import read_markdown
from agent.inputs.subtitles import read_subtitles
from agent.inputs.text import Raw
from input_samples import ARTICLE, PROSE, SENTENCE, make_docx, page, paragraph, run

DATA = Path(__file__).parent / "data" / "inputs"


def raw(data: bytes) -> Raw:
    """Return a document as it came in."""
    return Raw(data, "story", 100_000)


def blocks(article: Article) -> list[str]:
    """Return the blocks of an article."""
    return article.text.split("\n\n")


# ---- Word -------------------------------------------------------------------------------------


def test_docx_is_its_paragraphs_and_tables() -> None:
    """A document as the library writes it gives its blocks in order, and what it says of itself."""
    document = word.Document()
    document.core_properties.title = "Bridge closes"
    document.core_properties.author = "Ann Lee"
    document.add_heading("Bridge  closes", 0)
    document.add_paragraph(SENTENCE).add_run(" It is old.").bold = True
    table = document.add_table(rows=1, cols=2)
    table.cell(0, 0).text, table.cell(0, 1).text = "Cost", "4 million"
    document.add_paragraph("“Nobody asked us,” he said.")
    out = io.BytesIO()
    document.save(out)
    article = read_docx(raw(out.getvalue()))
    expected = ["Bridge  closes", f"{SENTENCE} It is old.", "Cost | 4 million"]
    assert [*expected, "“Nobody asked us,” he said."] == blocks(article)
    assert ("Bridge closes", "Ann Lee") == (article.title, article.extra["author"])


@pytest.mark.parametrize(
    ("expected", "inner"),
    [
        ("a new word", run("a ") + f"<w:ins>{run('new ')}</w:ins>" + run("word")),
        (
            "a word",
            run("a ") + "<w:del><w:r><w:delText>old </w:delText></w:r></w:del>" + run("word"),
        ),
        ("a word", run("a ") + f"<w:moveFrom>{run('moved ')}</w:moveFrom>" + run("word")),
        ("a link here", run("a ") + f"<w:hyperlink>{run('link')}</w:hyperlink>" + run(" here")),
        ("a field", run("a ") + f"<w:fldSimple>{run('field')}</w:fldSimple>"),
        ("a b\nc", "<w:r><w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/><w:t>c</w:t></w:r>"),
        ("two-part", "<w:r><w:t>two</w:t><w:noBreakHyphen/><w:t>part</w:t></w:r>"),
    ],
)
def test_docx_words_are_those_of_the_final_text(expected: str, inner: str) -> None:
    """Tracked changes are accepted; links, fields, tabs and breaks are part of the text."""
    assert expected == read_docx(raw(make_docx(paragraph(inner)))).text


def test_docx_cover_around_paragraphs_is_opened() -> None:
    """Paragraphs within content controls are read too."""
    inner = f"<w:sdt><w:sdtContent>{paragraph(run(SENTENCE))}</w:sdtContent></w:sdt>"
    assert SENTENCE == read_docx(raw(make_docx(inner))).text


LAUGHS = "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in pairwise("abcdefghij"))
DTD = f'<!DOCTYPE d [<!ENTITY a "ha">{LAUGHS}]>'
GOOD = paragraph(run(SENTENCE))


@pytest.mark.parametrize(
    ("message", "data"),
    [
        ("holds no text", make_docx(paragraph(""))),
        ("is a broken Word document", make_docx(paragraph(run("&j;")), dtd=DTD)),
        ("is a broken Word document", make_docx("<w:sdt>" * 5000 + "</w:sdt>" * 5000)),
        ("is a broken Word document", make_docx("<w:p>")),
        ("is a broken Word document", make_docx(GOOD)[:-60]),
        ("is a broken Word document", b"PK\x03\x04 and no more"),
        ("is a broken Word document", b""),
        ("of another kind", make_docx(GOOD).replace(b"word/", b"odd_/")),
    ],
    ids=lambda value: "" if isinstance(value, bytes) else None,
)
def test_docx_that_cannot_be_read_is_refused(message: str, data: bytes) -> None:
    """Empty and broken ones, zip bombs and entity bombs each have their message."""
    with pytest.raises(InputError, match=rf"story .*{message}"):
        read_docx(raw(data))


@pytest.mark.parametrize(
    ("message", "data"),
    [
        ("would be 9 MB unpacked", make_docx(GOOD, parts={"x.bin": b"\0" * 9_000_000})),
        ("would be 4 MB unpacked", make_docx(GOOD + " " * 4_000_000)),
    ],
    ids=["whole", "one part"],
)
def test_docx_that_is_a_zip_bomb_is_not_unpacked(
    monkeypatch: pytest.MonkeyPatch, message: str, data: bytes
) -> None:
    """The sizes that the archive tells are checked before anything is unpacked."""
    monkeypatch.setattr(docx, "MOST_BYTES", 8_000_000)
    monkeypatch.setattr(docx, "MOST_XML_BYTES", 3_000_000)
    assert len(data) < 20_000
    with pytest.raises(InputError, match=message):
        read_docx(raw(data))


def test_docx_reads_no_other_file() -> None:
    """An entity that stands for a file of this machine stays empty."""
    secret = Path(docx.__file__).as_uri()
    dtd = f'<!DOCTYPE d [<!ENTITY e SYSTEM "{secret}">]>'
    text = read_docx(raw(make_docx(paragraph(run("The mayor &e;")), dtd=dtd))).text
    assert "The mayor" == text


# ---- mails ------------------------------------------------------------------------------------


def test_mail_is_its_text_part_below_the_subject() -> None:
    """Flowed lines are joined, the signature is cut, and the HTML part isn't read."""
    article = read_email(raw((DATA / "mail.eml").read_bytes()))
    found = blocks(article)
    assert ["Bridge will close on Monday, county says", 3] == [found[0], len(found)]
    assert "months from Monday, the county said in a statement. “The cracks grew" in found[1]
    assert found[2].endswith("meetings, Olsen said.")
    sender = "County press office – North <press@county.example>"
    expected = ("Bridge will close on Monday, county says", "2024-03-05", {"author": sender})
    assert expected == (article.title, article.date, article.extra)


def mail(content_type: str, body: bytes, more: str = "") -> bytes:
    """Return a mail of one part."""
    return f"Subject: Bridge closes\n{more}Content-Type: {content_type}\n\n".encode() + body


@pytest.mark.parametrize(
    ("expected", "data"),
    [
        (SENTENCE, mail("text/plain", SENTENCE.encode())),
        ("“é”", mail("text/plain; charset=iso-8859-1", "“é”".encode("windows-1252"))),
        ("“é”", mail("text/plain; charset=none", "“é”".encode())),
        (f"{PROSE}\n\n“Nobody", mail("text/html", page(ARTICLE))),
    ],
    ids=["plain", "charset", "unknown charset", "html"],
)
def test_mail_of_one_part_is_read(expected: str, data: bytes) -> None:
    """Text and HTML in any charset come out as text."""
    assert expected in read_email(raw(data)).text


def test_mail_without_text_names_what_it_brings() -> None:
    """A mail that is only an envelope says what to save out of it."""
    more = 'Content-Disposition: attachment; filename="report.pdf"\n'
    with pytest.raises(InputError, match=r"mail without text: save .*\(report\.pdf\)"):
        read_email(raw(mail("application/pdf", b"%PDF-", more)))


def test_page_saved_as_a_mail_is_read_as_the_page() -> None:
    """The day is that of the article, not that on which a browser saved it."""
    article = read_email(raw((DATA / "page.mhtml").read_bytes()))
    expected = ("Bridge closed", "2024-03-05", "https://herald.example/local/bridge")
    assert expected == (article.title, article.date, article.extra["url"])
    assert "“The cracks grew over the winter,” she said" in article.text


# ---- subtitles --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expected", "name"),
    [
        (
            [
                "The old harbour bridge will close on Monday, the mayor told reporters today.",
                "It may cost four million euros, according to the county.",
                "Who pays for it?",
                "Nobody knows, she said.",
                "MAYOR: We will find the money.",
            ],
            "talk.srt",
        ),
        (
            [
                "Carla Brandt: The bridge will close & a ferry will run, I told the council.",
                "Omar Haddad: Who pays?",
                "Carla Brandt: The county does.",
            ],
            "talk.vtt",
        ),
        (["the bridge will close on Monday she said"], "rolling.vtt"),
    ],
)
def test_subtitles_are_paragraphs_of_what_is_said(expected: list[str], name: str) -> None:
    """Times, tags, sounds, notes and repetitions go; pauses and speakers begin paragraphs."""
    assert expected == blocks(read_subtitles(raw((DATA / name).read_bytes())))


def test_subtitles_of_another_encoding_say_so() -> None:
    """A guess of the encoding is recorded."""
    data = "1\n00:00:01,000 --> 00:00:02,000\n“Yes,” she said.\n".encode("windows-1252")
    article = read_subtitles(raw(data))
    assert ("“Yes,” she said.", {"encoding": "windows-1252"}) == (article.text, article.extra)


@pytest.mark.parametrize("data", [b"", b"WEBVTT\n", b"1\n00:00:01,000 --> 00:00:02,000\n[music]\n"])
def test_subtitles_without_words_are_refused(data: bytes) -> None:
    """Subtitles that say nothing are an error."""
    with pytest.raises(InputError, match="holds no subtitles that say anything"):
        read_subtitles(raw(data))


# ---- Markdown ---------------------------------------------------------------------------------


def test_markdown_is_its_words() -> None:
    """Markup, pictures and HTML go; the title of the front matter comes first."""
    article = read_markdown(raw((DATA / "story.md").read_bytes()))
    title = "Old harbour bridge will close for repairs, mayor says"
    start = "The old harbour bridge will close for six months"
    expected = [
        title,
        f"{start} from Monday, mayor Carla Brandt told reporters at the town hall.",
        "Shops fear for their trade",
        "“Nobody asked the people who live here.”",
        "- The repair may cost 4 million euros, according to the county.",
        "- A ferry would run every 20 minutes, she said.",
        "The bridge was built in 1931. It is not clear whether it could be replaced.",
    ]
    assert expected == blocks(article)
    found = (article.title, article.date, article.extra)
    assert (title, "2024-03-05", {"author": "Ann Lee"}) == found


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("Bridge closes", "# Bridge *closes*\n\nSaid so."),
        ("Bridge closes", "Bridge closes\n=============\n\nSaid so."),
        ("Bridge closes", '+++\ntitle = "Bridge closes"\n+++\nSaid so.'),
        (
            "Bridge closes",
            "---\r\ntitle: 'Bridge closes'\r\n---\r\n# Bridge closes\r\n\r\nSaid so.",
        ),
    ],
)
def test_markdown_begins_with_its_headline(title: str, text: str) -> None:
    """A first heading is the headline, else the front matter's title is; it stands there once."""
    article = read_markdown(raw(text.encode()))
    assert (title, [title, "Said so."]) == (article.title, blocks(article))


@pytest.mark.parametrize("text", ["", "---\ntitle: x\n---\n", "![a](b.png)\n\n<div>x</div>"])
def test_markdown_without_words_is_refused(text: str) -> None:
    """Markup alone is no article."""
    with pytest.raises(InputError, match="holds no text, only markup"):
        read_markdown(raw(text.encode()))


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (read_markdown, "[" * 20_000),
        (read_markdown, "*a _b " * 10_000),
        (read_markdown, "---\n" + "a: b\n" * 20_000),
        (read_subtitles, "WEBVTT\n\n00:01.000 --> 00:02.000\n" + "<a" * 20_000),
        (read_subtitles, "WEBVTT\n\n00:01.000 --> 00:02.000\n" + "[(" * 20_000),
    ],
)
@pytest.mark.timeout(10)
def test_reader_takes_no_time_for_marks_that_never_end(
    read: Callable[[Raw], Article], text: str
) -> None:
    """Rows of opening marks are read in a time that doesn't explode."""
    assert read(raw(text.encode())).text
