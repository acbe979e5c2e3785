"""Odd and bad input through the command: one clear line and a code, or a whole result.

Texts that can't be read and endpoints that fail are in test_cli.py, formats in their own tests.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.engines.weights import CATALOGUE, MODEL, find
from agent.schema import Extraction, Span
from agent.settings import config_path
from command_runs import Sayso
from lying_server import LyingServer, answer_json, completion, hang
from readings import draft
from sample_records import TEXT

SMALLEST_GGUF = 65_536  # bytes: the header of a model and a part of its words, no weights


def remote(server: LyingServer) -> list[str]:
    """Return the options that choose the server."""
    return ["-m", "served", "--base-url", server.base_url]


# ---- texts that are odd, and read ---------------------------------------------------------------


def spans_of(record: Extraction) -> Iterator[Span]:
    """Yield the spans of all claims."""
    for claim in record.claims:
        yield from (*claim.content, claim.sentence, *claim.confidence_cues)
        for link in claim.attribution.chain:
            yield from (span for span in (link.mention, link.cue) if span)


@pytest.mark.parametrize(
    ("flags", "text"),
    [
        pytest.param([], "The lake rose. It froze in May.", id="no attribution"),
        pytest.param(
            ["unbalanced quotation marks"],
            "“The lake rose, Ann Lee said. It froze” in May. ”",
            id="unbalanced quotation marks",
        ),
        pytest.param(
            ["bidirectional control characters"],
            "Ann Lee said the \u202elake\u202c rose. \u200fIt froze in May.",
            id="right-to-left marks",
        ),
        pytest.param(
            [], "\U0001f30a Ann Lee said the lake rose \U0001f469\u200d\U0001f692. It froze."
        ),
        pytest.param(["NUL characters"], "Ann Lee said the lake rose.\0 It froze.", id="NUL"),
        pytest.param(
            ["invisible characters"], "Ann Lee said the la\u00adke rose. It froze.", id="hyphens"
        ),
        pytest.param([], "Ann Lee said the lake rose.\r\rIt froze.\r\n", id="line ends"),
    ],
)
def test_odd_text_is_read_whole(sayso: Sayso, flags: list[str], text: str) -> None:
    """Nothing in a text aborts the reading; the record says what is odd, and its spans hold."""
    Path("odd.txt").write_bytes(text.encode())
    with LyingServer(completion(json.dumps({"claims": []}))) as server:
        ran = sayso("extract", "odd.txt", *remote(server), "-f", "json")
    assert 0 == ran.code, ran.err
    record = Extraction.model_validate_json(ran.out)
    assert (text, flags) == (record.document.text, record.flags)
    assert record.claims
    assert [text[span.start : span.end] for span in spans_of(record)] == [
        span.text for span in spans_of(record)
    ]


@pytest.mark.parametrize(
    ("message", "data"),
    [
        pytest.param("isn't a text file", TEXT.encode("utf-16-le"), id="UTF-16 without a mark"),
        pytest.param("isn't a text file", TEXT.encode("utf-16-be") * 3, id="the other order"),
        pytest.param("is empty", b"\xef\xbb\xbf \r\n\t\r\n", id="a byte order mark and blanks"),
        pytest.param("no sentence to read", b"\xe2\x80\x8b\n* * *\n3 May 2021\n", id="no words"),
    ],
)
def test_text_that_can_not_be_read_is_a_message_and_1(
    sayso: Sayso, message: str, data: bytes
) -> None:
    """Bytes that mean no text, and text that means nothing, end with one line and code 1."""
    Path("bad.txt").write_bytes(data)
    ran = sayso("extract", "bad.txt")
    assert (1, "", 1) == (ran.code, ran.out, ran.err.count("\n")), ran.err
    assert message in ran.err


def test_text_above_a_small_context_is_cut_in_smaller_parts(sayso: Sayso) -> None:
    """What an endpoint tells about its context decides how much it's asked at once."""
    Path("long.txt").write_text("\n\n".join(["The lake rose again in May. " * 9] * 9))
    asked = []
    for context_tokens in (4096, 32_768):
        models = answer_json({"data": [{"id": "served", "meta": {"n_ctx": context_tokens}}]})
        with LyingServer(completion('{"claims": []}'), models=models) as server:
            ran = sayso("extract", "long.txt", *remote(server), "-f", "json")
        assert 0 == ran.code, ran.err
        asked.append(len(server.requests))
    assert asked[0] > asked[1] == 1


