"""From passages to findings (agent/findings.py).

Rules of docs/guidelines.md on short sentences, with the real parser.
"""

from __future__ import annotations

import pytest

from agent.extract import Resources
from readings import by_tree, claims_of, words


@pytest.mark.parametrize(
    ("topic", "text"),
    [
        ("the leak", "Marta Voss declined to comment on the leak."),
        ("what caused the leak", "Officials do not know what caused the leak."),
        ("the dam was safe", "Marta Voss asked whether the dam was safe."),
        (None, "Marta Voss denied that the dam is leaking."),
        (None, "Marta Voss hopes that the dam will hold."),
    ],
)
def test_non_answer_has_a_topic(resources: Resources, topic: str | None, text: str) -> None:
    """Rule 9: what a question or a non-answer is about is marked; other acts have no topic."""
    (claim,) = by_tree(resources, text).claims
    assert topic == (claim.topic and claim.topic.text)


def test_headline_is_read_and_furniture_is_not(resources: Resources) -> None:
    """Rules 10 and 11: a headline gives claims of its zone; bylines and buttons give none."""
    text = (
        "Dam breaks after rain\n\nBy Ann Lee\n\nSELBY, 4 March 2024: The dam broke on Monday.\n\n"
        "Share this article"
    )
    found = by_tree(resources, text)
    assert [("headline", "Dam breaks after rain"), ("body", "The dam broke on Monday")] == [
        (claim.zone, words(claim.content)) for claim in found.claims
    ]


def test_headline_names_its_source_behind_a_colon(resources: Resources) -> None:
    """Rule 6: a colon is the cue of who stands behind it."""
    found = by_tree(resources, "Dam breaks after rain: council\n\nThe dam broke on Monday.")
    assert ("council (:)", "Dam breaks after rain") == claims_of(found)[0]


def test_subheading_without_a_verb_claims_nothing(resources: Resources) -> None:
    """A label of what follows is no statement; a subheading that says something is."""
    text = "Dam breaks\n\nThe dam broke, and Selby was under water.\n\n{}\n\nIt had been old."
    zones = [
        [c.zone for c in by_tree(resources, text.format(sub)).claims if c.zone == "subheading"]
        for sub in ("Hostage swap", "Farmers lost their money")
    ]
    assert [[], ["subheading"]] == zones


