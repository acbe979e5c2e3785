"""Commands that judge: /ok, /wrong, /unmark, the walk of /gold, /eval."""

from __future__ import annotations

from pathlib import Path

from agent.document import Extent
from agent.errors import ConfigError
from agent.repl import goldfile, goldwalk
from agent.repl.article import label
from agent.repl.desk import Desk, clean
from agent.repl.goldwork import begin
from agent.repl.kept import now
from agent.repl.parse import split_claim
from agent.repl.session import reviewed
from agent.schema import Review
from agent.wording import counted


def ok(desk: Desk, argument: str) -> None:
    """Mark a claim as read rightly."""
    claim, note = split_claim(desk.record(), argument)
    _judge(desk, claim.id, Review(status="ok", by=desk.user, at=now(), note=note))


def wrong(desk: Desk, argument: str) -> None:
    """Mark a claim as read wrongly."""
    claim, note = split_claim(desk.record(), argument)
    _judge(desk, claim.id, Review(status="wrong", by=desk.user, at=now(), note=note))


def unmark(desk: Desk, argument: str) -> None:
    """Take a mark away."""
    claim, _ = split_claim(desk.record(), argument)
    _judge(desk, claim.id, None)


def _judge(desk: Desk, id_: str, review: Review | None) -> None:
    session = reviewed(desk.session, id_, review)
    desk.change(record=session.record)
    claim = next(c for c in desk.session.claims if c.id == id_)
    verdict = f"{review.status}{f': {review.note}' if review.note else ''}" if review else "no mark"
    done = f"{desk.session.reviewed} of {len(desk.session.claims)} reviewed"
    desk.say(f"claim {label(claim)}: {verdict} ({done})")


# ---- the walk ---------------------------------------------------------------------------------


def gold(desk: Desk, _: str) -> None:
    """Begin the walk, or take it up where it was."""
    record = desk.record()
    if desk.session.gold is None:
        desk.change(gold=begin(record))
    desk.walking = True
    _show(desk)


def walk(desk: Desk, line: str) -> None:
    """Do what a line of the walk says.

    Raises:
        ConfigError: it can't be done.
    """
    work = desk.session.gold
    assert work is not None  # noqa: S101  (the walk is on)
    if not line.strip():
        _show(desk)
        return
    key, rest = goldwalk.split_key(line)
    if rest == "?":
        desk.show(f"{key} {goldwalk.LETTERS[key].usage}: {goldwalk.LETTERS[key].does}")
    elif key == "l":
        desk.show(goldwalk.listing(work))
    elif key == "q":
        desk.walking = False
        left = counted(work.undecided, "claim")
        desk.say(f"{left} still to decide; /gold takes the walk up again")
    elif key == "w":
        _write(desk, rest)
    else:
        text = desk.session.article.text if desk.session.article else ""

        def pick(at: int) -> Extent | None:
            return desk.lines.pick(text, at)

        step = goldwalk.step(work, desk.session.document(), key, rest, pick)
        desk.change(gold=step.work)
        if step.show:
            _show(desk)
        if step.said:
            desk.say(step.said)


def _show(desk: Desk) -> None:
    work = desk.session.gold
    assert work is not None  # noqa: S101  (the walk is on)
    desk.show(goldwalk.view(work, desk.session.document()))


def _write(desk: Desk, name: str) -> None:
    if not name:
        raise ConfigError("write it where? w FILE.json")
    record, work = desk.record(), desk.session.gold
    assert work is not None  # noqa: S101  (the walk is on)
    path = Path(name).expanduser()
    if path.exists() and path.resolve() != desk.gold_path:
        raise ConfigError(f"{path} is there already: remove it, or give the gold another name")
    text = goldfile.write_gold(path, work, record, desk.user)
    desk.gold_path = path.resolve()
    desk.say(f"{path} holds the gold, {text} its text; `sayso eval check {path}` accepts it")


def evaluate(desk: Desk, argument: str) -> None:
    """Score the record against the gold of the walk, or of a file."""
    record = desk.record()
    if argument:
        case = goldfile.load(Path(argument).expanduser())
    elif desk.session.gold is None:
        raise ConfigError("there's no gold yet: /gold makes some, or name a file: /eval GOLD.json")
    elif desk.session.gold.undecided:
        left = counted(desk.session.gold.undecided, "claim")
        raise ConfigError(f"{left} of the walk still to decide: /gold goes on with it")
    else:
        text = record.document.text or ""
        value = goldfile.gold_value(desk.session.gold, record, "session", desk.user)
        case = goldfile.make_case(value, text, Path("session.json"))
    for line in goldfile.evaluate(record, case):
        desk.show(clean(line))
