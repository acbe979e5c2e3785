"""A provider's batch API: a file of requests, answered within a day at a lower price.

The requests are those of OpenAIEngine to the letter, and the answers are read as its own are. With
openai.py and openai_replies.py the only user of openai.

Source: OpenAI's reference of its Batch API, https://platform.openai.com/docs/api-reference/batch.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any, Final

import httpx2
from openai.types import Batch
from openai.types.chat import ChatCompletion

from agent.engine import Reply, Request
from agent.engines.openai import OpenAIEngine
from agent.engines.openai_replies import CAUGHT, excerpt
from agent.errors import EngineError, Unavailable

MAX_REQUESTS, MAX_BYTES = 50_000, 200_000_000  # of a file
URL: Final = "/v1/chat/completions"
WINDOW: Final = "24h"  # the only one there is
OVER = frozenset({"completed", "failed", "expired", "cancelled"})


@dataclass(frozen=True, slots=True)
class Look:
    """How far a batch is. status: in the provider's word. of: how many requests it has.

    complaints: why the provider didn't take the file. files: ids of answers and errors.
    """

    status: str
    done: int
    failed: int
    of: int
    complaints: tuple[str, ...] = ()
    files: tuple[str, ...] = ()

    @property
    def is_over(self) -> bool:
        """Whether nothing more will come."""
        return self.status in OVER


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a request: its reply, or the reason why there is none."""

    key: str
    reply: Reply | None = None
    reason: str = ""


class _Caught(BaseException):
    """A request before it's sent. No Exception: libraries would log it, and try again."""

    def __init__(self, parameters: dict[str, Any]) -> None:
        super().__init__()
        self.parameters = parameters


class BatchEngine(OpenAIEngine):
    """Answers requests one by one, and puts files of them to the provider. For one thread."""

    def line(self, key: str, request: Request) -> bytes:
        """Return the line of the file for a request, as ask() would put it now."""
        body = self._body(request)
        row = {"custom_id": key, "method": "POST", "url": URL, "body": body}
        return json.dumps(row).encode() + b"\n"

    def submit(self, file: IO[bytes]) -> str:
        """Send a file of requests, and return the id of its batch.

        Raises:
            EngineError: the provider didn't take it.
        """
        file.seek(0)
        with self._ours():
            sent = self._client.files.create(file=("sayso.jsonl", file), purpose="batch")
            batch = self._client.batches.create(
                input_file_id=sent.id, endpoint=URL, completion_window=WINDOW
            )
        return batch.id

    def look(self, batch_id: str) -> Look:
        """Return how far a batch is.

        Raises:
            EngineError: the provider doesn't tell.
        """
        with self._ours():
            return _look(self._client.batches.retrieve(batch_id))

    def answers(self, file_id: str, request: Request) -> Iterator[Answer]:
        """Yield what a file of answers or errors holds.

        request: stands for all of them; only its schema matters.

        Raises:
            EngineError: the file can't be fetched.
        """
        with tempfile.TemporaryFile() as file:
            with self._ours(), self._client.files.with_streaming_response.content(file_id) as sent:
                for chunk in sent.iter_bytes():
                    file.write(chunk)
            file.seek(0)
            for line in file:
                if line.strip():
                    yield self._answer(line, request)

    # ---- requests and answers -----------------------------------------------------------------

    def _body(self, request: Request) -> dict[str, Any]:
        """Return what ask() would send first."""

        def catch(**parameters: Any) -> object:
            raise _Caught(parameters)

        try:
            with self._instead(catch):
                self._ask_in(self._dialect, request, [])
        except _Caught as caught:
            return caught.parameters
        raise AssertionError("nothing was sent")

    def _answer(self, line: bytes, request: Request) -> Answer:
        try:
            row = json.loads(line)
            key, response, error = str(row["custom_id"]), row.get("response"), row.get("error")
            body = response["body"] if response else {}
            if error or response["status_code"] != 200:
                told = error or body.get("error") or body
                words = told.get("message") if isinstance(told, dict) else told
                status = f"{response['status_code']}: " if response else ""
                return Answer(key, reason=status + excerpt(str(words or told)))
            completion = ChatCompletion.construct(**body)
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            why = f"a line of the file can't be read ({excerpt(repr(error))})"
            return Answer("", reason=why)
        try:
            with self._instead(lambda **_: completion):
                return Answer(key, self._ask_in(self._dialect, request, []))
        except EngineError as error:
            return Answer(key, reason=str(error))

    @contextmanager
    def _instead(self, create: Callable[..., object]) -> Iterator[None]:
        """Let `create` stand for the call over the network."""
        before, self._create = self._create, create
        try:
            yield
        finally:
            self._create = before

    @contextmanager
    def _ours(self) -> Iterator[None]:
        """Turn the SDK's errors into ours."""
        try:
            yield
        except CAUGHT as error:
            raise self._failure(error) from error
        except httpx2.HTTPError as error:  # while a file comes in, the SDK lets them through
            why = excerpt(str(error))
            raise Unavailable(f"{self._host}: the file broke off ({why}); try again") from error


def _look(batch: Batch) -> Look:
    counts, errors = batch.request_counts, batch.errors
    complaints = [
        f"line {one.line}: {one.message}" if one.line is not None else f"{one.message}"
        for one in (errors.data if errors else None) or ()
    ]
    return Look(
        batch.status,
        counts.completed if counts else 0,
        counts.failed if counts else 0,
        counts.total if counts else 0,
        tuple(excerpt(one) for one in complaints),
        tuple(file for file in (batch.output_file_id, batch.error_file_id) if file),
    )
