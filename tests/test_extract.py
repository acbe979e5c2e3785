"""From a document to its record, with an engine that answers from a script (agent/extract.py)."""

from __future__ import annotations

import json
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.engine import Abilities, Reply, Request, Usage
from agent.engines.scripted import Answer, ScriptedEngine
from agent.errors import AgentError, BadReply, InputError, Refused, Unavailable
from agent.extract import Event, Reading, Resources, extract
from agent.schema import Extraction, Span
from readings import REMOTE, attribution, by_list, claims_of, document, draft, listing

SPOKEN = "Ines Duarte, who runs the kiosk, was there. “I heard a bang and ran.” The tram was empty."
SILENT = "Residents are furious that the library will shut at weekends."
LAKE = "The lake rose by two metres overnight. The lake froze again within a single week."


def scripted(*answers: tuple[str, Answer]) -> ScriptedEngine:
    """Return an engine that gives the answer whose words stand in the question, else none."""

    def answer(request: Request) -> Answer:
        shown = request.messages[-1].content
        return next((reply for words, reply in answers if words in shown), "none")

    return ScriptedEngine(answer)


# ---- the passage way ---------------------------------------------------------------------------


def test_model_names_the_speaker_of_a_quotation(resources: Resources) -> None:
    """The one name in the answer becomes the source of a quotation that had none."""
    engine = scripted(("«I heard", "Ines Duarte"))
    found = extract(document(SPOKEN), resources, engine)
    assert ("Ines Duarte (-)", "I heard a bang and ran") in [
        (source, content.replace(" ... ", " ")) for source, content in _whole_quote(found)
    ]
    assert ["speaker"] == [p.name for p in found.provenance.prompts if p.name == "speaker"]


def test_speaker_over_the_end_of_a_sentence_is_nobody(resources: Resources) -> None:
    """Words that go from one sentence into the next name no speaker."""
    text = "By the kiosk stood Ines Duarte. The tram was empty. “I heard a bang and ran.”"
    assert [] != _whole_quote(extract(document(text), resources, scripted(("«I", "Ines Duarte"))))
    engine = scripted(("«I", "Ines Duarte. The tram"))
    assert [] == _whole_quote(extract(document(text), resources, engine))


def _whole_quote(extraction: Extraction) -> list[tuple[str, str]]:
    """Return the claims, those of one quotation joined."""
    spoken = [c for c in extraction.claims if c.attribution.chain]
    joined = " and ".join(span.text for c in spoken for span in c.content)
    return [(attribution(spoken[0]), joined)] if spoken else []


def test_model_finds_a_report_that_no_cue_tells_of(resources: Resources) -> None:
    """Source, cue and content of the answer become a claim; they stand in the text."""
    answer = '["Residents", "are furious that", "the library will shut at weekends"]'
    found = extract(document(SILENT), resources, scripted(("furious", answer)))
    source, content = "Residents (are furious that)", "the library will shut at weekends"
    assert [(source, content)] == claims_of(found)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param('["Residents", "are furious', id="cut off"),
        pytest.param("Residents", id="no array"),
        pytest.param('["The mayor", "says", "it will shut"]', id="words not shown"),
        pytest.param('["Residents", "", "the library will shut"]', id="empty string"),
    ],
)
def test_answer_that_can_not_be_used_is_kept_with_its_reason(
    resources: Resources, answer: str
) -> None:
    """A bad answer to one question costs that question: the rest of the article is read."""
    found = extract(document(f"{SILENT} {LAKE}"), resources, scripted(("furious", answer)))
    (lost,) = found.rejected
    assert ("reply", SILENT) == (lost.stage, lost.passage and lost.passage.text)
    assert lost.strings[0] in answer
    assert lost.reason
    assert 2 <= len(found.claims)
    assert all(not claim.attribution.chain for claim in found.claims)


@pytest.mark.parametrize("reading", ["auto", "passage"])
def test_provenance_tells_what_was_asked(resources: Resources, reading: Reading) -> None:
    """Engine, model, way, prompts and the sum of usages are in the record."""
    usage = Usage(calls=2, input_tokens=30, output_tokens=3, cached_tokens=10, seconds=0.25)
    engine = ScriptedEngine(lambda request: Reply("none", "m-7", "grammar", usage))
    found = extract(document(f"{SILENT} {LAKE}"), resources, engine, reading=reading).provenance
    asked = len(engine.requests)
    assert ("scripted", "m-7", "passage", "grammar") == (
        found.engine,
        found.model,
        found.reading,
        found.reply_mode,
    )
    assert ["attribution"] == [p.name for p in found.prompts]
    assert resources.prompts["attribution"].hash == found.prompts[0].hash
    assert (2 * asked, 30 * asked, 10 * asked, 0.25 * asked, None) == (
        found.usage.calls,
        found.usage.input_tokens,
        found.usage.cached_tokens,
        found.seconds,
        found.usage.cost_usd,
    )


