"""The walk through the claims that makes gold: its keys, and what a line typed there does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from rich.console import Group, RenderableType
from rich.text import Text

from agent.document import Document, Extent
from agent.errors import ConfigError
from agent.repl import goldwork
from agent.repl.article import STYLES, label
from agent.repl.goldfix import FIELDS, fix
from agent.repl.goldwork import Item, Work
from agent.repl.parse import VALUES, Spec
from agent.repl.views import ARTICLE, bracketed, rows
from agent.wording import plain

KEYS = (
    Spec("a", "[core|optional]", "accept the claim as it stands, and go on"),
    Spec("r", "[REASON]", "reject it; with a reason it is listed as no claim"),
    Spec("f", "FIELD VALUE", f"fix a field: {', '.join(FIELDS)}"),
    Spec("s", "WORDS", "split it in two before these words of its content"),
    Spec("m", "[N]", "merge it with the next claim, or with claim N"),
    Spec("+", "[WORDS]", "add a claim on words of the text; without words, select them there"),
    Spec("n", "", "go on without deciding"),
    Spec("b", "", "go back"),
    Spec("g", "N", "go to claim N"),
    Spec("l", "", "list the claims"),
    Spec("A", "", "accept all that aren't decided"),
    Spec("w", "FILE.json", "write the gold file, and the text beside it"),
    Spec("q", "", "leave the walk; /gold takes it up again"),
)
LETTERS = {spec.name: spec for spec in KEYS}
WORDS = {
    "accept": "a",
    "reject": "r",
    "fix": "f",
    "split": "s",
    "merge": "m",
    "add": "+",
    "next": "n",
    "back": "b",
    "goto": "g",
    "list": "l",
    "write": "w",
    "quit": "q",
}
HINT = "a accept  r reject  f fix  s split  m merge  + add  n next  w write  ? help"
CHECK = "; read its text and labels again, f puts them right"

Pick = Callable[[int], Extent | None]


@dataclass(frozen=True, slots=True)
class Step:
    """What a line did. said: for the person. show: the claim is to be shown again."""

    work: Work
    said: str = ""
    show: bool = True


def split_key(line: str) -> tuple[str, str]:
    """Return the key that a line begins with, and the rest of it.

    >>> split_key("f kind direct"), split_key("+they left"), split_key("12"), split_key("accept")
    (('f', 'kind direct'), ('+', 'they left'), ('g', '12'), ('a', ''))

    Raises:
        ConfigError: there's no such key.
    """
    line = line.strip()
    if line.startswith("+"):
        return "+", line[1:].strip()
    word, _, rest = line.partition(" ")
    key = word if word in LETTERS else WORDS.get(word.casefold(), "")
    if not key and word.removeprefix("c").isdecimal():
        return "g", word
    if not key:
        raise ConfigError(f"there's no key {word!r} in the walk; ? lists them, q leaves it")
    return key, rest.strip()


def step(work: Work, document: Document, key: str, rest: str, pick: Pick) -> Step:
    """Return what a key does to the work. pick: lets a person select words, from an offset on.

    Raises:
        ConfigError: it can't be done; the message says why.
    """
    if key in ("a", "r"):
        done = goldwork.accept(work, rest) if key == "a" else goldwork.reject(work, rest)
        return Step(done, "" if done.undecided else "all claims are decided: w FILE.json writes it")
    if key == "f":
        field, _, value = rest.partition(" ")
        return Step(fix(work, document, field, value))
    if key == "s":
        return Step(goldwork.split(work, document, rest), f"split{CHECK}")
    if key == "m":
        return Step(goldwork.merge(work, document, rest), f"merged{CHECK}")
    if key == "+":
        return _add(work, document, rest, pick)
    if key == "A":
        done = goldwork.accept_rest(work)
        return Step(done, "all claims are decided: w FILE.json writes it", show=False)
    if key == "g":
        return Step(goldwork.go(work, goldwork.place_of(work, rest)))
    return Step(goldwork.go(work, work.at + (1 if key == "n" else -1)))


def _add(work: Work, document: Document, words: str, pick: Pick) -> Step:
    if words:
        return Step(goldwork.add(work, document, words), f"added{CHECK}")
    near = work.item.claim.content[0].start if work.items else 0
    extent = pick(near)
    if extent is None:
        return Step(work, "nothing was selected; + WORDS adds a claim on words of the text")
    return Step(goldwork.add(work, document, extent), f"added{CHECK}")


# ---- what is shown ----------------------------------------------------------------------------


def view(work: Work, document: Document) -> RenderableType:
    """Return the claim at which the walk stands, with every field that can be fixed."""
    item = work.item
    claim = item.claim
    attribution = claim.attribution
    names = {entity.id: f"{plain(entity.name)} ({entity.type})" for entity in work.entities}
    who = " < ".join(names.get(x.entity, plain(x.entity)) for x in attribution.chain) or ARTICLE
    sentence = claim.sentence
    cue = attribution.chain[-1].cue if attribution.chain else None
    labels = f"kind {attribution.kind}, act {claim.act}, polarity {claim.polarity}, confidence "
    pairs: list[tuple[str, RenderableType | str]] = [
        ("text", plain(claim.text)),
        ("content", bracketed(document.text, claim, sentence.start, sentence.end)),
        ("source", who),
        ("cue", f"“{plain(cue.text)}”" if cue else "none"),
        ("labels", Text(labels).append(claim.confidence, style=STYLES[claim.confidence])),
        ("hedge", ", ".join(f"“{plain(s.text)}”" for s in claim.confidence_cues) or "none"),
    ]
    if claim.topic:
        pairs.append(("topic", plain(claim.topic.text)))
    if claim.duplicate_of:
        pairs.append(("same", f"repeats {plain(claim.duplicate_of)}"))
    if item.note:
        pairs.append(("note", plain(item.note)))
    head = f"Claim {label(claim)}, {work.at + 1} of {len(work.items)}; {_state(item)}; "
    head += f"{work.undecided} to decide"
    return Group(Text(head, style="bold"), rows(pairs), Text(HINT, style="dim"))


def _state(item: Item) -> str:
    status = "optional" if item.optional else "core"
    reason = f" ({plain(item.reason)})" if item.reason else ""
    return f"{status}, {'not decided' if item.state == 'open' else item.state}{reason}"


def listing(work: Work) -> RenderableType:
    """Return all claims of the walk, a line each."""
    names = {entity.id: plain(entity.name) for entity in work.entities}
    told = []
    for item in work.items:
        chain = " ← ".join(names.get(x.entity, x.entity) for x in item.claim.attribution.chain)
        content = plain(" … ".join(span.text for span in item.claim.content))
        told.append((label(item.claim), f"{_state(item)}: {chain or ARTICLE}: {content}"))
    return rows(told)


def help_text() -> RenderableType:
    """Return the keys of the walk and what they do."""
    pairs = [(f"{spec.name} {spec.usage}".strip(), spec.does) for spec in KEYS]
    values = "; ".join(f"{name}: {', '.join(VALUES[name])}" for name in FIELDS if name in VALUES)
    return Group(
        Text("The walk: a number goes to that claim, an empty line shows the claim again."),
        rows(pairs),
        Text(
            f"Values. {values}. Words of content, cue, hedge and topic are copied from the text; "
            "… parts pieces of a content. Sources: outermost first, with < between them; none "
            "is the article itself. Commands with / work here too."
        ),
    )
