"""ScriptedEngine: the engine that tests are written with."""

from __future__ import annotations

import pytest
from pydantic import BaseModel

from agent.engine import Abilities, Identity, Message, Reply, Request, Usage
from agent.engines.scripted import ScriptedEngine
from agent.errors import Refused


class Empty(BaseModel):
    """Nothing."""


HI = Request((Message("user", "hi"),))


def test_script_answers_in_order_and_records_requests() -> None:
    """A list's strings become replies, its replies come as they are."""
    reply = Reply("b", "m", "tools", Usage(calls=3))
    engine = ScriptedEngine(["a", reply])
    assert "a" == engine.ask(HI).text
    assert reply is engine.ask(HI)
    assert [HI, HI] == engine.requests


def test_script_may_be_a_function() -> None:
    """A function sees the request."""
    engine = ScriptedEngine(lambda request: request.messages[-1].content.upper())
    assert "HI" == engine.ask(HI).text


def test_script_raises_its_exceptions() -> None:
    """An exception in the script is raised, and the request recorded."""
    engine = ScriptedEngine([Refused("no")])
    with pytest.raises(Refused, match="no"):
        engine.ask(HI)
    assert [HI] == engine.requests


def test_script_that_runs_out_says_so() -> None:
    """One question too many names the question."""
    engine = ScriptedEngine(["a"])
    engine.ask(HI)
    with pytest.raises(AssertionError, match="holds 1 answers and one more was asked for: 'hi'"):
        engine.ask(HI)


@pytest.mark.parametrize(
    ("mode", "request_"),
    [
        ("text", HI),
        ("grammar", Request(HI.messages, grammar="g")),
        ("json_schema", Request(HI.messages, schema=Empty)),
    ],
)
def test_script_tells_a_mode_and_one_call(mode: str, request_: Request) -> None:
    """A string's reply says how it would have been enforced, and costs one call."""
    reply = ScriptedEngine(["{}"]).ask(request_)
    assert (mode, 1, ["ok"]) == (
        reply.mode,
        reply.usage.calls,
        [attempt.outcome for attempt in reply.attempts],
    )


def test_script_has_the_identity_and_abilities_given() -> None:
    """Both can be set, so that a test chooses the way to read."""
    abilities = Abilities(grammar=False, logprobs=True, context_tokens=10)
    engine = ScriptedEngine([], abilities=abilities, identity=Identity("scripted", "other"))
    assert (abilities, "other") == (engine.abilities, engine.identity.model)
