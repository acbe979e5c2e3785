"""Grounded findings to the record (agent/record.py)."""

from __future__ import annotations

import hashlib

import pytest

from agent.document import Article, read_document
from agent.engines.scripted import ScriptedEngine
from agent.extract import Resources, extract
from agent.schema import Kind, Sourcing
from readings import by_list, by_tree, draft, words

SAID = ("Ann Lee", "said")


@pytest.mark.parametrize(
    ("kind", "content", "text"),
    [
        ("none", "The lake rose", "The lake rose."),
        ("direct", "The lake rose", "“The lake rose,” Ann Lee said."),
        ("direct", "The lake ... rose", "“The lake, at last, rose,” Ann Lee said."),
        ("direct", "The lake “Mere” rose", "‘The lake “Mere” rose,’ Ann Lee said."),
        ("mixed", "the lake “rose fast”", "Ann Lee said the lake “rose fast”."),
        ("mixed", "the lake “rose” and “froze”", "Ann Lee said the lake “rose” and “froze”."),
        ("indirect", "the lake rose", "Ann Lee said the lake rose."),
        ("indirect", "the lake rose", "“No!” Ann Lee said the lake rose."),
        ("paraphrase", "the beauty of the lake", "Ann Lee said the beauty of the lake."),
    ],
)
def test_kind_is_told_by_the_quotation_marks(
    resources: Resources, kind: Kind, content: str, text: str
) -> None:
    """All, part or nothing of the content is quoted; unquoted it's a clause or a noun phrase."""
    sources = [] if kind == "none" else [SAID]
    (claim,) = by_list(resources, text, draft(content, *sources)).claims
    assert kind == claim.attribution.kind


@pytest.mark.parametrize(
    ("sourcing", "chain"),
    [
        ("article_voice", []),
        ("named_on_record", [("Mayor Ann Lee", "said")]),
        ("named_on_record", [("the Selby Post", "told"), ("Mayor Ann Lee", "said")]),
        ("named_institution", [("The Selby Post", "reported")]),
        ("official_document", [("the report", "says")]),
        ("anonymous", [("a rower", "said")]),
        ("anonymous_via_outlet", [("the Selby Post", "told"), ("a rower", "said")]),
        ("unspecified", [("", "was reported")]),
    ],
)
def test_sourcing_is_told_by_the_chain(
    resources: Resources, sourcing: Sourcing, chain: list[tuple[str, str]]
) -> None:
    """How good the basis is follows from who stands in the chain."""
    text = (
        "The lake rose, Mayor Ann Lee said. The Selby Post reported that a rower said so, and that "
        "the report says so. It was reported again, and they told the Selby Post."
    )
    claim = by_list(resources, text, draft("The lake rose", *chain)).claims[0]
    assert "The lake rose" == words(claim.content)
    assert sourcing == claim.sourcing
    roles = [link.role for link in claim.attribution.chain]
    assert ["relay"] * (len(chain) - 1) + ["speaker"] * bool(chain) == roles


@pytest.mark.parametrize(
    ("expected", "content"),
    [
        ([], "The lake, at last, rose"),
        ([("elided", " ... ", ", at last, ")], "The lake ... rose"),
        ([("normalised", "t", "T")], "the lake, at last, rose"),
        ([("edited", "[t]", "T"), ("elided", " … ", ", at last, ")], "[t]he lake … rose"),
    ],
)
def test_claim_tells_how_its_words_were_returned(
    resources: Resources, expected: list[tuple[str, str, str]], content: str
) -> None:
    """Where a model's string isn't the article's, the claim says what differs, and where."""
    text = "“The lake, at last, rose,” Ann Lee said."
    (claim,) = by_list(resources, text, draft(content, SAID)).claims
    told = claim.differences
    assert expected == [(each.match, each.returned, each.stands) for each in told]
    assert [each.stands for each in told] == [text[d.at : d.at + len(d.stands)] for d in told]


def test_claim_tells_how_its_source_was_returned(resources: Resources) -> None:
    """Sources, cues and hedges are held against the article too."""
    text = "The lake may rise, Ann O’Dea said."
    (claim,) = by_list(resources, text, draft("The lake may rise", ("Ann O'Dea", "said"))).claims
    assert [("'", "’", 24)] == [(d.returned, d.stands, d.at) for d in claim.differences]


