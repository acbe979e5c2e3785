"""Commands that open and read: /open, /read, /compare, and what reads: /model, /prompt, /cost."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.text import Text

from agent.api import open_document
from agent.document import Article, Document
from agent.engines.weights import find
from agent.errors import AgentError, ConfigError, PromptError
from agent.extract import Event
from agent.inputs import is_url, read_article
from agent.prompt import Prompt, parse_prompt
from agent.repl import article, compared, views
from agent.repl.compare import compare
from agent.repl.desk import NONE_OPEN, Desk, clean
from agent.repl.session import Session, restore, select
from agent.report import summary
from agent.schema import Extraction, PromptRef, UsageRecord
from agent.settings import LOCAL_MODELS, load_settings
from agent.terminal import progress
from agent.wording import counted, plain

PRIVATE = " --allow-private"  # after an address
STOPPED = "stopped; /read reads the article from its beginning"


def open_(desk: Desk, argument: str) -> None:
    """Open an article and read it, or take up what /save or /export wrote."""
    if not argument:
        raise ConfigError("open what? /open FILE, or an address on the web")
    ready = _from_json(argument)
    if ready:
        desk.start(ready)
        show_article(desk)
        return
    take(desk, _article(desk, argument))


def _from_json(source: str) -> Session | None:
    """Return the session or record in a file, None where it's something else."""
    path = Path(source).expanduser()
    if is_url(source) or path.suffix.lower() not in (".json", ".jsonl") or not path.is_file():
        return None
    try:
        return restore(path.read_text(encoding="utf-8"), path.name)
    except (OSError, UnicodeDecodeError):
        return None  # read_article says what is wrong


def _article(desk: Desk, source: str) -> Article:
    settings = desk.reader.settings
    source, private = source.removesuffix(PRIVATE).rstrip(), source.endswith(PRIVATE)
    if source == "-":
        raise ConfigError("standard input holds the commands here: name a file")
    if not is_url(source):
        source = str(Path(source).expanduser())
    return read_article(source, settings.max_chars, allow_private=private, offline=settings.offline)


def take(desk: Desk, found: Article, *, force: bool = False) -> None:
    """Make an article the one at hand, and read it."""
    desk.start(Session(article=found))
    _read(desk, found, force=force)


def read(desk: Desk, argument: str) -> None:
    """Read the article at hand again."""
    if argument not in ("", "--force"):
        raise ConfigError(f"/read {argument}: it takes nothing but --force")
    found = desk.session.article
    if found is None:
        raise ConfigError(NONE_OPEN)
    take(desk, found, force=bool(argument))


def _read(desk: Desk, found: Article, *, force: bool) -> None:
    document = open_document(found, force=force)
    desk.say(desk.reader.settings.where)
    shown = _Shown(desk, document)
    try:
        record = _record(desk, document, shown)
    except KeyboardInterrupt:
        desk.say(STOPPED)
        return
    desk.change(record=record)
    shown.rest(record)
    desk.show(*(Text(line, style="dim") for line in summary(record)))


class _Shown:
    """Shows the article while it's read: each part as soon as what follows it is settled too."""

    def __init__(self, desk: Desk, document: Document) -> None:
        self._desk, self._document = desk, document
        self._parts = list(document.blocks)
        self._begun = False

    def settled(self, record: Extraction) -> None:
        """Show the parts before that of the last claim."""
        last = record.claims[-1].content[0].start if record.claims else 0
        self._show(record, sum(part.extent.end <= last for part in self._parts))

    def rest(self, record: Extraction) -> None:
        """Show what wasn't shown."""
        self._show(record, len(self._parts))

    def _show(self, record: Extraction, number: int) -> None:
        if number and not self._begun:
            self._begun = True
            self._desk.show(article.legend(), "")
        parts, self._parts = self._parts[:number], self._parts[number:]
        text, layout = self._document.text, self._desk.layout
        self._desk.show(*article.blocks(text, parts, record, record.claims, layout))


def _record(desk: Desk, document: Document, shown: _Shown | None = None) -> Extraction:
    """Return the record of a document, progress shown.

    Raises:
        KeyboardInterrupt: the person wants no more of it.
    """
    with _progress(desk) as tell:

        def listen(event: Event, so_far: Extraction | None) -> None:
            tell(event)
            if shown and so_far:
                shown.settled(so_far)

        record = desk.reader.read(document, listen)
    desk.spent.append(record.provenance.usage)
    desk.seconds += record.provenance.seconds
    return record


@contextmanager
def _progress(desk: Desk) -> Iterator[Callable[[Event], None]]:
    """Yield what shows an event: a bar, in the plain layout a line for each stage."""
    if not desk.plain:
        with progress(desk.console) as tell:
            yield tell
        return
    told: list[str] = []

    def say(event: Event) -> None:
        if desk.lines.interactive and event.stage not in told:
            told.append(event.stage)
            desk.say(f"{event.stage} ...")

    yield say


