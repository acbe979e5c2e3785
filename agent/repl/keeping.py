"""Commands that keep: /export, /save, /resume, /forget; and /plain."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

from agent.errors import ConfigError
from agent.files import check_target, write_report
from agent.forms import Form, form_of, render
from agent.repl import kept, views
from agent.repl.desk import NONE_OPEN, Desk
from agent.repl.opening import show_article
from agent.wording import counted


def export(desk: Desk, argument: str) -> None:
    """Write the record in the form that is named, or that the file's name asks for."""
    record = desk.record()
    name, _, last = argument.rpartition(" ")
    asked = next((form for form in get_args(Form) if name and last == form), None)
    path = Path(name if asked else argument).expanduser()
    if not argument:
        raise ConfigError("export to where? /export FILE.html, .md, .csv, .json, .jsonld, .txt")
    form: Form = asked or form_of(path)
    check_target(path, record.document.origin or "-")
    write_report(path, render(record, form, with_text=True))
    desk.say(f"{path} holds the record as {form}")


def save(desk: Desk, argument: str) -> None:
    """Write the whole session."""
    session = desk.session
    if session.article is None:
        raise ConfigError(NONE_OPEN)
    path = Path(argument).expanduser() if argument else desk.saved_to or _free(session.article.id)
    if path.suffix.lower() != ".json":
        raise ConfigError(f"a session ends in .json: /save {path}.json")
    check_target(path, session.article.origin or "-")
    write_report(path, session.model_dump_json(by_alias=True) + "\n")
    desk.saved_to = path
    desk.say(f"{path} holds the session; /open {path} takes it up again")


def _free(stem: str) -> Path:
    """Return the name of a session file that isn't there yet."""
    names = (f"{stem}{'' if n == 1 else f'-{n}'}.session.json" for n in range(1, 10_000))
    return next(path for name in names if not (path := Path(name)).exists())


def resume(desk: Desk, argument: str) -> None:
    """List the kept sessions, or take one up."""
    found = [one for one in kept.kept(desk.folder) if one.path != desk.place] if desk.folder else []
    if not found:
        raise ConfigError("no other session is kept")
    if not argument:
        desk.show(views.rows((str(n), kept.described(one)) for n, one in enumerate(found, 1)))
        return
    if not (argument.isdecimal() and 0 < int(argument) <= len(found)):
        raise ConfigError(f"there's no kept session {argument}; /resume lists {len(found)}")
    one = found[int(argument) - 1]
    desk.start(kept.load(one.path), one.path)
    if desk.session.record:
        show_article(desk)
    else:
        desk.say("its article isn't read yet: /read")


def forget(desk: Desk, _: str) -> None:
    """Delete the kept sessions and the history of commands."""
    if desk.folder is None:
        raise ConfigError("nothing is kept here")
    number = counted(kept.forget(desk.folder), "kept session")
    (desk.folder.parent / "history").unlink(missing_ok=True)
    desk.say(f"deleted: {number}, and the history of commands")


def plain(desk: Desk, _: str) -> None:
    """Switch the plain layout on or off."""
    desk.plain = not desk.plain
    desk.say(f"plain layout {'on' if desk.plain else 'off'}")
