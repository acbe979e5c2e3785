"""Keys and passwords: planted wherever they may stand, and found in nothing that is written."""

from __future__ import annotations

import base64
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.errors import ConfigError
from agent.settings import config_path, exposed_config, hide_key, load_settings
from command_runs import Ran, Sayso
from lying_server import (
    Answer,
    Handler,
    LyingServer,
    answer_bytes,
    answer_json,
    api_error,
    chat,
    completion,
    cut_short,
    drip_body,
    hang,
    reset,
)
from readings import draft

KEY = "sk-canary-0123456789abcdef"
PASSWORD = "canary-password-of-the-endpoint"
STORE = "canary-password-of-the-store"
BASIC = base64.b64encode(f"ann:{PASSWORD}".encode()).decode()
CANARIES = (KEY, PASSWORD, STORE, BASIC)
TEXT = "The Harbour Board said on Tuesday that the old lighthouse would reopen in June. " * 2
GOOD = completion(
    json.dumps({"claims": [draft("the old lighthouse would reopen in June", ("Board", "said"))]})
)


def echo(status: int) -> Answer:
    """Return an answer that sends the request's headers back, the key among them."""

    def answer(handler: Handler) -> None:
        sent = json.dumps(dict(handler.headers))
        if status == 200:
            value = chat(json.dumps({"claims": [draft(sent, (sent, sent))]}))
            handler.send(json.dumps(value).encode())
        else:
            error = {"error": {"message": sent, "code": None, "param": None, "type": None}}
            handler.send(json.dumps(error).encode(), status=status, x_echo=sent)

    return answer


ANSWERS: dict[str, Answer] = {
    "success": GOOD,
    "success, with the request's headers in it": echo(200),
    "wrong key": echo(401),
    "no access": echo(403),
    "not found": echo(404),
    "rejected": echo(400),
    "too many requests": echo(429),
    "a fault of the server": echo(500),
    "no quota": api_error(429, f"no quota for {KEY}", code="insufficient_quota"),
    "no JSON": answer_bytes(f"<html>{KEY}".encode(), content_type="text/html"),
    "broken JSON": answer_bytes(f'{{"id": "{KEY}", "choi'.encode()),
    "no answer in it": answer_json({"id": KEY, "object": "chat.completion", "choices": []}),
    "not what the schema wants": completion(f'{{"claims": "{KEY}"}}'),
    "cut off": completion('{"claims": [', finish_reason="length"),
    "a refusal": completion(None, refusal=f"not for {KEY}"),
    "cut short": cut_short,
    "reset": reset,
    "silence": hang,
    "no end": drip_body,
}


