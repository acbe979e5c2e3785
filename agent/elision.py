"""A string with ellipses or brackets: its parts, and what it may leave out and put in.

An ellipsis may leave out words, but none that turn what is left: no negation, no *may*, no *if*.
Brackets may put in words that stand elsewhere in the article, for a pronoun say, but no number
and none of those words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from agent.folding import turned

MOST_REPLACED = 4  # words
_DOTS = r"(?:\.{3,4}|\.(?:\s\.){2,3}|…)"  # four with the full stop before
_ELLIPSIS = re.compile(rf"\s*(?:\[\s*{_DOTS}\s*\]|\(\s*{_DOTS}\s*\)|{_DOTS})\s*")
_BRACKETS = re.compile(r"\s*\[([^\[\]]*)\]\s*")
_JOINTS = re.compile(f"(?:{_ELLIPSIS.pattern}|{_BRACKETS.pattern})+")
_MARKS = frozenset("\"'“”„‟«»‘’‚‛`")
_CAPITAL = re.compile(r"\[(\w)\](?=\w)")
_WORD = re.compile(r"\w+(?:['’]\w+)*")
_ASIDE = re.compile(r"[,–—(][^,–—()]*\b(?:who|whom|whose|which|where)\b[^,–—()]*[,–—)]")
_WEIGHTY = re.compile(
    r"""\w+n['’]t\b|\b(?:
    not|never|no|none|nobody|nothing|nowhere|neither|nor|without|cannot|hardly|barely|scarcely|
    seldom|rarely|few|unlikely|unable|impossible|false|untrue|wrong|
    den(?:y|ies|ied|ying)|refus\w+|declin\w+|reject\w+|fail(?:s|ed|ing)?|doubt\w*|lack(?:s|ed)?|
    avoid\w*|prevent\w*|
    may|might|can|could|will|would|shall|should|must|ought|perhaps|maybe|possibly|probably|likely|
    potentially|reportedly|allegedly|apparently|supposedly|seem\w*|appear\w*|
    if|unless|except|until|only|almost|nearly|roughly|approximately|at\s(?:least|most)|up\sto|
    (?:more|less|fewer)\sthan
    )\b""",
    re.IGNORECASE | re.VERBOSE,
)
_ATTITUDE = re.compile(
    r"\b(?:thinks?|thought|thinking|believ\w+|guess\w*|suppos\w+|hop(?:es?|ed|ing)|fear\w*|expect\w*|"
    r"feels?|felt|suspect\w*|wants?|wanted|wish\w*|plan(?:s|ned)?|inten(?:ds?|ded)|presum\w+|"
    r"assum\w+|estimat\w+|predict\w*|propos\w+|ask(?:s|ed)?|urg(?:es?|ed)|calls?|called|demand\w*|"
    r"claim\w*|alleg\w+|suggest\w*|rumou?r\w*|possib\w+|probab\w+|improbab\w+|chances?|odds|"
    r"risks?|desires?|whether)\b",
    re.IGNORECASE,
)
_MARK = r"(?:[.!?,;:()\[\]–—“”\"‘]|--)"
_BEGINS = re.compile(rf"\s*(?:{_MARK}|[’'](?!\w)|-\s)")
_ENDS = re.compile(rf"(?:{_MARK}|\s-)\s*\Z")
_GOES_ON = re.compile(r"(?:[.!?]|\b(?:and|or|but))\s*\Z")
_QUOTES = re.compile(r"[“”‘’\"']\s*\|\s*[“”‘’\"']")
_SPEAKER = re.compile(r"\b(?:I|we)\b", re.IGNORECASE)
_NUMBER = re.compile(
    r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|twenty|"
    r"thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand|million|billion|half)\b"
)  # in lower case: "Radio One" is a name


@dataclass(frozen=True, slots=True)
class Parts:
    """What is left of a string without its ellipses and brackets, and what stood around that.

    joints: before the first part, between two, after the last; the first and last may be empty.
    """

    texts: tuple[str, ...]
    joints: tuple[str, ...]

    @property
    def elided(self) -> bool:
        """Tell whether there's an ellipsis."""
        return any(_ELLIPSIS.search(joint) for joint in self.joints)

    def is_elided(self, number: int) -> bool:
        """Tell whether there's an ellipsis between a part and the one before it."""
        return bool(_ELLIPSIS.search(self.joints[number]))

    @property
    def added(self) -> list[str]:
        """What brackets hold, ellipses left out."""
        held = [inner for joint in self.joints for inner in _BRACKETS.findall(joint)]
        pieces = [piece.strip() for inner in held for piece in _ELLIPSIS.split(inner)]
        return [piece for piece in pieces if _WORD.search(piece) and piece.lower() != "sic"]