def show_article(desk: Desk) -> None:
    """Show the article at hand with the claims that pass the filter."""
    record, document = desk.record(), desk.session.document()
    shown = select(record, desk.session.filters)
    desk.show(article.legend(), "")
    desk.show(*article.blocks(document.text, document.blocks, record, shown, desk.layout))
    told = views.narrowed(record, shown, desk.session.filters)
    desk.show(Text(told, style="dim"))


# ---- comparing --------------------------------------------------------------------------------


def compare_(desk: Desk, argument: str) -> None:
    """Show the same claims in another article."""
    first = desk.record()
    if not argument:
        raise ConfigError("compare with what? /compare FILE")
    ready = _from_json(argument)
    second = ready.record if ready else None
    if second is None:
        document = open_document(_article(desk, argument))
        desk.say(desk.reader.settings.where)
        try:
            second = _record(desk, document)
        except KeyboardInterrupt:
            desk.say("stopped; nothing was compared")
            return
    titles = [plain(r.document.title or r.document.id) for r in (first, second)]
    desk.show(f"Here: {titles[0]}\nThere: {titles[1]}\n")
    desk.show(compared.comparison(first, second, compare(first, second)))


# ---- what reads -------------------------------------------------------------------------------


def model(desk: Desk, argument: str) -> None:
    """Tell which model reads, or take another."""
    settings = desk.reader.settings
    if argument:
        name, _, url = argument.partition(" ")
        given = {
            "model": name,
            "base_url": url.strip() or None,
            "cache_dir": str(settings.cache_dir),
        }
        desk.reader.use(
            load_settings({**given, "offline": settings.offline, "max_chars": settings.max_chars})
        )
        desk.say(f"from now on {desk.reader.settings.where}; /read reads the article so")
        return
    desk.show(settings.where)
    for name in LOCAL_MODELS:
        desk.show(f"{name}: {_state(name, settings.cache_dir)}")
    desk.show("Also /model PATH for a GGUF file, /model NAME URL for an endpoint.")


def _state(name: str, cache_dir: Path) -> str:
    try:
        return "here" if find(name, cache_dir) else f"not here (`sayso models fetch {name}`)"
    except AgentError:
        return f"damaged (`sayso models fetch {name}`)"


def prompt(desk: Desk, argument: str) -> None:
    """List the prompts, show one, or take one from a file."""
    prompts = desk.reader.prompts()
    if not argument:
        record = desk.session.record
        used = {ref.name: ref for ref in record.provenance.prompts} if record else {}
        desk.show(views.rows((name, _told(one, used.get(name))) for name, one in prompts.items()))
    elif argument in prompts:
        one = prompts[argument]
        desk.show(f"{one.name}: {_told(one)}\n", clean(one.system), "", clean(one.user), "")
        desk.show(f"{len(one.examples)} examples, {one.max_tokens} tokens of answer at most")
    else:
        one = _prompt_of(Path(argument).expanduser())
        if one.name not in prompts:
            known = ", ".join(prompts)
            raise PromptError(f"{argument} calls itself {one.name!r}; it must be one of {known}")
        desk.reader.changed_prompts[one.name] = one
        desk.say(f"{one.name} is that of {argument} from now on; /read reads the article so")


def _told(one: Prompt, used: PromptRef | None = None) -> str:
    told = f"version {one.version}, hash {one.hash[:12]}"
    if used is None:
        return told
    same = used.hash == one.hash
    return told + (
        ", used for this record" if same else f", not the {used.hash[:12]} of this record"
    )


def _prompt_of(path: Path) -> Prompt:
    """Return the prompt in a file, with the examples beside it."""
    beside = path.with_suffix(".examples.toml")
    try:
        examples = beside.read_text(encoding="utf-8") if beside.is_file() else ""
        return parse_prompt(path.read_text(encoding="utf-8"), examples)
    except OSError as error:
        message = f"there's no prompt {path}: name a task (/prompt lists them) or a file"
        raise PromptError(message) from error
    except UnicodeDecodeError as error:
        raise PromptError(f"{path} isn't UTF-8: save it so") from error


def cost(desk: Desk, _: str) -> None:
    """Tell what the readings took."""
    record = desk.session.record
    if record:
        how = record.provenance
        told = _spent([how.usage], how.seconds, free=how.engine == "local")
        desk.show(f"this record: {told}; by {plain(how.model)}")
    free = not desk.reader.settings.base_url
    desk.show(f"since the start: {_spent(desk.spent, desk.seconds, free=free)}")


def _spent(usages: Sequence[UsageRecord], seconds: float, *, free: bool) -> str:
    """Return calls, tokens, time and money in a line. free: the embedded engine takes no money."""
    calls, hits = sum(u.calls for u in usages), sum(u.cache_hits for u in usages)
    tokens = [sum(u.input_tokens for u in usages), sum(u.output_tokens for u in usages)]
    known = [u.cost_usd for u in usages if u.cost_usd is not None]
    unknown = "nothing to pay" if free else "cost unknown"
    paid = len(known) == len(usages) and (any(known) or not free)
    money = f"${sum(known):.4f}" if paid else unknown
    told = f"{counted(calls, 'call')}, {hits} answered before, {tokens[0]:,} tokens in"
    return f"{told}, {tokens[1]:,} out, {seconds:.1f} s, {money}"
