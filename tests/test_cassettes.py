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
from urllib.parse import urlsplit

import pytest
import vcr  # type: ignore[import-untyped]
import yaml  # type: ignore[import-untyped]
from vcr.cassette import Cassette  # type: ignore[import-untyped]
from vcr.request import Request as WireRequest  # type: ignore[import-untyped]

from agent import by_document, by_passage
from agent.document import Article, Document, read_document
from agent.engine import Abilities, Message, Reply, Request
from agent.engines.openai import OpenAIEngine
from agent.engines.weights import CATALOGUE, MODEL, find
from agent.errors import BadReply, Refused
from agent.files import load_prompts, load_resources
from agent.passages import prepare, voices
from agent.schema import DocumentDraft
from agent.settings import Settings

pytestmark = pytest.mark.cassette

FOLDER = Path(__file__).parent / "cassettes"
CASSETTES = ("attribution", "claims", "claims_cut_off", "speaker", "wrong_key")
NOWHERE = "http://127.0.0.1:9/v1"  # where a replay would go if it went anywhere
ANY_MODEL = "any"  # the embedded server has one and doesn't look
SERVED_MODEL = Path(CATALOGUE[MODEL].file).stem
ABLE = Abilities(grammar=True, logprobs=True, context_tokens=8192)
KEPT_HEADERS = {"content-type"}  # the others tell about the machine and the day
MAX_CASSETTE_BYTES = 100_000

ARTICLE = """Lamp fails at Orrin Point

The keeper, Oda Brandt, climbed the dark tower with a torch on Friday.

“Nobody slept that night. We kept a fire on the rocks until dawn.”
"""
SHORT_ARTICLE = (
    "The lamp at Orrin Point failed on Friday. It may stay dark until May, keeper Oda Brandt said."
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
    """Return the answer of the endpoint."""
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


def content_of(played: Cassette) -> str:
    """Return what the model wrote."""
    content: str = came(played)["choices"][0]["message"]["content"]
    return content


def cost_of(played: Cassette) -> tuple[int, int, int]:
    """Return tokens in, out and cached as the server counted them."""
    usage = came(played)["usage"]
    cached = usage["prompt_tokens_details"]["cached_tokens"]
    return usage["prompt_tokens"], usage["completion_tokens"], cached


def cost(reply: Reply) -> tuple[int, int, int]:
    """Return tokens in, out and cached as the reply has them."""
    return reply.usage.input_tokens, reply.usage.output_tokens, reply.usage.cached_tokens


def on_the_wire(messages: tuple[Message, ...]) -> list[dict[str, str]]:
    """Return messages as the API wants them."""
    return [{"role": message.role, "content": message.content} for message in messages]


# ---- the passage way: a grammar and log-probabilities -------------------------------------------


@pytest.fixture(scope="module")
def document() -> Document:
    """The article that the passage way asks about."""
    return read_document(Article(ARTICLE))


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
    ("task", "answers"), [("attribution", []), ("speaker", ["Oda Brandt"])], ids=str
)
def test_cassette_grammar_question_brings_words_of_the_text(
    task: str,
    answers: list[str],
    questions: dict[str, by_passage.Question],
    document: Document,
    endpoint: Endpoint,
    record_mode: str,
) -> None:
    """Prompt and grammar go out as rendered; words of the article come in, with their tokens."""
    question = questions[task]
    with cassette(task, record_mode) as played:
        reply = ask(endpoint, question.request)
    body = sent(played)
    assert on_the_wire(question.request.messages) == body["messages"]
    assert (question.request.grammar, 5) == (body["grammar"], body["top_logprobs"])
    assert ("grammar", SERVED_MODEL, "stop") == (reply.mode, reply.model, reply.finish_reason)
    assert content_of(played) == reply.text == "".join(token.token for token in reply.tokens)
    assert [] == [token for token in reply.tokens if token.logprob > 0]
    assert {5} == {len(token.alternatives) for token in reply.tokens}
    assert cost_of(played) == cost(reply)
    extents = by_passage.read_answer(question, reply).extents
    assert answers == [extent.of(document.text) for extent in extents]