@pytest.fixture(autouse=True)
def home(bare_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder that everything is written in: home, current and temporary folder."""
    monkeypatch.delenv("SAYSO_STORE", raising=False)
    for name in ("TMPDIR", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(bare_home))
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    Path("story.txt").write_text(TEXT, encoding="utf-8")
    configure("timeout_s = 0.5\ndeadline_s = 1.0\nattempts = 1\n")
    return bare_home


def configure(text: str, mode: int = 0o600) -> Path:
    """Write the config file, and return its path."""
    path = config_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return path


def remote(server: LyingServer, login: str = "password") -> list[str]:
    """Return the options that choose the server. login: a password in the address, or the key."""
    user = f"ann:{PASSWORD}@" if login == "password" else ""
    return ["-m", "served", "--base-url", f"http://{user}{server.host}/v1"]


def secret_of(login: str) -> str:
    """Return what is sent in the header that lets one in."""
    return KEY if login == "key" else BASIC


def sent_to(server: LyingServer) -> set[str]:
    """Return the secrets that came to the server."""
    return {request.headers["authorization"].split()[-1] for request in server.requests}


def written(home: Path) -> Iterator[tuple[str, bytes]]:
    """Yield name and bytes of every file that a run has left, but the config file."""
    for path in home.rglob("*"):
        if path.is_file() and path != config_path():
            yield str(path.relative_to(home)), path.read_bytes()


def assert_no_canary(home: Path, ran: Ran) -> None:
    """Check that no canary stands in what was written."""
    for canary in CANARIES:
        assert canary not in ran.out
        assert canary not in ran.err
        for encoding in ("utf-8", "utf-16-le"):
            assert [] == [n for n, data in written(home) if canary.encode(encoding) in data]


# ---- commands -----------------------------------------------------------------------------------


ECHO = "success, with the request's headers in it"


@pytest.mark.parametrize(
    ("login", "answer", "form"),
    [
        ("key", "success", "json"),
        ("key", ECHO, "json"),
        ("key", ECHO, "html"),
        ("key", ECHO, "table"),
        ("password", ECHO, "json"),
    ],
)
def test_result_holds_no_secret(
    home: Path, sayso: Sayso, login: str, answer: str, form: str
) -> None:
    """Neither the result nor the store has a secret, even where the server sends it back."""
    with LyingServer(ANSWERS[answer]) as server:
        ran = sayso("extract", "story.txt", *remote(server, login), "-f", form, "--debug")
    assert {secret_of(login)} == sent_to(server)
    assert 0 == ran.code, ran.err
    assert any(name.endswith(".db") for name, _ in written(home))
    assert_no_canary(home, ran)


@pytest.mark.parametrize(
    ("login", "name"),
    [
        *(("key", name) for name in ANSWERS if not name.startswith("success")),
        *(("password", name) for name in ("wrong key", "rejected")),
    ],
)
def test_failure_tells_no_secret(home: Path, sayso: Sayso, login: str, name: str) -> None:
    """Whatever the server does with the key, message, traceback and files have no secret."""
    with LyingServer(ANSWERS[name]) as server:
        ran = sayso("extract", "story.txt", *remote(server, login), "-o", "out.json", "--debug")
    assert 1 == ran.code, ran.err
    assert "Traceback" in ran.err
    assert {secret_of(login)} == sent_to(server)
    assert_no_canary(home, ran)


@pytest.mark.parametrize("login", ["key", "password"])
@pytest.mark.parametrize(("code", "status"), [(0, 200), (1, 401)])
def test_repl_writes_no_secret(
    home: Path,
    sayso: Sayso,
    monkeypatch: pytest.MonkeyPatch,
    login: str,
    code: int,
    status: int,
) -> None:
    """Views, saved session and exports have no secret, nor has what the REPL says of a failure."""
    steps = "/open story.txt\n/rejected\n/cost\n/save\n/export x.html\n/export x.json\n"
    monkeypatch.setattr(sys, "stdin", io.StringIO(steps))
    with LyingServer(echo(status)) as server:
        ran = sayso("repl", *remote(server, login), "--debug")
    assert code == ran.code, ran.err
    assert {secret_of(login)} == sent_to(server)
    left = {"story.session.json", *(["x.html", "x.json"] if status == 200 else [])}
    assert left <= {name for name, _ in written(home)}
    if status == 200:  # the session holds what the server sent back of the request
        assert "***" in Path("story.session.json").read_text(encoding="utf-8")
    assert_no_canary(home, ran)


@pytest.mark.parametrize("name", ["success", "a fault of the server"])
def test_batch_writes_no_secret(home: Path, sayso: Sayso, name: str) -> None:
    """Records, failures, tables, progress and store of a run have no secret."""
    with LyingServer(ANSWERS[name]) as server:
        files = ("-o", "claims.jsonl", "--claims-csv", "claims.csv")
        ran = sayso("batch", "story.txt", *files, *remote(server, "key"), "--debug")
    assert any(file.startswith("claims") for file, _ in written(home))
    assert_no_canary(home, ran)


def test_cassette_and_run_file_hold_no_secret(home: Path, sayso: Sayso) -> None:
    """What an evaluation records to be replayed and published has no secret."""
    from eval_samples import write_gold

    write_gold(home / "gold", "a")
    with LyingServer(echo(200)) as server:
        files = ("-o", "run.json", "--recording", "replies.jsonl")
        ran = sayso("eval", "run", "gold", *files, *remote(server))
    assert {"run.json", "replies.jsonl"} <= {name for name, _ in written(home)}, ran.err
    assert_no_canary(home, ran)


@pytest.mark.parametrize("command", [["doctor"], ["models"], ["claims"], ["cache", "stats"]])
def test_commands_that_look_tell_no_secret(home: Path, sayso: Sayso, command: list[str]) -> None:
    """What tells the settings tells no secret."""
    configure(f'model = "served"\nbase_url = "http://ann:{PASSWORD}@127.0.0.1:1/v1"\n')
    assert_no_canary(home, sayso(*command))


@pytest.mark.parametrize("arguments", [["claims"], ["extract", "story.txt"], ["cache", "stats"]])
def test_password_of_the_store_is_in_no_message(
    home: Path, sayso: Sayso, arguments: list[str]
) -> None:
    """A store that can't be reached is told without its password."""
    configure(f'store = "postgresql+psycopg://ann:{STORE}@127.0.0.1:1/claims"\nattempts = 1\n')
    with LyingServer(GOOD) as server:
        more = remote(server) if arguments[0] == "extract" else []
        ran = sayso(*arguments, *more)
    assert "127.0.0.1" in ran.err
    assert_no_canary(home, ran)


def test_logs_of_the_libraries_hold_no_secret(home: Path) -> None:
    """Even with the SDK's log switched on."""
    with LyingServer(GOOD, api_error(401)) as server:
        command = [sys.executable, "-m", "agent.cli", "extract", "story.txt", *remote(server)]
        for _ in range(2):
            done = subprocess.run(
                [*command, "--no-cache", "--debug"],
                capture_output=True,
                text=True,
                check=False,
                env={**os.environ, "OPENAI_LOG": "debug"},
            )
            assert "HTTP Request" in done.stderr
            assert_no_canary(home, Ran(done.returncode, done.stdout, done.stderr))


# ---- settings -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "config"),
    [
        ({"base_url": f"https://ann:{PASSWORD}@example.org/v1"}, ""),
        ({"base_url": f"https://ann:{PASSWORD}@example.org", "model": "m", "offline": True}, ""),
        ({}, f'store = ["https://ann:{PASSWORD}@example.org"]\n'),
        ({"base_url": f"https://example.org/v1?token={PASSWORD}"}, ""),
        ({}, f'api_key = "{KEY}"\n'),
        ({}, f'base_urll = "https://ann:{PASSWORD}@example.org"\n'),
        ({}, f'store = "https://ann:{PASSWORD}@example.org\n'),
    ],
)
def test_wrong_settings_are_told_without_secrets(options: dict[str, object], config: str) -> None:
    """A message about a setting doesn't show its secret."""
    path = configure(config)
    with pytest.raises(ConfigError) as caught:
        load_settings(options, environ={}, config=path)
    assert [] == [canary for canary in CANARIES if canary in str(caught.value)]


