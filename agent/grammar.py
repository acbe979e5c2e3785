"""Grammars that hold a model's answer to substrings of the text that it was shown.

The form is llguidance's: `%llguidance {}`, then Lark with `%regex {"substring_words": …}`.
Source: https://github.com/guidance-ai/llguidance/blob/main/docs/syntax.md
"""

from __future__ import annotations

import json

NONE = "none"
# What breaks a JSON string, replaced one for one so that offsets into the text hold.
_PLAIN = str.maketrans(
    {'"': "”", "\\": "/", "\t": " ", "\n": " ", "\r": " ", "\v": " ", "\f": " ", "«": "“", "»": "”"}
)


def plain(text: str) -> str:
    """Return the text as it can stand in a prompt and a grammar; every offset still holds.

    >>> plain('He said "yes"')
    'He said ”yes”'
    """
    shown = text.translate(_PLAIN)
    return "".join(ch if ch.isprintable() else " " for ch in shown)


def choice_of_strings(shown: str, count: int, *, or_none: bool = True) -> str:
    """Return a grammar for an array of `count` substrings of `shown`, or the word none."""
    items = ' "\\", \\"" '.join(["SUB"] * count)
    start = f'"[\\"" {items} "\\"]"'
    if or_none:
        start = f'"{NONE}" | {start}'
    return f"%llguidance {{}}\nstart: {start}\n{_substring(shown)}"


def substring(shown: str) -> str:
    """Return a grammar for one substring of `shown`, or the word none."""
    return f'%llguidance {{}}\nstart: "{NONE}" | SUB\n{_substring(shown)}'


def _substring(shown: str) -> str:
    return f'SUB: %regex {{ "substring_words": {json.dumps(shown, ensure_ascii=False)} }}\n'
