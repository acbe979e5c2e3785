"""What README and docs show of a reading: made here, by `make docs`, and checked by a test.

The replies come from the gold's recording, so no model is loaded; the rest is the product. A page
has the parts between marks: <!-- demo:begin --> … <!-- demo:end -->.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from rich.console import Console, RenderableType

from agent.api import open_document
from agent.document import Article
from agent.engine import Engine
from agent.engines.cached import CachedEngine
from agent.extract import Resources, extract
from agent.files import load_resources, write_report
from agent.repl.desk import Desk
from agent.repl.lines import Line, Piped
from agent.repl.loop import greet, run
from agent.repl.reader import Reader
from agent.report import table
from agent.schema import Claim
from agent.settings import Settings, load_settings
from agent.store import Store
from evals.docs import with_part

ROOT = Path(__file__).parents[1]
RECORDING = ROOT / "evals" / "gold" / "recording.jsonl"
SEED, CLOCK = "examples/seed.txt", "examples/clock.txt"
WIDTH = 80
WHY_NOT = "it loads the model; `make docs` writes it from recorded replies"


@contextmanager
def recorded() -> Iterator[Engine]:
    """Yield the embedded engine as its recorded replies have it; it fails on any other request."""
    with Store() as store:
        store.load_recording(RECORDING.read_text("utf-8"), RECORDING.name)
        yield CachedEngine(None, store)


def make_all(resources: Resources) -> dict[tuple[str, str], str]:
    """Return all that is shown, by page and name."""
    with recorded() as engine:
        return {
            ("README.md", "demo"): demo(resources, engine),
            ("README.md", "cast"): cast(resources, engine, f"/open {CLOCK}", "/show 3"),
            ("docs/quickstart.md", "table"): _fenced(
                f"$ sayso extract {CLOCK}", *_table(resources, engine, CLOCK)[0]
            ),
        }


def _fenced(*lines: str) -> str:
    return "\n".join([f"<!-- not run here: {WHY_NOT} -->", "```console", *lines, "```"])


# ---- tables -----------------------------------------------------------------------------------


def demo(resources: Resources, engine: Engine) -> str:
    """Return three rows of the sample's table, as different as they come."""
    lines, claims = _table(resources, engine, SEED)
    telling = [
        next(c.id for c in claims if c.attribution.kind == "direct" and _passed_on(c)),
        next(c.id for c in claims if c.confidence == "possible" and _passed_on(c)),
        next(c.id for c in claims if c.act == "decline"),
    ]
    shown = [line for name in sorted(telling) for line in (*_row(lines, name), "…")]
    return _fenced("$ make demo", "…", *shown)


def _passed_on(claim: Claim) -> bool:
    return len(claim.attribution.chain) > 1


def _row(lines: list[str], name: str) -> list[str]:
    """Return the lines of the row that begins with this id."""
    first = next(n for n, line in enumerate(lines) if line.startswith(f"│ {name} "))
    last = next(n for n in range(first, len(lines)) if not lines[n].startswith("│"))
    return lines[first:last]


def _table(resources: Resources, engine: Engine, path: str) -> tuple[list[str], list[Claim]]:
    """Return the lines of an example's table, and its claims."""
    document = open_document(Article((ROOT / path).read_text("utf-8"), origin=path))
    record = extract(document, resources, engine)
    return _printed(table(record)), record.claims


def _printed(what: RenderableType) -> list[str]:
    console = _console()
    console.print(what)
    return _written(console)


# ---- the REPL ---------------------------------------------------------------------------------


class _Typed(Piped):
    """Lines as a person types them: each shows behind its prompt."""

    interactive = True

    def __init__(self, lines: tuple[str, ...], console: Console) -> None:
        super().__init__(io.StringIO("".join(f"{line}\n" for line in lines)))
        self._console = console

    def command(self, prompt: str) -> Line:
        line = super().command(prompt)
        self._console.file.write(f"{prompt}{line.text}\n")
        return line


def cast(resources: Resources, engine: Engine, *commands: str) -> str:
    """Return what a person sees who opens the REPL and types these commands."""
    console = _console()
    desk = Desk(
        console,
        console,
        _Typed(commands, console),
        Reader(Settings(), build=lambda _: nullcontext(engine), load=lambda _: resources),
    )
    greet(desk)
    run(desk)
    return _fenced("$ sayso", *_written(console))


def _console() -> Console:
    return Console(file=io.StringIO(), width=WIDTH, markup=False, highlight=False, emoji=False)


def _written(console: Console) -> list[str]:
    assert isinstance(console.file, io.StringIO)
    return [line.rstrip() for line in console.file.getvalue().splitlines()]


if __name__ == "__main__":
    for (page, name), made in make_all(load_resources(load_settings())).items():
        path = ROOT / page
        write_report(path, with_part(path.read_text("utf-8"), name, made))
        sys.stderr.write(f"{page}: {name} written\n")
