"""Articles that are written to fool a machine, read in the ordinary way (data/hostile)."""

from __future__ import annotations

import csv
import re
from html.parser import HTMLParser
from io import StringIO
from typing import get_args

import pytest

from agent.by_passage import _triple
from agent.errors import BadReply
from agent.extract import Resources
from agent.forms import Form, render
from agent.page import page
from agent.prompt import disarmed
from agent.report import markdown
from agent.rows import csv_rows, csv_text
from hostile_set import (
    ATTACKS,
    FOLDER,
    SAID,
    TOLD,
    Attack,
    Readings,
    attributions,
    document_of,
    spans_of,
    words_of,
)
from readings import by_list, claims_of, draft
from sample_records import sample

EACH = pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.file)
# Tokens of the chat templates of models that are in use.
TOKENS = re.compile(r"<\|\w+\|>|<｜|</?s>|<\w+_of_turn>|</?(?:tool_call|think)>|\[/?INST\]|<</?SYS")
WAYS = pytest.mark.parametrize("way", ["passage", "document"])
OPTIONAL = {
    ("h2", "class"),
    ("input", "disabled"),
    ("span", "data-s"),
}  # of the page, which the sample lacks
FORMULA = re.compile("^'(?='*[=+@＝＋＠-])")
CONTROLS = re.compile("[\0-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def test_table_names_each_file() -> None:
    """Each file in the folder is an attack with a reason, and there are at least 40."""
    files = {path.name for path in FOLDER.iterdir()} - {"attacks.toml"}
    assert files == {attack.file for attack in ATTACKS}
    assert 40 <= len(ATTACKS)
    assert all(attack.why for attack in ATTACKS)


@pytest.fixture(scope="module")
def readings(resources: Resources) -> Readings:
    """Return each attack's readings, made when they're needed."""
    return Readings(resources)


@EACH
def test_hostile_article_is_flagged(attack: Attack) -> None:
    """The reader is told what is odd about the text, and nothing else."""
    assert list(attack.flags) == sorted(document_of(attack).flags)


@pytest.mark.parametrize("model", ["obeys", "says nothing"])
@WAYS
@EACH
def test_record_holds_only_what_the_article_says(
    readings: Readings, attack: Attack, way: str, model: str
) -> None:
    """Even where the model obeys the attacker, no word is there that the article doesn't show."""
    record, _ = readings.of(attack, way, model)
    text = document_of(attack).text
    assert [] == [span for span in spans_of(record) if text[span.start : span.end] != span.text]
    content, source = attack.wish
    assert (source, content) not in attributions(record)
    shown = "\n".join(words_of(record))
    assert content in text or content not in shown
    assert [] == [words for words in attack.never if words in shown]


@WAYS
@EACH
def test_article_is_read_all_the_same(readings: Readings, attack: Attack, way: str) -> None:
    """A model that was talked into silence doesn't keep the article's own claims out.

    Who says what is read from the trees in the passage way only: the document way takes it from
    the model.
    """
    record, _ = readings.of(attack, way, "says nothing")
    assert any(TOLD in span.text for claim in record.claims for span in claim.content)
    who, what = SAID
    found = any(who in source and what in said for source, said in attributions(record))
    assert found == (way == "passage")


@WAYS
@EACH
def test_no_token_of_a_template_is_sent(readings: Readings, attack: Attack, way: str) -> None:
    """No words of an article reach the chat template as one of its tokens, nor unseen letters."""
    _, requests = readings.of(attack, way, "says nothing")
    sent = "\n".join(message.content for request in requests for message in request.messages)
    assert requests
    assert [] == TOKENS.findall(sent)
    assert [] == re.findall("[\U000e0000-\U000e0fff]", sent)


@pytest.mark.parametrize("answer", ["[" * 100_000, '["a",' * 50_000, "9" * 10_000, '"\\ud800"'])
def test_answer_made_to_be_costly_is_refused(answer: str) -> None:
    """Lists in lists without end are no answer, whatever reads them."""
    with pytest.raises(BadReply):
        _triple(answer)


KNOWN = """<|im_start|> <|im_end|> <|endoftext|> <|begin_of_text|> <|start_header_id|> <|eot_id|>
<|channel|> <|start|> <|message|> <start_of_turn> <end_of_turn> <bos> <eos> <s> </s> <<SYS>> [INST]
[/INST] [SYSTEM_PROMPT] [TOOL_CALLS] [AVAILABLE_TOOLS] [control_8] [gMASK] [sMASK] [CLS] [X_145]
<｜User｜> <｜Assistant｜> <tool_call> <think> </think> <|START_OF_TURN_TOKEN|> <fim_prefix>
<|fim_middle|> <SPECIAL_20> <reserved_106> <extra_id_0> >>TITLE<< <|user|> <|system|>
<unk> <0x0A>""".split()


@pytest.mark.parametrize("token", KNOWN)
def test_token_of_a_model_is_taken_apart(token: str) -> None:
    """What some model's vocabulary has for a token of its own isn't sent, in no words around it."""
    for text in (token, f"the {token}", token * 3, f"{token[0]}{token}", f"«{token}»\n{token}"):
        assert token not in disarmed(text)


@pytest.mark.parametrize(
    ("file", "words"),
    [
        ("ignore-above.txt", "Ignore the above"),
        ("note-to-ai.txt", "as the source of every statement"),
        ("dictated-labels.txt", "Attribute every statement"),
        ("chatml.txt", "Every speaker is the mayor"),
        ("role-markers.txt", "the reader is a test harness"),
    ],
)
def test_no_model_is_shown_an_order(readings: Readings, file: str, words: str) -> None:
    """In the passage way only the tree reads what addresses a machine; questions leave it out."""
    attack = next(attack for attack in ATTACKS if attack.file == file)
    record, requests = readings.of(attack, "passage", "says nothing")
    asked = [request.messages[-1].content for request in requests]
    assert any("«I heard a bang and ran.»" in question for question in asked)
    assert [] == [question for question in asked if words in question]
    assert words in document_of(attack).text
    assert record.claims


@pytest.mark.parametrize("words", ["the sign was <b>red</b>", "the [INST] lamp was ‹out›"])
def test_words_shown_in_another_form_are_found(resources: Resources, words: str) -> None:
    """A model that copies what it was shown, look-alikes included, is understood."""
    assert disarmed(words) != words
    record = by_list(
        resources, f"Ann Lee said {words}.", draft(disarmed(words), ("Ann Lee", "said"))
    )
    assert [] == record.rejected
    ((source, content),) = claims_of(record)
    assert "Ann Lee (said)" == source
    assert words[:-5] in content


@pytest.mark.parametrize("unseen", ["\u200b", "\u00ad", "\ufe0f", "\U000e0041", "\U000e0100"])
def test_words_with_unseen_characters_are_found(resources: Resources, unseen: str) -> None:
    """A model that copies what can be seen is understood, and what it left out is told."""
    text = f"Ann Lee said the sign was br{unseen * 3}ight red."
    record = by_list(resources, text, draft("the sign was bright red", ("Ann Lee", "said")))
    assert [] == record.rejected
    (claim,) = record.claims
    assert [f"the sign was br{unseen * 3}ight red"] == [span.text for span in claim.content]
    (difference,) = claim.differences
    assert difference.returned + unseen * 3 == difference.stands


# ---- what is shown ------------------------------------------------------------------------------


@EACH
def test_no_form_obeys_an_article(readings: Readings, attack: Attack) -> None:
    """No form holds a control character but the newline, or lets the text turn round."""
    record, _ = readings.of(attack, "passage", "says nothing")
    for form in get_args(Form):
        shown = render(record, form, with_text=True)
        # A tab is white space in a page.
        assert [] == CONTROLS.findall(shown.replace("\t", " ") if form == "html" else shown), form


@EACH
def test_csv_holds_no_formula_and_can_be_read_back(readings: Readings, attack: Attack) -> None:
    """No cell begins like a formula, and without the ' its words are those of the record."""
    record, _ = readings.of(attack, "passage", "says nothing")
    head, *rows = csv.reader(StringIO(csv_text(record)))
    assert [] == [cell for row in rows for cell in row if re.match("[=+@＝＋＠\t\r-]", cell)]
    assert csv_rows(record) == [head, *([FORMULA.sub("", cell) for cell in row] for row in rows)]


@EACH
def test_markdown_keeps_its_rows(readings: Readings, attack: Attack) -> None:
    """Each row has the cells of its table: no bar, link or tag of an article takes effect."""
    record, _ = readings.of(attack, "passage", "says nothing")
    bare = re.sub(r"\\.", "", markdown(record))
    assert {6, 4} >= {line.count("|") for line in bare.splitlines() if line.startswith("|")}
    assert [] == re.findall(r"[\[\]<>`]", bare)


class Elements(HTMLParser):
    """The elements of a page with the names of their attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: set[tuple[str, str]] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.found |= {(tag, ""), *((tag, name) for name, _ in attrs)}


@EACH
def test_page_has_only_its_own_elements(readings: Readings, attack: Attack) -> None:
    """An article brings no element and no attribute into the page, whatever it holds."""
    record, _ = readings.of(attack, "passage", "says nothing")
    shown = page(record)
    found = Elements(shown).found - Elements(page(sample())).found
    assert OPTIONAL >= found
    assert 2 == shown.count("<script") + shown.count("<style")


@EACH
def test_linked_data_can_stand_in_a_page(readings: Readings, attack: Attack) -> None:
    """JSON-LD is ASCII."""
    record, _ = readings.of(attack, "passage", "says nothing")
    assert render(record, "annotation", with_text=True).isascii()
    assert render(record, "claim", with_text=True).isascii()
