"""agent/engines/openai.py against the embedded server's own answers, recorded.

`make record` starts that server with the real model and records anew; a replay needs neither.
A request that a recording doesn't hold shows as Unavailable: prompt, grammar or schema changed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import vcr
from vcr.cassette import Cassette
from vcr.request import Request as WireRequest

from agent import by_document, by_passage
from agent.document import Article, Document, read_document
from agent.engine import Abilities, Message, Reply, Request
from agent.engines.openai import OpenAIEngine
from agent.engines.weights import CATALOGUE, MODEL, find
from agent.errors import BadReply, Refused
from agent.files import load_prompts, load_resources
from agent.passages import prepare, voices
from agent.prompt import Prompt
from agent.schema import DocumentDraft
from agent.settings import Settings

pytestmark = pytest.mark.cassette

FOLDER = Path(__file__).parent / "cassettes"
CASSETTES = sorted(FOLDER.glob("*.yaml"))
NOWHERE = "http://127.0.0.1:9/v1"  # where a replay would go if it went anywhere
ANY_MODEL = "any"  # the embedded server has one and doesn't look
SERVED_MODEL = Path(CATALOGUE[MODEL].file).stem
ABLE = Abilities(grammar=True, logprobs=True, context_tokens=8192)
KEPT_HEADERS = {"content-type"}  # the others tell about the machine and the day
MAX_CASSETTE_BYTES = 100_000

ARTICLE = """Lamp fails at Orrin Point

The keeper, Ines Moro, climbed the dark tower with a torch on Friday.

“Nobody slept that night. We kept a fire on the rocks until dawn.”
"""
SHORT_ARTICLE = (
    "The lamp at Orrin Point failed on Friday. It may stay dark until May, keeper Ines Moro said."
)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where the engine under test sends its requests."""

    base_url: str
    api_key: str


@pytest.fixture(scope="module")
def endpoint(record_mode: str, weights_cache: Path) -> Iterator[Endpoint]:
    """The embedded server while a cassette is recorded; in a replay nobody listens there."""
    if record_mode == "none":
        yield Endpoint(NOWHERE, "the-key-of-a-replay")
        return
    from agent.engines.local import LocalEngine

    path = find(MODEL, weights_cache)
    assert path is not None, "run `sayso models fetch` first"
    with LocalEngine(path, sha256=CATALOGUE[MODEL].sha256) as local:
        client = local._engine._client
        yield Endpoint(str(client.base_url), client.api_key)


@contextmanager
def cassette(name: str, record_mode: str) -> Iterator[Cassette]:
    """Play the recording, all of it, or record it anew, nothing of the old one kept."""
    path = FOLDER / f"{name}.yaml"
    if record_mode == "all":
        path.unlink(missing_ok=True)
    recorder = vcr.VCR(
        record_mode=record_mode,
        match_on=("method", "path", "body"),
        filter_headers=["authorization"],
        before_record_request=_bare_request,
        before_record_response=_bare_response,
        decode_compressed_response=True,
        record_on_exception=False,
    )
    with recorder.use_cassette(path) as played:
        yield played
    assert record_mode == "all" or played.all_played


def _bare_request(request: WireRequest) -> WireRequest:
    request.headers = {k: v for k, v in request.headers.items() if k.lower() in KEPT_HEADERS}
    return request


def _bare_response(response: dict[str, Any]) -> dict[str, Any]:
    kept = {k: v for k, v in response["headers"].items() if k.lower() in KEPT_HEADERS}
    return response | {"headers": kept}


def ask(endpoint: Endpoint, request: Request) -> Reply:
    engine = OpenAIEngine(ANY_MODEL, endpoint.base_url, endpoint.api_key, abilities=ABLE)
    try:
        return engine.ask(request)
    finally:
        engine.close()


def sent(played: Cassette) -> dict[str, Any]:
    """Return the body of the one request."""
    (request,) = played.requests
    body: dict[str, Any] = json.loads(request.body)
    return body


def came(played: Cassette) -> dict[str, Any]:
    """Return the body of the one response."""
    (response,) = played.responses
    body: dict[str, Any] = json.loads(response["body"]["string"])
    return body


def on_the_wire(messages: tuple[Message, ...]) -> list[dict[str, str]]:
    """Return messages as the API wants them."""
    return [{"role": message.role, "content": message.content} for message in messages]


# ---- the passage way: a grammar and log-probabilities -------------------------------------------


@pytest.fixture(scope="module")
def document() -> Document:
    """The article that the passage way asks about."""
    return read_document(Article(ARTICLE))


@pytest.fixture(scope="module")
def prompts() -> dict[str, Prompt]:
    """The newest prompts."""
    return load_prompts()


@pytest.fixture(scope="module")
def questions(document: Document, weights_cache: Path) -> dict[str, by_passage.Question]:
    """What the passage way asks about the article, one question for each task."""
    resources = load_resources(Settings(cache_dir=weights_cache))
    passages = prepare(document, resources.parse, resources.lexicon)
    speakers = voices(document, passages)
    asked = by_passage.open_questions(document, passages, speakers, dict(resources.prompts))
    assert ["attribution", "speaker"] == [question.task for question in asked]
    return {question.task: question for question in asked}


@pytest.mark.parametrize(
    ("task", "answer"), [("attribution", None), ("speaker", "Ines Moro")], ids=str
)
def test_cassette_grammar_question_is_answered_from_the_text(
    task: str,
    answer: str | None,
    questions: dict[str, by_passage.Question],
    document: Document,
    endpoint: Endpoint,
    record_mode: str,
) -> None:
    """A question held by a grammar brings words of the article, with their log-probabilities."""
    question = questions[task]
    with cassette(task, record_mode) as played:
        reply = ask(endpoint, question.request)
    wire = came(played)
    assert ("grammar", SERVED_MODEL, "stop") == (reply.mode, reply.model, reply.finish_reason)
    assert wire["choices"][0]["message"]["content"] == reply.text
    assert "".join(token.token for token in reply.tokens) == reply.text
    assert all(token.logprob <= 0 for token in reply.tokens)
    assert {5} == {len(token.alternatives) for token in reply.tokens}
    read = by_passage.read_answer(question, reply, document.text)
    assert ([answer] if answer else []) == [e.of(document.text) for e in read.extents]


@pytest.mark.parametrize("task", ["attribution", "speaker"])
def test_cassette_grammar_question_goes_out_as_rendered(
    task: str,
    questions: dict[str, by_passage.Question],
    prompts: dict[str, Prompt],
    endpoint: Endpoint,
    record_mode: str,
) -> None:
    """The messages on the wire are the prompt's own, the grammar and the limits beside them."""
    request = questions[task].request
    expected = prompts[task].render({})
