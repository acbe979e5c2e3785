"""Documents lost to a server that fails now and then: sayso, langextract, bare instructor.

    python benchmarks/faults.py [--peer PYTHON] [--documents 500] [--workers 16]

PYTHON: an interpreter that has langextract (pip install "langextract[openai]"); without it,
instructor alone is the peer, which sayso's own environment has. Each tool gets the same documents
from a server with the same faults: 1 % of the replies are 400, 5 % are 429 without a Retry-After,
1 % are cut off; no request gets one of these two twice. A document is lost when
the tool brings an error, or nothing: each has an attribution that the server lists.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from agent.batch.kit import Plan, open_kit
from agent.engines.flow import Flow, Limits
from agent.settings import Settings, load_settings
from agent.store import Store
from loopback import SOME, Serving, serving
from made_up import WHO
from outcome import Row, tell
from throughput import read

PEER = Path(__file__).with_name("peer_run.py")
LATENCY_S = 0.2


def articles(count: int) -> str:
    """Return so many articles of two sentences, each with a report that the server lists."""
    said = "{who} said bridge {n} would close on Monday. It rained all day."
    texts = (said.format(who=WHO[n % len(WHO)], n=n) for n in range(count))
    rows = ({"id": f"doc-{n}", "text": text} for n, text in enumerate(texts))
    return "".join(f"{json.dumps(row)}\n" for row in rows)


def by_sayso(server: Serving, text: str, workers: int) -> tuple[float, Counter[str]]:
    """Return the seconds of a run, and what failed by its kind."""
    cache = load_settings().cache_dir
    settings = Settings("served", server.base_url, cache_dir=cache, workers=workers)
    with (
        tempfile.TemporaryDirectory() as name,
        Store(Path(name) / "store.db") as store,
        open_kit(settings, Plan(), store, Flow(Limits(workers))) as kit,
    ):
        began_s = time.monotonic()
        read(kit, Path(name), text, workers)
        seconds = time.monotonic() - began_s
        return seconds, Counter(failure.kind for failure in store.failures().values())


def by_peer(
    server: Serving, text: str, workers: int, python: str, tool: str
) -> tuple[float, Counter[str], str]:
    """Return the seconds of a peer, what failed, and its version."""
    ran = subprocess.run(  # noqa: S603  (the interpreter that was named)
        [python, str(PEER), tool, str(workers)],
        input=text,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=os.environ | {"PEER_URL": server.base_url},
        check=True,
    )
    *answers, last = [json.loads(line) for line in ran.stdout.splitlines()]
    lost = Counter(
        answer.get("error", "nothing came").partition(":")[0]
        for answer in answers
        if not answer.get("found")
    )
    return last["seconds"], lost, last["version"]


def row_of(tool: str, seconds: float, lost: Mapping[str, int], server: Serving) -> Row:
    """Return a row of the table."""
    told = server.told
    faults = told["bad"] + told["overloaded"] + told["cut_off"]
    kinds = ", ".join(f"{kind} {count}" for kind, count in lost.items())
    return {
        "tool": tool,
        "lost": sum(lost.values()),
        "of what": kinds or "–",
        "calls": told["calls"],
        "faults": faults,
        "seconds": seconds,
    }


def main() -> None:
    """Print a row for each tool."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--peer", metavar="PYTHON", help="an interpreter that has langextract")
    parser.add_argument("--documents", type=int, default=500)
    parser.add_argument("--workers", type=int, default=16)
    options = parser.parse_args()
    text, workers = articles(options.documents), options.workers
    with serving(LATENCY_S, SOME) as server:
        seconds, lost = by_sayso(server, text, workers)
    rows = [row_of("sayso", seconds, lost, server)]
    peers = {"instructor": sys.executable}
    if options.peer:
        peers["langextract"] = options.peer
    for tool, python in peers.items():
        with serving(LATENCY_S, SOME) as server:
            seconds, lost, version = by_peer(server, text, workers, python, tool)
        rows.append(row_of(f"{tool} {version}", seconds, lost, server))
    tell("faults", rows, documents=options.documents, workers=workers, latency_s=LATENCY_S)


if __name__ == "__main__":
    main()
