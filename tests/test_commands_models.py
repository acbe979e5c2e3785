"""`sayso models` and `sayso doctor`: what is here, what works, and what to do about the rest."""

from __future__ import annotations

import re
import socket
from pathlib import Path

import pytest

from agent.commands.models import to_fetch
from agent.engines.weights import CATALOGUE, MODEL, PARSER, SMALL_MODEL
from agent.settings import Settings
from command_runs import Sayso
from lying_server import LyingServer, api_error

KEY = "sk-0123456789abcdef"


def test_models_lists_what_can_be_used(sayso: Sayso, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each model has name, size, licence, state and path."""
    monkeypatch.setenv("SAYSO_CACHE", "/nowhere/at/all")
    ran = sayso("models")
    assert (0, "") == (ran.code, ran.err)
    assert re.search(r"qwen2\.5-coder-1\.5b +1,117 MB  Apache-2\.0 +not here\n", ran.out)
    assert "  /nowhere/at/all/qwen2.5-coder-1.5b-instruct-q4_k_m.gguf\n" in ran.out


def test_models_tells_damaged_bytes(
    sayso: Sayso, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bytes that aren't the right ones aren't called present."""
    monkeypatch.setenv("SAYSO_CACHE", str(tmp_path))
    (tmp_path / "qwen2.5-coder-0.5b-instruct-q4_k_m.gguf").write_bytes(b"GGUF")
    assert "here, but damaged" in sayso("models").out
    assert "TO DO model" in sayso("doctor", "-m", "qwen2.5-coder-0.5b").out


def test_models_fetch_refuses(sayso: Sayso, monkeypatch: pytest.MonkeyPatch) -> None:
    """An unknown name, and anything that isn't here under --offline, end with 1."""
    monkeypatch.setenv("SAYSO_CACHE", "/nowhere/at/all")
    unknown = sayso("models", "fetch", "gpt-x")
    assert (1, True) == (unknown.code, "'gpt-x' isn't known" in unknown.err)
    offline = sayso("models", "fetch", "--offline")
    assert (1, True) == (offline.code, "without --offline" in offline.err)


@pytest.mark.parametrize(
    ("expected", "here", "settings"),
    [
        ("sayso models fetch (1,133 MB)", (), {}),
        ("sayso models fetch (1,117 MB)", (PARSER,), {}),
        ("", (PARSER, MODEL), {}),
        (
            f"sayso models fetch {SMALL_MODEL} && sayso models fetch {PARSER} (507 MB)",
            (),
            {"model": SMALL_MODEL},
        ),
        (f"sayso models fetch {PARSER} (15 MB)", (), {"base_url": "http://127.0.0.1:9/v1"}),
    ],
    ids=["nothing", "parser", "all", "small", "endpoint"],
)
def test_models_to_fetch_are_those_that_are_missing(
    expected: str, here: tuple[str, ...], settings: dict[str, str], tmp_path: Path
) -> None:
    """The command gets what these settings need, and no model where an endpoint reads."""
    for name in here:
        (tmp_path / CATALOGUE[name].file).touch()
    assert expected == to_fetch(Settings(cache_dir=tmp_path, **settings))  # type: ignore[arg-type]


def test_models_fetch_keeps_what_is_here(sayso: Sayso, weights_cache: Path) -> None:
    """What is here and right isn't fetched again."""
    ran = sayso("models", "fetch", "en_core_web_sm", "--offline")
    assert (0, f"en_core_web_sm is here: {weights_cache}/en_core_web_sm-3.8.0\n") == (
        ran.code,
        ran.err,
    )


def test_doctor_says_what_to_do(sayso: Sayso, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where weights are missing, the doctor ends with 1 and says what to run."""
    monkeypatch.setenv("SAYSO_CACHE", "/nowhere/at/all")
    ran = sayso("doctor")
    assert (1, "") == (ran.code, ran.err)
    assert "-> run `sayso models fetch`" in ran.out
    assert "-> run `sayso models fetch qwen2.5-coder-1.5b`" in ran.out


def test_doctor_never_sends_or_shows_the_key(sayso: Sayso, monkeypatch: pytest.MonkeyPatch) -> None:
    """The endpoint is asked without the key; whatever it answers, it can be reached."""
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    with LyingServer(api_error(401)) as server:
        ran = sayso("doctor", "-m", "served", "--base-url", server.base_url)
    assert 0 == ran.code, ran.out
    assert re.search(r"ok +endpoint +answers over without TLS|ok +endpoint", ran.out)
    assert "OPENAI_API_KEY is set" in ran.out
    assert KEY not in ran.out + ran.err
    assert not any(KEY in str(request.headers) for request in server.requests)


def test_doctor_tells_that_nobody_answers(sayso: Sayso) -> None:
    """An endpoint that is down is something to do."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
    ran = sayso("doctor", "-m", "m", "--base-url", url)
    assert 1 == ran.code
    assert "TO DO endpoint" in ran.out
    assert "check the base URL" in ran.out
