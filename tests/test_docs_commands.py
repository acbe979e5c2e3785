"""README and docs: every command in them runs, and prints what they show."""

from __future__ import annotations

import io
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main

import shown
from agent import cli
from agent.files import load_resources
from agent.settings import Settings, load_settings
from command_runs import Ran, run_command
from doc_blocks import RUN, SHOWN, Block, fits, read_blocks, read_inline, read_links, read_steps
from evals.commands import app as evals_app
from input_samples import make_pdf, show
from listing_server import ListingServer, articles
from page_server import PageServer, send
from sample_records import sample

ROOT = shown.ROOT
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
WORDS = (ROOT / shown.CLOCK).read_text("utf-8")
Faults = Callable[[str], list[str]]


def not_run() -> list[Any]:
    """Return a parameter for each block that isn't run, named by its place."""
    return [
        pytest.param(block.why_not, id=f"{page.name}:{block.line}")
        for page in PAGES
        for block in read_blocks(page.read_text("utf-8"))
        if block.why_not is not None
    ]


# ---- a folder as the docs speak of it, and a shell in it --------------------------------------


@pytest.fixture
def faults(
    bare_home: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Faults]:
    """Yield what runs the blocks of a page and returns what is wrong, one line for each fault.

    The folder is like a checkout with some articles in it. Without -m a loopback server reads;
    example.org is one, too.
    """
    _fill(bare_home)
    story = "".join(f"<p>{line}</p>" for line in WORDS.split("\n\n") * 5)
    html = f"<html><title>Clock tower</title><body><article>{story}</article></body></html>"
    with (
        ListingServer() as model,
        PageServer({"/story": send(html.encode(), content_type="text/html")}) as web,
    ):
        monkeypatch.setenv("SAYSO_MODEL", "served")
        monkeypatch.setenv("OPENAI_BASE_URL", model.base_url)
        monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}:{os.environ['PATH']}")
        stands_for = {
            "https://example.org/story": f"{web.url}/story --allow-private",
            "--max-cost 20": "--max-cost 20 --price 1,2",  # the loopback's price isn't in the list
        }

        def run(command: str) -> Ran:
            for words, real in stands_for.items():
                command = command.replace(words, real)
            return _run(command, capfd, monkeypatch)

        yield lambda page: list(_faults(page, run))


def _fill(folder: Path) -> None:
    shutil.copytree(ROOT / "examples", folder / "examples")
    shutil.copytree(ROOT / "prompts", folder / "prompts")
    (folder / "evals").symlink_to(ROOT / "evals")
    (folder / ".venv").symlink_to(sys.prefix)
    (folder / "article.txt").write_text(WORDS, "utf-8")
    (folder / "article.pdf").write_bytes(make_pdf([show(WORDS.splitlines())]))
    (folder / "articles.jsonl").write_text(articles(3), "utf-8")
    (folder / "records.jsonl").write_text(f"{sample().model_dump_json(by_alias=True)}\n", "utf-8")


def _run(command: str, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Ran:
    """Run a line of a shell: `sayso`, at a pipe's end too, in this process; all else in bash."""
    before, _, last = command.rpartition("|")
    words = shlex.split(last if before else command, comments=True)
    if words[:1] != ["sayso"]:
        return _bash(command)
    given = _bash(before).out if before else ""
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(given.encode()), "utf-8"))
    return run_command(capfd, *words[1:])


def _bash(command: str) -> Ran:
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],  # noqa: S607
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    return Ran(done.returncode, done.stdout, done.stderr)


# ---- what can be wrong ------------------------------------------------------------------------


def _faults(page: str, run: Callable[[str], Ran]) -> Iterator[str]:
    for block in read_blocks(page):
        where = f"line {block.line}"
        if block.language not in RUN + SHOWN:
            yield f"{where}: is {block.language!r} to be run? known: {', '.join(RUN + SHOWN)}"
        elif block.why_not is not None:
            yield from _unrun_faults(block, where)
        elif block.language == "python":
            exec(compile(block.text, where, "exec"), {})  # noqa: S102
        elif block.language == "toml":
            (path := Path("config.toml")).write_text(block.text, "utf-8")
            load_settings(environ={}, config=path)
        elif block.language in RUN:
            for step in read_steps(block):
                ran = run(step.command)
                if ran.code:
                    yield f"{where}: {step.command} ends with {ran.code}: {ran.err.strip()[-300:]}"
                elif step.shown and not fits(step.shown, ran.out):
                    yield f"{where}: {step.command} prints\n{ran.out}"


def _unrun_faults(block: Block, where: str) -> Iterator[str]:
    if not block.why_not:
        yield f"{where}: not run, and no reason is given"
    if block.language == "python":
        compile(block.text, where, "exec")
    elif block.language in RUN:
        for step in read_steps(block):
            yield from (f"{where}: {fault}" for fault in _name_faults(step.command))


