"""`sayso batch submit`, `status`, `collect`: a run's requests by way of a provider's batch API."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from itertools import chain, repeat
from pathlib import Path
from typing import Any

import pytest

from agent.batch.pending import Open, parts
from agent.batch.submitted import folder, list_submitted
from agent.engine import Identity, Message, Request, request_key
from agent.engines.openai_batch import BatchEngine
from agent.errors import ConfigError
from agent.schema import DocumentDraft
from batch_runs import without_cost
from batch_server import BatchServer
from command_runs import Sayso
from listing_server import article, articles

KEY = "sk-" + "k" * 20


@pytest.fixture(autouse=True)
def _own_place(bare_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run in an empty folder, with a key and a store of its own."""
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("SAYSO_STORE", str(bare_home / "store.db"))


def submit(server: BatchServer, *more: str, lines: str = "") -> list[str]:
    """Return the arguments of a submission of these lines."""
    if lines:
        Path("in.jsonl").write_text(lines, encoding="utf-8")
    endpoint = ("-m", "served", "--base-url", server.base_url)
    return ["batch", "submit", "in.jsonl", *endpoint, *more]


def finish(server: BatchServer, *more: str) -> list[str]:
    """Return the arguments of the ordinary run over the same."""
    endpoint = ("-m", "served", "--base-url", server.base_url)
    return ["batch", "in.jsonl", "-o", "out.jsonl", *endpoint, *more]


def output() -> list[str]:
    """Return the records that were written."""
    return Path("out.jsonl").read_text(encoding="utf-8").splitlines()


def about(number: int, *answers: tuple[int, str]) -> Callable[[dict[str, Any]], Any]:
    """Return a fault of requests about one article; without answers it's only recognised."""

    def fault(body: dict[str, Any]) -> Any:
        is_it = f"bridge {number} would" in body["messages"][-1]["content"]
        return answers[0] if is_it and answers else (is_it or None)

    return fault


# ---- there and back ---------------------------------------------------------------------------


def test_batch_of_a_provider_answers_a_whole_run(sayso: Sayso) -> None:
    """Submit, wait, collect: then the ordinary run ends with all records and asks nobody."""
    with BatchServer() as server:
        sent = sayso(*submit(server, lines=articles(6)))
        assert (0, "batch_0  5 requests\n") == (sent.code, sent.out)
        assert "requests: 5 submitted, 1 asked at once, 0 in the store" in sent.err
        server.finish()
        waited = sayso("batch", "status", "--wait", "--every", "0.1")
        assert (0, True) == (waited.code, "batch_0  completed  5 of 5 answered\n" in waited.out)
        got = sayso("batch", "collect")
        assert (0, "batch_0  completed  5 replies kept, 0 failed\n") == (got.code, got.out)
        ran = sayso(*finish(server))
        assert (0, 6, 1) == (ran.code, len(output()), len(server.singles))
    assert "6 read now, 0 before, 0 failed" in ran.err
    assert {f"Bearer {KEY}"} == server.inner.keys


def test_records_of_a_batch_are_those_of_an_ordinary_run(
    sayso: Sayso, monkeypatch: pytest.MonkeyPatch
) -> None:
    """But for cost and seconds, how a request was answered changes nothing."""
    with BatchServer() as server:
        server.finish()
        sayso(*submit(server, lines=articles(4)))
        sayso("batch", "status", "--wait", "--every", "0.1")
        sayso("batch", "collect")
        sayso(*finish(server))
        by_batch = output()
        monkeypatch.setenv("SAYSO_STORE", "other.db")
        sayso(*finish(server))
    assert list(map(without_cost, by_batch)) == list(map(without_cost, output()))


@pytest.mark.parametrize(
    ("complaint", "more"),
    [
        (None, set()),
        ("use max_completion_tokens", {"max_completion_tokens"}),
        ("response_format json_schema isn't supported", {"tools", "tool_choice"}),
    ],
    ids=["as it is", "thinking model", "tools"],
)
def test_lines_hold_what_a_single_request_would(
    sayso: Sayso, monkeypatch: pytest.MonkeyPatch, complaint: str | None, more: set[str]
) -> None:
    """A body is what an ordinary run sends, in the form that the endpoint took at last."""

    def fault(body: dict[str, Any]) -> tuple[int, str] | None:
        return (400, complaint) if complaint and not more <= body.keys() else None

    with BatchServer(fault) as server:
        sayso(*submit(server, lines=articles(3)))
        bodies = [line["body"] for line in server.lines()]
        assert all(more <= body.keys() for body in bodies)
        server.finish()
        sayso("batch", "status", "--wait", "--every", "0.1")
        assert 0 == sayso("batch", "collect").code
        before = len(server.singles)
        assert 0 == sayso(*finish(server)).code
        assert (before, 3) == (len(server.singles), len(output()))
        monkeypatch.setenv("SAYSO_STORE", "other.db")
        sayso(*finish(server))
        assert [] == [body for body in bodies if body not in server.singles]


