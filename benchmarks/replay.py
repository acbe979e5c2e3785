"""Documents a second of a run that asks nobody, beside bare reads of the same rows of SQLite.

    python benchmarks/replay.py [--documents 1000] [--sentences 2]

*finished before*: the same run again, whose records are in the store. *read anew*: the replies are
in the store and the records aren't, as after a change of rules; so everything but the model is
paid for, parsing above all. Bare: one SELECT by key for each row, through Python's own sqlite3.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import tempfile
import time
from pathlib import Path

from agent.batch.kit import Plan, open_kit
from agent.engines.flow import Flow, Limits
from agent.settings import Settings, load_settings
from agent.store import Store
from loopback import serving
from made_up import LONG, lines
from outcome import Row, tell
from throughput import read

WORKERS = 8
BARE = {
    "finished before": "SELECT record FROM records WHERE key = ?",
    "read anew": "SELECT reply FROM replies WHERE key = ?",
}


def changed(text: str) -> str:
    """Return the articles with another field: another record, but the same questions."""
    rows = (json.loads(line) | {"desk": "new"} for line in text.splitlines())
    return "".join(f"{json.dumps(row)}\n" for row in rows)


def bare_per_s(store: Path, statement: str) -> float:
    """Return how many rows a second SQLite gives by itself."""
    table = statement.split()[3]
    with sqlite3.connect(store) as db:
        keys = [key for (key,) in db.execute(f"SELECT key FROM {table}")]  # noqa: S608  (ours)
        began_s = time.perf_counter()
        for key in keys:
            db.execute(statement, (key,)).fetchone()
        return len(keys) / (time.perf_counter() - began_s)


def main() -> None:
    """Print a row for each kind of replay."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--documents", type=int, default=1000)
    parser.add_argument("--sentences", type=int, default=2, help=f"of an article; news: {LONG}")
    options = parser.parse_args()
    text = lines(options.documents, options.sentences)
    rows: list[Row] = []
    with serving(0.0) as server, tempfile.TemporaryDirectory() as name:
        folder, place = Path(name), Path(name) / "store.db"
        cache = load_settings().cache_dir
        settings = Settings("served", server.base_url, cache_dir=cache, workers=WORKERS)
        for kind, given in (
            ("filled", text),
            ("finished before", text),
            ("read anew", changed(text)),
        ):
            plan = Plan(replay=kind != "filled")
            with (
                Store(place) as store,
                open_kit(settings, plan, store, Flow(Limits(WORKERS))) as kit,
            ):
                began_s = time.perf_counter()
                totals = read(kit, folder, given, WORKERS)
                per_s = options.documents / (time.perf_counter() - began_s)
            assert not totals.failed  # noqa: S101
            if kind in BARE:
                bare = bare_per_s(place, BARE[kind])
                rows.append(
                    {
                        "replay": kind,
                        "documents/s": per_s,
                        "bare reads/s": bare,
                        "ratio": per_s / bare,
                        "ms a document": 1000 / per_s,
                    }
                )
    assert server.told["calls"] == options.documents  # noqa: S101  (none in a replay)
    tell(f"replay-{options.sentences}", rows, documents=options.documents)


if __name__ == "__main__":
    main()
