"""Sources and cues in a sentence (agent/cues.py).

Rules of docs/guidelines.md on short sentences, with the real parser.
"""

from __future__ import annotations

import pytest

from agent.extract import Resources
from readings import by_tree, claims_of

VOSS = "Marta Voss (said)"


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        ([(VOSS, "the dam is safe")], "Marta Voss said that the dam is safe."),
        (
            [(VOSS, "the dam is safe"), (VOSS, "the valley is dry")],
            "Marta Voss said the dam is safe and the valley is dry.",
        ),
        (
            [(VOSS, "the dam is safe"), (VOSS, "the valley is dry")],
            "Marta Voss said that the dam is safe and that the valley is dry.",
        ),
        (
            [(VOSS, "it rained"), ("Jan Lind (said)", "it froze")],
            "Marta Voss said it rained, and Jan Lind said it froze.",
        ),
        (
            [("Critics (say)", "the dam is a danger"), ("engineers (insist)", "it is safe")],
            "Critics say the dam is a danger, while engineers insist it is safe.",
        ),
        (
            [
                ("the mayor (said)", "It rained on Monday"),
                ("the mayor (adding)", "the dam was full"),
            ],
            "It rained on Monday, the mayor said, adding that the dam was full.",
        ),
        ([(VOSS, "she thinks the dam is safe")], "Marta Voss said she thinks the dam is safe."),
        ([(VOSS, "The dam ... is safe")], "The dam, Marta Voss said, is safe."),
        ([("she (added)", "The dam is safe")], "The dam is safe, she added."),
        (
            [("Marta Voss (According to)", "the dam is safe")],
            "According to Marta Voss, the dam is safe.",
        ),
        (
            [("the engineers (according to)", "The dam is safe")],
            "The dam is safe, according to the engineers.",
        ),
        ([("Police (say)", "the driver fled")], "Police say the driver fled."),
        ([("The study (found)", "the dam is weak")], "The study found that the dam is weak."),
        ([("the study (found)", "The dam is weak")], "The dam is weak, the study found."),
        (
            [("A spokesman for the ministry (said)", "the dam is safe")],
            "A spokesman for the ministry said the dam is safe.",
        ),
        (
            [("The mayor of the town where the dam broke (said)", "it rained")],
            "The mayor of the town where the dam broke said it rained.",
        ),
        (
            [("The ministry (said)", "the dam is leaking")],
            "The ministry said in a statement on Monday that the dam is leaking.",
        ),
        (
            [("Marta Voss (told)", "the dam is leaking")],
            "Marta Voss told reporters that the dam is leaking.",
        ),
        ([("- (was reported)", "the dam is leaking")], "It was reported that the dam is leaking."),
    ],
)
def test_reported_clause_has_its_source_and_cue(
    resources: Resources, expected: list[tuple[str, str]], text: str
) -> None:
    """Rules 4 to 6: content without "that", the source's full noun phrase, the verb group."""
    assert expected == claims_of(by_tree(resources, text))


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        (
            "the Harbour Post (told) > Marta Voss (told)",
            "Marta Voss told the Harbour Post that the dam is leaking.",
        ),
        (
            "the Harbour Post (told) > Marta Voss (told)",
            "The dam is leaking, Marta Voss told the Harbour Post.",
        ),
        (
            "the Harbour Post (cited by) > officials (According to)",
            "According to officials cited by the Harbour Post, the dam is leaking.",
        ),
        (
            "the Harbour Post (seen by) > a report (according to)",
            "The dam is leaking, according to a report seen by the Harbour Post.",
        ),
        (
            "The Harbour Post (reported) > two officials (citing)",
            "The Harbour Post reported, citing two officials, that the dam is leaking.",
        ),
        (
            "The Harbour Post (quoted) > two officials (saying)",
            "The Harbour Post quoted two officials as saying that the dam is leaking.",
        ),
        ("The Harbour Post (reported)", "The Harbour Post reported that the dam is leaking."),
    ],
)
def test_relays_stand_outside(resources: Resources, expected: str, text: str) -> None:
    """Rule 5: who passes the words on is outermost, who claims is innermost."""
    found = by_tree(resources, text)
    ((chain, content),) = claims_of(found)
    assert (expected, "the dam is leaking") == (chain, content.lower())
    roles = [link.role for link in found.claims[0].attribution.chain]
    assert ["relay"] * (len(roles) - 1) + ["speaker"] == roles


