"""Made-up articles for the benchmarks of runs: short ones, and ones as long as news is."""

from __future__ import annotations

import json
from typing import Any

WHO = ("Mayor Asta Lind", "The harbour office", "Ove Brandt", "The ferry company")
SAID = (
    "{who} said bridge {n} would close on Monday.",
    "Work on pier {n} might cost two million crowns, {who} said.",
    "“We have waited long enough for pier {n},” {who} said.",
    "According to {who}, the road to dock {n} is safe again.",
)
TOLD = (
    "It rained in Tarnholm all day.",
    "Crews had been at work since dawn, and the first ferry left dock {n} with an hour's delay.",
    "Dock {n} was built when most of the town lived from fishing, and it has been mended since.",
)
LONG = 29  # sentences: about 2,000 characters, the mean of our gold articles


def article(number: int, sentences: int) -> dict[str, Any]:
    """Return an article as a line of the input has it; every second sentence is somebody's."""
    told = []
    for place in range(sentences):
        forms = TOLD if place % 2 else SAID
        form = forms[(number + place // 2) % len(forms)]
        who = WHO[(number + place) % len(WHO)]
        told.append(form.format(who=who, n=100 * number + place))
    paragraphs = [" ".join(told[at : at + 3]) for at in range(0, len(told), 3)]
    return {"id": f"doc-{number}", "text": "\n\n".join(paragraphs), "date": "2024-05-01"}


def lines(count: int, sentences: int, start: int = 0) -> str:
    """Return so many articles as JSON lines."""
    return "".join(f"{json.dumps(article(n, sentences))}\n" for n in range(start, start + count))
