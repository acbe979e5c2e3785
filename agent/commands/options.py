"""Options that several commands share."""

from __future__ import annotations

from typing import Annotated

import typer

Model = Annotated[
    str | None,
    typer.Option("-m", "--model", help="A model's name, or the path of a GGUF file."),
]
BaseUrl = Annotated[
    str | None,
    typer.Option(
        "--base-url",
        metavar="URL",
        help="An OpenAI-compatible endpoint; the text is sent there.",
    ),
]
Offline = Annotated[
    bool | None, typer.Option("--offline", help="Forbid every connection that leaves this machine.")
]
