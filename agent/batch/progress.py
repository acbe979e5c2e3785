"""How a run goes, on stderr: a bar on a terminal, else a line now and then, or JSON lines."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

from agent.batch.run import Totals
from agent.batch.work import Done
from agent.engines.flow import Flow
from agent.terminal import note, open_console
from agent.wording import counted

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

Form = Literal["bar", "lines", "json"]

LINE_EVERY_S = 10.0
BAR_EVERY_S = 0.2
FAILURES_SHOWN = 5
MINUTE_S, HOUR_S, DAY_S = 60, 3600, 86_400


@dataclass(frozen=True, slots=True)
class Status:
    """How far a run is. of: None where nobody knows. per_s: documents read now. eta_s: to go."""

    documents: int
    of: int | None
    before: int
    failed: int
    claims: int
    cache_hits: int
    seconds: float
    per_s: float
    eta_s: float | None
    calls: int
    input_tokens: int
    output_tokens: int
    cost_usd: float | None
    at_once: int
    pause_s: float


def status_of(totals: Totals, flow: Flow, of: int | None, seconds: float) -> Status:
    """Return how far a run is after so many seconds."""
    done = totals.documents
    per_s = (done - totals.before) / seconds if seconds else 0.0
    spent = flow.spent
    return Status(
        documents=done,
        of=of,
        before=totals.before,
        failed=totals.failed,
        claims=totals.claims,
        cache_hits=totals.cache_hits,
        seconds=round(seconds, 1),
        per_s=round(per_s, 2),
        eta_s=round((of - done) / per_s) if of is not None and per_s else None,
        calls=spent.calls,
        input_tokens=spent.input_tokens,
        output_tokens=spent.output_tokens,
        cost_usd=None if spent.cost_usd is None else round(spent.cost_usd, 6),
        at_once=flow.allowed,
        pause_s=round(flow.pause_s, 1),
    )


def in_words(status: Status) -> str:
    """Return a status in a line, without how many documents are done."""
    spent = f"{count(status.input_tokens + status.output_tokens)} tokens"
    if status.cost_usd is not None:
        spent += f", ${status.cost_usd:,.4f}"
    parts = [
        counted(status.claims, "claim"),
        f"{status.per_s:.2g}/s",
        f"{duration(status.eta_s)} to go" if status.eta_s else "",
        spent,
        f"{status.cache_hits:,} from cache" if status.cache_hits else "",
        f"{status.failed:,} failed" if status.failed else "",
        f"waiting {duration(status.pause_s)}" if status.pause_s >= 1 else "",
    ]
    return ", ".join(part for part in parts if part)


class Progress:
    """Shows how a run goes. form: how; of: the number of documents, None where nobody knows."""

    def __init__(self, form: Form, flow: Flow, of: int | None) -> None:
        self.form = form
        self.flow = flow
        self._of = of
        self._totals = Totals()
        self._started_s = time.monotonic()
        self._shown = 0  # failures

    @property
    def status(self) -> Status:
        """How far the run is now."""
        return status_of(self._totals, self.flow, self._of, time.monotonic() - self._started_s)

    def hear(self, done: Done, totals: Totals) -> None:
        """Take in that a document is done; a failure is told at once, if it's among the first."""
        self._totals = totals
        if self.form == "json":
            write_json("document", _about(done))
        elif done.failure and not done.before and self._shown <= FAILURES_SHOWN:
            self._shown += 1
            more = self._shown > FAILURES_SHOWN
            later = "; asked once more at the end" * done.again
            note("more failed" if more else f"{done.where}: {done.failure.reason}{later}")

    def say(self, text: str) -> None:
        """Tell something in a line."""
        if self.form == "json":
            write_json("note", {"text": text})
        else:
            note(text)

    @contextmanager
    def shown(self) -> Iterator[None]:
        """Show how the run goes while the block lasts."""
        end = threading.Event()
        self._started_s = time.monotonic()
        with self._bar() as bar:
            every_s = LINE_EVERY_S if bar is None else BAR_EVERY_S
            threading.Thread(target=self._keep_showing, args=(end, bar, every_s)).start()
            try:
                yield
            finally:
                end.set()

    def _keep_showing(self, end: threading.Event, bar: Bar | None, every_s: float) -> None:
        while not end.wait(every_s):
            status = self.status
            if bar is not None:
                task = bar.task_ids[0]
                bar.update(task, completed=status.documents, words=in_words(status))
            elif self.form == "json":
                write_json("progress", asdict(status))
            else:
                of = f" of {status.of:,}" if status.of is not None else ""
                note(f"{status.documents:,}{of} documents, {in_words(status)}")

    @contextmanager
    def _bar(self) -> Iterator[Bar | None]:
        if self.form != "bar":
            yield None
            return
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn  # noqa: PLC0415
        from rich.progress import Progress as Bar  # noqa: PLC0415

        columns = (
            BarColumn(bar_width=20),
            MofNCompleteColumn(),
            TextColumn("{task.fields[words]}", markup=False),
        )
        with Bar(*columns, console=open_console(stderr=True), transient=True) as bar:
            bar.add_task("", total=self._of, words="")
            yield bar


def form_of(*, as_json: bool) -> Form:
    """Return how to show a run on this stderr."""
    if as_json:
        return "json"
    return "bar" if sys.stderr.isatty() else "lines"


def duration(seconds: float) -> str:
    """Return a time for a person.

    >>> duration(7), duration(100), duration(5400), duration(200_000)
    ('7 s', '2 min', '1 h 30 min', '2 d 8 h')
    """
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 90 * MINUTE_S:
        return f"{seconds / MINUTE_S:.0f} min"
    if seconds < DAY_S:
        return f"{seconds // HOUR_S:.0f} h {seconds % HOUR_S // MINUTE_S:.0f} min"
    return f"{seconds // DAY_S:.0f} d {round(seconds % DAY_S / HOUR_S)} h"


def count(number: int) -> str:
    """Return a number for a person.

    >>> count(950), count(12_345), count(3_210_000)
    ('950', '12.3 k', '3.21 M')
    """
    if number < 1000:
        return str(number)
    return f"{number / 1000:.1f} k" if number < 1_000_000 else f"{number / 1_000_000:.2f} M"


def _about(done: Done) -> dict[str, Any]:
    about = {
        "position": done.position,
        "where": done.where,
        "id": done.name,
        "claims": done.claims,
        "before": done.before,
    }
    if done.failure:
        about |= {"failed": done.failure.kind, "reason": done.failure.reason, "again": done.again}
    return about


def write_json(event: str, fields: dict[str, Any]) -> None:
    """Write an event to stderr, as JSON in a line."""
    line = json.dumps({"event": event, **fields})
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()