def test_nothing_is_asked_where_the_tree_tells_all(resources: Resources) -> None:
    """A text with a source in each sentence costs no call, and the engine still stands for it."""
    engine = ScriptedEngine([])
    found = extract(document("Ann Lee said that the lake rose."), resources, engine)
    assert ([], 0, "script") == (
        engine.requests,
        found.provenance.usage.calls,
        found.provenance.model,
    )
    assert [("Ann Lee (said)", "the lake rose")] == claims_of(found)


# ---- the document way --------------------------------------------------------------------------


def test_document_way_asks_for_the_list(resources: Resources) -> None:
    """An engine without grammars is asked once for a short article, in the prompt's own words."""
    engine = listing(draft("The lake rose by two metres overnight"))
    found = extract(document(LAKE), resources, engine)
    (request,) = engine.requests
    prompt = resources.prompts["claims"]
    assert prompt.render({"before": "", "passage": LAKE}) == request.messages
    assert ("", "The lake rose by two metres overnight") == claims_of(found)[0]
    assert ("document", ["claims"]) == (
        found.provenance.reading,
        [p.name for p in found.provenance.prompts],
    )


def test_what_the_model_made_up_is_shown_as_rejected(resources: Resources) -> None:
    """A content or a source that the article doesn't hold is no claim, and the reason is told."""
    found = by_list(
        resources,
        LAKE,
        draft("The lake rose by three metres overnight"),
        draft("The lake froze again", ("the mayor", "said")),
        draft("The lake froze again"),
    )
    assert ["The lake rose by two metres overnight", "The lake froze again"] == [
        content for _, content in claims_of(found)
    ]
    assert [
        ("ground", "the words of the content don't stand in the article"),
        ("ground", "the source doesn't stand in the article"),
    ] == [(lost.stage, lost.reason) for lost in found.rejected]


def test_engine_without_grammars_can_not_read_by_passage(resources: Resources) -> None:
    """Asking for the passage way then is an InputError that tells the other way."""
    with pytest.raises(InputError, match="--reading document"):
        extract(document(LAKE), resources, listing(), reading="passage")


def test_any_engine_can_read_by_document(resources: Resources) -> None:
    """The document way can be asked for though the engine holds to grammars."""
    engine = ScriptedEngine(['{"claims": []}'])
    found = extract(document(LAKE), resources, engine, reading="document")
    assert "document" == found.provenance.reading


# ---- failures ----------------------------------------------------------------------------------


@pytest.mark.parametrize("workers", [1, 3])
@pytest.mark.parametrize("reading", ["passage", "document"])
@pytest.mark.parametrize(
    "error", [Unavailable("busy"), Refused("no key"), BadReply("cut off", raw="{")]
)
def test_nothing_partial_comes_of_a_failing_engine(
    resources: Resources, error: AgentError, reading: Reading, workers: int
) -> None:
    """An error of the engine, after answers that came, is raised as it is."""
    text = "\n\n".join([LAKE * 4] * 4)
    asked = threading.Semaphore(2)

    def answer(request: Request) -> Answer:
        good = '{"claims": []}' if request.schema else "none"
        return good if asked.acquire(blocking=False) else error

    small = Abilities(grammar=True, logprobs=False, context_tokens=1024)
    engine = ScriptedEngine(answer, abilities=small)
    with pytest.raises(type(error)) as caught:
        extract(document(text), resources, engine, workers=workers, reading=reading)
    assert error is caught.value


@pytest.mark.parametrize("answer", ["", "Here are the claims:", '{"claims": [{"content": "x"}]}'])
def test_list_that_can_not_be_read_is_a_bad_reply(resources: Resources, answer: str) -> None:
    """In the document way an answer of another form fails the document, its text kept."""
    engine = ScriptedEngine([answer], abilities=REMOTE)
    with pytest.raises(BadReply) as caught:
        extract(document(LAKE), resources, engine)
    assert answer == caught.value.raw


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "nothing to read"),
        (" \n\n ", "nothing to read"),
        ("Share on Facebook | Tweet\n\nBy Ann Lee\n\n3 May 2021", "nothing to read"),
        ("The lake \ud83d rose.", "character 9 .* lone surrogate"),
    ],
)
def test_text_without_a_sentence_is_refused(resources: Resources, text: str, message: str) -> None:
    """A text of buttons and dates only, or one that is no Unicode, is an InputError."""
    with pytest.raises(InputError, match=message):
        extract(document(text), resources, ScriptedEngine([]))


# ---- events and workers ------------------------------------------------------------------------


def test_events_tell_stage_and_progress(resources: Resources) -> None:
    """Parsing comes first, then each answer is counted."""
    told: list[Event] = []
    extract(document(f"{SILENT} {LAKE}"), resources, scripted(), told.append)
    assert [Event("parsing", 0, 1), *(Event("asking", n, 3) for n in range(4))] == told


