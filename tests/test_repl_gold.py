"""The walk that makes gold, and the file that it writes (agent/repl/gold*.py)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agent.document import Article, Document, Extent, read_document
from agent.errors import AgentError, ConfigError, GoldError
from agent.repl import goldwork
from agent.repl.goldfile import evaluate, gold_value, load, make_case, write_gold
from agent.repl.goldfix import fix
from agent.repl.goldwalk import split_key, step
from agent.repl.goldwork import Work, begin
from agent.schema import Extraction
from evals.gold import load_case
from sample_records import TEXT, sample


@pytest.fixture
def record() -> Extraction:
    """Return the sample record."""
    return sample()


@pytest.fixture
def work(record: Extraction) -> Work:
    """Return the walk at its beginning."""
    return begin(record)


@pytest.fixture
def document() -> Document:
    """Return the sample's text with its parts."""
    return read_document(Article(TEXT), "en")


def at(work: Work, number: int) -> Work:
    """Return the walk at a claim."""
    return goldwork.go(work, goldwork.place_of(work, str(number)))


def content(work: Work) -> list[str]:
    """Return the words of the claim at which the walk stands."""
    return [span.text for span in work.item.claim.content]


def test_walk_begins_with_nothing_decided(work: Work) -> None:
    """All claims are there in text order; a headline is optional, the body core."""
    starts = [item.claim.content[0].start for item in work.items]
    assert (10, sorted(starts), True) == (work.undecided, starts, work.items[0].optional)
    assert [False] * 9 == [item.optional for item in work.items[1:]]


def test_deciding_goes_on_to_what_is_undecided(work: Work) -> None:
    """Accepting and rejecting lead to the next open claim, from the last to the first."""
    work = goldwork.reject(goldwork.accept(work), "no proposition")
    states = [(item.state, item.reason) for item in work.items[:3]]
    assert [("accepted", ""), ("rejected", "no proposition"), ("open", "")] == states
    assert (2, 2) == (work.at, goldwork.accept(at(work, 10)).at)


def test_accept_takes_a_status(work: Work) -> None:
    """The key takes core or optional: here a claim of the body becomes optional."""
    assert goldwork.accept(at(work, 2), "opt").items[1].optional


@pytest.mark.parametrize(
    ("found", "number", "field", "value"),
    [
        ("probable", 4, "confidence", "prob"),
        ("decline", 4, "act", "decline"),
        ("negative", 4, "polarity", "negative"),
        ("The ferry is old.", 4, "text", "The ferry is old."),
        ("c05", 4, "same", "5"),
        (None, 4, "same", "none"),
    ],
)
def test_fix_sets_a_field(
    work: Work, document: Document, found: str | None, number: int, field: str, value: str
) -> None:
    """Labels may be cut short; a reference is an id or a number."""
    name = {"same": "duplicate_of"}.get(field, field)
    fixed = fix(at(work, number), document, field, value).item.claim
    assert found == getattr(fixed, name)


def test_fix_content_moves_the_places(work: Work, document: Document) -> None:
    """Content is found in the text, with quotation marks typed in another way too."""
    fixed = fix(at(work, 8), document, "content", 'the ferry was "a fine way"')
    (span,) = fixed.item.claim.content
    assert ("the ferry was “a fine way”", "exact") == (span.text, span.match)
    assert TEXT[span.start : span.end] == span.text
    assert "mixed" == fixed.item.claim.attribution.kind


def test_fix_content_in_parts(work: Work, document: Document) -> None:
    """Dots part the pieces of one sentence."""
    fixed = fix(at(work, 4), document, "content", "the repairs ... take months")
    assert ["the repairs", "take months"] == content(fixed)


def test_fix_content_nearest_to_the_claim(work: Work, document: Document) -> None:
    """Words that stand there often are taken where the claim stands."""
    fixed = fix(at(work, 9), document, "topic", "the")
    topic = fixed.item.claim.topic
    assert topic is not None
    sentence = at(work, 9).item.claim.sentence
    assert abs(topic.start - sentence.start) < 60


def test_fix_source_to_a_known_one(work: Work, document: Document) -> None:
    """A part of a name is enough; the link that stays keeps its cue."""
    fixed = fix(at(work, 4), document, "source", "courier < city eng").item.claim
    names = [(link.entity, link.cue and link.cue.text) for link in fixed.attribution.chain]
    assert [("courier", "quoted by"), ("engineers", "According to")] == names


def test_fix_source_to_a_new_one(work: Work, document: Document) -> None:
    """Words of the text become a source, which is mentioned there."""
    fixed = fix(at(work, 9), document, "source", "the crew")
    entity = fixed.entities[-1]
    (link,) = fixed.item.claim.attribution.chain
    assert ("the-crew", "the crew", entity.id) == (entity.id, entity.name, link.entity)
    typed = fix(fixed, document, "type", "group")
    assert "group" == typed.entities[-1].type


