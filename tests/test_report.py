"""Reports: what a person reads, and that nothing in an article can do more than be read."""

from __future__ import annotations

import csv
import json
import re
from io import StringIO

import jsonschema
import pytest
from rich.console import Console

from agent.report import SCORE, markdown, table
from agent.rows import csv_text, json_text
from agent.schema import (
    Difference,
    DocumentRecord,
    Entity,
    Extraction,
    Review,
    UsageRecord,
    extraction_json_schema,
)
from agent.wording import lines, plain
from sample_records import claim, sample, span

# Colour, title of the window, a link, markup of rich and Markdown, HTML, an override of direction.
HOSTILE = "\x1b[31mred \x1b]0;title\x07 \x9b1m [bold]b[/] *m* <b> [a](b) `c` | \u202eeno\r\nx"
ATTRIBUTED_80 = """\
Attributed: who says what
╭─────┬──────────────────┬──────────────────────────────┬──────────────────────╮
│     │ Who says it      │ What is claimed              │ How, and how sure    │
├─────┼──────────────────┼──────────────────────────────┼──────────────────────┤
│ c04 │ Tarnholm Courier │ the repairs could take       │ reported: “According │
│     │ ← city engineers │ months                       │ to”                  │
│     │ (unnamed)        │                              │ raised as possible:  │
│     │                  │                              │ “could”              │
├─────┼──────────────────┼──────────────────────────────┼──────────────────────┤
│ c05 │ Asta Lind        │ “We will not gamble with     │ direct quote: “said” │
│     │                  │ lives”                       │ stated as fact       │
│     │                  │                              │ (negative)           │
├─────┼──────────────────┼──────────────────────────────┼──────────────────────┤
│ c06 │ Asta Lind        │ the leak had been known for  │ reported; denies:    │
│     │                  │ years                        │ “denied”             │
│     │                  │                              │ says it is not so    │
"""


def printed(extraction: Extraction, width: int = 80, color: str | None = None) -> str:
    """Return the table as a terminal of that width gets it, without blanks at line ends."""
    file = StringIO()
    terminal = {"force_terminal": True} if color else {}
    console = Console(file=file, width=width, color_system=color, **terminal)  # type: ignore[arg-type]
    console.print(table(extraction))
    return "".join(f"{line.rstrip()}\n" for line in file.getvalue().splitlines())


def hostile() -> Extraction:
    """Return a record in which every string that comes from outside is hostile."""
    words = span(HOSTILE, HOSTILE)
    source = [("lind", "")]
    made = claim(1, "opened in 1974", source, text=HOSTILE).model_copy(
        update={"content": [words], "sentence": words, "topic": words, "confidence_cues": [words]}
    )
    own = claim(2, "opened in 1974", [], text=HOSTILE)
    return sample().model_copy(
        update={
            "claims": [made, own],
            "entities": [Entity(id="lind", name=HOSTILE, type="person")],
            "flags": [HOSTILE],
            "document": DocumentRecord(
                id="x", title=HOSTILE, sha256="0" * 64, origin=HOSTILE, text=HOSTILE
            ),
        }
    )


def test_table_at_80_columns_is_this() -> None:
    """The table of attributed claims has its chain, words and level, in 80 columns."""
    assert ATTRIBUTED_80 in printed(sample())


@pytest.mark.parametrize("width", [60, 80, 120, 200])
def test_table_keeps_to_the_width(width: int) -> None:
    """No line is longer than the terminal, and no claim is cut off."""
    text = printed(sample(), width)
    assert width >= max(map(len, text.splitlines()))
    assert "…" not in text


def test_table_shows_own_claims_apart() -> None:
    """The article's own claims stand below the attributed ones, without a source."""
    attributed, own = printed(sample(), 120).split("The article's own claims")
    assert ("opened in 1974" in attributed, "opened in 1974" in own) == (False, True)
    assert ("Asta Lind" in attributed, "Asta Lind" in own) == (True, False)


def test_table_ends_with_counts_rejects_and_flags() -> None:
    """The last lines count, tell what was rejected and why, and what is odd about the text."""
    assert [
        "10 claims: 7 from 4 sources, 3 the article's own; 2 rejected",
        "Rejected: content isn't in the text (2)",
        "About the text: unbalanced quotation marks",
        SCORE,
        "Read by script, passage way: 6 calls, 4 s",
    ] == printed(sample(), 120).splitlines()[-5:]