# ---- the document way: a schema -----------------------------------------------------------------


def claims_request(max_tokens: int) -> Request:
    """Return the document way's question about the short article."""
    prompt, room = load_prompts()["claims"], ABLE.context_tokens
    document = read_document(Article(SHORT_ARTICLE))
    (chunk,) = by_document.chunks(document, room, prompt.max_tokens)
    return replace(by_document.request(document, chunk, prompt, room), max_tokens=max_tokens)


def test_cassette_schema_question_brings_what_the_schema_accepts(
    endpoint: Endpoint, record_mode: str
) -> None:
    """In json_schema mode nothing is added to the prompt, and the answer is a DocumentDraft."""
    request = claims_request(400)
    with cassette("claims", record_mode) as played:
        reply = ask(endpoint, request)
    body = sent(played)
    assert on_the_wire(request.messages) == body["messages"]
    assert ("json_schema", 400) == (body["response_format"]["type"], body["max_tokens"])
    assert ("json_schema", SERVED_MODEL, "stop") == (reply.mode, reply.model, reply.finish_reason)
    assert json.loads(content_of(played)) == json.loads(reply.text)
    assert cost_of(played) == cost(reply)
    assert ["ok"] == [attempt.outcome for attempt in reply.attempts]
    assert DocumentDraft.model_validate_json(reply.text).claims


def test_cassette_cut_off_answer_is_a_bad_reply_that_keeps_it(
    endpoint: Endpoint, record_mode: str
) -> None:
    """An answer that ends at max_tokens isn't taken, and isn't asked for again."""
    with (
        cassette("claims_cut_off", record_mode) as played,
        pytest.raises(BadReply, match="cut off at its limit") as caught,
    ):
        ask(endpoint, claims_request(12))
    assert "length" == came(played)["choices"][0]["finish_reason"]
    assert content_of(played) == caught.value.raw
    assert [12] == [attempt.usage.output_tokens for attempt in caught.value.attempts]


# ---- refused ------------------------------------------------------------------------------------


def test_cassette_wrong_key_is_refused(endpoint: Endpoint, record_mode: str) -> None:
    """The server's 401 is Refused, with the advice to check the key, which isn't in the message."""
    wrong = replace(endpoint, api_key="not-the-key-of-this-server")
    with (
        cassette("wrong_key", record_mode) as played,
        pytest.raises(Refused, match=r"401.*check the API key") as caught,
    ):
        ask(wrong, Request((Message("user", "Hello"),), max_tokens=1))
    assert 401 == played.responses[0]["status"]["code"]
    assert wrong.api_key not in str(caught.value)


# ---- the recordings -----------------------------------------------------------------------------


def test_cassettes_are_all_used() -> None:
    """Every recording that lies in the folder belongs to a test."""
    assert CASSETTES == tuple(sorted(path.stem for path in FOLDER.iterdir()))


@pytest.mark.parametrize("name", CASSETTES)
def test_cassette_is_small_and_tells_nothing_about_its_machine(
    name: str, weights_cache: Path
) -> None:
    """A recording holds no key, no header besides the content type, no path, no host."""
    text = (FOLDER / f"{name}.yaml").read_text(encoding="utf-8")
    assert MAX_CASSETTE_BYTES > len(text.encode())
    assert [] == [word for word in ("bearer", "authorization") if word in text.lower()]
    assert [] == [p for p in (Path.home(), FOLDER.parent, weights_cache) if f"{p}/" in text]
    assert ".gguf" not in text
    for interaction in yaml.safe_load(text)["interactions"]:
        request, response = interaction["request"], interaction["response"]
        names = {*request["headers"], *response["headers"]}
        assert "127.0.0.1" == urlsplit(request["uri"]).hostname
        assert KEPT_HEADERS >= {name.lower() for name in names}
