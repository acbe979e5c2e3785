"""The command lines of the REPL: which commands there are, and what a line asks for."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from typing import get_args

from agent.errors import ConfigError
from agent.schema import (
    Act,
    Claim,
    ClaimZone,
    Confidence,
    EntityType,
    Extraction,
    Kind,
    Polarity,
    Sourcing,
)


@dataclass(frozen=True, slots=True)
class Command:
    """What a line asks for: the name of a command and the rest of the line."""

    name: str
    argument: str = ""


@dataclass(frozen=True, slots=True)
class Spec:
    """A command as the help tells it. more: what else a person may want to know of it."""

    name: str
    usage: str
    does: str
    more: str = ""


SPECS = (
    Spec(
        "open",
        "FILE|URL",
        "read an article, or take up a saved session or record",
        "FILE may also be what /save or /export wrote (a session, or a record in JSON): that is "
        "shown as it is, and nothing is read anew. URL --allow-private: of this machine or its "
        "network too.",
    ),
    Spec(
        "paste",
        "",
        "type or paste an article",
        "A line that holds only a dot ends it, or Ctrl-D; Ctrl-C forgets it. Without /paste, any "
        "line that isn't a command begins an article too.",
    ),
    Spec(
        "read",
        "[--force]",
        "read it again, after a stop or with another model",
        "Verdicts and gold work of the reading before are dropped; /resume has them. "
        "--force reads a text that isn't English too.",
    ),
    Spec("article", "", "show the article with its claims marked, and sources"),
    Spec("claims", "", "list the claims that pass the filter"),
    Spec("show", "N", "show a claim in full, and why this confidence"),
    Spec("sources", "", "list who says something"),
    Spec("who", "NAME", "show a source with all its claims"),
    Spec("rejected", "", "list what the reading rejected, and why"),
    Spec(
        "filter",
        "KEY=VALUE ...",
        "narrow claims and article down; /filter off ends it",
        "Keys: confidence, source, kind, act, polarity, sourcing, zone, review (ok, wrong, none), "
        "words. Several values of one key are parted by commas: confidence=possible,probable "
        "source=Kremlin",
    ),
    Spec(
        "compare",
        "FILE|URL",
        "show the same claims in another article",
        "Tells where a source was lost or is another one, and where may became will. A record in "
        "JSON is taken as it is; an article is read first.",
    ),
    Spec("ok", "N [NOTE]", "mark a claim as read rightly"),
    Spec("wrong", "N [NOTE]", "mark a claim as read wrongly"),
    Spec("unmark", "N", "take the mark away"),
    Spec(
        "gold",
        "",
        "walk through the claims and make a gold file of them",
        "The prompt tells that the walk is on; ? lists its keys. /gold takes it up where it was.",
    ),
    Spec(
        "eval",
        "[GOLD.json]",
        "score the reading against gold: the walk's or a file's",
    ),
    Spec(
        "model",
        "[NAME [URL]]",
        "tell which model reads, or take another",
        "NAME: as -m, a model of this machine, the path of a GGUF file, or the model of an "
        "endpoint; URL: as --base-url.",
    ),
    Spec(
        "prompt",
        "[TASK|FILE.md]",
        "list the prompts, show one, or read with one of a file",
        "A file takes the place of the prompt whose name it bears, until the end of the session.",
    ),
    Spec("cost", "", "tell what the readings took: calls, tokens, time, money"),
    Spec(
        "export",
        "FILE [FORM]",
        "write the record; its form goes by the name of FILE",
        "FILE ends in .html, .md, .csv, .json, .jsonl, .jsonld (Web Annotations) or .txt (a "
        "table). FORM says it otherwise: claim, as in /export x.json claim, is schema.org's.",
    ),
    Spec("save", "[FILE]", "write the whole session; /open takes it up again"),
    Spec(
        "resume",
        "[N]",
        "list the sessions that were kept, or take one up",
        "After each step the session is kept in your data folder; the newest ten stay.",
    ),
    Spec("forget", "", "delete the kept sessions and the history of commands"),
    Spec(
        "plain",
        "",
        "plain layout on or off, for screen readers",
        "No columns, no bars; sources stand below each paragraph.",
    ),
    Spec("help", "[COMMAND]", "tell what can be done; ? does too, also after a command"),
    Spec("quit", "", "leave; Ctrl-D does too"),
)
NAMES = tuple(spec.name for spec in SPECS)
BY_NAME = {spec.name: spec for spec in SPECS}

VALUES: dict[str, tuple[str, ...]] = {
    "confidence": get_args(Confidence),
    "kind": get_args(Kind),
    "act": get_args(Act),
    "polarity": get_args(Polarity),
    "sourcing": get_args(Sourcing),
    "zone": get_args(ClaimZone),
    "review": ("ok", "wrong", "none"),
    "status": ("core", "optional"),
    "type": get_args(EntityType),
}
FILTERS = "confidence source kind act polarity sourcing zone review words".split()
_FILTER = re.compile(r"(\w+)=(.*?)(?=\s+\w+=|\s*\Z)", re.DOTALL)


def is_command(line: str) -> bool:
    """Tell whether a line is a command, and not the first line of an article."""
    return line.lstrip().startswith(("/", "?"))


def parse_line(line: str) -> Command:
    """Return the command of a line that begins with / or ?; its name may be cut short.

    >>> parse_line("/show 14"), parse_line("/sh ?"), parse_line("?")
    (Command(name='show', argument='14'), Command(name='help', argument='show'), \
Command(name='help', argument=''))

    Raises:
        ConfigError: there's no such command.
    """
    line = line.strip()
    if line.startswith("?"):
        asked = line[1:].strip().removeprefix("/")
        return Command("help", find_name(asked) if asked else "")
    word, _, rest = line[1:].partition(" ")
    name, argument = find_name(word), rest.strip()
    if argument == "?":
        return Command("help", name)
    if name == "help" and argument:
        argument = find_name(argument.removeprefix("/"))
    return Command(name, argument)


def find_name(word: str) -> str:
    """Return the command that a word names, in full or by its first letters.

    Raises:
        ConfigError: it names none, or several.
    """
    word = word.casefold()
    begun = [name for name in NAMES if name.startswith(word)] if word else []
    if word in NAMES or len(begun) == 1:
        return word if word in NAMES else begun[0]
    if begun:
        meant = ", ".join(f"/{name}" for name in begun)
        raise ConfigError(f"/{word} may mean {meant}: type one letter more")
    close = difflib.get_close_matches(word, NAMES, n=1)
    hint = f"did you mean /{close[0]}?" if close else "? lists the commands"
    raise ConfigError(f"there's no command /{word}; {hint}")


def find_claim(record: Extraction, word: str) -> Claim:
    """Return the claim with an id, or with its number.

    Raises:
        ConfigError: there's no such claim.
    """
    word = word.casefold()
    by_id = {claim.id.casefold(): claim for claim in record.claims}
    if word in by_id:
        return by_id[word]
    number = word.removeprefix("c")
    if number.isdecimal():
        for id_, claim in by_id.items():
            if id_.removeprefix("c").lstrip("0") == number.lstrip("0"):
                return claim
    if not record.claims:
        raise ConfigError("the record holds no claims")
    if not word:
        raise ConfigError("which claim? Add its number, as /claims shows it")
    first, last = record.claims[0].id, record.claims[-1].id
    raise ConfigError(f"there's no claim {word}: the record has {first} to {last}")


def split_claim(record: Extraction, argument: str) -> tuple[Claim, str]:
    """Return the claim that an argument begins with, and the note that follows.

    Raises:
        ConfigError: there's no such claim.
    """
    word, _, note = argument.partition(" ")
    return find_claim(record, word), note.strip()


def parse_filters(argument: str) -> dict[str, str]:
    """Return key and value of each condition; values may hold blanks.

    >>> parse_filters("source=New York Times confidence=possible,probable")
    {'source': 'New York Times', 'confidence': 'possible,probable'}

    Raises:
        ConfigError: no condition, a key or a value that isn't known.
    """
    found = {key.casefold(): value.strip(" \"'") for key, value in _FILTER.findall(argument)}
    start = _FILTER.search(argument)
    if start is None or argument[: start.start()].strip():
        raise ConfigError("a filter is KEY=VALUE, as in /filter confidence=possible source=Kremlin")
    for key, value in found.items():
        if key not in FILTERS:
            raise ConfigError(f"there's no filter {key!r}; known: {', '.join(FILTERS)}")
        if key in VALUES:
            found[key] = ",".join(check_value(key, one.strip()) for one in value.split(","))
    return found


def check_value(field: str, value: str) -> str:
    """Return a value of a field with fixed values; it may be cut short.

    Raises:
        ConfigError: the field has no such value.
    """
    known = VALUES[field]
    begun = [name for name in known if name.startswith(value.casefold())] if value else []
    if value.casefold() in known or len(begun) == 1:
        return value.casefold() if value.casefold() in known else begun[0]
    raise ConfigError(f"{field} can't be {value!r}; it is one of {', '.join(known)}")
