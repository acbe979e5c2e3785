"""What an endpoint sends, in our terms (agent/engines/openai_replies.py)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import instructor.core.exceptions
import openai
import pytest

from agent.engines.openai_replies import TRANSLATIONS, context_in, translate
from agent.errors import AgentError, BadReply

# ---- the context ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expected", "listed"),
    [
        pytest.param(4096, {"data": [{"id": "x", "meta": {"n_ctx": 4096}}]}, id="only one"),
        pytest.param(
            None, {"data": [{"id": "x", "n_ctx": 1}, {"id": "y", "n_ctx": 2}]}, id="others"
        ),
        pytest.param(2, {"data": [{"id": "x", "n_ctx": 1}, {"id": "m", "n_ctx": 2}]}, id="by name"),
        pytest.param(
            7, {"data": [{"id": "m", "meta": None, "context_length": 7}]}, id="OpenRouter"
        ),
        pytest.param(None, {"data": [{"id": "m", "meta": {"n_ctx_train": 9}}]}, id="of training"),
        pytest.param(None, {"data": [{"id": "m", "n_ctx": "9"}]}, id="a string"),
        pytest.param(None, {"data": [{"id": "m", "n_ctx": True}]}, id="a truth value"),
        pytest.param(None, {"data": [{"id": "m", "n_ctx": 0}]}, id="nothing at all"),
        pytest.param(None, {"data": ["m"]}, id="names"),
        pytest.param(None, {"data": {"m": 1}}, id="an object"),
        pytest.param(None, {}, id="empty"),
        pytest.param(None, [], id="a list"),
        pytest.param(None, None, id="null"),
    ],
)
def test_context_in_a_list_of_models(expected: int | None, listed: object) -> None:
    """Only a count of tokens that is told for this model is taken."""
    assert expected == context_in(listed, "m")


# ---- the table ------------------------------------------------------------------------------


def subclasses(class_: type[Exception]) -> Iterator[type[Exception]]:
    """Yield a class and all that come from it."""
    yield class_
    for child in class_.__subclasses__():
        yield from subclasses(child)


PUBLIC_ERRORS = sorted(
    {
        value
        for module in (openai, instructor.core.exceptions)
        for name, value in list(vars(module).items())
        if isinstance(value, type) and issubclass(value, Exception) and name[0] != "_"
    },
    key=lambda class_: class_.__name__,
)
ALL_ERRORS = {
    *subclasses(openai.OpenAIError),
    *subclasses(instructor.core.exceptions.InstructorError),
}


@pytest.mark.parametrize("class_", PUBLIC_ERRORS, ids=str)
def test_every_public_error_of_the_sdks_is_in_the_table(class_: type[Exception]) -> None:
    """A release that brings a new error fails here until the table names it."""
    assert class_ in TRANSLATIONS


def test_walk_over_the_sdks_errors_finds_what_it_should() -> None:
    """The walk isn't empty: well-known errors of both SDKs are on it."""
    known = {openai.RateLimitError, instructor.core.exceptions.InstructorRetryException}
    assert known <= set(PUBLIC_ERRORS)
    assert known <= ALL_ERRORS


@pytest.mark.parametrize("class_", sorted(ALL_ERRORS, key=str))
def test_no_error_of_the_sdks_comes_through_untranslated(class_: type[Exception]) -> None:
    """Private errors too come from a class of the table, by which they are translated."""
    assert any(parent in TRANSLATIONS for parent in class_.__mro__)


def test_unknown_error_becomes_a_bad_reply() -> None:
    """What instructor hides and no table knows is still one of ours."""
    assert issubclass(BadReply, AgentError)
    assert BadReply is type(translate(KeyError("x"), "host"))


def test_table_has_the_special_case_before_the_general() -> None:
    """Each class is found under its own name, not its parent's."""
    for child, parent in pairwise((openai.APITimeoutError, openai.APIConnectionError)):
        assert TRANSLATIONS[child] is not TRANSLATIONS[parent]
