"""Grammars that hold an answer to substrings (agent/grammar.py)."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.grammar import choice_of_strings, plain, substring


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        ("He said ”yes”", 'He said "yes"'),
        ("a/b", "a\\b"),
        ("a b  c", "a\tb\r\nc"),
        ("one two", "one\u00a0two"),
        ("so called", "so\u00adcalled"),
        ("a b", "a\x00b"),
        ("“Oui”", "«Oui»"),
        ("Zoë’s 5 € – “ok”", "Zoë’s 5 € – “ok”"),
        ("", ""),
    ],
)
def test_plain_replaces_what_breaks_a_string(expected: str, text: str) -> None:
    """Straight quotes, backslashes, line ends and invisible characters are replaced one for one."""
    assert expected == plain(text)
    assert len(text) == len(plain(text))


@given(st.text())
def test_plain_text_needs_no_escape(text: str) -> None:
    """Any text, shown plain, has its length and stands in JSON as it is; so offsets hold."""
    shown = plain(text)
    assert len(text) == len(shown)
    assert f'"{shown}"' == json.dumps(shown, ensure_ascii=False)
    assert shown == plain(shown)


def test_substring_grammar_offers_none_or_a_part() -> None:
    """The grammar is the word none, or words in a row of the text."""
    assert (
        '%llguidance {}\nstart: "none" | SUB\nSUB: %regex { "substring_words": "Ann’s “tea”" }\n'
    ) == substring("Ann’s “tea”")


@pytest.mark.parametrize(
    ("start", "count", "or_none"),
    [
        (r'"none" | "[\"" SUB "\", \"" SUB "\", \"" SUB "\"]"', 3, True),
        (r'"[\"" SUB "\"]"', 1, False),
    ],
)
def test_array_grammar_offers_so_many_parts(start: str, count: int, or_none: bool) -> None:
    """The grammar is a JSON array of parts, or the word none where that is allowed."""
    wanted = f'%llguidance {{}}\nstart: {start}\nSUB: %regex {{ "substring_words": "It rained" }}\n'
    assert wanted == choice_of_strings("It rained", count, or_none=or_none)
