"""The cues that stand over a claim unit, outermost first: whose words it passes on."""

from __future__ import annotations

from agent.clauses import Unit
from agent.cue import Cue
from agent.passages import Passage
from agent.syntax import Token

ADJUNCTS = frozenset({"advcl", "prep", "npadvmod", "appos"})


def lineage(passage: Passage, index: int) -> list[Cue]:
    """Return the cues that stand over a unit, outermost first."""
    found: list[Cue] = []
    current: int | None = index
    if _comments(passage, index):
        current = _outside(passage, index)
    skipped: int | None = None
    beside = False  # in "Iran, which says A, did B, according to C", C says B only
    while current is not None:
        unit = passage.units[current]
        if _contrasts(passage, unit) or _explains(passage, unit):
            skipped = unit.parent
        for cue in passage.cues:
            if cue.form == "according" and cue.content and cue.content[0] in unit.tokens:
                if not beside:
                    found.insert(0, cue)
            elif unit.relation == "relcl" and cue.head in unit.tokens and cue.content:
                beside = True
        if unit.cue is not None and current != skipped:
            cue = passage.cues[unit.cue]
            found.insert(0, cue)
            verb = passage.tree.tokens[cue.head]
            if verb.dep == "relcl" and cue.content[0] == verb.head:
                break  # "X did it, a claim Y denies"
        current = unit.parent
    return found


def _contrasts(passage: Passage, unit: Unit) -> bool:
    """Tell whether the unit sets a second speaker against the first: "some A, while others B"."""
    tree = passage.tree
    head = tree.tokens[unit.head]
    marks = {t.text.lower() for t in tree.of(head, "mark")}
    speaks = any(c.head == unit.head and c.content and c.source.extent for c in passage.cues)
    contrasts = bool(marks & {"while", "whereas", "although", "though"})
    return unit.relation == "advcl" and contrasts and speaks


def _explains(passage: Passage, unit: Unit) -> bool:
    """Tell whether the writer explains a noun phrase that somebody only spoke of.

    "She criticised the concert, which ended early": how it ended is the article's.
    """
    if unit.relation != "relcl" or unit.cue is not None or unit.parent is None:
        return False
    number = passage.units[unit.parent].cue
    return number is not None and passage.cues[number].form in {"object", "about"}


def _comments(passage: Passage, index: int) -> bool:
    """Tell whether the writer goes on after a quotation: "...", she said, closing the door."""
    unit = passage.units[index]
    while unit.parent is not None and unit.cue is None and unit.relation in ADJUNCTS:
        head = passage.tree.tokens[unit.head]
        if passage.run_of(head) is not None:
            return False
        above = passage.units[unit.parent]
        run = passage.run_of(passage.tree.tokens[above.head])
        if run is not None:
            return head.start >= run.extent.end and not _before_cue(passage, unit, head)
        unit = above
    return False


def _before_cue(passage: Passage, unit: Unit, head: Token) -> bool:
    """Tell whether the clause that attributes comes later: '"...", to lift the price, she said'."""
    while unit.parent is not None and unit.cue is None:
        unit = passage.units[unit.parent]
    return unit.cue is not None and head.start < passage.cues[unit.cue].extent.start


def _outside(passage: Passage, index: int) -> int | None:
    """Return the unit that attributes the quotation on which the unit hangs, or None."""
    current = passage.units[index].parent
    while current is not None and passage.units[current].cue is None:
        current = passage.units[current].parent
    return None if current is None else passage.units[current].parent