def test_lines_are_keyed_as_an_ordinary_run_looks_them_up(sayso: Sayso) -> None:
    """custom_id is the request key, of the reply mode in which every process begins."""
    with BatchServer() as server:
        sayso(*submit(server, lines=articles(2)))
        (line,) = server.lines()
    messages = tuple(Message(m["role"], m["content"]) for m in line["body"]["messages"])
    (batch,) = list_submitted()
    assert {line["custom_id"]: "doc-1"} == batch.documents
    plain = Request(messages, max_tokens=line["body"]["max_tokens"])
    assert 64 == len(line["custom_id"])
    assert line["custom_id"] != request_key(Identity("openai", "served", mode="tools"), plain)
    assert ("POST", "/v1/chat/completions") == (line["method"], line["url"])


# ---- what isn't submitted -----------------------------------------------------------------------


def test_nothing_is_submitted_twice(sayso: Sayso) -> None:
    """What an earlier batch waits for, and what is in the store or done, stays out of the next."""
    with BatchServer() as server:
        sayso(*submit(server, lines=articles(3)))
        again = sayso(*submit(server, lines=articles(3) + articles(1) + "{\n"))
        assert (0, "", 1) == (again.code, again.out, len(server.batches))
        assert "0 submitted, 0 asked at once, 1 in the store, 2 in earlier batches" in again.err
        assert "5 documents: 0 done before, 1 can't be read" in again.err
        sayso(*submit(server, lines=articles(5)))
        assert (2, 1) == (len(server.singles), len(server.lines(1)))


def test_done_documents_need_no_request(sayso: Sayso) -> None:
    """After an ordinary run there's nothing to submit."""
    with BatchServer() as server:
        sayso(*finish(server)) if submit(server, lines=articles(2)) else None
        ran = sayso(*submit(server))
    assert (0, {}) == (ran.code, server.batches)
    assert "2 done before" in ran.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("batch", "submit", "in.jsonl"), "the embedded engine has no batch API"),
        (
            ("batch", "submit", "in.jsonl", "-m", "m", "--base-url", "http://a:b@127.0.0.1:9/v1"),
            "the base URL holds a password",
        ),
        (
            (
                "batch",
                "submit",
                "in.jsonl",
                "-m",
                "m",
                "--base-url",
                "http://a.org/v1",
                "--offline",
            ),
            "--offline forbids",
        ),
        (("batch", "collect", "batch_9"), "no batch batch_9 was submitted from here; known: none"),
    ],
)
def test_what_cannot_work_is_refused(
    sayso: Sayso, arguments: tuple[str, ...], message: str
) -> None:
    """A wrong wish ends with 2 and says what to do."""
    Path("in.jsonl").write_text(articles(1), encoding="utf-8")
    ran = sayso(*arguments)
    assert (2, True) == (ran.code, message in ran.err), ran.err


def test_endpoint_that_refuses_gets_no_file(sayso: Sayso) -> None:
    """A wrong key shows at the first request, and nothing is uploaded."""
    with BatchServer(lambda _: (401, "wrong key")) as server:
        ran = sayso(*submit(server, lines=articles(5)))
        assert (1, {}) == (ran.code, server.inner.files)
    assert "check the API key" in ran.err
    assert KEY not in ran.err


def test_refused_text_does_not_stop_a_submission(sayso: Sayso) -> None:
    """Where the first article is refused, the next one shows what the endpoint takes."""
    with BatchServer(about(0, (400, "the content was filtered"))) as server:
        ran = sayso(*submit(server, lines=articles(4)))
        assert (0, 2, 2) == (ran.code, len(server.singles), len(server.lines()))


