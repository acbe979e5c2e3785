"""How a string differs from the words that were found for it: what a reader is to be told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from agent import elision
from agent.document import Extent
from agent.folding import fold
from agent.schema import Match, Span


@dataclass(frozen=True, slots=True)
class Difference:
    """One place where they differ. said: in the string. stands: in the text, from `at` on.

    kind: normalised (marks, dashes, blanks, a stop), elided (left out), edited (brackets).
    """

    kind: Match
    said: str
    stands: str
    at: int


def differences(said: str, spans: Sequence[Span], text: str) -> tuple[Difference, ...]:
    """Return where a string differs from its spans in a text, in order; none where it's exact.

    With `stands` in the place of each `said`, the string is the text from the first span to the
    last. said: as it was sought.

    >>> text = "It lost — they say — flour."
    >>> spans = [Span(start=0, end=7, text="It lost", match="elided")]
    >>> spans += [Span(start=21, end=26, text="flour", match="elided")]
    >>> [(each.said, each.stands) for each in differences("It lost ... flour", spans, text)]
    [(' ... ', ' — they say — ')]
    """
    said = said.strip()
    whole = Extent(spans[0].start, spans[-1].end)
    cut = any(span.match in {"elided", "edited"} for span in spans)
    for parts in elision.splits(said) if cut else [elision.Parts((said,), ("", ""))]:
        places = [_place(part, span) for part, span in zip(parts.texts, spans, strict=False)]
        if len(parts.texts) == len(spans) and None not in places:
            break
    else:
        return (Difference(spans[0].match, said, whole.of(text), whole.start),)
    found: list[Difference] = []
    done = whole.start
    for number, joint in enumerate(parts.joints):
        place = places[number] if number < len(spans) else None
        start = place.start if place else whole.end
        if joint or start > done:
            kind: Match = "elided" if parts.is_elided(number) else "edited"
            found.append(Difference(kind, joint, text[done:start], done))
        if place:
            found += _within(parts.texts[number], place, text)
            done = place.end
    return tuple(found)


def _place(part: str, span: Span) -> Extent | None:
    """Return where a part stands: the whole span, or less of it after a bracketed capital."""
    folded, origin = fold(span.text)
    for wanted in _cases(part):
        if folded in wanted:
            return Extent(span.start, span.end)
        if folded.endswith(wanted.strip()):
            return Extent(span.start + origin[len(folded) - len(wanted.strip())], span.end)
    return None


def _cases(part: str) -> tuple[str, str]:
    """Return a part folded, as it is and with its first letter in the other case."""
    first = next((at for at, ch in enumerate(part) if ch.isalpha()), 0)
    turned = part[first : first + 1].swapcase()
    other = part[:first] + turned + part[first + 1 :] if len(turned) == 1 else part  # "ß" is "SS"
    return fold(part)[0], fold(other)[0]


def _within(part: str, place: Extent, text: str) -> Iterator[Difference]:
    """Yield the differences of two strings that are alike when folded, the part's ends aside."""
    words = place.of(text)
    stands, of_stands = fold(words)
    first, count = max(said.find(stands) for said in _cases(part)), len(stands)
    here = [*fold(part)[1], len(part)][first : first + count + 1]
    there = [*of_stands, len(words)]
    if here[0]:
        yield Difference("normalised", part[: here[0]], "", place.start)
    done = 0  # up to where they're told, in folded characters
    for now in range(1, count + 1):
        if here[now] == here[now - 1] or there[now] == there[now - 1]:
            continue  # one character that is folded into several
        one, other = part[here[done] : here[now]], words[there[done] : there[now]]
        if one != other:
            yield Difference("normalised", one, other, place.start + there[done])
        done = now
    if here[count] < len(part):
        yield Difference("normalised", part[here[count] :], "", place.end)
