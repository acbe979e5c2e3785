"""`sayso models`: what can read here, and getting it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from agent.commands.options import Offline
from agent.settings import Settings, load_settings
from agent.terminal import download, note

models_app = typer.Typer(invoke_without_command=True, pretty_exceptions_enable=False)


@models_app.callback()
def models_command(context: typer.Context) -> None:
    """List the models that can be used here."""
    if context.invoked_subcommand is not None:
        return
    from agent.engines.weights import CATALOGUE  # noqa: PLC0415

    settings = load_settings()
    for name, spec in CATALOGUE.items():
        size, state = f"{spec.size / 1e6:,.0f} MB", _state(name, settings.cache_dir)
        typer.echo(f"{name:<20}{size:>9}  {spec.licence:<11} {state}")
        typer.echo(f"  {settings.cache_dir / spec.file}")
    typer.echo("`sayso models fetch [NAME]` gets what is missing.")
    typer.echo("Also: -m PATH for any other GGUF file; -m NAME --base-url URL for an endpoint.")
    typer.echo(f"Without -m: {settings.where}.")


def _state(name: str, cache_dir: Path) -> str:
    from agent.engines.weights import find  # noqa: PLC0415
    from agent.errors import WeightsError  # noqa: PLC0415

    try:
        return "here, verified" if find(name, cache_dir) else "not here"
    except WeightsError:
        return "here, but damaged"


def to_fetch(settings: Settings) -> str:
    """Return the command that gets what the settings need and isn't here, "" if all is here."""
    from agent.engines.weights import CATALOGUE, DEFAULTS, PARSER  # noqa: PLC0415

    named = not settings.base_url and settings.model_path is None
    specs = [CATALOGUE[name] for name in ([settings.model, PARSER] if named else [PARSER])]
    missing = [each for each in specs if not (settings.cache_dir / each.file).exists()]
    if not missing:
        return ""
    names = [each.name for each in missing]
    wanted = [""] if named and set(names) <= set(DEFAULTS) else names
    commands = " && ".join(f"sayso models fetch {name}".rstrip() for name in wanted)
    return f"{commands} ({sum(each.size for each in missing) / 1e6:,.0f} MB)"


@models_app.command("fetch")
def fetch_command(
    name: Annotated[
        str | None,
        typer.Argument(help="One of `sayso models`; without it, all that the default needs."),
    ] = None,
    offline: Offline = None,
) -> None:
    """Get models that aren't here yet, and check their bytes."""
    from agent.engines.weights import DEFAULTS, fetch  # noqa: PLC0415

    settings = load_settings({"offline": offline})
    for wanted in [name] if name else DEFAULTS:
        with download(wanted) as progress:
            path = fetch(
                wanted, cache_dir=settings.cache_dir, progress=progress, offline=settings.offline
            )
        note(f"{wanted} is here: {path}")