def test_fix_source_to_nobody(work: Work, document: Document) -> None:
    """Without a source a claim is the article's own, and with one again it isn't."""
    alone = fix(at(work, 4), document, "source", "none")
    assert ("none", []) == (
        alone.item.claim.attribution.kind,
        alone.item.claim.attribution.chain,
    )
    again = fix(alone, document, "source", "Asta Lind")
    assert "indirect" == again.item.claim.attribution.kind


def test_fix_cue_and_hedges(work: Work, document: Document) -> None:
    """Both are words of the text; none empties them."""
    fixed = fix(at(work, 4), document, "hedge", "could ... months")
    assert ["could", "months"] == [span.text for span in fixed.item.claim.confidence_cues]
    fixed = fix(fix(fixed, document, "hedge", "none"), document, "cue", "none")
    assert ([], None) == (
        fixed.item.claim.confidence_cues,
        fixed.item.claim.attribution.chain[-1].cue,
    )


@pytest.mark.parametrize(
    ("message", "number", "field", "value"),
    [
        ("there's no field 'colour' to fix; known: content", 4, "colour", "red"),
        ("these words don't stand in a sentence of the article", 4, "content", "the bridge"),
        ("these words don't stand in the article: 'nobody at all'", 4, "source", "nobody at all"),
        ("the article's own claim has no cue", 2, "cue", "shut"),
        ("kind none goes with no source", 4, "kind", "none"),
        ("kind none goes with no source", 2, "kind", "direct"),
        ("a claim can't repeat itself", 4, "same", "4"),
        ("status can't be 'maybe'; it is one of core, optional", 4, "status", "maybe"),
        ("the text can't be empty", 4, "text", ""),
    ],
)
def test_fix_that_can_not_be_is_told_why(
    work: Work, document: Document, message: str, number: int, field: str, value: str
) -> None:
    """A message says what is wrong, and nothing changes."""
    with pytest.raises(ConfigError) as raised:
        fix(at(work, number), document, field, value)
    assert str(raised.value).startswith(message)


def test_split_cuts_before_the_words(work: Work, document: Document) -> None:
    """Two claims of one split group; the word that joined them belongs to neither."""
    whole = fix(
        at(work, 6),
        document,
        "content",
        "the leak had been known for years, declined to confirm the cost of the works, and said",
    )
    halves = goldwork.split(whole, document, "declined")
    first, second = (item.claim for item in halves.items if item.claim.id.startswith("c06"))
    assert ["the leak had been known for years"] == [s.text for s in first.content]
    assert "declined to confirm the cost of the works" in second.content[0].text
    assert ("c06", "c06", "c06-2") == (first.split_group, second.split_group, second.id)
    assert "The leak had been known for years." == first.text


def test_split_elsewhere_is_refused(work: Work, document: Document) -> None:
    """Words outside the content, or at its beginning, cut nothing."""
    for words in ("the roof", "the repairs"):
        with pytest.raises(ConfigError, match="doesn't stand within the content"):
            goldwork.split(at(work, 4), document, words)


def test_merge_undoes_a_split(work: Work, document: Document) -> None:
    """What a joining word parts becomes one span again."""
    halves = goldwork.split(at(work, 4), document, "could take")
    assert ["the repairs could take months"] == content(goldwork.merge(halves, document))


def test_merge_takes_what_lies_apart_in_pieces(work: Work, document: Document) -> None:
    """Claims with words between them become one of two spans; the other is gone."""
    merged = goldwork.merge(at(work, 6), document, "8")
    assert ["the leak had been known for years", "the ferry was “a fine way” to cross"] == content(
        merged
    )
    assert "c08" not in {item.claim.id for item in merged.items}
    with pytest.raises(ConfigError, match="no claim to merge with"):
        goldwork.merge(at(work, 10), document)


def test_add_takes_words_or_a_place(work: Work, document: Document) -> None:
    """A new claim has the source of its sentence; marks and stops around the words are left out."""
    by_words = goldwork.add(at(work, 5), document, "water came through the roof")
    assert (["water came through the roof"], "none") == (
        content(by_words),
        by_words.item.claim.attribution.kind,
    )
    start = TEXT.index("“a fine way” to cross.")
    by_place = goldwork.add(work, document, Extent(start, start + len("“a fine way” to cross.")))
    assert ["“a fine way” to cross"] == content(by_place)
    assert ["lind"] == [link.entity for link in by_place.item.claim.attribution.chain]


def test_add_between_sentences_is_refused(work: Work, document: Document) -> None:
    """A claim stands in a sentence."""
    with pytest.raises(ConfigError, match="in no sentence"):
        goldwork.add(work, document, Extent(0, 0))


