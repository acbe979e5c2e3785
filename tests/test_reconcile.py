"""A model's list held against the trees (agent/reconcile.py), read with the real parser."""

from __future__ import annotations

from typing import Any

import pytest

from agent.extract import Resources
from readings import by_list, claims_of, draft, labels_of

LEE = ("Ann Lee", "said")

# ---- contents ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expected", "text", "claim"),
    [
        pytest.param(
            ["the bridge would close on Monday"],
            "Ann Lee said the bridge would close on Monday.",
            draft("would close on Monday", LEE),
            id="nearly the clause",
        ),
        pytest.param(
            ["rose"],
            "Ann Lee said the lake rose by two metres within a single week.",
            draft("rose", LEE),
            id="far from the clause",
        ),
        pytest.param(
            ["the lake rose in March", "froze in May"],
            "Ann Lee said the lake rose in March and froze in May.",
            draft("the lake rose in March and froze in May", LEE),
            id="two clauses",
        ),
        pytest.param(
            ["The leak “could take months” to mend"],
            "The leak “could take months” to mend, Ann Lee said.",
            draft("could take months", LEE),
            id="a quoted part",
        ),
        pytest.param(
            ["We will mend it in May"],
            "“We will mend it in May,” Ann Lee said.",
            draft("mend it", LEE),
            id="a part of a quotation",
        ),
    ],
)
def test_content_is_widened_to_its_clause(
    resources: Resources, expected: list[str], text: str, claim: dict[str, Any]
) -> None:
    """A content that is nearly a clause, or stands in a quotation, is read as the clause."""
    found = by_list(resources, text, claim)
    assert [("Ann Lee (said)", content) for content in expected] == claims_of(found)


@pytest.mark.parametrize(
    ("expected", "claim"),
    [
        pytest.param("Ann Lee (said)", draft("Ann Lee said that the lake rose", LEE), id="that"),
        pytest.param("Ann Lee (said)", draft("Ann Lee said that the lake rose"), id="no source"),
        pytest.param(
            "the Herald (wrote) > Ann Lee (said)",
            draft("Ann Lee said that the lake rose", ("the Herald", "wrote")),
            id="a source that quotes another",
        ),
        pytest.param("Ann Lee (said)", draft("said that the lake rose", LEE), id="cue only"),
    ],
)
def test_content_is_cut_down_to_what_is_said(
    resources: Resources, expected: str, claim: dict[str, Any]
) -> None:
    """A content that holds a source or its cue loses them, and no source is lost by it."""
    found = by_list(resources, "Ann Lee said that the lake rose, the Herald wrote.", claim)
    assert [(expected, "the lake rose")] == claims_of(found)


@pytest.mark.parametrize(
    ("expected", "text", "claim"),
    [
        pytest.param(
            [("Residents (are furious)", "the library will shut at weekends")],
            "Residents are furious that the library will shut at weekends.",
            draft(
                "Residents are furious that the library will shut at weekends",
                ("Residents", "are furious that"),
            ),
            id="before",
        ),
        pytest.param(
            [("a leaflet (is how it reads in)", "The lake is to be drained")],
            "The lake is to be drained, is how it reads in a leaflet.",
            draft(
                "The lake is to be drained, is how it reads in a leaflet",
                ("a leaflet", "is how it reads in"),
            ),
            id="after",
        ),
        pytest.param(
            [("she (said)", "He said no")],
            "“He said no,” she said.",
            draft("He said no", ("she", "said")),
            id="not in the speaker's own words",
        ),
    ],
)
def test_content_is_cut_by_the_models_own_words(
    resources: Resources, expected: list[tuple[str, str]], text: str, claim: dict[str, Any]
) -> None:
    """Where the lexicon knows no cue, the one that the model names is cut off all the same."""
    assert expected == claims_of(by_list(resources, text, claim))


@pytest.mark.parametrize(
    ("reason", "claim"),
    [
        pytest.param("only tell who", draft("Ann Lee said", LEE), id="the attribution alone"),
        pytest.param("only tell who", draft("the Selby Post reported that"), id="without a source"),
        pytest.param(
            "a clause, not somebody",
            draft("it froze in May", ("the lake rose by two metres", "said")),
            id="a claim for a source",
        ),
    ],
)
def test_claim_that_can_not_be_meant_is_rejected(
    resources: Resources, reason: str, claim: dict[str, Any]
) -> None:
    """What only attributes is no claim, and a clause speaks nothing: both are shown as rejected."""
    text = "Ann Lee said the lake rose by two metres, the Selby Post reported that it froze in May."
    found = by_list(resources, text, claim)
    (lost,) = found.rejected
    assert ("check", True, []) == (lost.stage, reason in lost.reason, found.claims)
    assert claim["content"] == lost.strings[0]


