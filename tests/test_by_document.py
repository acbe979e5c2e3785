"""Reading in one call for a document or a chunk of it (agent/by_document.py)."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.by_document import (
    CHARS_PER_CLAIM,
    MIN_ANSWER,
    MIN_CHUNK,
    MIN_CLAIMS,
    chunks,
    findings,
    request,
)
from agent.document import Extent
from agent.engine import Reply
from agent.errors import BadReply
from agent.extract import Resources
from agent.files import load_prompts
from agent.ground import Finder, Finding
from agent.passages import prepare
from agent.schema import DocumentDraft, Rejected
from readings import by_list, claims_of, document, draft

PROMPT = load_prompts()["claims"]
SMALL = 0  # tokens of context: every chunk is as short as chunks() makes them
LINE = "The pump house at the lake was painted green again last spring by a club of rowers. "
BLOCK = (LINE * 3).strip()  # 251 characters
LONG_QUOTE = f"“{(LINE * 10).strip()}”"


def cut(text: str, context_tokens: int = SMALL) -> list[str]:
    """Return the words of each chunk."""
    whole = document(text)
    return [chunk.of(text) for chunk in chunks(whole, context_tokens, PROMPT.max_tokens)]


def asked(text: str, number: int = -1) -> tuple[str, str]:
    """Return what comes before, and the text, of the question for one chunk."""
    whole = document(text)
    chunk = chunks(whole, SMALL, PROMPT.max_tokens)[number]
    content = request(whole, chunk, PROMPT, SMALL).messages[-1].content
    before, after = content.split("\n</before>\n<text>\n")
    return before.removeprefix("<before>\n"), after.removesuffix("\n</text>")


# ---- chunks ------------------------------------------------------------------------------------


def test_short_article_is_one_chunk() -> None:
    """Where the context has room, the whole text is read in one call."""
    text = f"{BLOCK}\n\n{BLOCK} “Yes,” said Ann."
    assert [text] == cut(text, 32_768)


@pytest.mark.parametrize(
    ("expected", "blocks"),
    [
        pytest.param([[0, 1], [2]], [BLOCK, BLOCK, BLOCK], id="between blocks"),
        pytest.param([[0], [1]], [BLOCK, LINE * 5], id="not in the middle of one"),
        pytest.param([[0], [1], [2]], [LINE, LONG_QUOTE, LINE], id="quotation above the limit"),
    ],
)
def test_chunks_are_cut_between_blocks(expected: list[list[int]], blocks: list[str]) -> None:
    """A block goes whole into the next chunk where it doesn't fit any more."""
    blocks = [block.strip() for block in blocks]
    assert ["\n\n".join(blocks[i] for i in row) for row in expected] == cut("\n\n".join(blocks))


def test_long_block_is_cut_between_sentences() -> None:
    """A block above the limit is cut, each part as long as may be and none longer."""
    parts = cut((LINE * 20).strip())
    assert (LINE * 20).split() == " ".join(parts).split()
    assert [LINE.strip()[-8:]] * len(parts) == [part[-8:] for part in parts]
    assert [len((LINE * 7).strip())] * (len(parts) - 1) == [len(part) for part in parts[:-1]]
    assert MIN_CHUNK >= max(len(part) for part in parts)


def test_quotation_over_two_blocks_stays_in_one_chunk() -> None:
    """A quotation that goes on in the next paragraph isn't cut from its speaker."""
    text = f"{BLOCK}\n\nThe mayor said: “{BLOCK}\n\n“{BLOCK}”\n\n{LINE.strip()}"
    assert [True] == ["The mayor" in part for part in cut(text) if "“" in part]


@pytest.mark.parametrize(
    ("limit_chars", "context_tokens", "answer_tokens"),
    [(600, 0, 8000), (600, 2048, 8000), (4344, 8192, 8000), (8000, 1_000_000, 8000)],
)
def test_chunk_leaves_room_for_its_answer(
    limit_chars: int, context_tokens: int, answer_tokens: int
) -> None:
    """Text and a threefold answer fit into the context, and the answer into its own limit."""
    text = " ".join(["It rained."] * 2000)
    first = chunks(document(text), context_tokens, answer_tokens)[0]
    assert limit_chars - len("It rained. ") <= first.end <= limit_chars


