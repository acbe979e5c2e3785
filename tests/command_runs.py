"""The command run in this process, and how it ended."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import pytest

from agent import cli

SETTINGS = (
    "OPENAI_API_KEY",
    "OPENAI_BASE_URL",
    "SAYSO_MODEL",
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
)


class Ran(NamedTuple):
    """How a run of the command ended."""

    code: int
    out: str
    err: str


Sayso = Callable[..., Ran]


def run_command(capfd: pytest.CaptureFixture[str], *arguments: str) -> Ran:
    """Run `sayso` with these arguments."""
    with pytest.raises(SystemExit) as ended:
        cli.main(arguments)
    assert isinstance(ended.value.code, int)
    return Ran(ended.value.code, *capfd.readouterr())