@pytest.mark.parametrize(
    "name", ["A man who asked not to be named", "Police spokesman Jim Rose", "they"]
)
def test_source_that_is_somebody_stays(resources: Resources, name: str) -> None:
    """A verb within a noun phrase, or a name that looks like one, makes no clause."""
    text = f"{name} said that the lake rose."
    found = by_list(resources, text, draft("the lake rose", (name, "said")))
    assert [(f"{name} (said)", "the lake rose")] == claims_of(found)


def test_source_gets_its_full_phrase(resources: Resources) -> None:
    """A short name in the tree's own clause becomes the noun phrase that stands there."""
    text = "The firm’s new chief, Lena Moor, said that she had signed it. Lena Moor left."
    found = by_list(resources, text, draft("she had signed it", ("Lena Moor", "said")))
    whole = "The firm’s new chief, Lena Moor (said)"
    assert [(whole, "she had signed it"), ("", "Lena Moor left")] == claims_of(found)


def test_source_of_another_name_stays(resources: Resources) -> None:
    """A pronoun that is only letters of the tree's phrase isn't taken for it."""
    text = "He left. The mayor said the lake rose."
    found = by_list(resources, text, draft("the lake rose", ("He", "said")))
    assert ("He (said)", "the lake rose") in claims_of(found)


# ---- what the list leaves open -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("expected", "text", "claims"),
    [
        pytest.param(
            [("", "Trains ran late"), ("", "30 people were hurt")],
            "Trains ran late, and 30 people were hurt.",
            [],
            id="nothing listed",
        ),
        pytest.param(
            [("", "Trains ran late"), ("", "30 people were hurt")],
            "Trains ran late, and 30 people were hurt.",
            [draft("30 people were hurt")],
            id="one of two",
        ),
        pytest.param(
            [("", "Trains ran late")],
            "Trains ran late. Ann Lee said that 30 people were hurt.",
            [],
            id="an attribution is the model's business",
        ),
        pytest.param(
            [("Residents (are furious)", "the library will shut")],
            "Residents are furious that the library will shut.",
            [draft("the library will shut", ("Residents", "are furious"))],
            id="no clause around a claim",
        ),
        pytest.param(
            [("", "Trains ran late")],
            "Trains ran late.",
            [draft("Trains ran late", ("the mayor", "said"))],
            id="a source that isn't there",
        ),
    ],
)
def test_own_claims_are_read_where_the_list_lacks_them(
    resources: Resources,
    expected: list[tuple[str, str]],
    text: str,
    claims: list[dict[str, Any]],
) -> None:
    """The clauses that no attribution covers are claims of the article, listed or not."""
    assert expected == claims_of(by_list(resources, text, *claims))


@pytest.mark.parametrize(
    "claims",
    [
        pytest.param([draft("The roof leaks", LEE)], id="its beginning"),
        pytest.param([draft("nobody will pay a cent", LEE)], id="its end"),
        pytest.param([draft("The roof leaks", LEE), draft("We mend it in May")], id="no source"),
        pytest.param(
            [draft("The roof leaks. We mend it in May, and nobody will pay a cent", LEE)], id="all"
        ),
    ],
)
def test_quotation_is_read_to_its_end(resources: Resources, claims: list[dict[str, Any]]) -> None:
    """One claim of a quotation tells who speaks all of it."""
    text = "“The roof leaks. We mend it in May, and nobody will pay a cent,” Ann Lee said."
    assert [
        ("Ann Lee (said)", "The roof leaks"),
        ("Ann Lee (said)", "We mend it in May"),
        ("Ann Lee (said)", "nobody will pay a cent"),
    ] == claims_of(by_list(resources, text, *claims))


def test_quotation_is_nobodys_own_voice(resources: Resources) -> None:
    """A quotation that the model lists without a source has the one that the tree tells."""
    found = by_list(resources, "“The roof leaks,” Ann Lee said.", draft("The roof leaks"))
    assert [("Ann Lee (said)", "The roof leaks")] == claims_of(found)


