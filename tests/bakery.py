"""A short article to find things in."""

from __future__ import annotations

import re

from agent.document import Extent
from agent.ground import Finder
from readings import document

TEXT = """Bakery shut after fire

By Ann Lee

SELBY: The bakery’s oven — bought in 1998 — caught fire on Monday, and 12 of its 130\u00a0workers \
were hurt. It lost 3.5 tonnes of flour worth $1,200.

“We can’t say why it burned [so fast], but the oven was new. The oven was checked twice,” Max \
Orr, the owner, said. Max Orr said the co\u00adoperative “will pay every bill.”

Insurers can't pay before May--if at all. The oven was old, a rival said.

Share this article
"""


DOC = document(TEXT)


FINDER = Finder(DOC)


def place(words: str, nth: int = 0) -> int:
    """Return where the words stand for the nth time."""
    return [m.start() for m in re.finditer(re.escape(words), TEXT)][nth]


def sentence(words: str) -> Extent:
    """Return the sentence that the words stand in."""
    held = DOC.sentence_at(place(words))
    assert held is not None
    return held.extent


# Without the bracketed words: a model's brackets mean something else.
SENTENCES = [re.sub(r"\[.*\]", "", s.extent.of(TEXT)) for s in DOC.readable()]