# ---- limits -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("most", "sizes"),
    [({}, [7]), ({"max_requests": 3}, [3, 3, 1]), ({"max_bytes": 2}, [1] * 7)],
)
def test_parts_keep_to_the_limits_of_the_provider(most: dict[str, int], sizes: list[int]) -> None:
    """No file has more requests or bytes than allowed, and no request is lost or double."""
    question = Request((Message("user", "Who?"),), schema=DocumentDraft)
    requests = [Open(str(number), "d", question) for number in range(7)]
    engine = BatchEngine("m", "http://127.0.0.1:9/v1")
    found = []
    for part in parts(requests, engine, **most):
        part.file.seek(0)
        keys = [json.loads(line)["custom_id"] for line in part.file]
        assert keys == list(part.documents)
        found.append(keys)
    assert sizes == [len(keys) for keys in found]
    assert [str(number) for number in range(7)] == list(chain.from_iterable(found))


def test_part_fits_as_many_bytes_as_allowed() -> None:
    """The limit is that of the whole file, to the byte."""
    question = Request((Message("user", "Who?"),), schema=DocumentDraft)
    engine = BatchEngine("m", "http://127.0.0.1:9/v1")
    size = len(engine.line("0", question))
    requests = [Open(str(number), "d", question) for number in range(4)]
    for limit, wanted in ((2 * size, [2, 2]), (2 * size - 1, [1, 1, 1, 1])):
        found = parts(requests, engine, max_bytes=limit)
        assert wanted == [len(part.documents) for part in found]


# ---- how it ends --------------------------------------------------------------------------------


def test_unfinished_batch_is_not_collected(sayso: Sayso) -> None:
    """Before it's over, collect says so, ends with 1, and the batch stays remembered."""
    with BatchServer() as server:
        sayso(*submit(server, lines=articles(3)))
        got = sayso("batch", "collect")
        assert (1, "") == (got.code, got.out)
        assert "batch_0 is in_progress: wait for it" in got.err
        status = sayso("batch", "status")
        assert (0, "batch_0  in_progress  0 of 2 answered\n") == (status.code, status.out)
        server.finish()
        sayso("batch", "status")
        assert 0 == sayso("batch", "collect").code


def test_failed_requests_are_told_and_asked_by_the_run(sayso: Sayso) -> None:
    """Exit 3 with reason and document; the others are kept, and the run asks what is missing."""
    refusals = chain([(500, "overloaded")], repeat(None))
    lost = about(2)
    with BatchServer(lambda body: next(refusals) if lost(body) else None) as server:
        server.finish()
        sayso(*submit(server, lines=articles(4)))
        sayso("batch", "status", "--wait", "--every", "0.1")
        got = sayso("batch", "collect")
        assert (3, "batch_0  completed  2 replies kept, 1 failed\n") == (got.code, got.out)
        assert "1 failed: 500: overloaded (doc-2)" in got.err
        assert 0 == sayso(*finish(server)).code
        assert 2 == len(server.singles)
    assert 4 == len(output())


def test_expired_batch_gives_what_was_answered(sayso: Sayso) -> None:
    """What the provider didn't get to is told; a further batch asks only that."""
    with BatchServer() as server:
        server.finish()
        server.inner.expired = about(3)
        sayso(*submit(server, lines=articles(4)))
        sayso("batch", "status", "--wait", "--every", "0.1")
        got = sayso("batch", "collect")
        assert (3, "batch_0  expired  2 replies kept, 1 failed\n") == (got.code, got.out)
        assert "before the completion window expired. (doc-3)" in got.err
        sayso(*submit(server, lines=articles(4)))
        assert (2, 1) == (len(server.singles), len(server.batches))  # the one was asked at once


def test_refused_file_is_told(sayso: Sayso) -> None:
    """A batch that fails as a whole tells the provider's words, and everything is open again."""
    with BatchServer() as server:
        sayso(*submit(server, lines=articles(3)))
        batch = server.batches["batch_0"]
        server.inner.files[batch["input_file_id"]] = server.inner.files["file-0"] * 2
        sayso("batch", "status")
        got = sayso("batch", "collect")
        assert (3, "batch_0  failed  0 replies kept, 2 failed\n") == (got.code, got.out)
        assert "the provider didn't take it: line 1: bad: duplicate_custom_id" in got.err
        sayso(*submit(server, lines=articles(3)))
        assert 1 == len(server.lines(1))


