"""`sayso doctor`: what works here."""

from __future__ import annotations

import sys

import typer

from agent.commands.options import BaseUrl, Model, Offline
from agent.settings import load_settings
from agent.terminal import open_console

FAILED = 1


def doctor_command(model: Model = None, base_url: BaseUrl = None, offline: Offline = None) -> None:
    """Tell what works here, and what to do about what doesn't."""
    from agent.doctor import examine  # noqa: PLC0415
    from agent.wording import plain  # noqa: PLC0415

    settings = load_settings({"model": model, "base_url": base_url, "offline": offline})
    console = open_console()
    wrong = 0
    for check in examine(settings, console.width, sys.stdout.encoding or "unknown"):
        wrong += bool(check.advice)
        mark = "TO DO" if check.advice else "ok"
        console.print(f"{mark:<6}{check.subject:<10}{plain(check.found)}", soft_wrap=True)
        if check.advice:
            console.print(f"{'':<16}-> {plain(check.advice)}", soft_wrap=True)
    console.print("all is well" if not wrong else f"{wrong} to do")
    if wrong:
        raise typer.Exit(FAILED)