PIECES = st.lists(
    st.sampled_from(
        [
            *("It rained. ", "Dr. Lee left? ", "“No. Never! ", "Yes.” ", "“Go,” he said. ", LINE),
            *("\n\n", "\n\nShare this article\n\n", "\n\nBy Ann Lee\n\n", '"', "“A. “B.” C.” "),
        ]
    ),
    max_size=60,
)


@settings(max_examples=150, deadline=None)
@given(PIECES)
def test_chunks_lose_nothing_and_cut_no_quotation(pieces: list[str]) -> None:
    """In any text each readable sentence is in one chunk, in order; no run is in two."""
    whole = document("".join(pieces))
    parts = chunks(whole, SMALL, PROMPT.max_tokens)
    for one, other in pairwise(parts):
        assert one.end <= other.start
    for sentence in whole.readable():
        assert 1 == sum(sentence.extent in part for part in parts)
        assert 1 == sum(sentence.extent.overlaps(part) for part in parts)
    for run in whole.quotations:
        assert 1 >= sum(run.extent.overlaps(part) for part in parts)


# ---- the question ------------------------------------------------------------------------------


def test_question_shows_neither_buttons_nor_bylines() -> None:
    """What is shown are the readable sentences, blocks apart."""
    text = (
        "Lake house painted\n\nBy Ann Lee\n\nSELBY: It is green. It shines.\n\nShare this article"
    )
    assert ("", "Lake house painted\n\nIt is green. It shines.") == asked(text)


