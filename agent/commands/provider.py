"""`sayso batch submit|status|collect`: a run's requests, answered by a provider's batch API."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from agent.commands.options import BaseUrl, Model, Offline
from agent.errors import ConfigError, EngineError, Unavailable
from agent.settings import Settings, load_settings
from agent.terminal import note, open_console, quick_interrupt

if TYPE_CHECKING:
    from agent.batch.documents import Item
    from agent.batch.kit import Plan
    from agent.batch.pending import Collected, Counts
    from agent.batch.submitted import Submitted
    from agent.batch.work import Kit
    from agent.engines.openai_batch import BatchEngine, Look
    from agent.store import Store

FAILED, SOME_FAILED = 1, 3
NAMES_SHOWN = 5

Ids = Annotated[
    list[str] | None,
    typer.Argument(metavar="[ID]...", help="Batches; else all whose replies aren't in."),
]


def submit_command(
    inputs: Annotated[
        list[str], typer.Argument(metavar="INPUT...", help="The articles, as for `sayso batch`.")
    ],
    model: Model = None,
    base_url: BaseUrl = None,
    offline: Offline = None,
    retry_failed: Annotated[
        bool, typer.Option("--retry-failed", help="What failed in earlier runs too.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Read texts that aren't English too.")
    ] = False,
    max_chars: Annotated[
        int | None, typer.Option(metavar="N", help="Leave out longer texts (200,000).")
    ] = None,
    debug: Annotated[  # noqa: ARG001  (main() looks for it)
        bool, typer.Option("--debug", help="Show the traceback of an error.")
    ] = False,
) -> None:
    """Put what a run would have to ask to the provider's batch API: within a day, and cheaper.

    Then `sayso batch status`, `sayso batch collect`, and the ordinary `sayso batch`, which finds
    the replies in the store. Options that change what is asked must be the same there.
    """
    from agent.batch.documents import find_sources, list_items  # noqa: PLC0415
    from agent.batch.kit import Plan  # noqa: PLC0415
    from agent.store import Store  # noqa: PLC0415

    given = {"model": model, "base_url": base_url, "offline": offline, "max_chars": max_chars}
    settings = load_settings(given)
    _check_endpoint(settings)
    items = list_items(find_sources(inputs))
    plan = Plan("document", force=force, retry_failed=retry_failed)
    note(settings.where)
    with quick_interrupt(open_console(stderr=True)), Store(settings.store) as store:
        _submit(items, settings, plan, store)


def _check_endpoint(settings: Settings) -> None:
    from urllib.parse import urlsplit  # noqa: PLC0415

    if not settings.base_url:
        raise ConfigError("the embedded engine has no batch API: name a provider's model with -m")
    if urlsplit(settings.base_url).password:
        raise ConfigError(
            "the base URL holds a password, and batches are remembered with their address: put it "
            "into OPENAI_API_KEY"
        )


def _submit(items: Iterator[Item], settings: Settings, plan: Plan, store: Store) -> None:
    from agent.batch.pending import Counts, ask_first, open_requests, parts  # noqa: PLC0415
    from agent.batch.submitted import Submitted, list_submitted, remember  # noqa: PLC0415

    earlier = [batch for batch in list_submitted() if batch.store == store.name]
    waiting = {key for batch in earlier for key in batch.documents}
    with _engine(settings) as engine:
        kit = _kit(settings, plan, store, engine)
        mode, room = engine.identity.mode, engine.abilities.context_tokens
        counts = Counts()
        requests = open_requests(items, kit, waiting, counts)
        asked = ask_first(requests, kit)
        if asked:
            note("the first request was asked at once, to see in which form the endpoint takes it")
        submitted = 0
        for part in parts(requests, engine):
            batch = Submitted(
                engine.submit(part.file),
                settings.base_url,
                settings.model,
                mode,
                engine.identity.mode,
                room,
                store.name,
                len(part.documents),
                part.documents,
            )
            remember(batch)
            submitted += batch.requests
            typer.echo(f"{batch.id}  {batch.requests:,} requests")
    _tell_submitted(counts, asked, submitted)


def _tell_submitted(counts: Counts, asked: int, submitted: int) -> None:
    note(
        f"{counts.documents:,} documents: {counts.before:,} done before, {counts.unreadable:,} "
        f"can't be read; requests: {submitted:,} submitted, {asked:,} asked at once, "
        f"{counts.cached:,} in the store, {counts.waiting:,} in earlier batches"
    )
    if submitted or counts.waiting:
        note("`sayso batch status --wait` tells when they're answered, then `sayso batch collect`")


@contextmanager
def _engine(settings: Settings, batch: Submitted | None = None) -> Iterator[BatchEngine]:
    """Yield an engine for the endpoint; for a batch, one that reads its answers."""
    from agent.engine import Identity  # noqa: PLC0415
    from agent.engines.openai_batch import BatchEngine  # noqa: PLC0415

    engine = BatchEngine(
        settings.model,
        settings.base_url,
        settings.api_key,
        identity=Identity("openai", batch.model, mode=batch.asked_mode) if batch else None,
        timeout_s=settings.timeout_s,
        deadline_s=settings.deadline_s,
    )
    try:
        yield engine
    finally:
        engine.close()


def _kit(settings: Settings, plan: Plan, store: Store, engine: BatchEngine) -> Kit:
    from agent.batch.work import Kit, basis_of  # noqa: PLC0415
    from agent.engines.cached import CachedEngine  # noqa: PLC0415
    from agent.files import load_resources  # noqa: PLC0415

    resources = load_resources(settings)
    return Kit(
        resources,
        CachedEngine(engine, store),
        store,
        "document",
        basis_of(engine.identity, resources, "document", force=plan.force),
        settings.max_chars,
        force=plan.force,
        known={} if plan.retry_failed else store.failures(),
    )


# ---- later ------------------------------------------------------------------------------------


def status_command(
    ids: Ids = None,
    wait: Annotated[bool, typer.Option("--wait", help="Until all of them are over.")] = False,
    every: Annotated[
        float, typer.Option(metavar="SECONDS", min=0.1, help="How often to look, with --wait.")
    ] = 60.0,
    offline: Offline = None,
) -> None:
    """Tell how far the provider is with the batches that were submitted."""
    from agent.batch.submitted import list_submitted  # noqa: PLC0415

    batches = list_submitted(tuple(ids or ()))
    if not batches:
        note("no batch is waiting: `sayso batch submit` makes one")
    told: dict[str, str] = {}
    with quick_interrupt(open_console(stderr=True)):
        while batches:
            still = [batch for batch in batches if not _tell_status(batch, offline, told, wait)]
            batches = still if wait else []
            if batches:
                time.sleep(every)


def _tell_status(
    batch: Submitted, offline: bool | None, told: dict[str, str], patient: bool
) -> bool:
    """Print how far a batch is, if that changed, and return whether it's over.

    patient: a provider that can't be reached now is asked again later.
    """
    try:
        look = _look(batch, offline)
    except Unavailable as error:
        if not patient:
            raise
        note(f"{batch.id}: {error}")
        return False
    line = f"{batch.id}  {look.status}  {look.done:,} of {look.of or batch.requests:,} answered"
    if look.failed:
        line += f", {look.failed:,} failed"
    if told.get(batch.id) != line:
        typer.echo(line)
        sys.stdout.flush()
    told[batch.id] = line
    return look.is_over


def _look(batch: Submitted, offline: bool | None) -> Look:
    with _engine(_settings(batch, offline), batch) as engine:
        return engine.look(batch.id)


def _settings(batch: Submitted, offline: bool | None) -> Settings:
    return load_settings({"model": batch.model, "base_url": batch.base_url, "offline": offline})


def collect_command(ids: Ids = None, offline: Offline = None) -> None:
    """Put the replies of batches that are over into the store; the ordinary run takes them there.

    Requests that the provider lost are told with the reason; a further run or batch asks them.
    """
    from agent.batch.submitted import list_submitted  # noqa: PLC0415
    from agent.store import Store  # noqa: PLC0415

    batches = list_submitted(tuple(ids or ()))
    if not batches:
        note("no batch is waiting: `sayso batch submit` makes one")
    ends = []
    with quick_interrupt(open_console(stderr=True)), Store(load_settings().store) as store:
        for batch in batches:
            try:
                ends.append(_collect(batch, store, offline))
            except EngineError as error:
                note(f"{batch.id}: {error}; to give it up, delete {batch.path}")
                ends.append(FAILED)
    if code := FAILED if FAILED in ends else max(ends, default=0):
        raise typer.Exit(code)


def _collect(batch: Submitted, store: Store, offline: bool | None) -> int:
    """Return the exit code for a batch, having brought in what there is."""
    from agent.batch.pending import collect  # noqa: PLC0415
    from agent.batch.submitted import settle  # noqa: PLC0415

    if store.name != batch.store:
        raise ConfigError(
            f"{batch.id} was submitted for {batch.store}, and this is {store.name}: set "
            "SAYSO_STORE to that one"
        )
    with _engine(_settings(batch, offline), batch) as engine:
        look = engine.look(batch.id)
        if not look.is_over:
            note(f"{batch.id} is {look.status}: wait for it with `sayso batch status --wait`")
            return FAILED
        found = collect(batch, look.files, engine, store)
    settle(batch)
    return _tell_collected(batch, look, found)


def _tell_collected(batch: Submitted, look: Look, found: Collected) -> int:
    lost = batch.requests - found.kept
    typer.echo(f"{batch.id}  {look.status}  {found.kept:,} replies kept, {lost:,} failed")
    for complaint in look.complaints:
        note(f"the provider didn't take it: {complaint}")
    for reason, names in found.lost.items():
        shown = ", ".join(names[:NAMES_SHOWN]) + (", …" if len(names) > NAMES_SHOWN else "")
        note(f"{len(names):,} failed: {reason} ({shown})")
    if lost:
        note("the same `sayso batch` asks them itself, a further `sayso batch submit` by a batch")
    return SOME_FAILED if lost > 0 else 0