@pytest.mark.parametrize(
    ("kind", "source", "content", "text"),
    [
        ("direct", VOSS, "The dam is safe", "“The dam is safe,” Marta Voss said."),
        ("direct", VOSS, "The dam is safe", "Marta Voss said: “The dam is safe.”"),
        (
            "mixed",
            VOSS,
            "the dam was “completely safe” after the repair",
            "Marta Voss said the dam was “completely safe” after the repair.",
        ),
        ("indirect", VOSS, "the dam is safe", "Marta Voss said the dam is safe."),
        (
            "indirect",
            "Marta Voss (wrote)",
            "The dam is a danger",
            "The dam is a danger, Marta Voss wrote.",
        ),
        (
            "paraphrase",
            "Marta Voss (stressed)",
            "the long history of the dam",
            "Marta Voss stressed the long history of the dam.",
        ),
        (
            "paraphrase",
            "Marta Voss (underlined)",
            "the need for repairs",
            "Marta Voss underlined the need for repairs.",
        ),
        (
            "paraphrase",
            "Marta Voss (announced)",
            "the closure of the dam",
            "Marta Voss announced the closure of the dam.",
        ),
        (
            "paraphrase",
            "Marta Voss (described)",
            "the dam as a danger",
            "Marta Voss described the dam as a danger.",
        ),
        (
            "paraphrase",
            "Marta Voss (called)",
            "the dam a danger",
            "Marta Voss called the dam a danger.",
        ),
        (
            "paraphrase",
            "Prosecutors (accused)",
            "the company of fraud",
            "Prosecutors accused the company of fraud.",
        ),
        (
            "paraphrase",
            "Marta Voss (complained about)",
            "the noise",
            "Marta Voss complained about the noise.",
        ),
    ],
)
def test_attribution_has_its_kind(
    resources: Resources, kind: str, source: str, content: str, text: str
) -> None:
    """Rule 7: quoted whole or in part, a clause, or a noun phrase."""
    found = by_tree(resources, text)
    assert [(source, content)] == claims_of(found)
    assert kind == found.claims[0].attribution.kind


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        (
            [("Marta Voss (surmised)", "the dam was old")],
            "Marta Voss surmised that the dam was old.",
        ),
        (
            [("An attorney, Jan Lind (streesed)", "the dam was old")],
            "An attorney, Jan Lind, streesed that the dam was old.",
        ),
        (
            [("She (made it clear)", "the deal was dead")],
            "She made it clear that the deal was dead.",
        ),
        ([("her (In her view)", "the deal is dead")], "In her view, the deal is dead."),
        (
            [("Critics (see)", "the vote as a chance to fix the dam")],
            "Critics see the vote as a chance to fix the dam.",
        ),
        (
            [("- (was accused)", "Jan Lind ... of using the money for himself")],
            "Jan Lind was accused of using the money for himself.",
        ),
        ([("- (is said)", "He ... to be in hiding")], "He is said to be in hiding."),
        ([("friends (was said)", "She ... to be ill")], "She was said by friends to be ill."),
        ([("- (were warned)", "boil their water")], "Residents were warned to boil their water."),
        ([("- (claims)", "officials lied")], "The report comes amid claims that officials lied."),
        (
            [("analysts (described)", "a gift to banks")],
            "The deal, described by analysts as a gift to banks, was signed.",
        ),
        (
            [("a poll (found) > Most voters (want)", "the tax cut")],
            "Most voters want the tax cut, a poll found.",
        ),
        (
            [("Engineers (have not said)", "when they would mend the dam")],
            "Engineers have not said when they would mend the dam.",
        ),
        (
            [("The council (has yet to say)", "it will pay")],
            "The council has yet to say whether it will pay.",
        ),
        (
            [("Marta Voss (said)", "the dam failed, because the gates had been left open")],
            "Marta Voss said the dam failed, because the gates had been left open.",
        ),
        (
            [("Voss (explained)", "These engineers ... were badly paid")],
            "These engineers, Voss explained earlier in the hearing, were badly paid.",
        ),
        (
            [("Her brief (noted) > published reports (alleging)", "he had lied")],
            "Her brief noted published reports alleging that he had lied.",
        ),
        (
            [("The firm (proposes)", "cutting 300 jobs")],
            "The firm proposes cutting 300 jobs.",
        ),
        ([("Voss (called)", "the plan “mad”")], "Voss called the plan “mad”."),
        (
            [("Voss (said)", "The farmers want our water")],
            "“The farmers want our water,” Voss said.",
        ),
        (
            [
                ("Voss (said)", "The farmers left their fields"),
                ("Voss (said)", "to save their cattle"),
            ],
            "“The farmers left their fields” to save their cattle, Voss said.",
        ),
    ],
)
def test_less_usual_report_is_found(
    resources: Resources, expected: list[tuple[str, str]], text: str
) -> None:
    """Unlisted verbs, idioms, hearsay, what was left unsaid, and reasons that are the source's."""
    assert expected == [claim for claim in claims_of(by_tree(resources, text)) if claim[0]]


@pytest.mark.parametrize(
    "text",
    [
        "The study failed to note that the rivers were dry.",
        "The council ensured that the dam was mended.",
        "He declined to threaten the farmers or to declare them guilty.",
        "That dismissed those reports.",
    ],
)
def test_deed_is_no_report(resources: Resources, text: str) -> None:
    """What was left undone, brought about or pointed at by "that" has no source."""
    assert [""] == [source for source, _ in claims_of(by_tree(resources, text))]


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        ("certain", "The plan is dead."),
        ("certain", "Two suspects left the country."),
        ("certain", "Jan Lind appeared in court on Monday."),
        ("probable", "The plan appears to be dead."),
        ("probable", "The council plans to cut 300 jobs."),
    ],
)
def test_hedge_is_told_from_its_homograph(resources: Resources, expected: str, text: str) -> None:
    """A noun or a literal verb that looks like a hedge lowers nothing."""
    assert [expected] == [claim.confidence for claim in by_tree(resources, text).claims]
