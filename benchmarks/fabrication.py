"""Our grounding gate beside langextract and instructor, on spoilt and on true strings.

    python benchmarks/fabrication.py [--peer PYTHON] [--sample 100] [--long]

PYTHON: an interpreter that has the peers, which sayso doesn't need for this:

    python -m venv peers && peers/bin/pip install langextract instructor regex
    python benchmarks/fabrication.py --peer peers/bin/python

The trials are those of `sayso eval fabricate` in which the string alone decides, not where it
stands; each tool gets the same ones, drawn with a fixed seed: so many spoilt, so many true.
A spoilt string is accepted if any words come back for it, whatever the flag; a true one is kept if
its own words come back, letter by letter. A case that takes longer than 30 s counts as lost, or
as not accepted. --long: seconds for a quotation of 300 words in an article of 10,000 instead.
"""

from __future__ import annotations

import argparse
import json
import queue
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from agent.document import Extent
from agent.finder import Finder, Words
from evals.fabrication.gate import Outcome, answer
from evals.fabrication.generate import SEED, generate, kinds
from evals.fabrication.tally import Failure, Row
from evals.fabrication.trials import Trial, as_document, read_pages
from evals.gold import load_cases
from peer_grounding import SETTINGS

ROOT = Path(__file__).parents[1]
WORKER = Path(__file__).with_name("peer_grounding.py")
LIMIT_S = 30.0


