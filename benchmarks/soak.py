"""Memory, file handles, threads and store of a long `sayso batch`, sampled while it runs.

    python benchmarks/soak.py loopback [--documents 50000] [--workers 16]
    python benchmarks/soak.py embedded [--minutes 30]

*loopback*: short articles (2 sentences) against a server on this machine, in a process of its own.
*embedded*: articles as long as news is, read by the embedded engine until the time is up. Articles
are fed through standard input, and a sample is taken whenever the command tells its progress, each
ten seconds. It ends with 1 where something grew that shouldn't: after a quarter of the time nothing
but the store may, and that only with the documents that it holds. Linux tells the figures.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from statistics import mean
from typing import IO, Any

from loopback import serving
from made_up import LONG, lines
from outcome import Row, tell

SHORT = 2  # sentences
LATENCY_S = 0.02
SHOWN = 12  # samples in the table; all are in the JSON
MOST_GROWN_MB = 20.0  # from the second quarter to the last one, in the mean


def soak(more: Sequence[str], articles: Iterable[str], folder: Path) -> tuple[list[Row], Row]:
    """Return the samples of a run over these articles, and what it said at its end."""
    command = [sys.executable, "-m", "agent.cli", "batch", "-", "-o", str(folder / "out.jsonl")]
    store = folder / "store.db"
    with subprocess.Popen(  # noqa: S603  (our own command)
        [*command, "--log-json", *more],
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        pipesize=4096,  # else dozens of articles lie in it when the time is up
        text=True,
        env=os.environ | {"SAYSO_STORE": str(store)},
    ) as process:
        assert process.stdin is not None  # noqa: S101  (for the type checker)
        assert process.stderr is not None  # noqa: S101  (for the type checker)
        threading.Thread(target=_feed, args=(process.stdin, articles), daemon=True).start()
        rows: list[Row] = []
        end: Row = {"failed": None}
        for line in process.stderr:
            if not line.startswith("{"):  # a traceback
                sys.stderr.write(line)
                continue
            event = json.loads(line)
            if event["event"] == "progress":
                rows.append(_sample(process.pid, store, event))
            elif event["event"] == "end":
                end = event
    return rows, end | {"exit": process.returncode}


def _feed(pipe: IO[str], articles: Iterable[str]) -> None:
    """Write the articles as fast as they're read, and close."""
    with suppress(BrokenPipeError), pipe:
        for article in articles:
            pipe.write(article)


def _sample(pid: int, store: Path, event: dict[str, Any]) -> Row:
    """Return what the process holds now."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    told = dict(line.split(":", 1) for line in status.splitlines())
    beside = [store.with_name(f"{store.name}{end}") for end in ("", "-wal", "-shm")]
    return {
        "seconds": round(event["seconds"]),
        "documents": event["documents"],
        "calls": event["calls"],
        "documents/s": event["per_s"],
        "memory MB": int(told["VmRSS"].split()[0]) / 1024,
        "handles": len(list(Path(f"/proc/{pid}/fd").iterdir())),
        "threads": int(told["Threads"]),
        "store MB": sum(path.stat().st_size for path in beside if path.exists()) / 1e6,
    }


def judge(rows: Sequence[Row], workers: int) -> dict[str, str]:
    """Return in words what became of each figure, with "GREW" in what shouldn't have grown.

    workers: so many connections may be open at a sample, or not.
    """
    quarter = max(1, len(rows) // 4)
    early, late = rows[quarter : 2 * quarter] or rows, rows[-quarter:]

    def of(part: Sequence[Row], column: str, figure: Callable[[Iterable[float]], float]) -> float:
        return figure([row[column] for row in part])

    grown_mb = of(late, "memory MB", mean) - of(early, "memory MB", mean)
    told = {"memory": f"{grown_mb:+.1f} MB{' GREW' * (grown_mb > MOST_GROWN_MB)}"}
    for column, spare in (("handles", workers), ("threads", 0)):
        before, after = of(early, column, max), of(late, column, max)
        told[column] = f"{before:.0f} then {after:.0f}{' GREW' * (after > before + spare)}"
    read = rows[-1]["documents"] - rows[0]["documents"]
    kept_mb = rows[-1]["store MB"] - rows[0]["store MB"]
    told["store"] = f"{1000 * kept_mb / max(1, read):.1f} kB a document"
    return told


def report(name: str, rows: Sequence[Row], end: Row, asked: Row) -> bool:
    """Print the table, write the JSON, and return whether all went well."""
    if not rows:
        sys.stdout.write(f"{name}: it ended before the first sample: {end}\n")
        return False
    shown = [*rows[:-1][:: max(1, len(rows) // SHOWN)], rows[-1]]
    told = judge(rows, asked["workers"])
    tell(f"soak-{name}", rows, shown, **asked, **told, end=end)
    whole = end["exit"] == 0 and end["failed"] == 0
    return whole and not any("GREW" in words for words in told.values())


def until(minutes: float) -> Iterator[str]:
    """Yield articles as long as news is until the time is up."""
    ends_s = time.monotonic() + 60 * minutes
    for number in itertools.count():
        if time.monotonic() > ends_s:
            return
        yield lines(1, LONG, start=number)


def main() -> None:
    """Soak in one of the two ways."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("way", choices=("loopback", "embedded"))
    parser.add_argument("--documents", type=int, default=50_000)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--workers", type=int, default=16)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if options.way == "embedded":
            rows, end = soak((), until(options.minutes), folder)
            asked: Row = {"minutes": options.minutes, "workers": 1}
        else:
            articles = (lines(1, SHORT, start=number) for number in range(options.documents))
            with serving(LATENCY_S) as server:
                to = ("-m", "served", "--base-url", server.base_url)
                rows, end = soak((*to, "--workers", str(options.workers)), articles, folder)
            asked = {"workers": options.workers, "paid calls": server.told["calls"]}
    if not report(options.way, rows, end, asked):
        sys.exit(1)


if __name__ == "__main__":
    main()
