"""What a benchmark found: a table on stdout, and the same figures as JSON under build/bench/."""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from agent.settings import VERSION

FOLDER = Path("build") / "bench"

Row = dict[str, Any]


def tell(name: str, rows: Sequence[Row], shown: Sequence[Row] = (), **about: Any) -> None:
    """Print the rows as a table of Markdown, and write them to build/bench/NAME.json.

    shown: those to print, where it isn't all. about: what holds for all rows.
    """
    columns = list(rows[0])
    table = [columns, ["---"] * len(columns)]
    table += [[_cell(row[column]) for column in columns] for row in shown or rows]
    lines = [f"| {' | '.join(cells)} |" for cells in table]
    told = "; ".join(f"{key} {_cell(value)}" for key, value in about.items())
    sys.stdout.write(f"\n{name}: {told}\n\n" + "\n".join(lines) + "\n")
    sys.stdout.flush()
    about |= {
        "command": " ".join(sys.argv),
        "sayso": VERSION,
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "load_before": os.getloadavg()[0],
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    FOLDER.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"benchmark": name, **about, "rows": list(rows)}, indent=1)
    (FOLDER / f"{name}.json").write_text(f"{text}\n", encoding="utf-8")


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:,.3g}" if value < 1000 else f"{value:,.0f}"
    return f"{value:,}" if isinstance(value, int) else str(value)
