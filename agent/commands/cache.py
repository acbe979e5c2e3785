"""`sayso cache`: what the store holds, carrying it over, making it smaller, erasing from it."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agent.errors import ConfigError
from agent.settings import load_settings
from agent.terminal import note

if TYPE_CHECKING:
    from agent.store import Store

FAILED = 1

cache_app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False)


def _open() -> Store:
    from agent.store import Store  # noqa: PLC0415  (it loads the database library)

    return Store(load_settings().store)


@cache_app.command("stats")
def stats_command() -> None:
    """Tell how much is kept, where, and whose replies they are."""
    from agent.wording import plain  # noqa: PLC0415

    with _open() as store:
        held = store.stats()
        typer.echo(f"{store.name}  {held.size_bytes / 1e6:,.1f} MB")
    typer.echo(f"{held.replies:>9,} replies, {held.reply_bytes / 1e6:,.1f} MB")
    for who, number in held.by_engine:
        model = who.model[:16] if who.kind == "local" else who.model
        named = " ".join(part for part in (who.kind, model, who.build, who.mode) if part)
        typer.echo(f"{number:>9,}   {plain(named)}")
    if held.oldest and held.newest:
        typer.echo(f"{'':9}   from {held.oldest} to {held.newest}")
    typer.echo(f"{held.records:>9,} records of documents")
    typer.echo(f"{held.claims:>9,} claims in them")
    typer.echo(f"{held.failures:>9,} failures")


@cache_app.command("export")
def export_command(
    target: Annotated[str, typer.Argument(metavar="FILE|-", help="- is standard output.")],
) -> None:
    """Write all replies as JSON lines, a recording that can be imported and replayed."""
    with _open() as store:
        count = _write_lines(target, store.recording_lines()) - 1
        note(f"replies written: {count:,}{_damaged(store)}")


def _write_lines(target: str, lines: Iterable[str]) -> int:
    """Write the lines, whole or not at all, and return how many there are."""
    if target == "-":
        return sum(bool(sys.stdout.write(line)) for line in lines)
    path = Path(target).resolve()  # a link stays one
    part = path.with_name(f"{path.name}.part")
    count = 0
    try:
        with part.open("w", encoding="utf-8", newline="\n") as file:
            for line in lines:
                file.write(line)
                count += 1
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise ConfigError(f"can't write {target}: {error.strerror}; name another file") from error
    return count


@cache_app.command("import")
def import_command(
    source: Annotated[str, typer.Argument(metavar="FILE|-", help="- is standard input.")],
) -> None:
    """Add the replies of a recording to those that are kept."""
    try:
        with (
            nullcontext(sys.stdin)
            if source == "-"
            else Path(source).open(encoding="utf-8") as file,
            _open() as store,
        ):
            count = store.load_lines(file, "standard input" if source == "-" else source)
            note(f"replies added: {count:,}{_damaged(store)}")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it isn't UTF-8"
        raise ConfigError(f"can't read {source}: {why}; check the path") from error


def _damaged(store: Store) -> str:
    return f"; left out as damaged: {store.damaged:,}" if store.damaged else ""


@cache_app.command("prune")
def prune_command(
    older_than: Annotated[
        float | None, typer.Option(metavar="DAYS", min=0, help="Delete replies that are older.")
    ] = None,
    max_mb: Annotated[
        float | None,
        typer.Option(metavar="MB", min=0, help="Then the oldest, until the rest is so small."),
    ] = None,
) -> None:
    """Delete old replies; records of documents stay."""
    if older_than is None and max_mb is None:
        raise ConfigError("say what to delete: --older-than DAYS, --max-mb MB, or both")
    with _open() as store:
        deleted = store.prune(older_than_days=older_than, max_mb=max_mb)
        left = store.stats()
    note(f"replies deleted: {deleted:,}; left: {left.replies:,}, {left.reply_bytes / 1e6:,.1f} MB")


@cache_app.command("verify")
def verify_command() -> None:
    """Tell whether all that is kept can be read."""
    with _open() as store:
        found = store.verify()
    for fault in found.faults:
        note(f"the file is damaged: {fault}")
    bad = found.bad_replies + found.bad_records
    note(f"replies: {found.replies:,}, damaged: {found.bad_replies:,}")
    note(f"records: {found.records:,}, damaged: {found.bad_records:,}")
    if bad:
        note("what is damaged counts as not there: it's asked or read again")
    if found.faults:
        note("export what can be read (`sayso cache export FILE`), move the file away, import it")
    if bad or found.faults:
        raise typer.Exit(FAILED)


@cache_app.command("forget")
def forget_command(
    document_id: Annotated[str, typer.Argument(metavar="ID", help="The id of a document.")],
) -> None:
    """Erase a document: its records, claims, failures, and the replies that it was read with."""
    with _open() as store:
        gone = store.forget(document_id)
    if not (gone.records or gone.failures or gone.replies):
        note(f"nothing is kept of a document {document_id!r}")
        raise typer.Exit(FAILED)
    note(
        f"erased: records {gone.records:,}, claims {gone.claims:,}, failures {gone.failures:,}, "
        f"replies {gone.replies:,}"
    )
