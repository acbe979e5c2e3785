"""What an engine is asked and answers (agent/engine.py)."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest
from pydantic import BaseModel

from agent.engine import Identity, Message, Request, Usage, request_key


class Verdict(BaseModel):
    """Yes or no."""

    ok: bool


LOCAL = Identity("local", "f00d", build="b7", mode="grammar")
ASKED = Request(
    (Message("system", "Read."), Message("user", "“Où?”\n")),
    grammar='start: "a"',
    max_tokens=40,
    top_logprobs=5,
    epoch=2,
)
# The rule of docs/design.md, "Keys", carried out by hand: keys sorted, no blanks, non-ASCII kept.
BY_HAND = (
    '{"build":"b7","epoch":2,"grammar":"start: \\"a\\"","kind":"local",'
    '"messages":[["system","Read."],["user","“Où?”\\n"]],"model":"f00d",'
    '"params":{"max_tokens":40,"mode":"grammar","temperature":0.0,"top_logprobs":5},'
    '"schema":null,"v":1}'
)


def test_request_key_is_the_hash_of_canonical_json() -> None:
    """The key of a worked example is the SHA-256 of the JSON that the rule gives."""
    assert hashlib.sha256(BY_HAND.encode()).hexdigest() == request_key(LOCAL, ASKED)


def test_request_key_holds_the_schema_itself() -> None:
    """A schema goes in with all its fields, so a changed description is another key."""
    schema = (
        '{"description":"Yes or no.","properties":{"ok":{"title":"Ok","type":"boolean"}},'
        '"required":["ok"],"title":"Verdict","type":"object"}'
    )
    wanted = BY_HAND.replace('"start: \\"a\\""', "null").replace(
        '"schema":null', f'"schema":{schema}'
    )
    asked = replace(ASKED, grammar=None, schema=Verdict)
    assert hashlib.sha256(wanted.encode()).hexdigest() == request_key(LOCAL, asked)


@pytest.mark.parametrize(
    ("identity", "request_"),
    [
        pytest.param(replace(LOCAL, kind="openai"), ASKED, id="kind"),
        pytest.param(replace(LOCAL, model="beef"), ASKED, id="model"),
        pytest.param(replace(LOCAL, build="b8"), ASKED, id="build"),
        pytest.param(replace(LOCAL, mode="text"), ASKED, id="mode"),
        pytest.param(LOCAL, replace(ASKED, messages=ASKED.messages[::-1]), id="messages"),
        pytest.param(LOCAL, replace(ASKED, grammar=None), id="grammar"),
        pytest.param(LOCAL, replace(ASKED, max_tokens=41), id="max_tokens"),
        pytest.param(LOCAL, replace(ASKED, temperature=0.1), id="temperature"),
        pytest.param(LOCAL, replace(ASKED, top_logprobs=0), id="top_logprobs"),
        pytest.param(LOCAL, replace(ASKED, epoch=3), id="epoch"),
    ],
)
def test_request_key_changes_with_all_that_changes_the_answer(
    identity: Identity, request_: Request
) -> None:
    """Another value of any field that is in the key gives another key."""
    assert request_key(LOCAL, ASKED) != request_key(identity, request_)


def test_usage_adds_up() -> None:
    """Usages add field by field, and a cost is unknown as soon as a part of it is."""
    one = Usage(1, 10, 5, 2, 0.25, 1, 0.5)
    assert Usage(2, 20, 10, 4, 0.5, 2, 1.0) == one + one
    assert (one + Usage(calls=1)).cost_usd is None
