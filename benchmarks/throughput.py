"""Documents a second of a run, against a server that takes 200 ms, beside the ideal.

    python benchmarks/throughput.py [--workers 1,2,4,8,16,32,64] [--sentences 2] [--latency 0.2]

The ideal: documents × calls of a document × latency / requests at once, as if nothing else took
time. The clock runs from the first document to the last file in its place, growth of the flow and
the wait for the last answers included; the parser is loaded before. The server has a process of
its own. CPU is that of this process: more than one core is never used for Python itself, so
documents a second can't pass 1 / CPU of a document by much, whatever the workers.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from functools import partial
from pathlib import Path

from agent.batch.documents import find_sources, list_items
from agent.batch.kit import Plan, open_kit
from agent.batch.output import Output, Targets
from agent.batch.run import Totals, run
from agent.batch.work import Kit, do
from agent.engines.flow import Flow, Limits
from agent.settings import Settings, load_settings
from agent.store import Store
from loopback import NONE, Faults, Serving, serving
from made_up import LONG, lines
from outcome import Row, tell

WARM = 8  # documents read before the clock runs: what each thread and the parser do once
SECONDS = 6.0  # that a run should take at least, at the ideal


def read(kit: Kit, folder: Path, text: str, workers: int) -> Totals:
    """Return what a run over lines of JSON brings."""
    (folder / "in.jsonl").write_text(text, encoding="utf-8")
    items = list_items(find_sources([str(folder / "in.jsonl")]))
    with Output(Targets(folder / "out.jsonl")) as output:
        return run(items, partial(do, kit=kit), output, workers, lambda _done, _totals: None)


def measure(workers: int, sentences: int, latency_s: float, faults: Faults = NONE) -> Row:
    """Return the figures of one run with so many requests at once."""
    count = max(4 * workers, int(SECONDS * workers / latency_s))
    with (
        serving(latency_s, faults) as server,
        tempfile.TemporaryDirectory() as name,
        Store(Path(name) / "store.db") as store,
    ):
        settings = _settings(server, workers)
        with open_kit(settings, Plan(), store, Flow(Limits(workers))) as kit:
            read(kit, Path(name), lines(WARM, sentences, start=count), workers)
            began_s, cpu_s = time.perf_counter(), time.process_time()
            totals = read(kit, Path(name), lines(count, sentences), workers)
            seconds, cpu_s = time.perf_counter() - began_s, time.process_time() - cpu_s
    assert (count, 0) == (totals.read, totals.failed)  # noqa: S101
    calls = (server.told["calls"] - WARM) / count
    ideal_s = count * calls * latency_s / workers
    return {
        "workers": workers,
        "documents": count,
        "calls a document": calls,
        "at once": server.told["most_at_once"],
        "seconds": seconds,
        "ideal s": ideal_s,
        "ratio": ideal_s / seconds,
        "documents/s": count / seconds,
        "CPU ms a document": 1000 * cpu_s / count,
        "CPU cores": cpu_s / seconds,
    }


def _settings(server: Serving, workers: int) -> Settings:
    ours = load_settings()
    return Settings(
        model="served", base_url=server.base_url, cache_dir=ours.cache_dir, workers=workers
    )


def main() -> None:
    """Print a row for each number of workers."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--workers", default="1,2,4,8,16,32,64")
    parser.add_argument("--sentences", type=int, default=2, help=f"of an article; news: {LONG}")
    parser.add_argument("--latency", type=float, default=0.2, metavar="SECONDS")
    options = parser.parse_args()
    numbers = [int(number) for number in options.workers.split(",")]
    rows = [measure(number, options.sentences, options.latency) for number in numbers]
    text = lines(1, options.sentences)
    tell(
        f"throughput-{options.sentences}",
        rows,
        latency_s=options.latency,
        characters=len(text),
    )


if __name__ == "__main__":
    main()