def test_settings_show_no_secret() -> None:
    """Settings that are printed have no key, and no password of the store."""
    environ = {"OPENAI_API_KEY": KEY, "SAYSO_STORE": f"postgresql+psycopg://ann:{STORE}@h/d"}
    options = {"model": "m", "base_url": f"http://ann:{PASSWORD}@localhost/v1"}
    settings = load_settings(options, environ=environ)
    assert (KEY, PASSWORD) == (settings.api_key, settings.base_url[11:-13])
    assert [] == [canary for canary in CANARIES if canary in repr(settings) + settings.where]


@pytest.mark.parametrize(
    ("shown", "text"),
    [
        ("at https://***@example.org/v1?x", f"at https://ann:{PASSWORD}@example.org/v1?x"),
        ("postgresql+psycopg://***@h/d", f"postgresql+psycopg://ann:a/b@{PASSWORD}@h/d"),
        ("http://***@h", f"http://{PASSWORD}@h"),
        ("at https://h/v1?api-key=***&v=2", f"at https://h/v1?api-key={PASSWORD}&v=2"),
        ("postgresql+psycopg:///d?password=***", f"postgresql+psycopg:///d?password={PASSWORD}"),
        ("write to ann@example.org, https://example.org/@ann", None),
        ("key ***", f"key {KEY}"),
    ],
)
def test_hide_key_strikes_out_keys_and_passwords(shown: str, text: str | None) -> None:
    """Keys and what stands before the @ of an address are struck out; other @ stay."""
    assert shown == hide_key(text or shown)


@pytest.mark.parametrize(
    "line",
    [
        f'store = "postgresql+psycopg://ann:{STORE}@h/d"',
        f'store = "postgresql+psycopg:///d?user=ann&password={STORE}"',
        f'base_url = "https://{KEY}@h/v1"',
        f'base_url = "https://h/v1?api-key={KEY}"',
        f'base_url = "https://h/v1?version=2&access_token={KEY}"',
        f'api_key = "{KEY}"',
        f"'api_key' = '{KEY}'",
        f'OPENAI_API_KEY = "{KEY}"',
        f'[openai]\napi_key="{KEY}"',
        f'api_key = "{KEY}',
    ],
)
@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660])
def test_config_that_others_can_read_is_warned_of(sayso: Sayso, line: str, mode: int) -> None:
    """Where it holds a key or password, the warning has the command that mends it."""
    path = configure(f"{line}\n", mode)
    ran = sayso("models")
    assert f"run `chmod 600 {path}`" in ran.err.splitlines()[0]
    assert [] == [canary for canary in CANARIES if canary in ran.out + ran.err]
    subprocess.run(["chmod", "600", str(path)], check=True)  # noqa: S607
    assert exposed_config() is None


@pytest.mark.parametrize(
    ("text", "mode"),
    [
        ('store = "postgresql+psycopg://a:b@h/d"', 0o600),
        (f'api_key = "{KEY}"', 0o600),
        ("workers = 2", 0o644),
        ('base_url = "https://h/v1?version=2&keys=none"', 0o644),
        ('api_key = ""', 0o644),
    ],
)
def test_config_without_a_password_may_be_read(text: str, mode: int) -> None:
    """A file of others' eyes without a secret, or a secret of one's own eyes, is no news."""
    configure(text, mode)
    assert exposed_config() is None
