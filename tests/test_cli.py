"""The command: what goes to which stream, which code it ends with, and no traceback ever."""

from __future__ import annotations

import io
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from rich.console import Console

import agent
from agent.extract import Event
from agent.schema import Extraction
from agent.settings import config_path
from agent.terminal import progress
from command_runs import Sayso
from lying_server import (
    Answer,
    LyingServer,
    answer_bytes,
    answer_json,
    api_error,
    completion,
    cut_short,
    drip_body,
    hang,
    reset,
)
from sample_records import TEXT

KEY = "sk-0123456789abcdef"
CLAIMS = {
    "claims": [
        {
            "content": "We will not gamble with lives",
            "sources": [{"name": "Mayor Asta Lind", "cue": "said"}],
            "act": "assert",
            "polarity": "negative",
            "confidence": "certain",
            "hedge": "",
        }
    ]
}
GOOD = completion(json.dumps(CLAIMS))
GERMAN = "Der Bürgermeister sagte gestern, dass der Tunnel erst im Mai wieder geöffnet wird. " * 3
HEAVY = (
    "agent.schema docx genai_prices httpx2 instructor jinja2 lxml numpy openai prompt_toolkit "
    "py3langid pypdf rapidfuzz rich.progress scipy sklearn spacy sqlalchemy tenacity trafilatura "
    "xllamacpp"
)


@pytest.fixture(autouse=True)
def _story(bare_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have an article at hand, and a terminal that is wide enough."""
    monkeypatch.setenv("COLUMNS", "120")
    (bare_home / "story.txt").write_text(TEXT, encoding="utf-8")


def configure(text: str) -> None:
    """Write the config file."""
    path = config_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def remote(server: LyingServer) -> list[str]:
    """Return the options that choose the server."""
    return ["-m", "served", "--base-url", server.base_url]


# ---- help -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [["--help"], ["--version"], *([n, "--help"] for n in ("extract", "batch", "repl", "eval"))],
    ids=" ".join,
)
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    """Help and version load none of the libraries that take long."""
    code = (
        "import sys\n"
        "from agent.cli import main\n"
        f"try: main({arguments})\n"
        "except SystemExit: pass\n"
        f"print(sorted(set({HEAVY.split()}) & set(sys.modules)), file=sys.stderr)\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "[]" == ran.stderr.strip()
    assert "sayso" in ran.stdout


@pytest.mark.parametrize(
    "arguments",
    [["--nope"], ["extract", "--nope"], ["nope"], ["extract", "story.txt", "-f", "xml"]],
)
def test_wrong_use_ends_with_2(sayso: Sayso, arguments: list[str]) -> None:
    """What the command line doesn't know is a usage error."""
    assert 2 == sayso(*arguments).code


@pytest.mark.parametrize("source", ["story.txt", "https://example.org/story"])
def test_article_for_a_command_shows_the_command(sayso: Sayso, source: str) -> None:
    """Who forgets the command is told which one reads an article."""
    assert f"`sayso extract {source}`" in sayso(source).err


# ---- input ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("message", "data"),
    [
        ("is empty", b""),
        ("isn't a text file", bytes(range(256))),
        ("characters, and 2,000 is the limit; reading it would take about", b"It is dry. " * 200),
        ("seems to be German (de), and only English is read well", GERMAN.encode()),
        ("no sentence to read", b"Mon Jan 01 2024\nicon-facebook icon-twitter icon-whatsapp\n"),
    ],
)
def test_bad_article_is_a_message_and_1(sayso: Sayso, message: str, data: bytes) -> None:
    """An article that can't be read ends with one line and code 1, before anything is loaded."""
    Path("bad.txt").write_bytes(data)
    ran = sayso("extract", "bad.txt", "--max-chars", "2000")
    assert (1, "", 1) == (ran.code, ran.out, ran.err.count("\n"))
    assert ran.err.startswith("sayso: ")
    assert message in ran.err