@pytest.mark.parametrize(
    ("key", "line"),
    [
        (("a", ""), "a"),
        (("a", "optional"), "accept optional"),
        (("A", ""), "A"),
        (("+", "they left"), "+ they left"),
        (("g", "12"), "12"),
        (("f", "kind direct"), "f kind direct"),
    ],
)
def test_walk_key_is_a_letter_or_a_word(key: tuple[str, str], line: str) -> None:
    """Letters for who knows them, words for who doesn't."""
    assert key == split_key(line)


def test_walk_adds_what_was_selected(work: Work, document: Document) -> None:
    """+ alone lets the person select; nothing selected changes nothing."""
    start = TEXT.index("the roof")
    done = step(work, document, "+", "", lambda near: Extent(start, start + 8))
    assert ["the roof"] == content(done.work)
    assert work == step(work, document, "+", "", lambda near: None).work


# ---- the file ---------------------------------------------------------------------------------


def test_gold_file_is_one_that_check_accepts(
    tmp_path: Path, work: Work, document: Document, record: Extraction
) -> None:
    """What is written loads as `sayso eval check` loads it, rejected claims as no claims."""
    work = goldwork.reject(at(work, 10), "nobody says so")
    work = goldwork.add(work, document, "water came through the roof")
    work = goldwork.accept_rest(work)
    path = tmp_path / "tunnel.json"
    assert tmp_path / "tunnel.txt" == write_gold(path, work, record, "ann")
    gold = load_case(path).gold
    assert (10, "ann") == (len(gold.claims), gold.annotator)
    assert ["nobody says so"] == [item.reason for item in gold.non_claims or []]
    assert {"lind", "courier", "engineers"} == {entity.id for entity in gold.entities}


def test_gold_file_keeps_line_ends(tmp_path: Path, record: Extraction) -> None:
    """The text beside it is the article's to the byte."""
    text = TEXT.replace("\n", "\r\n")
    about = record.document.model_copy(update={"text": text})
    plain = record.model_copy(update={"document": about, "claims": []})
    write_gold(tmp_path / "x.json", Work(), plain, "")
    assert text.encode() == (tmp_path / "x.txt").read_bytes()


@pytest.mark.parametrize(
    ("message", "name", "decided"),
    [
        ("a gold file ends in .json", "gold.txt", True),
        ("10 claims still to decide", "gold.json", False),
        ("gold.txt holds another text", "gold.json", True),
        ("there's no folder", "nowhere/gold.json", True),
    ],
)
def test_gold_file_that_can_not_be_written_is_told_why(
    tmp_path: Path, record: Extraction, work: Work, message: str, name: str, decided: bool
) -> None:
    """Nothing is written then."""
    (tmp_path / "gold.txt").write_text("another text", encoding="utf-8")
    with pytest.raises(AgentError, match=message):
        write_gold(tmp_path / name, goldwork.accept_rest(work) if decided else work, record, "")
    assert ["gold.txt"] == [path.name for path in tmp_path.iterdir()]


def test_evaluate_scores_the_record_against_gold(work: Work, record: Extraction) -> None:
    """Gold that is the record itself gives 1; else what is spurious or different is told."""
    record = record.model_copy(update={"rejected": []})
    path = Path("session.json")
    same = gold_value(goldwork.accept_rest(work), record, "session", "ann")
    told = "\n".join(evaluate(record, make_case(same, TEXT, path)))
    assert "claims found (F1)          1.000    1.000" in told
    other = goldwork.reject(at(work, 4)).with_claim(confidence="possible")
    gold = gold_value(goldwork.accept_rest(other), record, "session", "ann")
    told = "\n".join(evaluate(record, make_case(gold, TEXT, path)))
    assert "SPURIOUS c04" in told
    assert "confidence: certain for possible" in told


def test_evaluate_refuses_gold_of_another_text(tmp_path: Path, record: Extraction) -> None:
    """Offsets into another article mean nothing."""
    other = tmp_path / "other.txt"
    other.write_text("Rain fell.\n", encoding="utf-8")
    about = record.document.model_copy(update={"text": "Rain fell.\n"})
    elsewhere = record.model_copy(update={"document": about, "claims": []})
    write_gold(tmp_path / "other.json", Work(), elsewhere, "")
    with pytest.raises(GoldError, match="gold for another text"):
        list(evaluate(record, load(tmp_path / "other.json")))


def test_work_survives_json(work: Work, document: Document) -> None:
    """The walk comes back from a kept session as it was."""
    done = goldwork.add(goldwork.reject(work, "why"), document, "the roof")
    assert done == Work.model_validate(json.loads(done.model_dump_json()))
