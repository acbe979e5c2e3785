"""Runs over made-up articles, in this process, against the listing server."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from agent.batch.documents import find_sources, list_items
from agent.batch.output import Output, Targets
from agent.batch.replay import replaying
from agent.batch.run import Tell, Totals, run
from agent.batch.work import Done, Kit, basis_of, do, way_of
from agent.engines import build_engine
from agent.engines.cached import CachedEngine
from agent.engines.flow import Flow, Limits
from agent.extract import Resources
from agent.money import told_price
from agent.settings import Settings
from agent.store import Store
from listing_server import Fault, ListingServer


@dataclass(frozen=True)
class Ran:
    """What a run brought, as files and as figures."""

    totals: Totals
    flow: Flow
    told: list[Done]
    lines: list[str]
    failures: list[dict[str, Any]]

    @property
    def records(self) -> list[dict[str, Any]]:
        """The records that were written."""
        return [json.loads(line) for line in self.lines]


@dataclass(frozen=True)
class Bench:
    """A place for runs: input, output and store in a folder. resources: of the session.

    store: where it lies, "" for in the folder.
    """

    folder: Path
    resources: Resources
    store: str = ""

    @property
    def targets(self) -> Targets:
        """Where the output goes."""
        return Targets(self.folder / "out.jsonl")

    def run(
        self,
        server: ListingServer,
        lines: str,
        *,
        workers: int = 4,
        max_cost_usd: float | None = None,
        attempts: int = 4,
        retry_failed: bool = False,
        replay: bool = False,
        tell: Tell = lambda _done, _totals: None,
    ) -> Ran:
        """Run over these lines, and return what is there afterwards."""
        (self.folder / "in.jsonl").write_text(lines, encoding="utf-8")
        settings = Settings(model="served", base_url=server.base_url, attempts=attempts)
        flow = Flow(Limits(workers, max_cost_usd=max_cost_usd), told_price("1000,1000"))
        told: list[Done] = []

        def hear(done: Done, totals: Totals) -> None:
            told.append(replace(done, line=""))
            tell(done, totals)

        place = self.store or self.folder / "store.db"
        with Store(place) as store, build_engine(settings, flow) as engine:
            cached = replaying(settings, store) if replay else CachedEngine(engine, store)
            kit = self._kit(cached, store, retry_failed=retry_failed)
            items = list_items(find_sources([str(self.folder / "in.jsonl")]))
            with Output(self.targets) as output:
                totals = run(items, partial(do, kit=kit), output, workers, hear)
        return Ran(totals, flow, told, self._lines(self.targets.records), self._failures())

    def _kit(self, engine: CachedEngine, store: Store, *, retry_failed: bool) -> Kit:
        way = way_of("auto", engine.abilities)
        basis = basis_of(engine.identity, self.resources, way, force=False)
        known = {} if retry_failed else store.failures()
        return Kit(self.resources, engine, store, way, basis, 200_000, known=known)

    def _lines(self, path: Path) -> list[str]:
        return path.read_text(encoding="utf-8").splitlines() if path.exists() else []

    def _failures(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self._lines(self.targets.failures)]


def without_cost(line: str) -> str:
    """Return a record without what differs between two runs over the same: seconds and usage."""
    return re.sub(r'"usage": \{[^}]*\}, "seconds": [\d.]+', "", line)


def only(number: int, *statuses: int, **headers: str) -> Fault:
    """Return a fault for requests about one article: each gets the next status, then answers."""
    left = list(statuses)

    def fault(_: int, shown: str) -> tuple[int, dict[str, str]] | None:
        if f"bridge {number} would" in shown and left:
            return left.pop(0), {name.replace("_", "-"): value for name, value in headers.items()}
        return None

    return fault