@pytest.mark.parametrize(
    ("code", "message", "arguments"),
    [
        (1, "there's no file", ["nope.txt"]),
        (1, "an address begins with https://", ["www.example.org/story"]),
        (1, "read them all with `sayso batch`", ["."]),
        (2, "`sayso batch story.txt 'two words.txt' -o", ["story.txt", "two words.txt"]),
        (2, "there's no folder", ["story.txt", "-o", "none/out.md"]),
        (2, "would overwrite", ["story.txt", "-o", "story.txt"]),
        (2, "forbids", ["story.txt", "-m", "m", "--base-url", "http://x.test/v1", "--offline"]),
        (2, "OPENAI_API_KEY isn't set", ["story.txt", "-m", "gpt-x"]),
        (2, "needs the name of a model", ["story.txt", "--base-url", "http://x.test/v1"]),
        (1, "isn't a GGUF file", ["story.txt", "-m", "./story.txt"]),
        (1, "No such file", ["story.txt", "-m", "none.gguf"]),
    ],
)
def test_bad_arguments_are_a_message_and_a_code(
    sayso: Sayso, code: int, message: str, arguments: list[str]
) -> None:
    """What can't be done is told in one line, without a traceback."""
    ran = sayso("extract", *arguments)
    assert (code, "") == (ran.code, ran.out)
    assert message in ran.err.splitlines()[-1]
    assert "Traceback" not in ran.err


def test_missing_weights_say_what_to_run(
    sayso: Sayso, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With an empty cache the message is the command that fills it."""
    monkeypatch.setenv("SAYSO_CACHE", str(tmp_path / "none"))
    ran = sayso("extract", "story.txt")
    assert (1, "") == (ran.code, ran.out)
    assert "reading with qwen2.5-coder-1.5b on this machine; nothing leaves it" in ran.err
    assert "run `sayso models fetch`" in ran.err


# ---- a good endpoint --------------------------------------------------------------------------


def test_extract_prints_the_table_on_stdout(sayso: Sayso) -> None:
    """The result goes to stdout, the line that says where the text goes to stderr."""
    with LyingServer(GOOD) as server:
        ran = sayso("extract", "story.txt", *remote(server))
    assert (0, f"sending the text to {server.host} on this machine (model served)\n") == (
        ran.code,
        ran.err,
    )
    assert "Asta Lind" in ran.out
    assert "“We will not gamble with lives”" in ran.out


@pytest.mark.parametrize(
    ("start", "form"), [("{\n", "json"), ('{"format"', "jsonl"), ("# ", "md"), ("id,zone", "csv")]
)
def test_extract_writes_each_form(sayso: Sayso, start: str, form: str) -> None:
    """-f names the form, and without it the ending of the -o file does."""
    with LyingServer(GOOD) as server:
        ran = sayso("extract", "story.txt", *remote(server), "--no-cache", "-f", form)
        told = sayso("extract", "story.txt", *remote(server), "--no-cache", "-o", f"out.{form}")
    assert ran.out.startswith(start)
    assert (0, "") == (told.code, told.out)
    written = Path(f"out.{form}").read_text(encoding="utf-8")
    assert re.sub(r"\d s\b|\"seconds.*", "", ran.out) == re.sub(r"\d s\b|\"seconds.*", "", written)


def test_extract_leaves_out_the_text(sayso: Sayso) -> None:
    """--no-text leaves the article out of the JSON, and the record is whole else."""
    with LyingServer(GOOD) as server:
        ran = sayso("extract", "story.txt", *remote(server), "-f", "json", "--no-text")
    record = Extraction.model_validate_json(ran.out)
    assert (None, "story", "story.txt") == (
        record.document.text,
        record.document.id,
        record.document.origin,
    )


def test_extract_reads_standard_input() -> None:
    """- is standard input, as bytes: line ends and encoding are the article's own."""
    data = TEXT.replace("\n", "\r\n").encode("windows-1252")
    with LyingServer(GOOD) as server:
        command = [sys.executable, "-m", "agent.cli", "extract", "-", "-f", "json", *remote(server)]
        ran = subprocess.run(command, input=data, capture_output=True, check=False)
    assert (0, 2) == (ran.returncode, ran.stderr.count(b"\n")), ran.stderr
    record = Extraction.model_validate_json(ran.stdout)
    assert TEXT.replace("\n", "\r\n") == record.document.text
    assert "decoded as windows-1252" in record.flags
    assert b"note: decoded as windows-1252" in ran.stderr


def test_extract_with_force_flags_the_language(sayso: Sayso) -> None:
    """A text that isn't English is read with --force, and the record says so."""
    Path("story.txt").write_text(GERMAN, encoding="utf-8")
    with LyingServer(completion('{"claims": []}')) as server:
        ran = sayso("extract", "story.txt", *remote(server), "--force", "-f", "json")
    assert 0 == ran.code
    assert "seems to be German (de), not English" in json.loads(ran.out)["flags"]


def test_extract_lets_no_escape_sequence_through(sayso: Sayso) -> None:
    """What an article holds, a terminal doesn't obey, in any form."""
    evil = "\x1b]0;evil\x07\x1b[31m [bold]red[/bold] \x9b2J"
    text = TEXT.replace("We will not gamble with lives", f"We will not gamble {evil} with lives")
    Path("story.txt").write_text(text, encoding="utf-8")
    claims = json.dumps(CLAIMS).replace("gamble", f"gamble {json.dumps(evil)[1:-1]}")
    with LyingServer(completion(claims)) as server:
        for form in ("table", "json", "jsonl", "md", "csv"):
            ran = sayso("extract", "story.txt", *remote(server), "-f", form)
            assert 0 == ran.code, ran.err
            assert [] == re.findall("[\0-\x09\x0b-\x1f\x7f-\x9f]", ran.out + ran.err)
            assert "Asta Lind" in ran.out


# ---- endpoints that fail ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("message", "answer"),
    [
        ("is silent", hang),
        ("no whole answer within 2 s", drip_body),
        ("check the API key", api_error(401, "Incorrect API key provided: " + KEY)),
        ("answered 429", api_error(429, "slow down", headers={"retry-after": "900"})),
        ("answered 500", api_error(500, "\x1b[31m[bold]oops[/bold]")),
        ("no quota is left", api_error(429, "no", code="insufficient_quota")),
        ("check that the base URL", answer_bytes(b"<html>hi", content_type="text/html")),
        ("can't be used", answer_bytes(b'{"id": "c1", "choi')),
        ("sayso: ", cut_short),
        ("no connection", reset),
        ("can't be used", completion('{"claims": [{"content": "We will')),
        ("cut off at its limit", completion('{"claims": [', finish_reason="length")),
        ("empty answer", answer_json({"id": "c1", "object": "chat.completion", "choices": []})),
        ("can't be used", completion("[]")),
        ("can't be used", completion("")),
        ("refuses this text", completion(None, refusal="I can't help with that")),
    ],
)
def test_endpoint_that_fails_is_a_message_and_1(
    sayso: Sayso, monkeypatch: pytest.MonkeyPatch, message: str, answer: Answer
) -> None:
    """Whatever an endpoint does, a person gets one line; nothing partial is shown or written."""
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    configure("timeout_s = 1.0\ndeadline_s = 2.0\nattempts = 1\n")
    with LyingServer(answer) as server:
        ran = sayso("extract", "story.txt", *remote(server), "-o", "out.json")
    assert (1, "", 2) == (ran.code, ran.out, ran.err.count("\n")), ran.err
    assert message in ran.err.splitlines()[1]
    assert ("Traceback" in ran.err, KEY in ran.err, "\x1b" in ran.err) == (False, False, False)
    assert not Path("out.json").exists()


