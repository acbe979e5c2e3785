"""What a line of the REPL asks for (agent/repl/parse.py)."""

from __future__ import annotations

import pytest

from agent.errors import ConfigError
from agent.repl.loop import HANDLERS
from agent.repl.parse import NAMES, Command, find_claim, parse_filters, parse_line
from sample_records import sample


@pytest.mark.parametrize(
    ("command", "line"),
    [
        (Command("show", "14"), "/show 14"),
        (Command("claims"), "  /claims  "),
        (Command("show", "3"), "/sh 3"),
        (Command("save"), "/save"),
        (Command("who", "Asta Lind"), "/WHO Asta Lind"),
        (Command("help"), "?"),
        (Command("help", "filter"), "/filter ?"),
        (Command("help", "filter"), "? /filter"),
        (Command("help", "show"), "/help sh"),
    ],
)
def test_line_gives_its_command(command: Command, line: str) -> None:
    """A command may be cut short, and ? asks for help before or after it."""
    assert command == parse_line(line)


@pytest.mark.parametrize(
    ("message", "line"),
    [
        ("there's no command /clams; did you mean /claims?", "/clams"),
        ("/c may mean /claims, /compare, /cost: type one letter more", "/c"),
        ("there's no command /; ? lists the commands", "/"),
    ],
)
def test_line_that_is_no_command_is_told_what_is(message: str, line: str) -> None:
    """A slip of the keys is answered with what was likely meant."""
    with pytest.raises(ConfigError) as raised:
        parse_line(line)
    assert message == str(raised.value)


def test_every_command_does_something() -> None:
    """The help and the loop know the same commands."""
    assert sorted(NAMES) == sorted(HANDLERS)


@pytest.mark.parametrize("word", ["4", "04", "c04", "C04", "c4"])
def test_claim_is_found_by_number_or_id(word: str) -> None:
    """A person needn't type an id in full."""
    assert "c04" == find_claim(sample(), word).id


@pytest.mark.parametrize(
    ("message", "word"),
    [
        ("there's no claim 99: the record has c01 to c10", "99"),
        ("there's no claim x: the record has c01 to c10", "x"),
        ("which claim? Add its number, as /claims shows it", ""),
    ],
)
def test_claim_that_is_not_there_is_told_which_are(message: str, word: str) -> None:
    """The message names the first and the last."""
    with pytest.raises(ConfigError) as raised:
        find_claim(sample(), word)
    assert message == str(raised.value)


@pytest.mark.parametrize(
    ("filters", "argument"),
    [
        ({"confidence": "possible"}, "confidence=possible"),
        ({"confidence": "possible,probable"}, "confidence=poss,prob"),
        ({"source": "Tarnholm Courier", "act": "deny"}, "source=Tarnholm Courier act=deny"),
        ({"words": "a fine way", "review": "none"}, 'words="a fine way"  review=none'),
    ],
)
def test_filters_are_read(filters: dict[str, str], argument: str) -> None:
    """Values may hold blanks and be cut short; several are parted by commas."""
    assert filters == parse_filters(argument)


@pytest.mark.parametrize(
    ("message", "argument"),
    [
        ("there's no filter 'colour'; known: confidence", "colour=red"),
        ("confidence can't be 'sure'; it is one of certain", "confidence=sure"),
        ("polarity can't be ''", "polarity="),
        ("a filter is KEY=VALUE", "possible"),
        ("a filter is KEY=VALUE", "possible source=Lind"),
    ],
)
def test_bad_filter_is_told_what_can_stand_there(message: str, argument: str) -> None:
    """The message names the keys, the values or the form."""
    with pytest.raises(ConfigError) as raised:
        parse_filters(argument)
    assert str(raised.value).startswith(message)
