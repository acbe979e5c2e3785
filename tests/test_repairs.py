"""Trees put right where the parser is known to err (agent/repairs.py, agent/truecase.py)."""

from __future__ import annotations

import pytest

from agent.extract import Resources
from agent.quotation import Extent
from agent.repairs import rehung
from agent.syntax import Token, Tree
from agent.truecase import truecased
from readings import by_tree, claims_of


@pytest.mark.parametrize(
    ("attribution", "content", "text"),
    [
        ("the warden, Marta Voss (told)", "Nobody drowned",
         "“Nobody drowned,” the warden, Marta Voss, told reporters."),
        ("Marta Voss, the warden (said)", "The dam is safe",
         "The dam is safe, Marta Voss, the warden, said."),
        ("Farmers (called)", "the new levy and the demand for their land a shameless grab",
         "Farmers called the new levy and the demand for their land a shameless grab."),
        ("the warden (proposing)", "some regional counter-measures to protect local farms",
         "The warden reacted by proposing some regional counter-measures to protect local farms."),
        ("A Selby poll (showed)", "a slimmer lead for Voss with 46 percent",
         "A Selby poll showed a slimmer lead for Voss with 46 percent."),
        ("An inquiry (found)", "no sign of a leak", "An inquiry found no sign of a leak."),
        ("Police (appealed for)", "witnesses",
         "Police said they were treating the fire as suspicious and appealed for witnesses."),
        ("Marta Voss (insisting)", "the vote was a sham",
         "Marta Voss told farmers she would not resign, insisting the vote was a sham."),
        ("Marta Voss (calling)", "it a hoax",
         "Marta Voss has denied that she knew of the leak, calling it a hoax."),
        ("Marta Voss (cautioned)", "more work was needed",
         "Marta Voss said the trial had gone well but cautioned that more work was needed."),
        ("Farmers (allege)", "Marta Voss took bribes", "Farmers allege Marta Voss took bribes."),
        ("Farmers (described)", "seeing water pour from the wall",
         "Farmers described seeing water pour from the wall."),
        ("The warden (would neither confirm)", "the report",
         "The warden would neither confirm nor deny the report."),
        ("the Post (was quoted) > The warden (saying)", "the plan was dead",
         "The warden was quoted by the Post as saying that the plan was dead."),
        ("The warden (recommended)", "an apology",
         "The warden found that farmers had misled the court, and recommended an apology."),
        ("The warden (dismissed)", "the poll as “fake”",
         "The warden dismissed the poll as “fake”."),
        ("The warden (did not return)", "calls", "The warden did not return calls."),
        ("The Herald (said) > two unnamed farmers (citing)", "Marta Voss had resigned",
         "The Herald, now closed, said citing two unnamed farmers that Marta Voss had resigned."),
        ("the warden (said)", "The farmers could announce a deal next week",
         "The farmers could announce a deal next week, said the warden."),
        ("the Herald (told) > the warden, Marta Voss (told)", "The dam will close on Monday",
         "The dam will close on Monday, the warden, Marta Voss, told the Herald."),
        ("", "have found nothing",
         "Police believe the fire was set deliberately but have found nothing."),
        ("", "Selby did not comment",
         "The warden said the dam had held; Selby did not comment."),
        ("", "No one claimed the prize", "No one claimed the prize."),
    ],
)  # fmt: skip
def test_attribution_is_read_where_the_parser_errs(
    resources: Resources, attribution: str, content: str, text: str
) -> None:
    """Source, cue and content come out right in sentences whose plain parse is wrong."""
    found = [(a.lower(), c) for a, c in claims_of(by_tree(resources, text))]
    assert (attribution.lower(), content) in found


def test_branch_is_not_hung_below_itself(resources: Resources) -> None:
    """A mend that would lead in a circle is left: a title whose clause holds the name."""
    words = [  # "…" the name, Ann says
        ('"', "PUNCT", "punct", 1), ("Rain", "NOUN", "ROOT", 1), ('"', "PUNCT", "punct", 1),
        ("the", "DET", "det", 4), ("name", "NOUN", "appos", 1), (",", "PUNCT", "punct", 4),
        ("Ann", "PROPN", "nsubj", 7), ("says", "VERB", "relcl", 4),
    ]  # fmt: skip
    tokens = [
        Token(index, 5 * index, 5 * index + len(text), text, text.lower(), pos, "", dep, head)
        for index, (text, pos, dep, head) in enumerate(words)
    ]
    tree = Tree(tuple(tokens))
    assert tree == rehung(tree, resources.lexicon)