def test_table_names_no_model_that_was_not_asked() -> None:
    """Where the tree settled everything, the last line names no model (and not its hash)."""
    how = sample().provenance.model_copy(update={"model": "a" * 64, "usage": UsageRecord()})
    last = printed(sample().model_copy(update={"provenance": how})).splitlines()[-1]
    assert "Read by parser and rules; no model had to be asked" == last


def test_table_without_claims_says_so() -> None:
    """A record without claims is a table that says that."""
    empty = sample().model_copy(update={"claims": [], "rejected": [], "flags": []})
    assert "No claims were found." in printed(empty)
    assert "No claims were found." in markdown(empty)


def test_table_means_the_same_without_colour() -> None:
    """Colours and weights add nothing that the characters don't say."""
    coloured = printed(sample(), color="truecolor")
    bare = re.sub(r"\x1b\[[\d;]*m", "", coloured)
    assert printed(sample()).split() == bare.split()


@pytest.mark.parametrize(
    ("how", "sure", "fields"),
    [
        ("reported: “said”", "stated as fact", {}),
        ("reported: “said”", "stated as fact (negative)", {"polarity": "negative"}),
        (
            "reported: “said”",
            "presented as likely (negative): “likely”",
            {"polarity": "negative", "confidence": "probable", "confidence_cues": [span("likely")]},
        ),
        ("reported; denies: “said”", "says it is not so", {"act": "deny", "polarity": "negative"}),
        (
            "reported; declines to comment: “said”",
            "no position taken",
            {"act": "decline", "confidence": "uncommitted", "polarity": "unknown"},
        ),
        (
            "paraphrased; wishes: “said”",
            "no position taken",
            {"kind": "paraphrase", "act": "wish", "confidence": "uncommitted"},
        ),
        (
            "partly quoted; promises: “said”",
            "stated as fact",
            {"kind": "mixed", "act": "commit"},
        ),
    ],
)
def test_line_puts_labels_into_words(how: str, sure: str, fields: dict[str, object]) -> None:
    """Kind, act, level and polarity read as a person would say them; declining is no denial."""
    made = claim(1, "opened in 1974", [("lind", "said")], **fields)
    (line,), _ = lines(sample().model_copy(update={"claims": [made]}))
    assert (how, sure) == (line.how, line.sure)


def test_line_tells_what_a_non_answer_is_about() -> None:
    """The topic stands beside words that don't name it."""
    made = claim(
        1,
        "We will not gamble with lives",
        [("lind", "said")],
        kind="direct",
        topic=span("the works"),
    )
    (line,), _ = lines(sample().model_copy(update={"claims": [made]}))
    assert "“We will not gamble with lives” (about the works)" == line.content