def splits(text: str) -> list[Parts]:
    """Return a string's parts, [] where it has neither ellipsis nor brackets, or nothing else.

    With both, brackets come first as the article's own, then as what was put in.

    >>> [parts.texts for parts in splits("It burned ... [and] fell")]
    [('It burned', '[and] fell'), ('It burned', 'fell')]
    """
    found = [_split(text, pattern) for pattern in (_ELLIPSIS, _JOINTS)]
    return list(dict.fromkeys(parts for parts in found if parts))


def _split(text: str, pattern: re.Pattern[str]) -> Parts | None:
    texts, joints = [], [""]
    done = 0
    for match in (*pattern.finditer(text), None):
        part = text[done : match.start() if match else len(text)]
        if _WORD.search(part):
            texts.append(part)
            joints.append(match.group() if match else "")
        else:
            joints[-1] += part + (match.group() if match else "")
        done = match.end() if match else done
    return Parts(tuple(texts), tuple(joints)) if texts and any(joints) else None


def readings(text: str) -> list[str]:
    """Return the strings that one with a bracketed capital stands for, [] without.

    >>> readings("[T]he oven")
    ['The oven', 'the oven']
    """
    if not _CAPITAL.search(text):
        return []
    return [_CAPITAL.sub(r"\1", text), _CAPITAL.sub(lambda m: m.group(1).swapcase(), text)]


def is_scattered(parts: Parts) -> bool:
    """Tell whether a string is put together out of single words.

    >>> [is_scattered(splits(text)[0]) for text in ("It ... burned", "It ... burned down")]
    [True, False]
    """
    cuts = len(parts.texts) - 1
    return cuts > 0 and sum(len(_WORD.findall(text)) for text in parts.texts) <= 2 * cuts


def objection_to_cut(before: str, gap: str, after: str) -> str:
    """Return what speaks against leaving out a stretch of a sentence, "" for nothing.

    before, after: what stands beside it. It is to begin at a mark, or to end with a sentence or
    with and, or, but. It may hold no word that turns the rest, except between commas with who,
    which or where; and none of attitude, except between two marks and in the third person.

    >>> objection_to_cut("The bridge", ", which nobody likes,", " fell")
    ''
    >>> objection_to_cut("The bridge", " may", " fall")
    'what is left out is no aside: may'
    """
    if not _WORD.search(gap):
        return ""
    begins = bool(_BEGINS.match(gap) or _ENDS.search(before))
    if not begins and not _GOES_ON.search(gap):
        return f"what is left out is no aside: {gap.strip()}"
    if _QUOTES.search(f"{before[-1:]}|{after[:1]}"):
        return f"a quotation is left without its words: {gap.strip()}"
    enclosed = begins and bool(_ENDS.search(gap) or _BEGINS.match(after))
    told = enclosed and not _SPEAKER.search(gap)
    weighed = _ASIDE.sub(" ", gap)
    found = _WEIGHTY.search(weighed) or (None if told else _ATTITUDE.search(weighed))
    return f"what is left out turns the meaning: {found.group()}" if found else ""


def is_bare_addition(added: str) -> bool:
    """Tell whether bracketed words hold no number, but in a name, and no word that turns the rest.

    >>> [is_bare_addition(added) for added in ("the mayor", "Radio 4", "not", "12")]
    [True, True, False, False]
    """
    named = added[0].isupper() and not re.search("[$€£¥%]", added)
    return not _WEIGHTY.search(added) and (named or not _NUMBER.search(added))


def objection_to_edit(gap: str) -> str:
    """Return what speaks against brackets in the place of a stretch, "" for nothing.

    >>> [objection_to_edit(gap) for gap in (" the minister ", " 12 ships ", " hopes to ")]
    ['', 'brackets stand for a number', 'brackets stand for: hopes']
    """
    if len(_WORD.findall(gap)) > MOST_REPLACED or "[" in gap:
        return "brackets stand for too many words"
    if _NUMBER.search(gap):
        return "brackets stand for a number"
    found = _WEIGHTY.search(gap) or _ATTITUDE.search(gap)
    return f"brackets stand for: {found.group()}" if found else ""


def undressed(text: str) -> Iterator[tuple[str, bool, bool]]:
    """Yield what a string may stand for, and whether marks around it or its full stop went.

    The first letter may be in the other case: a claim may be written as a sentence.
    """
    yield turned(text), False, False
    bare = text.removesuffix(".")
    for string, stopped in ((text, False), (bare, text != bare)):
        marked = len(string) > 2 and string[0] in _MARKS and string[-1] in _MARKS
        inner = string[1:-1] if marked else string
        for less in dict.fromkeys((inner, inner.removesuffix("."))):
            ends = stopped or less != inner
            if marked or ends:
                yield less, marked, ends
                yield turned(less), marked, ends