@pytest.mark.parametrize(
    ("attribution", "content", "text"),
    [
        ("secret papers (show)", "The warden tried to stop it",
         "The warden tried to stop it because she feared it would break, secret papers show."),
        ("secret papers (show) > she (feared)", "it would break",
         "The warden tried to stop it because she feared it would break, secret papers show."),
        ("LakeTV (told) > Marta Voss, a warden (told)", "the dam was safe",
         "Marta Voss, a warden, told LakeTV that the dam was safe."),
        ("- (is said) > Marta Voss (to believe)", "the dam was a mistake",
         "Marta Voss, who was warden until May, is said to believe that the dam was a mistake."),
        ("Mr Hall (said) > She (told)", "she was a nurse",
         "Mr Hall said: “She told us she was a nurse and was keen to help.”"),
        ("Mr Hall (said) > She (told)", "was keen to help",
         "Mr Hall said: “She told us she was a nurse and was keen to help.”"),
        ("LakeTV (reported) > two farmers (citing)", "the dam had failed",
         "LakeTV reported Tuesday, citing two farmers, that the dam had failed."),
        ("a paper in the Lake Herald (According to) > two farmers (cited)", "the dam had failed",
         "According to a paper in the Lake Herald, which cited two farmers, the dam had failed."),
        ("the Herald (cited by) > farmers in the area (according to)", "The dam had failed",
         "The dam had failed, according to farmers in the area cited by the Herald."),
        ("the Herald (was quoted) > Marta Voss (saying)", "the dam was safe",
         "Marta Voss was quoted by the Herald as saying that the dam was safe."),
        ("state television (was quoted) > Marta Voss (was quoted as saying)", "The dam is safe",
         "“The dam is safe,” Marta Voss was quoted as saying by state television."),
        ("- (is reported) > Hall (to have told friends he wants)", "leave",
         "Hall is reported to have told friends he wants to leave."),
        ("The club (said)", "the dam may break", "The club said Thursday the dam may break."),
        ("a farmer (recalled)", "ran", "“We heard a loud noise and ran,” a farmer recalled."),
        ("Hall (dismissed)", "false a report that he had resigned",
         "Hall dismissed as false a report that he had resigned."),
        ("the club (denies)", "this",
         "The Herald claimed that the club had paid, although the club denies this."),
        ("The state agency (issued a report on Sunday saying)", "guards had shot at farmers",
         "The state agency issued a report on Sunday saying guards had shot at farmers."),
        ("Their owners (issued a statement stressing)", "their stance that Hall will not be sold",
         "Their owners issued a statement stressing their stance that Hall will not be sold."),
        ("Marta Voss (said)", "Not at all",
         "Asked if the dam was close to breaking, Marta Voss said: “Not at all”."),
        ("local media (quoted) > her (quoted her as saying)", "We have a lot of dams",
         "“We have a lot of dams,” local media quoted her as saying."),
        ("The farmers (said)", "if the price falls, Hall might sell it in May",
         "The farmers said if the price falls, Hall might sell it in May."),
        ("the warden (termed)", "the allegations as fabricated and baseless",
         "Speaking in Selby, the warden termed the allegations as fabricated and baseless."),
        ("Voss (denied)", "the warden had been held",
         "Voss denied that the warden had been held, as her club claimed to the press."),
        ("Hall (said)", "I have nothing to add",
         "Hall thanked the farmers, and said of the dam: “I have nothing to add.”"),
        ("a farm official (said)", "Experts are there",
         "Experts are there, a farm official said yesterday, as Selby confirmed a death."),
        ("Selby (said)", "the Club of Law does not exist",
         "Selby said it never gives the title of 'lady' and the Club of Law does not exist."),
        ("The warden (feared)", "the plan would lead to a “can’t fail” mentality among farmers",
         "The warden feared the plan would lead to a “can’t fail” mentality among farmers."),
        ("The warden (asked for)", "its start to be delayed",
         "The warden did not like the plan, and asked for its start to be delayed."),
        ("", "All the farmers were so angry that they were still arguing",
         "All the farmers were so angry that they were still arguing over which way was up."),
        ("", "The search seems certain to end on Monday, focused on finding the boat",
         "The search seems certain to end on Monday, focused on finding the boat."),
        ("the statement (read) > The club (confirms)", "repairs have begun",
         "The club confirms that repairs have begun, the statement read."),
        ("Hall (described)", "how he had climbed out of the boat",
         "Hall described how he had climbed out of the boat."),
        ("The farmers (suspect) > it (wants)", "sell the dam",
         "The farmers suspect it wants to sell the dam."),
        ("The club (believes)", "the warden is trying to sell the dam",
         "The club believes the warden is trying to sell the dam, a charge Marta Voss denies."),
        ("Marta Voss (denies)", "a charge",
         "The club believes the warden is trying to sell the dam, a charge Marta Voss denies."),
        ("Marta Voss (rejected)", "a claim",
         "The flood killed two men, a claim Marta Voss rejected."),
        ("The club (has neither confirmed)", "it sold the dam",
         "The club has neither confirmed nor denied that it sold the dam."),
        ("Marta Voss (no immediate comment from)", "the leak",
         "There was no immediate comment from Marta Voss on the leak."),
        ("The club (had no immediate comment on)", "the leak",
         "The club had no immediate comment on the leak."),
        ("Selby (says)", "its dams are old",
         "Selby, which says its dams are old, shut one on Monday, according to the Herald."),
        ("Mr Hall (insisting)", "she was wrong",
         "On Monday Mr Hall wrote to her insisting she was wrong."),
        ("The warden (accused)",
         "farmers of hiding cattle and disrupting a plan to move them",
         "The warden accused farmers of hiding cattle and disrupting a plan to move them."),
        ("Marta Voss (claimed)", "to be a member of the lake club",
         "Marta Voss, who lives near Selby, also claimed to be a member of the lake club."),
        ("Marta Voss (expressed her thanks)", "her thanks",
         "Marta Voss expressed her thanks on Sunday."),
        ("", "The farmers were fined", "The farmers were fined and lost two fields."),
        ("", "lost two fields", "The farmers were fined and lost two fields."),
        ("", "Chances of finding anyone alive were remote",
         "Chances of finding anyone alive were remote."),
        ("", "it would act with the warden",
         "The club adopted a rule, meaning it would act with the warden."),
        ("she (told)", "She had “no choice but to go ahead”",
         "She had “no choice but to go ahead”, she told friends."),
    ],
)  # fmt: skip
def test_claim_has_its_words_and_its_source(
    resources: Resources, attribution: str, content: str, text: str
) -> None:
    """Rules 2, 4 and 5: a proposition is whole, and stands behind the one who puts it forward."""
    assert (attribution, content) in claims_of(by_tree(resources, text))


def test_clause_that_only_attributes_claims_nothing(resources: Resources) -> None:
    """Whoever writes to somebody insisting that something is so claims the one thing only."""
    text = "On Monday Mr Hall wrote to her insisting she was wrong."
    assert 1 == len(by_tree(resources, text).claims)