def test_endpoint_that_fails_midway_shows_nothing(sayso: Sayso) -> None:
    """A long text whose second part fails gives no result of its first part."""
    Path("story.txt").write_text(TEXT * 300, encoding="utf-8")
    configure("attempts = 1\n")
    with LyingServer(GOOD, api_error(500)) as server:
        ran = sayso("extract", "story.txt", *remote(server))
        assert len(server.requests) >= 2
    assert (1, "") == (ran.code, ran.out)
    assert "answered 500" in ran.err


def test_endpoint_that_is_down_is_a_message_and_1(sayso: Sayso) -> None:
    """A port that nobody listens on is told with its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
    configure("attempts = 1\n")
    ran = sayso("extract", "story.txt", "-m", "m", "--base-url", url)
    assert (1, "") == (ran.code, ran.out)
    assert "no connection to 127.0.0.1" in ran.err


def test_endpoint_without_claims_is_no_failure(sayso: Sayso) -> None:
    """An article in which nothing is claimed has an empty table."""
    with LyingServer(completion('{"claims": []}')) as server:
        ran = sayso("extract", "story.txt", *remote(server))
    assert 0 == ran.code


def test_passage_reading_needs_a_grammar(sayso: Sayso) -> None:
    """A way to read that the engine can't go is told as such."""
    with LyingServer(GOOD) as server:
        ran = sayso("extract", "story.txt", *remote(server), "--reading", "passage")
    assert (1, "") == (ran.code, ran.out)
    assert "--reading document" in ran.err