def _name_faults(command: str) -> Iterator[str]:
    """Yield what isn't there of the commands and options that a line names."""
    if command.split()[:1] == ["make"]:
        makefile = (ROOT / "Makefile").read_text("utf-8")
        targets = [word for word in _words(command)[1:] if "=" not in word]
        yield from (f"no make {word}" for word in targets if f"\n{word}:" not in makefile)
    elif command.split()[:2] == ["sayso", "eval"]:
        yield from _sayso_faults(command, typer.main.get_command(evals_app), _words(command)[2:])
    elif command.split()[:1] == ["sayso"]:
        yield from _sayso_faults(command, typer.main.get_command(cli.app), _words(command)[1:])


def _words(command: str) -> list[str]:
    return shlex.split(command, comments=True)


def _sayso_faults(line: str, command: Any, words: list[str]) -> Iterator[str]:
    """Yield what a command doesn't know of some words; "stats|prune" are two commands."""
    inner: dict[str, Any] = getattr(command, "commands", {})
    if inner and words and words[0][0].isalpha():
        first, second = words[0], words[1] if len(words) > 1 else ""
        two = [f"{first} {name}" for name in second.split("|")]  # as in "batch submit"
        names, rest = (two, words[2:]) if two[0] in inner else (first.split("|"), words[1:])
        yield from (f"{line}: no command {name}" for name in names if name not in inner)
        for name in names:
            if name in inner:
                yield from _sayso_faults(line, inner[name], rest)
        return
    known = {option for p in command.params for option in (*p.opts, *p.secondary_opts)}
    given = [word.partition("=")[0] for word in words if word.startswith("-") and word != "-"]
    yield from (f"{line}: no option {word}" for word in given if word not in known | {"--help"})


# ---- the pages --------------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_docs_commands_run(page: Path, faults: Faults) -> None:
    """Every block of a page runs from top to bottom, ends with 0 and prints what is shown."""
    assert [] == faults(page.read_text("utf-8"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_docs_name_commands_that_are_there(page: Path) -> None:
    """Commands within the text name commands, options and targets of make that exist."""
    inline = read_inline(page.read_text("utf-8"))
    assert [] == [fault for code in inline for fault in _name_faults(code.replace("…", ""))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_docs_links_lead_somewhere(page: Path) -> None:
    """Links within the repository lead to a file or folder that is there."""
    links = read_links(page.read_text("utf-8"))
    assert [] == [link for link in links if not (page.parent / link).exists()]


@pytest.mark.parametrize("why", not_run())
def test_docs_block_is_not_run(why: str) -> None:
    """What isn't run is listed here, with the reason."""
    pytest.skip(why)


def test_docs_show_what_a_reading_gives(
    weights_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tables and the REPL's transcript are what the recorded replies give today (`make docs`)."""
    monkeypatch.chdir(ROOT)
    resources = load_resources(Settings(cache_dir=weights_cache))
    for (page, name), made in shown.make_all(resources).items():
        assert made in (ROOT / page).read_text("utf-8"), f"{page}: {name}; run `make docs`"


def test_docs_limits_quote_the_quality_page() -> None:
    """Figures of limits.md that aren't made from the run file stand in quality.md too."""
    limits, quality = (
        (ROOT / "docs" / f"{n}.md").read_text("utf-8") for n in ("limits", "quality")
    )
    quoted = re.findall(r"(?<!\d)\.\d{2,3}", limits.partition("<!-- mistakes:end -->")[2])
    assert quoted
    assert [] == [figure for figure in quoted if figure not in quality]


BROKEN = {
    "$ sayso extract nowhere.txt": "ends with 1",
    "$ sayso extract article.txt --shiny": "ends with 2",
    "$ sayso models\nqwen, here": "prints",
    "$ printf '/show 99\\n' | sayso": "ends with 1",
    "$ ls nowhere": "ends with 2",
}


@pytest.mark.parametrize(("block", "fault"), BROKEN.items())
def test_docs_commands_that_fail_are_found(block: str, fault: str, faults: Faults) -> None:
    """A command that fails, or prints something else than the page shows, is a fault."""
    assert [] == faults("```console\n$ printf '1\\n2\\n3\\n4\\n'\n1\n…\n4\n```\n")
    (found,) = faults(f"Do this:\n\n```console\n{block}\n```\n")
    assert "line 3: " in found
    assert fault in found


def test_docs_block_without_a_reason_is_found(faults: Faults) -> None:
    """A block that isn't to be run says why; what it names is looked up all the same."""
    page = "<!-- not run here{} -->\n```console\n$ sayso extract a.txt {}\n$ make {}\n```\n"
    assert [] == faults(page.format(": it takes a day", "-f md", "test"))
    assert ["line 2: not run, and no reason is given"] == faults(page.format("", "", "test"))
    assert ["line 2: not run, and no reason is given"] == faults(page.format(":", "", "test"))
    unknown = faults(page.format(": it takes a day", "--shiny", "tea"))
    assert [
        "line 2: sayso extract a.txt --shiny: no option --shiny",
        "line 2: no make tea",
    ] == unknown
    assert ["sayso cache melt: no command melt"] == list(_name_faults("sayso cache melt"))
    assert "to be run?" in faults("```bash\nls\n```\n")[0]
