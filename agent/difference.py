"""How a string differs from the words that were found for it: what a reader is to be told."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from agent import elision
from agent.document import Extent
from agent.folding import WIDTHLESS, fold
from agent.schema import Difference, Match, Span

_UNSEEN = re.compile(f"[^\\S \n]|[{''.join(sorted(WIDTHLESS))}]")


def differences(said: str, spans: Sequence[Span], text: str) -> tuple[Difference, ...]:
    """Return where a string differs from its spans in a text, in order; none where it's exact.

    With `stands` in the place of each `returned`, the string is the text from the first span to
    the last. said: as it was sought.

    >>> text = "It lost — they say — flour."
    >>> spans = [Span(start=0, end=7, text="It lost", match="elided")]
    >>> spans += [Span(start=21, end=26, text="flour", match="elided")]
    >>> [(each.returned, each.stands) for each in differences("It lost ... flour", spans, text)]
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
        return (_differs(spans[0].match, said, whole.of(text), whole.start),)
    found: list[Difference] = []
    done = whole.start
    for number, joint in enumerate(parts.joints):
        place = places[number] if number < len(spans) else None
        start = place.start if place else whole.end
        if joint or start > done:
            match: Match = "elided" if parts.is_elided(number) else "edited"
            found.append(_differs(match, joint, text[done:start], done))
        if place:
            found += _within(parts.texts[number], place, text)
            done = place.end
    return tuple(found)


def _differs(match: Match, returned: str, stands: str, at: int) -> Difference:
    return Difference(match=match, returned=returned, stands=stands, at=at)


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
        yield _differs("normalised", part[: here[0]], "", place.start)
    done = 0  # up to where they're told, in folded characters
    for now in range(1, count + 1):
        if here[now] == here[now - 1] or there[now] == there[now - 1]:
            continue  # one character that is folded into several
        one, other = part[here[done] : here[now]], words[there[done] : there[now]]
        if one != other:
            yield _differs("normalised", one, other, place.start + there[done])
        done = now
    if here[count] < len(part):
        yield _differs("normalised", part[here[count] :], "", place.end)


# ---- in words ---------------------------------------------------------------------------------


def in_words(found: Iterable[Difference]) -> str:
    """Return differences in words for a reader, "" for none.

    >>> in_words([Difference(match="elided", returned=" ... ", stands=", he says,", at=9)])
    'the reading leaves out “, he says,”'
    """
    told = dict.fromkeys(map(_told, found))
    return f"the reading {', '.join(told)}" if told else ""


def _told(one: Difference) -> str:
    if not one.stands:
        return f"adds {_quoted(one.returned)}"
    if not one.returned or one.match == "elided":
        return f"leaves out {_quoted(one.stands)}"
    return f"has {_quoted(one.returned)} for {_quoted(one.stands)}"


def _quoted(text: str) -> str:
    """Return the words in quotation marks; white space and what can't be seen as its codes."""
    shown = text.strip(" ") or text
    if shown.isspace():
        return " ".join(f"U+{ord(char):04X}" for char in shown)
    return f"“{_UNSEEN.sub(lambda match: f'U+{ord(match[0]):04X}', shown)}”"