def test_answers_that_cannot_be_used_are_failures(sayso: Sayso) -> None:
    """A refusal, a cut-off answer and a broken line are told, and never kept as answers."""
    with BatchServer() as server:
        server.finish()
        sayso(*submit(server, lines=articles(5)))
        sayso("batch", "status", "--wait", "--every", "0.1")
        name = server.batches["batch_0"]["output_file_id"]
        rows = [json.loads(line) for line in server.inner.files[name].split(b"\n") if line]
        choices = [row["response"]["body"]["choices"][0] for row in rows]
        choices[0]["finish_reason"] = "length"
        choices[1]["message"] |= {"content": None, "refusal": "I won't"}
        choices[2]["message"]["content"] = "no list"
        lines = [json.dumps(row) for row in rows[:3]] + ['{"custom_id": "']
        server.inner.files[name] = "\n".join(lines).encode()
        got = sayso("batch", "collect")
        assert (3, "batch_0  completed  0 replies kept, 4 failed\n") == (got.code, got.out)
        for words in (
            "cut off at its limit",
            "refuses this text",
            "can't be used",
            "can't be read",
        ):
            assert words in got.err
        sayso(*finish(server))
        assert 1 + 4 == len(server.singles)


def test_collecting_again_changes_nothing(sayso: Sayso) -> None:
    """A batch by its id can be collected again; without one, nothing is left to do."""
    with BatchServer() as server:
        server.finish()
        sayso(*submit(server, lines=articles(3)))
        sayso("batch", "status", "--wait", "--every", "0.1")
        first = sayso("batch", "collect")
        assert (0, "", True) == ((ran := sayso("batch", "collect")).code, ran.out, bool(ran.err))
        assert first.out == sayso("batch", "collect", "batch_0").out
        stats = sayso("cache", "stats").out
    assert "3 replies" in stats


def test_replies_of_a_batch_are_erased_with_their_document(sayso: Sayso) -> None:
    """`cache forget` finds a reply that no run has used yet; and the batch forgets the ids."""
    with BatchServer() as server:
        server.finish()
        sayso(*submit(server, lines=articles(3)))
        sayso("batch", "status", "--wait", "--every", "0.1")
        sayso("batch", "collect")
    assert "replies 1" in sayso("cache", "forget", "doc-2").err
    assert "doc-" not in next(folder().glob("*.json")).read_text(encoding="utf-8")


def test_store_of_another_run_is_not_filled(sayso: Sayso, monkeypatch: pytest.MonkeyPatch) -> None:
    """Replies go into the store that they were missing from, or nowhere."""
    with BatchServer() as server:
        server.finish()
        sayso(*submit(server, lines=articles(3)))
        sayso("batch", "status", "--wait", "--every", "0.1")
        monkeypatch.setenv("SAYSO_STORE", "other.db")
        got = sayso("batch", "collect")
        assert (2, True) == (got.code, "set SAYSO_STORE to that one" in got.err)
        assert "batch_1  2 requests\n" == sayso(*submit(server)).out


def test_lost_batch_does_not_stop_the_others(sayso: Sayso) -> None:
    """A batch that the provider doesn't know any more is told, with how to give it up."""
    with BatchServer() as server:
        server.finish()
        sayso(*submit(server, lines=articles(2)))
        sayso(*submit(server, lines=articles(4)))
        del server.batches["batch_0"]
        sayso("batch", "status", "batch_1", "--wait", "--every", "0.1")
        got = sayso("batch", "collect")
        assert (1, "batch_1  completed  1 replies kept, 0 failed\n") == (got.code, got.out)
    assert "to give it up, delete" in got.err


def test_waiting_goes_on_when_the_provider_is_away(sayso: Sayso) -> None:
    """A failed look is told, and the next one finds that the batch is over."""
    with BatchServer() as server:
        sayso(*submit(server, lines=articles(2)))
        server.finish()
        server.inner.away.set()
        back = threading.Timer(0.5, server.inner.away.clear)
        back.start()
        ran = sayso("batch", "status", "--wait", "--every", "0.1")
        back.join()
    assert (0, True) == (ran.code, "no connection to 127.0.0.1" in ran.err)
    assert "completed" in ran.out


def test_damaged_memory_of_a_batch_is_told() -> None:
    """A file that can't be read isn't taken for no batch: its requests would be paid for twice."""
    folder().mkdir(parents=True)
    (folder() / "batch_0.json").write_text("{", encoding="utf-8")
    with pytest.raises(ConfigError, match="restore it, or delete it"):
        list_submitted()


def test_article_named_like_a_command_is_read_by_its_path(sayso: Sayso) -> None:
    """`./submit` is an input, `submit` the command."""
    Path("submit").write_text(article(1)["text"], encoding="utf-8")
    with BatchServer() as server:
        endpoint = ("-m", "served", "--base-url", server.base_url)
        assert 0 == sayso("batch", "./submit", "-o", "out.jsonl", *endpoint).code
    assert 1 == len(output())