# ---- engines ------------------------------------------------------------------------------------


def test_silent_endpoint_is_given_up_after_two_tries(sayso: Sayso) -> None:
    """A server that says nothing is asked once more, then a person is told."""
    Path("story.txt").write_text(TEXT, encoding="utf-8")
    config_path().parent.mkdir(parents=True)
    config_path().write_text("timeout_s = 0.3\n")
    with LyingServer(hang) as server:
        ran = sayso("extract", "story.txt", *remote(server))
    assert (1, "", 2) == (ran.code, ran.out, len(server.requests))
    assert "is silent" in ran.err
    assert "gave up after 2 attempts" in ran.err


def test_endless_list_is_a_message_and_1(sayso: Sayso) -> None:
    """A model that repeats itself until it's cut off is asked once more, and gives no result."""
    Path("story.txt").write_text(TEXT, encoding="utf-8")
    again = json.dumps(draft("The harbour tunnel was shut"))
    endless = completion('{"claims": [' + f"{again}, " * 50, finish_reason="length")
    with LyingServer(endless) as server:
        ran = sayso("extract", "story.txt", *remote(server), "-o", "out.json")
    assert (1, "", 2) == (ran.code, ran.out, len(server.requests))
    assert "cut off at its limit" in ran.err
    assert not Path("out.json").exists()
    assert 1000 < server.requests[0].body["max_tokens"] < 1000 + len(TEXT)


def test_model_that_is_cut_short_is_a_message_and_1(sayso: Sayso, weights_cache: Path) -> None:
    """The start of a real model is refused in one line, by path and in the cache."""
    whole = find(MODEL, weights_cache)
    assert whole is not None, "run `make setup` first"
    with whole.open("rb") as file:
        start = file.read(SMALLEST_GGUF)
    Path("story.txt").write_text(TEXT, encoding="utf-8")
    Path("cut.gguf").write_bytes(start)
    ran = sayso("extract", "story.txt", "-m", "cut.gguf")
    assert (1, "") == (ran.code, ran.out)
    assert "can't load cut.gguf: it is cut short" in ran.err.splitlines()[-1]
    assert "Traceback" not in ran.err


def test_cached_model_that_is_cut_short_says_what_to_run(
    sayso: Sayso, tmp_path: Path, weights_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Weights that a broken copy left in the cache are told with the command that mends it."""
    cache = tmp_path / "cache"
    cache.mkdir()
    (cache / CATALOGUE[MODEL].file).write_bytes(b"GGUF")
    for parser in weights_cache.glob("*en_core_web_sm*"):
        (cache / parser.name).symlink_to(parser)
    monkeypatch.setenv("SAYSO_CACHE", str(cache))
    Path("story.txt").write_text(TEXT, encoding="utf-8")
    ran = sayso("extract", "story.txt")
    assert (1, "") == (ran.code, ran.out)
    assert "has 4 bytes instead of 1,117,320,768: delete it and run `sayso models fetch`" in ran.err


@pytest.mark.parametrize(
    ("needed", "free_bytes", "names"),
    [
        pytest.param("1.50 GB", 1_499_999_999, [MODEL], id="the model"),
        pytest.param("1.50 GB", 0, [], id="all that the default needs"),
        pytest.param("0.06 GB", 59_999_999, ["en_core_web_sm"], id="the parser"),
    ],
)
def test_fetch_with_too_little_disk_is_a_message_and_1(
    sayso: Sayso,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    needed: str,
    free_bytes: int,
    names: list[str],
) -> None:
    """Nothing is fetched where it wouldn't fit: the line says how much is needed, and where."""
    monkeypatch.setenv("SAYSO_CACHE", str(tmp_path / "cache"))
    full = shutil.disk_usage(tmp_path)._replace(free=free_bytes)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: full)  # what the system tells of a disk
    ran = sayso("models", "fetch", *names)
    assert (1, "", 1) == (ran.code, ran.out, ran.err.count("\n")), ran.err
    assert f"needs {needed} free in {tmp_path / 'cache'}, where " in ran.err
    assert "free some, or set SAYSO_CACHE" in ran.err
    assert [] == [path for path in (tmp_path / "cache").iterdir() if path.suffix != ".lock"]
