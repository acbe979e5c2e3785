"""What the commands share: loading gold, telling what isn't installed, printing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from agent.errors import ConfigError

if TYPE_CHECKING:
    from evals.form import RunFile
    from evals.gold import Case

NOT_PASSED, SOME_FAILED, TOO_MANY_FAILED = 1, 3, 6
EXTRA = frozenset({"numpy", "rapidfuzz", "scipy", "sklearn"})
SHIPPED_GOLD = Path(__file__).parents[1] / "gold"


def load(gold: Sequence[Path], texts: Path | None) -> list[Case]:
    """Return the gold articles of some files and folders."""
    from evals.gold import load_cases  # noqa: PLC0415

    return load_cases(gold, texts)


def list_gold(file: RunFile, gold: list[Path] | None) -> list[Path]:
    """Return where the gold lies that a run was made with, or another one that is named."""
    return gold or [Path(path) for path in file.manifest.gold]


def find_ceiling(
    gold: Sequence[Path], texts: Path | None, file: RunFile
) -> dict[str, float | None]:
    """Return how far two annotators agree on a run's articles, {} where there's one annotator."""
    from evals.agree import agree  # noqa: PLC0415
    from evals.gold import find_layers  # noqa: PLC0415

    ids = {document.id for document in file.documents}
    layers = [
        [case for case in load([folder], texts) if case.id in ids]
        for folder in find_layers(gold[0])
    ]
    return agree(*layers).ceiling if layers and all(layers) else {}


@contextmanager
def extra() -> Iterator[None]:
    """Tell what to install where a library of the extra `evals` is missing."""
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name and error.name.split(".")[0] in EXTRA:
            message = f"{error.name} isn't installed: pip install 'sayso[evals]'"
            raise ConfigError(message) from error
        raise


def show(lines: Iterable[str]) -> None:
    """Print lines, without what a text could do to a terminal."""
    for line in lines:
        for part in line.split("\n"):
            typer.echo("".join(char if char.isprintable() else " " for char in part))
