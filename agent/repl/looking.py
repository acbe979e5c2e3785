"""Commands that show: /claims, /show, /who, /sources, /rejected, /filter."""

from __future__ import annotations

from rich.text import Text

from agent.errors import ConfigError
from agent.repl import views
from agent.repl.desk import Desk
from agent.repl.parse import find_claim, parse_filters
from agent.repl.session import find_entities, select
from agent.report import NOTHING
from agent.wording import plain


def claims(desk: Desk, _: str) -> None:
    """List the claims that pass the filter."""
    record, filters = desk.record(), desk.session.filters
    shown = select(record, filters)
    if not record.claims:
        desk.show(NOTHING)
        return
    desk.show(views.claims(record, shown))
    desk.show(Text(views.narrowed(record, shown, filters), style="dim"))


def show(desk: Desk, argument: str) -> None:
    """Show a claim in full."""
    record = desk.record()
    desk.show(views.claim(record, desk.session.document(), find_claim(record, argument)))


def sources(desk: Desk, _: str) -> None:
    """List who says something."""
    record = desk.record()
    if not record.entities:
        desk.show("No source is named: all claims are the article's own.")
        return
    desk.show(views.sources(record))


def who(desk: Desk, argument: str) -> None:
    """Show a source with its claims."""
    record = desk.record()
    if not argument:
        raise ConfigError("who? Add a name, or a part of one: /sources lists them")
    found = find_entities(record.entities, argument)
    if not found:
        names = ", ".join(plain(entity.name) for entity in record.entities) or "nobody"
        raise ConfigError(f"nobody is called {argument!r} here; the article names {names}")
    for entity in found:
        desk.show(views.who(record, entity))


def rejected(desk: Desk, _: str) -> None:
    """List what was rejected, and why."""
    record = desk.record()
    if not record.rejected:
        desk.show("Nothing was rejected.")
        return
    desk.show(views.rejected(record))


def filter_(desk: Desk, argument: str) -> None:
    """Narrow down what is listed, or tell how it is narrowed."""
    record = desk.record()
    if argument.casefold() in ("off", "none"):
        desk.change(filters={})
    elif argument:
        desk.change(filters=parse_filters(argument))
    filters = desk.session.filters
    told = views.narrowed(record, select(record, filters), filters)
    desk.show(told if filters else f"no filter: all {told} are shown")
