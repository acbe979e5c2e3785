"""Whom a headline names beside what it says (agent/headlines.py)."""

from __future__ import annotations

import pytest

from agent.extract import Resources
from readings import by_tree, claims_of

BODY = "\n\nThe dam was the talk of Selby on Monday. It had been a long day for everybody there."


@pytest.mark.parametrize(
    ("attribution", "content", "headline"),
    [
        ("mayor (says)", "Dam to close", "Dam to close, says mayor"),
        ("mayor (:)", "Dam will close", "Dam will close: mayor"),
        ("report (-)", "Selby to cut 500 jobs", "Selby to cut 500 jobs - report"),
        ("Police (:)", "Man Shot Wife After Row", "Police: Man Shot Wife After Row"),
        ("Study (:)", "Coffee may cut risk of stroke", "Study: Coffee may cut risk of stroke"),
        ("ex-aide (claims)", "Mayor 'knew about leak", "Mayor 'knew about leak', ex-aide claims"),
        ("sources (say)", "Selby in talks to buy dam", ("Exclusive: Selby in talks to buy dam, "
         "sources say")),
        ("", "Bank of Selby expected to close", "Bank of Selby expected to close"),
        ("", "Why the dam must stay", "Opinion: Why the dam must stay"),
        ("", "Selby floods: hundreds flee homes", "Selby floods: hundreds flee homes"),
    ],
)  # fmt: skip
def test_headline_gives_its_source(
    resources: Resources, attribution: str, content: str, headline: str
) -> None:
    """A source before or after the words; a topic, a kicker and a passive without "is" are none."""
    found = by_tree(resources, headline + BODY)
    own = [pair for pair, c in zip(claims_of(found), found.claims, strict=True)
           if c.zone == "headline"]  # fmt: skip
    assert [(attribution, content)] == own
