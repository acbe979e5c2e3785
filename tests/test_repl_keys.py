"""The REPL at the keyboard: pasting, completion, selecting, and a real terminal."""

from __future__ import annotations

import io
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Self

import pytest
from prompt_toolkit.input import PipeInput, create_pipe_input
from prompt_toolkit.output import DummyOutput

import agent
from agent.document import Extent
from agent.extract import Resources
from agent.repl.complete import Completions, candidates
from agent.repl.desk import Desk
from agent.repl.goldwork import begin
from agent.repl.lines import Piped, Terminal
from agent.repl.loop import run
from agent.repl.session import Session
from lying_server import LyingServer
from repl_desk import LAKE, make_desk, written
from sample_records import TEXT, sample
from test_cli import GOOD

KEYS = {"enter": "\r", "ctrl-c": "\x03", "ctrl-d": "\x04"}


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in an empty folder with one article and a home of its own."""
    monkeypatch.chdir(tmp_path)
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "SAYSO_MODEL", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    Path("lake.txt").write_text(LAKE, encoding="utf-8")


# ---- keys -------------------------------------------------------------------------------------


@pytest.fixture
def keys() -> Iterator[PipeInput]:
    """Yield a keyboard."""
    with create_pipe_input() as pipe:
        yield pipe


@pytest.fixture
def typed(resources: Resources, keys: PipeInput, tmp_path: Path) -> Callable[..., Desk]:
    """Return a function that types keys into a REPL and returns its desk when it has ended."""

    def type_keys(*what: str) -> Desk:
        history = tmp_path / "data" / "history"
        desk = make_desk(resources, Piped(io.StringIO()))
        completer = Completions(lambda: desk.session, lambda: desk.walking)
        desk.lines = Terminal(completer, history, input=keys, output=DummyOutput())
        keys.send_text("".join(what) + KEYS["ctrl-d"])
        assert 0 == run(desk)
        return desk

    return type_keys


def pasted(text: str) -> str:
    """Return the keys of a terminal's bracketed paste."""
    return f"\x1b[200~{text}\x1b[201~"


@pytest.mark.parametrize(
    "what",
    [
        pytest.param((pasted(f"{LAKE}\n\nIt is cold.\n"), ".\r"), id="dot"),
        pytest.param((pasted(f"{LAKE}\r\rIt is cold."), KEYS["ctrl-d"]), id="ctrl-d"),
        pytest.param((f"{LAKE}\r\rIt is cold.", KEYS["ctrl-d"]), id="typed, last line open"),
        pytest.param((f"{LAKE}\r", pasted("\nIt is cold.\n"), ".\r"), id="typed, then pasted"),
        pytest.param((f"{LAKE}\r", "?\r", "\rIt is cold.\r.\r"), id="asked how to end"),
        pytest.param(("/paste\r", f"{LAKE}\r\rIt is cold.\r.\r"), id="by command"),
    ],
)
def test_article_is_pasted_or_typed(typed: Callable[..., Desk], what: tuple[str, ...]) -> None:
    """A dot or Ctrl-D ends it; both are said on the screen, and the text is as it was."""
    desk = typed(*what)
    assert desk.session.article is not None
    assert f"{LAKE}\n\nIt is cold." == desk.session.article.text
    assert "a line that holds only a dot ends it, or Ctrl-D" in written(desk.notes)
    assert "[1?: the lake may rise]" in written(desk.console)


def test_pasted_dot_is_of_the_article(typed: Callable[..., Desk]) -> None:
    """Only a dot that is typed ends the article, and no pasted line is a command."""
    desk = typed(pasted("Ann Lee said that ice is thin.\n.\n/quit\n"), ".\r")
    assert desk.session.article is not None
    assert "Ann Lee said that ice is thin.\n.\n/quit" == desk.session.article.text


def test_ctrl_c_forgets_the_article_and_the_line(typed: Callable[..., Desk]) -> None:
    """Ctrl-C leaves what was begun, never the program."""
    desk = typed("/cl", KEYS["ctrl-c"], f"{LAKE}\r", KEYS["ctrl-c"], "/cost\r")
    assert desk.session.article is None
    assert "forgotten" in written(desk.notes)
    assert "since the start" in written(desk.console)


def test_command_without_slash_is_asked_about(typed: Callable[..., Desk]) -> None:
    """Who forgets the slash isn't caught in an article."""
    desk = typed("show 3\r")
    assert "commands begin with a slash: /show 3" in written(desk.notes)


def test_history_holds_commands_and_no_article(typed: Callable[..., Desk], tmp_path: Path) -> None:
    """It lies in a file that nobody else may read, and articles aren't in it."""
    typed("/open lake.txt\r", f"{LAKE}\r.\r", "/cost\r")
    path = tmp_path / "data" / "history"
    told = path.read_text(encoding="utf-8")
    commands = [line for line in told.splitlines() if line.startswith("+")]
    assert (["+/open lake.txt", "+/cost"], 0o600) == (commands, path.stat().st_mode & 0o777)


def test_tab_completes_a_command(typed: Callable[..., Desk]) -> None:
    """One candidate is put in."""
    assert "since the start" in written(typed("/cos\t\r").console)


def test_words_are_selected_with_the_keyboard(typed: Callable[..., Desk]) -> None:
    """In the walk, + opens the article: space begins, Enter takes whole words."""
    right = "\x1b[C"
    desk = typed("/open lake.txt\r", "/gold\r", "+\r", " ", right * 10, "\r", "q\r")
    work = desk.session.gold
    assert work is not None
    assert ["the lake may rise", "the lake may"] == [
        span.text for item in work.items[:2] for span in item.claim.content
    ]


