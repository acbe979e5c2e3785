"""The code blocks of a page in Markdown: what is run, what it should print, what isn't run and why.

In a block of `console` a line that begins with "$ " is a command, the lines below it are what it
prints; "…" stands for anything. `sh` has commands only. What can't be run where tests run has a
comment before it that readers don't see: <!-- not run here: it needs a scheduler -->
A block of `toml` is a config file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from markdown_it import MarkdownIt
from markdown_it.token import Token

RUN, SHOWN = ("console", "sh", "python"), ("", "toml", "json", "xml", "markdown")
_NOT_RUN = re.compile(r"\A<!-- not run here(?:: *(.*?))? *-->\s*\Z", re.DOTALL)


class Block(NamedTuple):
    """A fenced block. line: of the fence, from 1. why_not: why it isn't run, None if it is."""

    line: int
    language: str
    text: str
    why_not: str | None


class Step(NamedTuple):
    """A command, and what the page shows as its output."""

    command: str
    shown: str


def read_blocks(page: str) -> list[Block]:
    """Return the fenced blocks of a page, in order."""
    found = []
    why_not = None
    for token in MarkdownIt().parse(page):
        if token.type == "fence":
            assert token.map is not None
            found.append(Block(token.map[0] + 1, token.info.strip(), token.content, why_not))
        marked = _NOT_RUN.match(token.content) if token.type == "html_block" else None
        why_not = (marked[1] or "") if marked else None
    return found


def read_inline(page: str) -> list[str]:
    """Return the pieces of code within the text."""
    return [token.content for token in _inline(page) if token.type == "code_inline"]


def read_links(page: str) -> list[str]:
    """Return where links and pictures lead that stay in the repository, without anchors."""
    targets = [str(token.attrGet("href") or token.attrGet("src") or "") for token in _inline(page)]
    paths = [target.partition("#")[0] for target in targets if "://" not in target]
    return [path for path in paths if path]


def _inline(page: str) -> list[Token]:
    tokens = MarkdownIt().enable("table").parse(page)
    return [child for token in tokens for child in token.children or ()]


def read_steps(block: Block) -> list[Step]:
    """Return the commands of a block of `console` or `sh`."""
    if block.language == "sh":
        return [Step(line, "") for line in block.text.splitlines() if line.strip()]
    return list(_console_steps(block.text))


def _console_steps(text: str) -> Iterator[Step]:
    command, shown = "", ""
    for line in text.splitlines(keepends=True):
        if line.startswith("$ "):
            if command:
                yield Step(command, shown)
            command, shown = line[2:].strip(), ""
        else:
            shown += line
    yield Step(command, shown)


def fits(shown: str, printed: str) -> bool:
    r"""Tell whether what was printed is what a page shows; blanks at ends of lines don't count.

    >>> fits("a\n…\nd", "a\nb\nc\nd\n"), fits("a … c", "a b d")
    (True, False)
    """
    lines = [line.rstrip() for line in shown.strip("\n").splitlines()]
    pattern = "\n".join(re.escape(line).replace("…", ".*") for line in lines)
    rest = "\n".join(line.rstrip() for line in printed.strip("\n").splitlines())
    return re.fullmatch(pattern.replace(".*\n", "(?:.*\n)?"), rest, re.DOTALL) is not None