@dataclass
class Peer:
    """A tool in a process of its own, ended and started again where it takes too long."""

    python: str
    setting: str
    version: str = ""
    process: subprocess.Popen[str] | None = None
    late: int = 0
    lines: queue.Queue[str] = field(default_factory=queue.Queue)

    def ask(self, string: str, text: str) -> Outcome:
        """Return what the tool finds, nothing after LIMIT_S."""
        process = self.process or self._start()
        assert process.stdin is not None  # noqa: S101  (for the type checker)
        process.stdin.write(json.dumps({"string": string, "text": text}) + "\n")
        process.stdin.flush()
        try:
            got = json.loads(self.lines.get(timeout=LIMIT_S))
        except queue.Empty:
            self.late += 1
            self.end()
            return Outcome("", "too late")
        return Outcome(got["found"], got["flag"])

    def _start(self) -> subprocess.Popen[str]:
        self.lines = queue.Queue()
        process = subprocess.Popen(  # noqa: S603  (the interpreter that was named)
            [self.python, str(WORKER), self.setting],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        threading.Thread(target=_pump, args=(process, self.lines), daemon=True).start()
        self.process = process
        try:
            self.version = json.loads(self.lines.get(timeout=120))["version"]
        except queue.Empty:
            package = SETTINGS[self.setting][0]
            sys.exit(f"{self.python} has no {package}: pip install langextract instructor regex")
        return process

    def end(self) -> None:
        """End the process."""
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None


def _pump(process: subprocess.Popen[str], lines: queue.Queue[str]) -> None:
    assert process.stdout is not None  # noqa: S101  (for the type checker)
    for line in process.stdout:
        lines.put(line)


# ---- side by side ------------------------------------------------------------------------------


def draw(count: int) -> tuple[list[Trial], list[Trial]]:
    """Return so many spoilt trials and so many true ones, always the same."""
    trials = generate(read_pages(load_cases([ROOT / "evals" / "gold"])))
    by_name = {kind.name: kind for kind in kinds() if kind.alone}
    rng = Random(SEED)  # noqa: S311 - a drawing, no secret
    drawn = []
    for group in ("fabricated", "true"):
        fitting = [t for t in trials if t.kind in by_name and by_name[t.kind].group == group]
        drawn.append(rng.sample(fitting, min(count, len(fitting))))
    return drawn[0], drawn[1]


def compare(
    name: str, ask: Callable[[Trial], Outcome], spoilt: Sequence[Trial], true: Sequence[Trial]
) -> str:
    """Return a tool's row of the table."""
    accepted = [(trial, outcome) for trial in spoilt if (outcome := ask(trial)).found]
    lost = [(trial, outcome) for trial in true if not (outcome := ask(trial)).keeps(trial)]
    flags = Counter(outcome.flag for _, outcome in accepted)
    cells = [_cell(accepted, len(spoilt)), _cell(lost, len(true))]
    how = ", ".join(f"{flag} {number}" for flag, number in flags.most_common())
    other = sum(bool(outcome.found) for _, outcome in lost)
    return f"| {name} | {cells[0]} | {how or '–'} | {cells[1]} | {other} |"


def _cell(failed: Sequence[tuple[Trial, Outcome]], tried: int) -> str:
    row = Row("", "", tried, [Failure(*pair) for pair in failed])
    low, high = row.interval
    return f"{len(failed)} of {tried}: {row.rate:.0%} [{low:.1%}, {high:.1%}]"


def table(python: str, count: int) -> Iterator[str]:
    """Yield the table, row by row as the tools get ready."""
    spoilt, true = draw(count)
    yield (
        "| tool | fabricated accepted, 95 % | flagged | true lost, 95 % "
        "| other words came back | longer than 30 s |"
    )
    yield "|---|---|---|---|---|---|"
    yield compare("sayso", answer, spoilt, true) + " 0 |"
    for setting in SETTINGS:
        peer = Peer(python, setting)
        row = compare(setting, lambda t, p=peer: p.ask(t.string, t.text), spoilt, true)  # type: ignore[misc]
        peer.end()
        yield f"{row.replace(setting, f'{setting} ({peer.version})')} {peer.late} |"


# ---- a long quotation --------------------------------------------------------------------------


def long_strings() -> tuple[str, dict[str, str]]:
    """Return an article of 10,000 words, and a quotation of 300 as it is, redressed and spoilt."""
    gold = "\n\n".join(path.read_text("utf-8") for path in sorted(ROOT.glob("evals/gold/*.txt")))
    lines = gold.splitlines()
    quotation = " ".join(f"the {n}th clerk’s ledger lists barge {n * 7}" for n in range(43))
    words, before = 0, list[str]()
    while words < 9_700:
        before.append(lines[len(before) % len(lines)])
        words += len(before[-1].split())
    half = len(before) // 2
    text = "\n".join([*before[:half], "", f"Then {quotation}, she said.", "", *before[half:]])
    return text, {
        "as it stands": quotation,
        "straight apostrophes": quotation.replace("’", "'"),
        "one number changed": quotation.replace("barge 140", "barge 141"),
        "cut by an ellipsis": quotation.replace(" ledger lists barge 140 the 21th clerk’s", " ..."),
    }


def times(python: str) -> Iterator[str]:
    """Yield how long each tool takes for a long quotation."""
    text, strings = long_strings()
    start = time.perf_counter()
    finder = Finder(as_document(text))
    ready = time.perf_counter() - start
    yield f"{len(text.split())} words; sayso reads the article once, in {ready * 1000:.0f} ms"
    yield "| tool | " + " | ".join(strings) + " |"
    yield "|---|" + "---|" * len(strings)
    near = Extent(0, len(text))
    ours = [
        _time(lambda s=s: finder.find(Words(s), near, content=True))  # type: ignore[misc]
        for s in strings.values()
    ]
    yield "| sayso | " + " | ".join(ours) + " |"
    for setting in SETTINGS:
        peer = Peer(python, setting)
        peer.ask("ready", "He was ready.")
        cells = [_time(lambda s=s, p=peer: p.ask(s, text)) for s in strings.values()]  # type: ignore[misc]
        peer.end()
        yield f"| {setting} | " + " | ".join(cells) + " |"


def _time(work: Callable[[], object]) -> str:
    start = time.perf_counter()
    work()
    taken = time.perf_counter() - start
    return f"{taken * 1000:.1f} ms" if taken < LIMIT_S else "longer than 30 s"


def main() -> None:
    """Print the table that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else "")
    parser.add_argument("--peer", default=sys.executable, metavar="PYTHON")
    parser.add_argument("--sample", type=int, default=100)
    parser.add_argument("--long", action="store_true")
    options = parser.parse_args()
    rows = times(options.peer) if options.long else table(options.peer, options.sample)
    for row in rows:
        print(row, flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