def test_claim_of_a_source_is_not_the_articles_own_too(resources: Resources) -> None:
    """Words that are listed twice, once without a source, are one claim: the source's."""
    claims = [draft("the lake rose"), draft("the lake rose", LEE)]
    found = by_list(resources, "Ann Lee said the lake rose.", *claims)
    assert [("Ann Lee (said)", "the lake rose")] == claims_of(found)


# ---- labels ------------------------------------------------------------------------------------

FIRM = {"act": "assert", "polarity": "positive", "confidence": "certain"}


@pytest.mark.parametrize(
    ("expected", "text", "content", "source", "fields"),
    [
        pytest.param(
            ("decline", "unknown", "uncommitted"),
            "Ann Lee declined to confirm that the bridge was unsafe.",
            "the bridge was unsafe",
            ("Ann Lee", "declined to confirm"),
            {"act": "deny", "polarity": "negative", "confidence": "certain"},
            id="a declined confirmation is no denial",
        ),
        pytest.param(
            ("disclaim", "unknown", "uncommitted"),
            "“I don't know whether the bridge is safe,” Ann Lee said.",
            "I don't know whether the bridge is safe",
            LEE,
            {"act": "deny", "polarity": "negative", "confidence": "certain"},
            id="not knowing is no denial",
        ),
        pytest.param(
            ("assert", "positive", "possible"),
            "Ann Lee said that the bridge may close.",
            "the bridge may close",
            LEE,
            FIRM,
            id="a hedge that the model missed",
        ),
        pytest.param(
            ("assert", "positive", "possible"),
            "Ann Lee said that the bridge will probably close.",
            "the bridge will probably close",
            LEE,
            {**FIRM, "confidence": "possible"},
            id="the model's weaker level stays",
        ),
        pytest.param(
            ("assert", "negative", "certain"),
            "Ann Lee said that the bridge was not safe.",
            "the bridge was not safe",
            LEE,
            FIRM,
            id="a negation that the model missed",
        ),
        pytest.param(
            ("congratulate", "positive", "probable"),
            "Ann Lee said that the bridge was safe.",
            "the bridge was safe",
            LEE,
            {"act": "congratulate", "polarity": "positive", "confidence": "probable"},
            id="without evidence the model's labels stay",
        ),
        pytest.param(
            ("decline", "unknown", "uncommitted"),
            "Ann Lee shrugged off the bridge.",
            "the bridge",
            ("Ann Lee", "shrugged off"),
            {"act": "decline", "polarity": "negative", "confidence": "certain"},
            id="a non-answer by the model's own word",
        ),
        pytest.param(
            ("assert", "positive", "certain"),
            "Ann Lee said that the bridge, which was built in 1950, may close.",
            "which was built in 1950",
            LEE,
            FIRM,
            id="a hedge of another clause",
        ),
        pytest.param(
            ("assert", "positive", "probable"),
            "Ann Lee, tired after three long years of work and likely to stay on, left.",
            "likely to stay on",
            LEE,
            FIRM,
            id="a hedge in a piece of a clause",
        ),
        pytest.param(
            ("request", "positive", "uncommitted"),
            "Ann Lee lobbied for a bridge.",
            "a bridge",
            ("Ann Lee", "lobbied for"),
            {"act": "request", "polarity": "positive", "confidence": "certain"},
            id="no request is certain",
        ),
    ],
)
def test_label_is_no_firmer_than_the_words(
    resources: Resources,
    expected: tuple[str, str, str],
    text: str,
    content: str,
    source: tuple[str, str],
    fields: dict[str, str],
) -> None:
    """The weakest word decides; where our rules see nothing the model's label stays."""
    found = by_list(resources, text, draft(content, source, **fields))
    assert [expected] == labels_of(found)


def test_words_that_weaken_are_shown(resources: Resources) -> None:
    """Where a hedge decides against the model, it's the hedge that the record names."""
    text = "Ann Lee said that the bridge may close."
    found = by_list(resources, text, draft("the bridge may close", LEE, hedge="bridge"))
    assert [["may"]] == [[cue.text for cue in claim.confidence_cues] for claim in found.claims]


def test_non_answer_has_its_topic(resources: Resources) -> None:
    """A claim that only our rules call a non-answer says what it's about, as others do."""
    text = "Ann Lee declined to confirm that the bridge was unsafe."
    claim = draft("the bridge was unsafe", ("Ann Lee", "declined to confirm"))
    (found,) = by_list(resources, text, claim).claims
    assert "the bridge was unsafe" == (found.topic and found.topic.text)