def test_workers_keep_the_order(resources: Resources) -> None:
    """With several requests under way the answers still belong to their questions."""
    names = ["Ada", "Bea", "Cleo", "Dora", "Edda", "Fay"]
    text = " ".join(f"{name} is furious that the {name} bridge will shut." for name in names)
    turns = threading.Condition()
    last = len(names) - 1
    left = [last]

    def answer(request: Request) -> Answer:
        number = next(i for i, name in enumerate(names) if name in request.messages[-1].content)
        with turns:  # the later a question, the sooner its answer
            turns.wait_for(lambda: left[0] <= number, timeout=5)
            left[0] -= 1
            turns.notify_all()
        name = names[number]
        return json.dumps([name, "is furious that", f"the {name} bridge will shut"])

    found = extract(document(text), resources, ScriptedEngine(answer), workers=len(names))
    assert [
        (f"{name} (is furious that)", f"the {name} bridge will shut") for name in names
    ] == claims_of(found)


# ---- any text ----------------------------------------------------------------------------------

PIECES = st.sampled_from(
    [
        *("Ann Lee said ", "the lake rose", ", she added", " and froze", "“It’s bad,” ", '"Go," '),
        *(
            "he said. ",
            ". ",
            "\n\n",
            " ",
            "according to the mayor, ",
            "It may rain",
            " on Friday. ",
        ),
        *("said", "“", "”", '"', "’", "…", "\u00ad", "\u00a0", "\r\n", "(", ")", "12%", "$5", "—"),
        *(
            "denied ",
            "asked whether ",
            "?",
            "\U0001f6a2",
            "e\u0301",
            "Share this article\n\n",
            "\x00",
        ),
    ]
)
TEXTS = st.lists(PIECES, min_size=1, max_size=25).map("".join) | st.text(max_size=40)


def spans_of(extraction: Extraction) -> list[Span]:
    """Return every span of the record."""
    found: list[Span] = []
    for claim in extraction.claims:
        found += [*claim.content, claim.sentence, *claim.confidence_cues]
        found += [claim.topic] if claim.topic else []
        for link in claim.attribution.chain:
            found += [span for span in (link.mention, link.cue) if span]
    found += [span for entity in extraction.entities for span in entity.mentions]
    return found + [lost.passage for lost in extraction.rejected if lost.passage]


def assert_whole(extraction: Extraction) -> None:
    """Check what holds for every record: spans are the text's, entities exist, ids are unique."""
    text = extraction.document.text or ""
    spans = spans_of(extraction)
    assert [text[span.start : span.end] for span in spans] == [span.text for span in spans]
    ids = [entity.id for entity in extraction.entities]
    assert len(set(ids)) == len(ids)
    used = {link.entity for claim in extraction.claims for link in claim.attribution.chain}
    assert used == set(ids)
    assert [f"c{n:02}" for n in range(1, len(extraction.claims) + 1)] == [
        claim.id for claim in extraction.claims
    ]
    assert all(any(ch.isalnum() for ch in claim.text) for claim in extraction.claims)


@st.composite
def listed(draw: st.DrawFn) -> tuple[str, list[tuple[str, list[tuple[str, str]]]]]:
    """Return a text, and contents with their sources: pieces of it, or made up."""
    text = draw(TEXTS)
    places = st.integers(0, len(text))
    copied = st.tuples(places, places).map(lambda ends: text[min(ends) : max(ends)])
    strings = copied | st.sampled_from(["the lake", "said", "", "lake ... rose", "[She] said", "—"])
    sources = st.lists(st.tuples(strings, strings), max_size=2)
    return text, draw(st.lists(st.tuples(strings, sources), max_size=4))


# The fixture stays out of what hypothesis shows of a failing case: it holds all word lists.
EXAMPLES = settings(max_examples=80, deadline=None)


def test_passage_way_keeps_spans_true_for_any_text(resources: Resources) -> None:
    """Whatever the text and the answers, each span of the record is the text at its place."""

    @EXAMPLES
    @given(
        TEXTS, st.sampled_from(["none", "the lake", '["Ann Lee", "said", "the lake rose"]', "{"])
    )
    def check(text: str, answer: str) -> None:
        whole = document(text)
        if any(True for _ in whole.readable()):
            assert_whole(extract(whole, resources, ScriptedEngine(lambda request: answer)))

    check()


def test_document_way_keeps_spans_true_for_any_text(resources: Resources) -> None:
    """Whatever a model lists, copied or made up, each span of the record is the text's."""

    @EXAMPLES
    @given(listed())
    def check(case: tuple[str, list[tuple[str, list[tuple[str, str]]]]]) -> None:
        text, claims = case
        whole = document(text)
        if any(True for _ in whole.readable()):
            engine = listing(*(draft(content, *sources) for content, sources in claims))
            assert_whole(extract(whole, resources, engine))

    check()