# ---- our own faults, and the way out ----------------------------------------------------------


@pytest.fixture
def _bug(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make reading a file fail in a way that nobody foresaw."""

    def fail(*_: object, **__: object) -> None:
        raise KeyError(f"\x1b[31m{KEY}")

    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setattr("agent.inputs.read_article", fail)


@pytest.mark.usefixtures("_bug")
def test_bug_is_one_line(sayso: Sayso) -> None:
    """An unforeseen error is called a bug, without traceback, escape sequence or key."""
    ran = sayso("extract", "story.txt")
    assert (1, "", 1) == (ran.code, ran.out, ran.err.count("\n"))
    assert "this is a bug in sayso, run it again with --debug" in ran.err
    assert ("\x1b" in ran.err, KEY in ran.err) == (False, False)


@pytest.mark.usefixtures("_bug")
def test_bug_shows_its_place_with_debug(sayso: Sayso) -> None:
    """--debug shows the traceback, without the key."""
    ran = sayso("extract", "story.txt", "--debug")
    assert "Traceback" in ran.err
    assert KEY not in ran.err


def test_interrupt_ends_quickly_with_130() -> None:
    """Ctrl-C doesn't wait for the answer that is under way."""
    with LyingServer(hang) as server:
        command = [sys.executable, "-m", "agent.cli", "extract", "story.txt", *remote(server)]
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        try:
            while not server.requests and process.poll() is None:
                time.sleep(0.05)
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=5)
        finally:
            process.kill()
    assert (130, "") == (process.returncode, out)
    assert err.endswith("sayso: interrupted\n")
    assert "Traceback" not in err


def test_reader_that_leaves_is_no_traceback() -> None:
    """`sayso … | head` ends without complaint."""
    reading, writing = os.pipe()
    os.close(reading)
    with LyingServer(GOOD) as server:
        command = [sys.executable, "-m", "agent.cli", "extract", "story.txt", *remote(server)]
        for form in ("table", "json"):
            ran = subprocess.run(
                [*command, "-f", form],
                stdout=writing,
                stderr=subprocess.PIPE,
                text=True,
                check=False,
            )
            assert (1, 1) == (ran.returncode, ran.stderr.count("\n")), ran.stderr
    os.close(writing)


# ---- Python -----------------------------------------------------------------------------------


def test_extract_text_does_the_same_in_three_lines() -> None:
    """`extract_text` gives the record, and keeps the engine for the next call."""
    with LyingServer(GOOD) as server:
        record = agent.extract_text(TEXT, model="served", base_url=server.base_url)
        again = agent.extract_text(TEXT, model="served", base_url=server.base_url)
    spoken = [claim for claim in record.claims if claim.attribution.kind == "direct"]
    assert ["We will not gamble with lives"] == [claim.content[0].text for claim in spoken]
    assert record.claims == again.claims


def test_extract_text_raises_our_errors() -> None:
    """What goes wrong is an AgentError."""
    with pytest.raises(agent.AgentError, match="is empty"):
        agent.extract_text(" ")
    with pytest.raises(agent.AgentError, match="seems to be German"):
        agent.extract_text(GERMAN)


@pytest.mark.parametrize(
    ("expected", "event"),
    [
        ("loading", Event("loading", 0, 0)),
        ("0/8", Event("asking", 0, 8)),
        ("3/8", Event("asking", 3, 8)),
    ],
)
def test_bar_counts_only_what_it_knows(expected: str, event: Event) -> None:
    """The stage and how many steps are done stand beside the bar; "0/?" doesn't."""
    console = Console(file=io.StringIO(), force_terminal=True, width=80)
    with progress(console) as listen:
        listen(event)
    assert isinstance(console.file, io.StringIO)
    text = console.file.getvalue()
    assert (True, False) == (expected in text, "?" in text.replace("\x1b[?25", ""))
