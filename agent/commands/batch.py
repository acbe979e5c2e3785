"""`sayso batch`: many articles in, their claims out; it can be stopped at any time and goes on."""

from __future__ import annotations

import json
import os
import shlex
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from agent.commands.options import BaseUrl, Model, Offline
from agent.errors import ConfigError
from agent.settings import Settings, load_settings
from agent.terminal import open_console

if TYPE_CHECKING:
    from agent.batch.documents import Item, Source
    from agent.batch.estimate import Estimate
    from agent.batch.kit import Plan
    from agent.batch.output import Targets
    from agent.batch.progress import Progress
    from agent.batch.run import Read, Totals
    from agent.engines.flow import Flow, Limits
    from agent.money import Price
    from agent.store import Store

Reading = Literal["auto", "document", "passage"]

STOPPED, SOME_FAILED = 1, 3
WORKERS = 16  # of a remote engine; the embedded one has one slot unless more are asked for


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be done. price: "IN,OUT" as given, None for that of the list."""

    inputs: list[str]
    targets: Targets
    plan: Plan
    limits: Limits
    price: str | None
    cluster: str | None
    dry_run: bool
    log_json: bool


def batch_command(
    inputs: Annotated[
        list[str],
        typer.Argument(
            metavar="INPUT...",
            help="JSON lines (text, id, title, date, url), texts, folders, globs; - reads lines.",
        ),
    ],
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="OUT.jsonl", help="A record in each line.")
    ],
    claims_csv: Annotated[
        Path | None, typer.Option("--claims-csv", metavar="FILE", help="Also a row for each claim.")
    ] = None,
    parquet: Annotated[
        Path | None, typer.Option("--parquet", metavar="FILE", help="The same rows as Parquet.")
    ] = None,
    model: Model = None,
    base_url: BaseUrl = None,
    reading: Annotated[
        Reading,
        typer.Option(help="One call for a whole text, or short calls for each passage."),
    ] = "auto",
    workers: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, help="Requests at once (16; embedded 1), at most."),
    ] = None,
    rpm: Annotated[
        float | None, typer.Option(metavar="N", min=0.01, help="Requests a minute, at most.")
    ] = None,
    tpm: Annotated[
        float | None, typer.Option(metavar="N", min=1, help="Tokens a minute, at most.")
    ] = None,
    deadline: Annotated[
        float | None, typer.Option(metavar="SECONDS", min=1, help="Longest time of a call (600).")
    ] = None,
    max_cost: Annotated[
        float | None,
        typer.Option("--max-cost", metavar="USD", min=0, help="Stop before more is spent."),
    ] = None,
    price: Annotated[
        str | None,
        typer.Option(metavar="IN,OUT", help="US dollars for a million tokens, if not in the list."),
    ] = None,
    cluster: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="Workers: local:N, or Dask's scheduler tcp://…"),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what it would take and cost.")
    ] = False,
    retry_failed: Annotated[
        bool, typer.Option("--retry-failed", help="Try again what failed in earlier runs.")
    ] = False,
    replay: Annotated[
        bool, typer.Option("--replay", help="Ask nobody: only replies that are in the store.")
    ] = False,
    offline: Offline = None,
    force: Annotated[
        bool, typer.Option("--force", help="Read texts that aren't English too.")
    ] = False,
    max_chars: Annotated[
        int | None, typer.Option(metavar="N", help="Fail longer texts (200,000).")
    ] = None,
    log_json: Annotated[
        bool, typer.Option("--log-json", help="Say all on stderr as JSON lines.")
    ] = False,
    debug: Annotated[  # noqa: ARG001  (main() looks for it)
        bool, typer.Option("--debug", help="Show the traceback of an error.")
    ] = False,
) -> None:
    """Read many articles; after an interruption the same command goes on.

    Finished documents are in the store, and are never paid for twice.
    """
    from agent.batch.kit import Plan  # noqa: PLC0415
    from agent.batch.output import Targets  # noqa: PLC0415
    from agent.engines.flow import Limits  # noqa: PLC0415

    given = {"model": model, "base_url": base_url, "offline": offline, "max_chars": max_chars}
    settings = load_settings(given | {"deadline_s": deadline, "workers": workers})
    if settings.base_url and workers is None and settings.workers == 1:
        settings = replace(settings, workers=WORKERS)
    job = Job(
        inputs,
        Targets(output.resolve(), _resolved(claims_csv), _resolved(parquet)),
        Plan(reading, force=force, retry_failed=retry_failed, replay=replay),
        Limits(settings.workers, rpm, tpm, max_cost),
        price,
        cluster,
        dry_run=dry_run,
        log_json=log_json,
    )
    totals = _do(job, settings)
    if totals and (totals.stopped or totals.failed):
        raise typer.Exit(STOPPED if totals.stopped else SOME_FAILED)


def _resolved(path: Path | None) -> Path | None:
    return path.resolve() if path else None


def _do(job: Job, settings: Settings) -> Totals | None:
    """Return what the run brought, None where it was only to be estimated."""
    from agent.batch.documents import count_articles, find_sources, list_items  # noqa: PLC0415
    from agent.batch.output import Output, check_targets  # noqa: PLC0415
    from agent.batch.progress import Progress, form_of  # noqa: PLC0415
    from agent.batch.run import run  # noqa: PLC0415
    from agent.engines.flow import Flow  # noqa: PLC0415
    from agent.store import Store  # noqa: PLC0415

    check_targets(job.targets)
    if job.cluster:
        from agent.cluster import check_cluster  # noqa: PLC0415

        check_cluster(job.cluster, settings, job.limits)
    sources = find_sources(job.inputs, job.targets.all)
    _check_sources(sources, job.targets)
    flow = Flow(job.limits, _price(job, settings))
    progress = Progress(form_of(as_json=job.log_json), flow, count_articles(sources))
    progress.say("replaying, nobody is asked" if job.plan.replay else settings.where)
    items = list_items(sources)
    with quick_end(progress), Store(settings.store) as store:
        if job.dry_run:
            _estimate(items, job, settings, store, flow)
            return None
        with (
            _reader(job, settings, store, progress) as (read, at_once),
            Output(job.targets) as output,
            progress.shown(),
        ):
            totals = run(items, read, output, at_once, progress.hear)
    _tell_end(job, progress, totals)
    return totals


@contextmanager
def _reader(
    job: Job, settings: Settings, store: Store, progress: Progress
) -> Iterator[tuple[Read, int]]:
    """Yield what reads an item, this process or a cluster, and how many it may have at once."""
    from agent.batch.kit import open_kit  # noqa: PLC0415
    from agent.batch.work import do  # noqa: PLC0415

    if job.cluster:
        from agent.cluster import open_cluster  # noqa: PLC0415

        progress.say(f"the articles go to the workers of {job.cluster}")
        with open_cluster(
            job.cluster, settings, job.plan, job.price, store.name, progress
        ) as cluster:
            yield cluster.read, cluster.at_once
        return
    with open_kit(settings, job.plan, store, progress.flow) as kit:
        yield partial(do, kit=kit), settings.workers


def _check_sources(sources: list[Source], targets: Targets) -> None:
    for source in sources:
        if Path(source.path).resolve() in targets.all:
            raise ConfigError(f"{source.path} would be overwritten: give the output another name")


def _price(job: Job, settings: Settings) -> Price | None:
    """Return what calls cost, None where it isn't known.

    Raises:
        ConfigError: a limit was asked for that can't be kept.
    """
    from agent.engines.http import host_of  # noqa: PLC0415
    from agent.money import find_price, told_price  # noqa: PLC0415

    limits = job.limits
    if not settings.base_url and (limits.rpm or limits.tpm):
        raise ConfigError("--rpm and --tpm are for endpoints: leave them out on this machine")
    if job.price:
        return told_price(job.price)
    price = find_price(settings.model, settings.base_url)
    if price is None and limits.max_cost_usd is not None:
        raise ConfigError(
            f"the price of {settings.model} at {host_of(settings.base_url)} isn't known, so "
            "--max-cost can't be kept: tell it with --price IN,OUT (US dollars for a million "
            "tokens of input and of output)"
        )
    return price


# ---- what is told -----------------------------------------------------------------------------


def _estimate(
    items: Iterator[Item], job: Job, settings: Settings, store: Store, flow: Flow
) -> None:
    """Print what a run would take."""
    from agent.batch.estimate import estimate  # noqa: PLC0415
    from agent.batch.kit import open_kit  # noqa: PLC0415

    with open_kit(settings, job.plan, store, flow) as kit:
        for line in _estimated(estimate(items, kit), settings, flow.price):
            sys.stdout.write(f"{line}\n")


def _estimated(found: Estimate, settings: Settings, price: Price | None) -> Iterator[str]:
    """Yield the lines of a dry run."""
    from agent.batch.progress import count, duration  # noqa: PLC0415
    from agent.inputs.text import CHARS_PER_S  # noqa: PLC0415

    usage = found.usage
    to_read = found.documents - found.before - found.unreadable
    yield (
        f"{found.documents:,} documents: {to_read:,} to read, {found.before:,} done before, "
        f"{found.unreadable:,} can't be read"
    )
    yield f"{usage.calls:,} requests, {found.cached:,} more are answered from the store"
    yield (
        f"about {count(usage.input_tokens)} tokens of input and {count(usage.output_tokens)} of "
        "output: an estimate from the length of the texts"
    )
    if not settings.base_url:
        yield f"about {duration(found.chars / CHARS_PER_S)} on this machine, and no money"
    elif price:
        yield f"about ${price.cost_usd(usage):,.2f} ({price.table})"
    else:
        yield f"the price of {settings.model} isn't known: tell it with --price IN,OUT"


def _tell_end(job: Job, progress: Progress, totals: Totals) -> None:
    from agent.batch.progress import duration, in_words, write_json  # noqa: PLC0415
    from agent.wording import counted  # noqa: PLC0415

    status = progress.status
    if progress.form == "json":
        write_json("end", asdict(status) | {"stopped": totals.stopped})
        return
    if totals.stopped:
        progress.say(f"stopped: {totals.stopped}")
        progress.say(_how_to_go_on(totals.documents))
        return
    price = progress.flow.price
    by = f" by {price.table}" if price and status.cost_usd else ""
    late = f" ({totals.late:,} at a second try)" if totals.late else ""
    progress.say(
        f"{counted(totals.documents, 'document')} in {duration(status.seconds)}: "
        f"{totals.read:,} read now{late}, {totals.before:,} before, {totals.failed:,} failed; "
        f"{in_words(status)}{by}"
    )
    if totals.failed:
        how = "without --replay asks for" if job.plan.replay else "with --retry-failed tries again"
        progress.say(f"{job.targets.failures} tells why; the same command {how} what failed")
    progress.say(f"the records are in {job.targets.records}")


def _how_to_go_on(documents: int) -> str:
    command = shlex.join(["sayso", *sys.argv[1:]])
    return f"{documents:,} documents are done and kept; the same command goes on:\n  {command}"


@contextmanager
def quick_end(progress: Progress) -> Iterator[None]:
    """Let Ctrl-C and SIGTERM end the process at once, with a line that says how to go on.

    What is under way needn't be waited for: what is finished is in the store.
    """
    console = open_console(stderr=True)

    def leave(number: int, _frame: Any) -> None:
        console.show_cursor(True)
        text = f"sayso: interrupted; {_how_to_go_on(progress.status.documents)}"
        if progress.form == "json":
            text = json.dumps({"event": "note", "text": text})
        os.write(2, f"\n{text}\n".encode(errors="replace"))
        os._exit(128 + number)

    before = {one: signal.signal(one, leave) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
