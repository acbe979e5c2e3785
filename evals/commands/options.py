"""Arguments and options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

Gold = Annotated[
    list[Path], typer.Argument(metavar="GOLD...", help="Gold files, or folders of them.")
]
OtherGold = Annotated[
    list[Path] | None,
    typer.Option("--gold", help="Gold files or folders, if not those that the run names."),
]
Texts = Annotated[
    Path | None, typer.Option("--texts", metavar="DIR", help="Where texts lie, if not by the gold.")
]
RunPath = Annotated[Path, typer.Argument(metavar="RUN.json")]
BaseUrl = Annotated[
    str | None, typer.Option("--base-url", metavar="URL", help="An OpenAI-compatible endpoint.")
]
Reading = Annotated[
    Literal["auto", "document", "passage"],
    typer.Option(help="One call for a whole text, or short calls for each passage."),
]
Epochs = Annotated[int, typer.Option(min=1, help="How often each article is read.")]
MaxErrors = Annotated[
    float, typer.Option(min=0, max=1, help="The share of readings that may fail.")
]
Offline = Annotated[
    bool | None, typer.Option("--offline", help="Forbid connections that leave this machine.")
]
