"""Contents with a word, a number or a name that isn't the article's, or a word too few or many."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from random import Random
from string import ascii_lowercase

from evals.fabrication import words as w
from evals.fabrication.trials import Piece

Strings = Iterator[str]
Spoil = Callable[[Piece, Random], Strings]

_NUMBER = re.compile(r"\d(?:[\d.,:]*\d)?")
_NEGATION = re.compile(rf"\b(?:{'|'.join(w.NEGATIONS)})\b ?|(?<=[a-z])n[’']t\b")
_AUXILIARY = re.compile(rf"\b(?:{'|'.join(w.AUXILIARY)})\b(?![’'])")
_NAME = re.compile(r"(?<=[a-z,’'] )[A-Z][a-z]{2,}\b")
_MAGNITUDE = re.compile(
    rf"(?<=\d )(?:{'|'.join(w.MAGNITUDES)})\b|(?<=\d)(?:million|m|bn)\b|(?<=\d)%"
)


def change(pattern: re.Pattern[str], piece: Piece, by: Callable[[str], str]) -> Strings:
    """Yield the words with one match of a pattern changed, for each match."""
    for match in pattern.finditer(piece.words):
        yield piece.words[: match.start()] + by(match.group()) + piece.words[match.end() :]


def exchange(table: Mapping[str, str]) -> Spoil:
    """Return what exchanges one word of a table for its partner."""
    keys = "|".join(re.escape(key) for key in sorted(table, key=len, reverse=True))
    pattern = re.compile(rf"(?<!\w)(?:{keys})(?![a-zA-Z’'])", re.IGNORECASE)

    def by(word: str) -> str:
        new = table.get(word, table.get(word.lower(), word))
        return new.capitalize() if word[0].isupper() else new

    return lambda piece, _: change(pattern, piece, by)


def one_of(words: list[str]) -> Spoil:
    """Return what exchanges one word of a list for another one of it."""
    pattern = re.compile(rf"\b(?:{'|'.join(words)})\b")

    def spoil(piece: Piece, rng: Random) -> Strings:
        return change(pattern, piece, lambda word: rng.choice([x for x in words if x != word]))

    return spoil


def _negation_removed(piece: Piece, _rng: Random) -> Strings:
    return change(_NEGATION, piece, lambda _: "")


def _negation_added(piece: Piece, rng: Random) -> Strings:
    yield from change(_AUXILIARY, piece, lambda word: f"{word} {rng.choice(['not', 'never'])}")
    first, rest = piece.words.split(" ", 1)
    yield f"{first} never {rest}"


def _digit(piece: Piece, rng: Random) -> Strings:
    def other(number: str) -> str:
        at = rng.choice([i for i, ch in enumerate(number) if ch.isdigit()])
        return (
            number[:at] + rng.choice([d for d in "123456789" if d != number[at]]) + number[at + 1 :]
        )

    return change(_NUMBER, piece, other)


def _magnitude(piece: Piece, rng: Random) -> Strings:
    def other(word: str) -> str:
        return rng.choice(["", *(x for x in ("thousand", "million", "billion") if x != word)])

    return change(_MAGNITUDE, piece, other)


def _name(piece: Piece, rng: Random) -> Strings:
    return change(_NAME, piece, lambda _: rng.choice(w.SURNAMES))


def _name_swapped(piece: Piece, rng: Random) -> Strings:
    names = [name for name in piece.page.names if name not in piece.words]
    return change(_NAME, piece, lambda _: rng.choice(names)) if names else iter(())


def _word_replaced(piece: Piece, rng: Random) -> Strings:
    tokens = piece.words.split()
    at = rng.randrange(len(tokens))
    other = rng.choice([t for t in piece.page.text.split() if t.isalpha() and len(t) > 3])
    yield " ".join([*tokens[:at], other, *tokens[at + 1 :]])


def _word_dropped(piece: Piece, rng: Random) -> Strings:
    tokens = piece.words.split()
    at = rng.randrange(1, len(tokens) - 1)
    yield " ".join(tokens[:at] + tokens[at + 1 :])


def _word_added(piece: Piece, rng: Random) -> Strings:
    tokens = piece.words.split()
    at = rng.randrange(1, len(tokens))
    yield " ".join(
        [*tokens[:at], rng.choice(["only", "secretly", "again", "reluctantly"]), *tokens[at:]]
    )


def _words_turned(piece: Piece, rng: Random) -> Strings:
    tokens = piece.words.split()
    at = rng.randrange(len(tokens) - 1)
    yield " ".join([*tokens[:at], tokens[at + 1], tokens[at], *tokens[at + 2 :]])


def _letter_changed(piece: Piece, rng: Random) -> Strings:
    places = [m.start() for m in re.finditer(r"(?<=\w)[a-z](?=\w)", piece.words)]
    for at in rng.sample(places, min(1, len(places))):
        other = rng.choice([ch for ch in ascii_lowercase if ch != piece.words[at]])
        yield piece.words[:at] + other + piece.words[at + 1 :]


def _end_made_up(piece: Piece, rng: Random) -> Strings:
    tokens = piece.words.split()
    yield " ".join([*tokens[: rng.randrange(2, len(tokens))], rng.choice(w.INVENTED)])


def _end_added(piece: Piece, rng: Random) -> Strings:
    yield f"{piece.words.rstrip('.,;')} {rng.choice(w.INVENTED)}"


def _start_made_up(piece: Piece, rng: Random) -> Strings:
    tokens = piece.words.split()
    start = rng.choice(["Foreign auditors found that", "A secret report says", "Police know"])
    yield " ".join([start, *tokens[rng.randrange(1, len(tokens) - 1) :]])


def _all_made_up(piece: Piece, rng: Random) -> Strings:
    yield f"{piece.page.names[0]} {rng.choice(w.INVENTED).removeprefix('and ')}"


def _joined(piece: Piece, rng: Random) -> Strings:
    others = [p for p in piece.page.contents if p.claim.sentence != piece.claim.sentence]
    if others:
        one, other = piece.words.split(), rng.choice(others).words.split()
        yield " ".join(
            one[: rng.randrange(2, len(one))] + other[rng.randrange(1, len(other) - 1) :]
        )


def _joined_within(piece: Piece, rng: Random) -> Strings:
    tokens = piece.words.split()
    if len(tokens) >= 8:
        yield " ".join(tokens[: rng.randrange(2, 4)] + tokens[rng.randrange(5, len(tokens) - 2) :])


_TURNED = {**dict(w.OPPOSITES), **{two: one for one, two in w.OPPOSITES}}
_UNITS = dict(w.UNITS)

SPOILT: dict[str, tuple[str, Spoil]] = {
    "negation removed": ("not, never, no, n’t left out", _negation_removed),
    "negation added": ("not, never put in", _negation_added),
    "digit changed": ("one digit of a number", _digit),
    "number word changed": ("two for three", one_of(w.NUMBER_WORDS)),
    "magnitude changed": ("million, % and the like changed or left out", _magnitude),
    "unit changed": ("£ for €, days for weeks", exchange(_UNITS)),
    "day changed": ("another day of the week", one_of(w.DAYS)),
    "month changed": ("another month", one_of(w.MONTHS)),
    "name made up": ("a name that the article hasn’t", _name),
    "name swapped": ("another name of the article", _name_swapped),
    "made firmer": ("may becomes will", exchange(w.FIRMER)),
    "made weaker": ("will becomes may", exchange(w.WEAKER)),
    "modal removed": ("may, likely left out", exchange(dict.fromkeys(w.MODAL, ""))),
    "opposite": ("before becomes after", exchange(_TURNED)),
    "word replaced": ("by another word of the article", _word_replaced),
    "word dropped": ("without a mark", _word_dropped),
    "word added": ("secretly put in", _word_added),
    "words turned": ("two neighbours change places", _words_turned),
    "letter changed": ("one letter within a word", _letter_changed),
    "end made up": ("the first words are true", _end_made_up),
    "end added": ("the whole claim, and something made up", _end_added),
    "start made up": ("the last words are true", _start_made_up),
    "all made up": ("but for a name", _all_made_up),
    "joined, two sentences": ("two places, no mark", _joined),
    "joined, one sentence": ("words left out, no mark", _joined_within),
}