def test_record_names_its_document(resources: Resources) -> None:
    """Title, date, hash and further fields of the article are kept; the text comes along."""
    text = "Lake rises fast\n\nSELBY, 4 March 2024: The lake rose overnight by two metres."
    article = Article(text, id="a1", origin="lake.txt", extra={"section": "local"})
    found = extract(read_document(article, "en"), resources, ScriptedEngine(lambda _: "none"))
    wanted = ("a1", "Lake rises fast", "2024-03-04", "lake.txt", "en", text, {"section": "local"})
    about = found.document
    assert wanted == (
        about.id,
        about.title,
        about.date,
        about.origin,
        about.language,
        about.text,
        about.extra,
    )
    assert hashlib.sha256(text.encode()).hexdigest() == about.sha256


def test_headline_is_linked_to_what_it_repeats(resources: Resources) -> None:
    """A headline's claim is the duplicate of the body claim with its words, if there's one."""
    body = "The flooded lake closed its eastern beaches on Monday. It rained."
    repeated = by_tree(resources, f"Flooded lake closed eastern beaches\n\n{body}").claims
    assert [("headline", "c02"), ("body", None), ("body", None)] == [
        (claim.zone, claim.duplicate_of) for claim in repeated
    ]
    other = by_tree(resources, f"Council wants new lake rules\n\n{body}").claims
    assert [None, None, None] == [claim.duplicate_of for claim in other]


def test_same_claim_twice_is_one(resources: Resources) -> None:
    """The same words with the same source are kept once; another source is another claim."""
    text = "The lake rose, Ann Lee and Max Orr said."
    twice = [draft("The lake rose", SAID), draft("The lake rose", SAID)]
    found = by_list(resources, text, *twice, draft("The lake rose", ("Max Orr", "said")))
    assert [("c01", "Ann Lee"), ("c02", "Max Orr")] == [
        (claim.id, claim.attribution.chain[0].mention and claim.attribution.chain[0].mention.text)
        for claim in found.claims
    ]


def test_claim_holds_its_sentence_and_its_hedges(resources: Resources) -> None:
    """The sentence is the one the content begins in; hedges and topic are spans of the text."""
    text = "It froze. Ann Lee said the lake might rise. She declined to comment on the beaches."
    first, second, third = by_tree(resources, text).claims
    assert ["It froze.", "Ann Lee said the lake might rise."] == [
        first.sentence.text,
        second.sentence.text,
    ]
    assert "might" == words(second.confidence_cues)
    assert (None, "the beaches") == (second.topic, third.topic and third.topic.text)


def test_flags_of_the_text_are_kept(resources: Resources) -> None:
    """What a reader should know about the text is told in the record."""
    found = by_tree(resources, "“The lake rose, Ann Lee said.")
    assert ["unbalanced quotation marks"] == found.flags


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        ("Marta Voss declined to comment.", "Marta Voss declined to comment."),
        ("Marta Voss declined to comment on the leak.",
         "Marta Voss declined to comment on the leak."),
        ("Marta Voss could not say how many men left.",
         "Marta Voss could not say how many men left."),
        ("Marta Voss said that at least nine men left.",
         "At least nine men left, Marta Voss said."),
    ],
)  # fmt: skip
def test_text_of_a_claim_reads_well(resources: Resources, expected: str, text: str) -> None:
    """Nothing is said twice, no "that" stands before a question, no capital within the sentence."""
    assert [expected] == [claim.text for claim in by_tree(resources, text).claims]


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        (
            "Officials said that Peter Hale knew.",
            "Peter Hale left. Officials said that he knew.",
        ),
        (
            "Officials said that he knew.",
            "Peter Hale left. Tim Dole stayed. Officials said that he knew.",
        ),
    ],
)
def test_pronoun_that_may_mean_two_persons_is_left(
    resources: Resources, expected: str, text: str
) -> None:
    """A wrong name in a claim's text would do more harm than a pronoun."""
    assert expected == by_tree(resources, text).claims[-1].text