def test_refusal_to_confirm_or_deny_is_no_denial(resources: Resources) -> None:
    """Guidelines, rule 8: a non-answer is never a denial."""
    (claim,) = by_tree(resources, "The warden would neither confirm nor deny the report.").claims
    assert ("decline", "unknown", "uncommitted") == (claim.act, claim.polarity, claim.confidence)


@pytest.mark.parametrize(
    ("confidence", "text"),
    [
        ("certain", "The warden could not be reached."),
        ("possible", "The warden could be reached."),
        ("possible", "A leak could not be ruled out."),
    ],
)
def test_inability_is_no_hedge(resources: Resources, confidence: str, text: str) -> None:
    """Who could not do a thing didn't do it, as far as the text is concerned."""
    assert [confidence] == [claim.confidence for claim in by_tree(resources, text).claims]


def test_person_who_finds_a_thing_reports_nothing(resources: Resources) -> None:
    """What only documents do with a noun phrase is no report of a person."""
    assert [("", "Marta Voss found the key")] == claims_of(
        by_tree(resources, "Marta Voss found the key.")
    )


@pytest.mark.parametrize(
    ("attribution", "polarity", "text"),
    [
        ("", "positive", "The warden left without a word."),
        ("The court (heard)", "positive", "The court heard that the warden had left."),
        ("", "positive", "Farmers heard that the warden had left."),
    ],
)
def test_word_reports_or_negates_only_in_its_place(
    resources: Resources, attribution: str, polarity: str, text: str
) -> None:
    """What's done without a thing is done; what a court hears is said to it."""
    extraction = by_tree(resources, text)
    assert [(attribution, polarity)] == [
        (found, claim.polarity)
        for (found, _), claim in zip(claims_of(extraction), extraction.claims, strict=True)
    ]


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        ([("certain", "positive")], "May, a former warden, has been down on the team."),
        ([("certain", "positive")], "Farmers felt dejected."),
        ([("certain", "positive")], "Farmers have either left or are in hiding."),
        ([("certain", "positive")], "The No. 4 seed met the No. 1 seed."),
    ],
)
def test_labels_are_not_of_words_that_only_look_alike(
    resources: Resources, expected: list[tuple[str, str]], text: str
) -> None:
    """A name, a feeling and a number are no hedge and no denial; one of two is one claim."""
    found = by_tree(resources, text).claims
    assert expected == [(claim.confidence, claim.polarity) for claim in found]


def test_hedge_is_a_whole_word(resources: Resources) -> None:
    """The words that decided the confidence keep what the parser cuts off."""
    (claim,) = by_tree(resources, "The warden won't stay.").claims
    assert ["won't"] == [span.text for span in claim.confidence_cues]


@pytest.mark.parametrize(
    ("expected", "heading", "body"),
    [
        ("Warden denies leak at Voss dam", "Warden Denies Leak At Voss Dam", "The Voss dam holds."),
        ("Warden denies leak at Voss dam", "WARDEN DENIES LEAK AT VOSS DAM", "The Voss dam holds."),
        ("NATO chief wary of ‘big risk’", "NATO Chief Wary Of ‘Big Risk’", "It is no risk."),
        ("Dam holds: ‘We are safe,’ says Voss’s aide", "Dam Holds: ‘We Are Safe,’ Says Voss’s Aide",
         "An aide of Voss spoke."),
        ("Marta Voss leaves Selby", "Marta Voss leaves Selby", "It was dark."),
    ],
)  # fmt: skip
def test_headline_in_title_case_is_written_as_a_sentence(
    expected: str, heading: str, body: str
) -> None:
    """Only what the body writes in capitals, or is made of capitals, keeps them."""
    text = f"{heading}\n\n{body}"
    at = len(heading)
    assert f"{expected}\n\n{body}" == truecased(text, [Extent(0, at)], [Extent(at + 2, len(text))])


def test_headline_in_title_case_has_its_speaker(resources: Resources) -> None:
    """The strings stay as the headline has them."""
    text = "Dam Warden Denies Plans For New Levy\n\nThe dam warden spoke on Monday."
    assert ("Dam Warden (Denies)", "Plans For New Levy") == claims_of(by_tree(resources, text))[0]
