"""Articles a minute of the embedded engine, with one, two and four slots.

    python benchmarks/slots.py FOLDER_OR_FILE... [--slots 1,2,4] [--articles 8]

The articles are whatever `sayso batch` reads; a run of its own, with an empty store, for each
number of slots, all over the same articles. The clock begins when model and parser are loaded and
one article was read, so that the prompts are evaluated. Run it on a machine that does nothing else.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from dataclasses import replace
from functools import partial
from itertools import islice
from pathlib import Path

from agent.batch.documents import find_sources, list_items
from agent.batch.kit import Plan, open_kit
from agent.batch.output import Output, Targets
from agent.batch.run import run
from agent.batch.work import do
from agent.engines.flow import Flow, Limits
from agent.settings import load_settings
from agent.store import Store
from outcome import Row, tell


def measure(inputs: list[str], articles: int, slots: int) -> Row:
    """Return the figures of one run with so many slots."""
    settings = replace(load_settings(), workers=slots)
    items = list(islice(list_items(find_sources(inputs)), articles + 1))
    flow = Flow(Limits(slots))
    with (
        tempfile.TemporaryDirectory() as name,
        Store(Path(name) / "store.db") as store,
        open_kit(settings, Plan(), store, flow) as kit,
        Output(Targets(Path(name) / "out.jsonl")) as output,
    ):
        do(items[0], kit)
        before, began_s = flow.spent, time.monotonic()
        totals = run(items[1:], partial(do, kit=kit), output, slots, lambda _done, _totals: None)
        seconds = time.monotonic() - began_s
    assert totals.read  # noqa: S101
    return {
        "slots": slots,
        "articles": totals.read,
        "failed": totals.failed,
        "seconds": seconds,
        "articles a minute": 60 * totals.read / seconds,
        "calls an article": (flow.spent.calls - before.calls) / totals.read,
    }


def main() -> None:
    """Print a row for each number of slots."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("inputs", nargs="+")
    parser.add_argument("--slots", default="1,2,4")
    parser.add_argument("--articles", type=int, default=8)
    options = parser.parse_args()
    numbers = [int(number) for number in options.slots.split(",")]
    rows = [measure(options.inputs, options.articles, slots) for slots in numbers]
    tell("slots", rows, model=load_settings().model)


if __name__ == "__main__":
    main()
