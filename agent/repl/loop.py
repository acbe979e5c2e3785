"""The loop of the REPL: a line in, what it asks for done, until the end."""

from __future__ import annotations

from collections.abc import Callable

from rich.console import Group, RenderableType
from rich.text import Text

from agent.document import Article
from agent.errors import AgentError, ConfigError
from agent.repl import goldwalk, judging, keeping, kept, looking, opening, views
from agent.repl.desk import Desk
from agent.repl.lines import Line, collect
from agent.repl.parse import BY_NAME, NAMES, SPECS, is_command, parse_line
from agent.settings import VERSION
from agent.wording import counted

HOW_TO_END = "a line that holds only a dot ends it, or Ctrl-D; Ctrl-C forgets it"
WORDS_OF_A_COMMAND = 3  # more of them, and a line that begins with a command's name is an article

Handler = Callable[[Desk, str], None]


def run(desk: Desk) -> int:
    """Obey lines until they end; return the exit code: 1 if a command of a pipe failed."""
    failed = False
    while not desk.done:
        try:
            line = desk.lines.command(_prompt(desk))
        except KeyboardInterrupt:
            continue
        except EOFError:
            break
        failed = not obey(desk, line) or failed
    return int(failed and not desk.lines.interactive)


def obey(desk: Desk, line: Line) -> bool:
    """Do what a line asks for; return whether it could be done."""
    try:
        _obey(desk, line)
    except AgentError as error:
        desk.say(f"sayso: {error}")
        return False
    except KeyboardInterrupt:
        desk.say("\nstopped")
        return False
    return True


def _obey(desk: Desk, line: Line) -> None:
    if is_command(line.text) and not line.pasted:
        if desk.walking and line.text.strip() == "?":
            desk.show(goldwalk.help_text())
            return
        command = parse_line(line.text)
        HANDLERS[command.name](desk, command.argument)
    elif desk.walking:
        if line.pasted:
            raise ConfigError("several lines were pasted, and the walk takes one: q leaves it")
        judging.walk(desk, line.text)
    elif line.text.strip():
        if desk.lines.interactive:
            _check_meant(line)
        _take(desk, line)


def _check_meant(line: Line) -> None:
    """Check that a line is meant for an article, and isn't a command without its slash."""
    words = line.text.split()
    if not line.pasted and len(words) <= WORDS_OF_A_COMMAND and words[0].casefold() in NAMES:
        raise ConfigError(
            f"commands begin with a slash: /{' '.join(words)}; /paste begins an article"
        )


def _take(desk: Desk, first: Line) -> None:
    """Take the article that a line begins, and read it."""
    _tell_begun(desk, first)
    try:
        text = collect(first, desk.lines, "article> ", lambda: desk.say(HOW_TO_END))
    except KeyboardInterrupt:
        desk.say("forgotten")
        return
    opening.take(desk, Article(text))


def _tell_begun(desk: Desk, first: Line) -> None:
    if not desk.lines.interactive:
        return
    if first.pasted:
        lines = counted(first.text.strip().count("\n") + 1, "line")
        size = f"{counted(len(first.text), 'character')} in {lines}"
        desk.say(f"pasted {size}; paste more, or: {HOW_TO_END}")
    elif first.text:
        desk.say(f"an article begins here; {HOW_TO_END}")
    else:
        desk.say(f"type or paste the article; {HOW_TO_END}")


def paste(desk: Desk, _: str) -> None:
    """Take an article, whatever its first line is."""
    _take(desk, Line(""))


def help_(desk: Desk, argument: str) -> None:
    """Tell what can be done, or how a command is used."""
    if argument:
        spec = BY_NAME[argument]
        desk.show(f"/{spec.name} {spec.usage}".rstrip(), f"  {spec.does}")
        if spec.more:
            desk.show(f"  {spec.more}")
        return
    desk.show(_overview())


def _overview() -> RenderableType:
    pairs = [(f"/{spec.name} {spec.usage}".rstrip(), spec.does) for spec in SPECS]
    first = "Paste an article, or open one. N is a claim's number. Names may be cut short."
    last = "? after a command tells more of it, as in /filter ? Tab completes."
    return Group(Text(first), views.rows(pairs), Text(last))


def quit_(desk: Desk, _: str) -> None:
    """Leave."""
    desk.done = True


HANDLERS: dict[str, Handler] = {
    "open": opening.open_,
    "paste": paste,
    "read": opening.read,
    "article": lambda desk, _: opening.show_article(desk),
    "claims": looking.claims,
    "show": looking.show,
    "sources": looking.sources,
    "who": looking.who,
    "rejected": looking.rejected,
    "filter": looking.filter_,
    "compare": opening.compare_,
    "ok": judging.ok,
    "wrong": judging.wrong,
    "unmark": judging.unmark,
    "gold": judging.gold,
    "eval": judging.evaluate,
    "model": opening.model,
    "prompt": opening.prompt,
    "cost": opening.cost,
    "export": keeping.export,
    "save": keeping.save,
    "resume": keeping.resume,
    "forget": keeping.forget,
    "plain": keeping.plain,
    "help": help_,
    "quit": quit_,
}


def greet(desk: Desk) -> None:
    """Tell a person who begins what to do, and which session is kept."""
    desk.say(f"sayso {VERSION}: who says what, on whose say-so, and how sure they sound")
    desk.say("Paste an article, or /open a file or an address. ? helps, Ctrl-D leaves.")
    desk.say(desk.reader.settings.where)
    found = kept.kept(desk.folder) if desk.folder else []
    if found:
        desk.say(f"Kept from {kept.described(found[0])}. /resume 1 takes it up again.")


def _prompt(desk: Desk) -> str:
    work = desk.session.gold
    if desk.walking and work:
        return f"gold {work.at + 1}/{len(work.items)}> "
    return "sayso> "
