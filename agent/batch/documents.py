"""The articles of a run, one after the other, from JSON lines, files, folders and globs.

They're yielded lazily and unread: no more than a line is in memory, and whoever reads them finds
out what can't be read.
"""

from __future__ import annotations

import glob
import hashlib
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

from agent.document import Article
from agent.errors import InputError
from agent.inputs import SUFFIXES, read_article
from agent.inputs.text import check_length
from agent.store import Failure

LINES = frozenset({".jsonl", ".ndjson"})
TAKEN = LINES | SUFFIXES.keys()  # from a folder
STDIN = "-"
KNOWN = ("id", "text", "title", "date", "url")
ID_DIGITS = 16  # of a text's SHA-256, for an article without a name


@dataclass(frozen=True, slots=True)
class Item:
    """One article of the input, not read yet. position: counts from 1. where: file, line.

    line: of JSON; None where the article is the file `where`, and `name` its id. earlier: how it
    failed earlier in this run, where this is its second try.
    """

    position: int
    where: str
    line: bytes | None = None
    name: str = ""
    earlier: Failure | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """A file of articles: JSON lines, or one article. name: of that, without its suffix."""

    path: str
    name: str = ""

    @property
    def has_lines(self) -> bool:
        """Whether each line is an article."""
        return self.path == STDIN or Path(self.path).suffix.lower() in LINES


def find_sources(inputs: Sequence[str], outputs: Sequence[Path] = ()) -> list[Source]:
    """Return the files that the inputs mean, in their order; those of a folder by their names.

    outputs: files that the run writes; in a folder or glob they aren't taken for articles.

    Raises:
        InputError: an input isn't there, or there is nothing in it.
    """
    written = {path.resolve() for path in outputs}
    found = [source for given in inputs for source in _sources(given, written)]
    if sum(source.path == STDIN for source in found) > 1:
        raise InputError("standard input (-) can only be read once: name it once")
    return found


def _sources(given: str, written: set[Path]) -> list[Source]:
    path = Path(given)
    if given == STDIN or (path.exists() and not path.is_dir()):
        return [Source(given, path.stem)]
    if path.exists():
        base, files = path, [file for file in path.rglob("*") if file.suffix.lower() in TAKEN]
        nothing = f"the folder {given} holds no file of the kinds {', '.join(sorted(TAKEN))}"
    elif glob.has_magic(given):
        base = _fixed(path)
        found = glob.glob(given, recursive=True)  # noqa: PTH207  (Path's takes no absolute one)
        files, nothing = [Path(file) for file in found], f"{given} fits no file"
    else:
        files, nothing = [], f"there's no file or folder {given}"
    sources = [
        Source(str(file), file.relative_to(base).with_suffix("").as_posix())
        for file in sorted(files)
        if file.is_file() and file.resolve() not in written
    ]
    if not sources:
        raise InputError(f"{nothing}: check the path")
    return sources


def _fixed(pattern: Path) -> Path:
    """Return the folder that a pattern begins with, as far as it's no pattern."""
    while glob.has_magic(str(pattern)):
        pattern = pattern.parent
    return pattern


def count_articles(sources: Iterable[Source]) -> int | None:
    """Return how many articles there are, None where standard input is one of the sources.

    Raises:
        InputError: a file can't be read.
    """
    count = 0
    for source in sources:
        if source.path == STDIN:
            return None
        if source.has_lines:
            with _opened(source.path) as file:
                count += sum(1 for line in file if line.strip())
        else:
            count += 1
    return count


def list_items(sources: Iterable[Source]) -> Iterator[Item]:
    """Yield the articles in order.

    Raises:
        InputError: a file of lines can't be opened.
    """
    position = 0
    for source in sources:
        if not source.has_lines:
            position += 1
            yield Item(position, source.path, name=source.name)
            continue
        with _opened(source.path) as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    position += 1
                    yield Item(position, f"{source.path}:{number}", line)


def read_item(item: Item, max_chars: int) -> Article:
    """Return the article. max_chars: the longest that its text may be.

    Raises:
        InputError: it can't be read, or is too long.
    """
    if item.line is None:
        return replace(read_article(item.where, max_chars), id=item.name)
    article = parse_line(item.line)
    check_length(item.where, len(article.text), max_chars)
    return article


def _opened(path: str) -> BinaryIO:
    if path == STDIN:
        return sys.stdin.buffer
    try:
        return Path(path).open("rb")
    except OSError as error:
        raise InputError(f"can't read {path}: {error.strerror}") from error


# ---- one line ---------------------------------------------------------------------------------


def parse_line(line: bytes) -> Article:
    """Return the article in a line of JSON: text; id, title, date, url if there; the rest is kept.

    Without an id the text's hash names it.

    >>> parse_line(b'{"text": "It rained.", "id": 7, "desk": "weather"}')
    Article(text='It rained.', id='7', title=None, date=None, origin=None, \
extra={'desk': 'weather'})

    Raises:
        InputError: it isn't a JSON object with a text.
    """
    try:
        row = json.loads(line.decode("utf-8-sig"), parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise InputError(f"the line isn't JSON ({error}): write one object in each line") from error
    if not isinstance(row, dict):
        raise InputError('the line isn\'t an object: write {"id": …, "text": …}')
    text = row.get("text")
    if not isinstance(text, str):
        raise InputError('the line has no "text", or one that is no string')
    name = row.get("id")
    if name is None:
        name = hashlib.sha256(text.encode(errors="replace")).hexdigest()[:ID_DIGITS]
    if not isinstance(name, str | int) or isinstance(name, bool):
        raise InputError('"id" must be a string or a whole number')
    return Article(
        text,
        id=str(name),
        title=_optional(row, "title"),
        date=_optional(row, "date"),
        origin=_optional(row, "url"),
        extra={key: value for key, value in row.items() if key not in KNOWN},
    )


def _optional(row: dict[str, Any], key: str) -> str | None:
    value = row.get(key)
    if value is None or isinstance(value, str):
        return value
    raise InputError(f'"{key}" must be a string, or left out')


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no number of JSON")