def test_selecting_is_left_with_escape(resources: Resources, keys: PipeInput) -> None:
    """Nothing is selected then."""
    terminal = Terminal(Completions(Session, lambda: False), input=keys, output=DummyOutput())
    keys.send_text(" \x1b[C\x1b")
    assert terminal.pick("They left.", 0) is None
    keys.send_text("\x1b[C \x1b[C\r")
    assert Extent(0, 4) == terminal.pick("They left.", 0)


# ---- completion -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("begun", "some", "line"),
    [
        ("/sh", "/show", "/sh"),
        ("Ast", "Asta Lind", "/who Ast"),
        ("", "4", "/show "),
        ("", "confidence=", "/filter "),
        ("po", "possible", "/filter confidence=po"),
        ("pro", "probable", "/filter act=deny confidence=possible,pro"),
        ("Tarn", "Tarnholm Courier", "/filter source=Tarn"),
        ("", "gold", "/help "),
        ("", "qwen2.5-coder-0.5b", "/model "),
        ("con", "confidence", "f con"),
        ("ce", "certain", "f confidence ce"),
        ("L", "Asta Lind", "f source courier < L"),
        ("", "a", ""),
    ],
)
def test_completion_knows_what_may_stand_there(begun: str, some: str, line: str) -> None:
    """Commands, claims, sources, keys and values, and the keys of the walk."""
    session = Session(record=sample(), gold=begin(sample()))
    found, options = candidates(line, session, walking=not line.startswith("/"))
    assert begun == found
    assert some in {text for text, _ in options}


# ---- a real terminal --------------------------------------------------------------------------

TMUX = shutil.which("tmux")


class Screen:
    """A terminal of tmux in which a command runs."""

    def __init__(self, width: int, height: int, command: str) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="sayso")
        self._socket = str(Path(self._folder.name) / "s")
        size = ["-x", str(width), "-y", str(height)]
        self._tmux("new-session", "-d", *size, command)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        command = [TMUX or "tmux", "-S", self._socket, "kill-server"]
        subprocess.run(command, capture_output=True, check=False)
        self._folder.cleanup()

    def _tmux(self, *arguments: str) -> str:
        command = [TMUX or "tmux", "-S", self._socket, "-f", os.devnull, *arguments]
        environ = dict(os.environ)  # and not what readline put into C's: the size of no terminal
        ran = subprocess.run(command, capture_output=True, text=True, check=True, env=environ)
        return ran.stdout

    def type(self, text: str, *keys: str) -> None:
        """Type a line."""
        self._tmux("send-keys", "-l", text)
        self._tmux("send-keys", *(keys or ("Enter",)))

    def until(self, words: str, limit_s: float = 60.0) -> str:
        """Return what stands on the screen and above it, as soon as it holds the words."""
        end = time.monotonic() + limit_s
        while time.monotonic() < end:
            text = self._tmux("capture-pane", "-p", "-S", "-")
            if words in text:
                return text
            time.sleep(0.1)
        raise AssertionError(f"{words!r} isn't on the screen:\n{text}")

    def ended(self, limit_s: float = 30.0) -> None:
        """Wait until the command has ended, and the terminal with it."""
        end = time.monotonic() + limit_s
        while time.monotonic() < end:
            listed = [TMUX or "tmux", "-S", self._socket, "list-sessions"]
            if subprocess.run(listed, capture_output=True, check=False).returncode:
                return
            time.sleep(0.1)
        raise AssertionError(f"it hasn't ended:\n{self._tmux('capture-pane', '-p')}")


@pytest.mark.slow
@pytest.mark.skipif(TMUX is None, reason="needs tmux")
def test_repl_in_a_real_terminal(tmp_path: Path, weights_cache: Path) -> None:
    """At 80 columns: open, judge, be killed, start again, resume, and leave with Ctrl-D."""
    Path("story.txt").write_text(TEXT, encoding="utf-8")
    here = Path(agent.__file__).parents[1]
    with LyingServer(GOOD) as server:
        command = (
            f"exec env HOME={tmp_path} SAYSO_CACHE={weights_cache} PYTHONPATH={here} "
            f"{sys.executable} -m agent.cli repl -m served --base-url {server.base_url}"
        )
        with Screen(80, 24, f"echo $$ >pid; {command}") as screen:
            screen.until("Paste an article")
            screen.type("/open story.txt")
            text = screen.until("Read by served")
            assert "We will not gamble with lives]" in text
            assert 80 >= max(map(len, text.splitlines()))
            screen.type("/ok 1 heard it")
            screen.until("ok: heard it (1 of")
            os.kill(int(Path("pid").read_text(encoding="utf-8")), signal.SIGKILL)
        with Screen(200, 50, command) as screen:
            screen.until("/resume 1 takes it up again.")
            screen.type("/resume 1")
            text = screen.until("[1? ok: Harbour tunnel may close until May]")
            assert "on Sunday after water came through the roof]" in text
            screen.type("/show 1")
            screen.until("ok: heard it (")
            screen.type("/nothing", "C-c", "C-d")
            screen.ended()


@pytest.mark.slow
@pytest.mark.skipif(TMUX is None, reason="needs tmux")
def test_repl_without_weights_says_what_to_run(tmp_path: Path) -> None:
    """Whoever opens it first isn't left to find out by an article that can't be read."""
    here = Path(agent.__file__).parents[1]
    command = (
        f"exec env HOME={tmp_path} SAYSO_CACHE={tmp_path} PYTHONPATH={here} "
        f"{sys.executable} -m agent.cli"
    )
    with Screen(80, 24, command) as screen:
        screen.until("in a shell: sayso models fetch")
        screen.type("", "C-d")
        screen.ended()