@pytest.mark.parametrize("form", [printed, markdown, csv_text, json_text])
def test_report_obeys_nothing_in_an_article(form: object) -> None:
    """No escape sequence, and no control character but the newline, gets into a report."""
    text = form(hostile())  # type: ignore[operator]
    assert [] == re.findall("[\0-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text)
    assert "eno" in text


def test_table_shows_markup_as_it_is() -> None:
    """Markup of rich in an article is text."""
    assert "[bold]b[/]" in printed(hostile(), 200)


def test_markdown_shows_markup_as_it_is() -> None:
    """Markdown and HTML in an article are text, and don't break the table."""
    page = markdown(hostile())
    assert r"\*m\* \<b\> \[a\](b) \`c\` \|" in page
    rows = [row for row in page.splitlines() if row.startswith("| c")]
    assert [6, 4] == [len(re.findall(r"(?<!\\)\|", row)) for row in rows]


def test_markdown_has_both_groups() -> None:
    """The page has a table for each group, and the closing lines."""
    page = markdown(sample())
    row = "| c06 | Asta Lind | the leak had been known for years | reported; denies: “denied” "
    assert f"{row}| says it is not so |" in page
    assert "## The article's own claims" in page
    assert page.endswith("- Read by script, passage way: 6 calls, 4 s\n")


def reviewed() -> Extraction:
    """Return the sample with verdicts on two claims of both groups."""
    found = sample()
    claims = list(found.claims)
    claims[1] = claims[1].model_copy(update={"review": Review(status="ok", by="ann")})
    wrong = Review(status="wrong", note="the *crew*\nsaid so")
    claims[4] = claims[4].model_copy(update={"review": wrong})
    return found.model_copy(update={"claims": claims})


def test_markdown_has_verdicts_where_there_are_some() -> None:
    """Status and note have a column of their own; without any, there's none."""
    page = markdown(reviewed())
    assert "| How sure it sounds | Review |\n|---|---|---|---|---|---|\n" in page
    assert r"stated as fact (negative) | wrong: the \*crew\* said so |" in page
    assert "came through the roof. | stated as fact | ok |" in page
    assert "Review" not in markdown(sample())


def test_csv_has_verdicts() -> None:
    """Status and note are columns, empty where nobody gave a verdict."""
    rows = list(csv.DictReader(StringIO(csv_text(reviewed()))))
    assert [("", ""), ("ok", ""), ("wrong", "the *crew* said so")] == [
        (rows[n]["review"], rows[n]["review_note"]) for n in (0, 1, 4)
    ]


def differing() -> Extraction:
    """Return the sample with a claim whose words were returned otherwise."""
    found = sample()
    left_out = Difference(match="elided", returned=" ... ", stands="| with", at=0)
    mark = Difference(match="normalised", returned="'", stands="’", at=0)
    one = found.claims[3].model_copy(update={"differences": [left_out, mark]})
    return found.model_copy(update={"claims": [one]})


def test_what_was_returned_otherwise_is_told() -> None:
    """Markdown and CSV say what differs, and lists that words were left out."""
    told = "the reading leaves out “| with”, has “'” for “’”"
    assert f"found elided; {told.replace('|', chr(92) + '|')} |" in markdown(differing())
    (row,) = csv.DictReader(StringIO(csv_text(differing())))
    assert told == row["differences"]
    assert "found elided" == lines(differing())[0][0].notes


def test_csv_has_a_row_for_each_claim() -> None:
    """A reader of CSV gets the columns and the values back."""
    rows = list(csv.DictReader(StringIO(csv_text(sample()))))
    assert [claim.id for claim in sample().claims] == [row["id"] for row in rows]
    assert "Tarnholm Courier ← city engineers" == rows[3]["sources"]
    assert ("198", "227") == (rows[3]["start"], rows[3]["end"])


@pytest.mark.parametrize(
    "formula", ["=1+2", "+1", "-1", "@SUM(A1)", "＝1", '=HYPERLINK("x";"y")', "'=1", "''+1"]
)
def test_csv_holds_no_formula(formula: str) -> None:
    """A cell that a spreadsheet would calculate has a ' in front."""
    made = claim(1, "opened in 1974", [], text=formula)
    (row,) = csv.DictReader(StringIO(csv_text(sample().model_copy(update={"claims": [made]}))))
    assert f"'{formula}" == row["text"]


def test_json_is_the_record() -> None:
    """JSON holds the record, fits the schema, and comes back as it was, odd characters included."""
    for record in (sample(), hostile()):
        value = json.loads(json_text(record))
        jsonschema.validate(value, extraction_json_schema())
        assert record == Extraction.model_validate(value)
    assert "sayso/1" == value["provenance"]["schema"]


def test_json_can_leave_out_the_text() -> None:
    """Without the text the rest stays, and jsonl is one line."""
    value = json.loads(json_text(sample(), with_text=False))
    assert ("text" not in value["document"], 10) == (True, len(value["claims"]))
    assert 1 == json_text(hostile(), indent=None).count("\n")


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        ("a b", " a\n\t\u2028b\u00a0"),
        ("\\x1b[0m", "\x1b[0m"),
        ("\\x9b\\x00\\x7f", "\x9b\0\x7f"),
        ("\\u202eabc\\ud800", "\u202eabc\ud800"),
        ("softhyphen", "soft\u00adhyphen"),
        ("👩‍🚒 é שלום", "👩‍🚒 é שלום"),
    ],
)
def test_plain_makes_one_harmless_line(expected: str, text: str) -> None:
    """What a terminal would obey is shown as an escape; letters and emoji stay."""
    assert expected == plain(text)