@pytest.mark.parametrize(
    ("max_tokens", "most", "chars", "context_tokens"),
    [
        pytest.param(MIN_ANSWER + 9, MIN_CLAIMS, 10, 32_768, id="a word"),
        pytest.param(MIN_ANSWER + 2400, MIN_CLAIMS + 2400 // CHARS_PER_CLAIM, 2400, 32_768),
        pytest.param(6000 - 2400 - 800, MIN_CLAIMS + 40, 2400, 6000, id="what the context leaves"),
        pytest.param(8000, MIN_CLAIMS + 150, 9000, 32_768, id="what the prompt allows"),
        pytest.param(MIN_CHUNK, MIN_CLAIMS + 10, 600, 1024, id="next to no context"),
    ],
)
def test_answer_is_bound_by_its_text(
    max_tokens: int, most: int, chars: int, context_tokens: int
) -> None:
    """A model that repeats itself comes to an end: so many tokens, so many claims in the list."""
    whole = document("It rained. " * (chars // 11) + "x" * (chars % 11))
    sent = request(whole, Extent(0, chars), PROMPT, context_tokens)
    assert sent.schema is not None
    assert issubclass(sent.schema, DocumentDraft)
    told = sent.schema.model_json_schema()
    assert most == told["properties"]["claims"].pop("maxItems")
    assert DocumentDraft.model_json_schema() == told
    assert (max_tokens, None) == (sent.max_tokens, sent.grammar)


def test_list_above_its_bound_is_read_all_the_same() -> None:
    """A model that nothing holds to the bound may list more: that's no bad reply."""
    whole = document("It rained.")
    sent = request(whole, Extent(0, 10), PROMPT, 32_768)
    assert sent.schema is not None
    claims = [draft("It rained")] * (MIN_CLAIMS + 5)
    assert claims == sent.schema.model_validate({"claims": claims}).model_dump()["claims"]


def test_chunk_is_shown_with_who_spoke_before_it() -> None:
    """A chunk that begins with a bare quotation comes with the sentences before it."""
    speaker = "“We paint,” said Ann Lee."
    text = f"{BLOCK} {BLOCK}\n\n{speaker}\n\n“{BLOCK}” She laughed."
    before, shown = asked(text, 1)
    assert before.endswith(f"{LINE.strip()}\n\n{speaker}")
    assert shown.startswith("“The pump house")
    assert "" == asked(text, 0)[0]


def test_chunk_after_a_long_quotation_is_shown_where_that_began() -> None:
    """The sentence that opens a quotation comes first where only the quotation's end is near."""
    opening = "Ann Lee told us: “It is an old house."
    text = f"{LINE}{opening} {(LINE * 12).strip()}” {LINE}“We paint it,” she said. {BLOCK}"
    before, shown = asked(text)
    assert before.startswith(f"{opening}\n[...]\n{LINE.strip()}")
    assert 2 * 800 > len(before)
    assert opening not in shown


# ---- the answer --------------------------------------------------------------------------------


def read_answer(
    resources: Resources, text: str, *claims: dict[str, Any], chunk: Extent | None = None
) -> tuple[list[Finding], list[Rejected]]:
    """Return findings and strangers of one chunk, by default of the whole text."""
    whole = document(text)
    passages = prepare(whole, resources.parse, resources.lexicon)
    reply = Reply(json.dumps({"claims": claims}), "m", "json_schema")
    chunk = chunk or Extent(0, len(text))
    return findings(Finder(whole), passages, [], chunk, reply)


TWICE = "It rained. Ann Lee said it rained. Max Orr said it rained. It snowed. It rained."
RAIN = [0, 11, 35, 70]  # where the sentences with "rained" begin


@pytest.mark.parametrize(
    ("expected", "claims"),
    [
        pytest.param([0], [draft("rained")], id="first place"),
        pytest.param([0, 1], [draft("rained"), draft("rained")], id="same again: next place"),
        pytest.param([2], [draft("rained", ("Max Orr", "said"))], id="its source's sentence"),
        pytest.param(
            [1, 2],
            [draft("rained", ("Ann Lee", "said")), draft("rained", ("Max Orr", "said"))],
            id="each in its source's sentence",
        ),
        pytest.param(
            [1, 2],
            [draft("rained", ("Max Orr", "said")), draft("rained", ("Ann Lee", "said"))],
            id="whatever the order",
        ),
        pytest.param([3], [draft("It snowed"), draft("rained")], id="behind the last claim"),
        pytest.param([1, 1], [draft("rained", ("Ann Lee", "said")), draft("it rained")], id="case"),
        pytest.param([0, 1, 2, 3, 3], [draft("rained")] * 5, id="more often than it stands"),
    ],
)
def test_claims_land_in_the_right_sentence(
    resources: Resources, expected: list[int], claims: list[dict[str, Any]]
) -> None:
    """Words that stand several times are placed by source, then by order."""
    found, _ = read_answer(resources, TWICE, *claims)
    starts = [f.passage.start for f in found if "rained" in f.content[0].text]
    assert [RAIN[place] for place in expected] == starts


def test_first_letter_of_a_content_is_the_texts(resources: Resources) -> None:
    """A content that a model begins in the other case is found; no other letter is folded."""
    found = by_list(resources, TWICE, draft("it snowed"), draft("Max orr said it rained"))
    assert ["It snowed"] == [c.content[0].text for c in found.claims if "snow" in c.text]
    assert [["Max orr said it rained"]] == [lost.strings for lost in found.rejected]


OFFICIALS = "It rained. Bill left. The officials said it snowed. A bill was paid, the clerk said."


@pytest.mark.parametrize(
    ("expected", "name", "content"),
    [
        pytest.param("The officials", "the officials", "it snowed", id="begins the sentence"),
        pytest.param("the clerk", "The clerk", "A bill was paid", id="nowhere else"),
        pytest.param("Bill", "Bill", "A bill was paid", id="a name stays one"),
        pytest.param("the Clerk", "the Clerk", "A bill was paid", id="no other letter"),
    ],
)
def test_first_letter_of_a_source_is_the_texts(
    resources: Resources, expected: str, name: str, content: str
) -> None:
    """A sentence's capital hides no source, and a capital that means something stays."""
    (found,), _ = read_answer(resources, OFFICIALS, draft(content, (name, "said")))
    mention = found.chain[0].mention
    assert expected == (mention and mention.text)


def test_cue_ends_before_what_joins_it(resources: Resources) -> None:
    """A model's "said that" is the cue "said": the claim's own sentence has one "that"."""
    claim = draft("it snowed", ("The officials", "said that"))
    (found,), _ = read_answer(resources, OFFICIALS, claim)
    cue = found.chain[0].cue
    assert "said" == (cue and cue.text)


def test_findings_come_in_text_order(resources: Resources) -> None:
    """However the model orders them, claims come in the order of the text."""
    found, _ = read_answer(resources, TWICE, draft("It snowed"), draft("it rained"))
    assert ["it rained", "It snowed"] == [f.content[0].text for f in found]


def test_claim_of_what_came_before_is_rejected(resources: Resources) -> None:
    """A claim whose words stand only outside the chunk isn't taken for one of the chunk."""
    chunk = Extent(TWICE.index("It snowed"), len(TWICE))
    found, strangers = read_answer(
        resources, TWICE, draft("Ann Lee said it rained"), draft("It snowed"), chunk=chunk
    )
    assert ["It snowed"] == [f.content[0].text for f in found]
    assert [["Ann Lee said it rained"]] == [each.strings for each in strangers]


@pytest.mark.parametrize(
    "text",
    ["", "none", "{}", '{"claims": [{}]}', '{"claims": [', "[]", '{"claims": [], "more": 1}'],
)
def test_answer_that_is_no_list_of_claims_is_a_bad_reply(text: str) -> None:
    """An answer that the schema doesn't accept is a BadReply that keeps it."""
    finder = Finder(document("It rained."))
    with pytest.raises(BadReply, match="doesn't fit the schema") as caught:
        findings(finder, [], [], Extent(0, 10), Reply(text, "m", "json"))
    assert text == caught.value.raw


def test_sources_of_an_earlier_chunk_are_found(resources: Resources) -> None:
    """A quotation without a speaker of its own gets the one that stands before it."""
    text = "“We paint,” Ann Lee told the Selby Post.\n\n“It shines.” It rained."
    chain = [("the Selby Post", "told"), ("Ann Lee", "told")]
    extraction = by_list(resources, text, draft("It shines", *chain))
    assert ("the Selby Post (told) > Ann Lee (told)", "It shines") == claims_of(extraction)[0]


@pytest.mark.parametrize(
    ("expected", "claim"),
    [
        ("Ann Lee said that the lake rose.", draft("the lake rose", ("Ann Lee", "said"))),
        ("Ann Lee said that the lake froze.", draft("froze", ("Ann Lee", "said"))),
        (
            "Ann Lee urged rowers to stay away.",
            draft("stay away", ("Ann Lee", "urged"), act="request", confidence="uncommitted"),
        ),
        (
            "Ann Lee asked why it rose.",
            draft("why it rose", ("She", "asked"), act="question", polarity="unknown"),
        ),
        (
            "According to a rower, the ice broke.",
            draft("The ice broke", ("a rower", "according to")),
        ),
        ("The lake was built in 1950.", draft("was built in 1950")),
        ("Ann Lee denied the charge.", draft("the charge", ("Ann Lee", "denied"), act="deny")),
        ("The lake feeds a mill.", draft("The lake ... feeds a mill")),
    ],
)
def test_listed_claim_becomes_a_sentence_of_its_own(
    resources: Resources, expected: str, claim: dict[str, Any]
) -> None:
    """What a model copies is completed from the tree: subject, joining words, source."""
    text = (
        "Ann Lee said the lake rose and froze. Ann Lee urged rowers to stay away. She asked why it "
        "rose. The ice broke, according to a rower. The lake, which was built in 1950, feeds a "
        "mill. Ann Lee denied the charge."
    )
    assert expected in [each.text for each in by_list(resources, text, claim).claims]
