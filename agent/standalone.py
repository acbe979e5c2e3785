"""A claim as a sentence that stands alone: its source named, pronouns and relative dates filled in.

GUIDELINES rule 3, by rules only: nothing is reworded, names and dates are put in.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta

from agent.quotation import closed
from agent.syntax import VERBAL, Token

_DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
_MONTHS = """January February March April May June July August September October November
December""".split()
_WORDS = (
    r"(?:yesterday|today|tonight|tomorrow|(?:later |earlier )?this (?:month|year)"
    r"|(?:last|next) (?:month|year)"
    r"|(?:on |last |next )?(?-i:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day)"
)
# In capitals only where the text begins: "USA Today" is no day.
_RELATIVE = re.compile(
    rf"(?:\A(?i:{_WORDS})|\b(?:{_WORDS}))\b(?:['’]s\b)?(?!,? (?:{'|'.join(_MONTHS)}|\d))"
)
_AHEAD = re.compile(
    r"\b(?:will|won['’]t|would|shall|may|might|could|going to|(?:is|are|was|were|has|have) to|due"
    r"|set|plans?|planned|planning|expect(?:s|ed)?|scheduled|intends?)\b(?! have\b)|['’]ll\b",
    re.IGNORECASE,
)
_ASKS = re.compile(r"(?:how|whether|if|what|who|why|when|where|which)\b", re.IGNORECASE)
UNSPECIFIED = "unspecified source"
_NO_PREDICATE = frozenset({"citing", "quoting", "according to", "in the words of"})
_JOINING = frozenset({"NOUN", "PROPN", "DET", "ADP", "SCONJ", "PART", "ADJ", "NUM"})


def date_in(content: str, day: str | None, *, future: bool | None = None) -> str:
    """Return the text with each relative date explained in brackets.

    day: ISO date of the article, None leaves the text as it is. future: whether a mere weekday is
    one to come; None lets the text's verbs tell.

    >>> date_in("It closed yesterday", "2024-03-05")
    'It closed yesterday (4 March 2024)'
    >>> date_in("They meet later this month", "2024-03-05")
    'They meet later this month (March 2024)'
    """
    if day is None:
        return content
    base = date.fromisoformat(day)
    ahead = bool(_AHEAD.search(content)) if future is None else future

    def explain(match: re.Match[str]) -> str:
        words = match[0].lower().replace("’", "'").removesuffix("'s")
        return f"{match[0]} ({_meant(words, base, ahead)})"

    return _RELATIVE.sub(explain, content)


def _meant(words: str, base: date, future: bool) -> str:
    if words in {"yesterday", "today", "tonight", "tomorrow"}:
        return _day(base + timedelta({"yesterday": -1, "tomorrow": 1}.get(words, 0)))
    step = -1 if words.startswith("last") else 1 if words.startswith("next") else 0
    if words.endswith("month"):
        month = base.month - 1 + step
        return f"{_MONTHS[month % 12]} {base.year + month // 12}"
    if words.endswith("year"):
        return str(base.year + step)
    back = (base.weekday() - _DAYS.index(words.rsplit(maxsplit=1)[-1])) % 7
    if words.startswith("next") or (future and back):
        return _day(base + timedelta(7 - back))
    if words.startswith("last") and back == 0:
        back = 7
    return _day(base - timedelta(back))


def _day(day: date) -> str:
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def sentence(body: str, *, names: Sequence[str], cue: str, link: str, spoken: bool) -> str:
    """Return the claim as one sentence.

    names: the chain, outermost first. cue: what the innermost source does ("said"). link: what
    joins cue and content ("that", "to", ":", "", "residents to", "according to"). spoken: the
    content is verbatim speech.

    >>> sentence("it rained", names=["the Sun", "a cook"], cue="said", link="that", spoken=False)
    'According to the Sun, a cook said that it rained.'
    """
    body = closed(body.strip().rstrip(",;:"))
    if names and spoken:
        body = f"“{body}”"
    if not names:
        return _ended(body)
    *outer, inner = names
    if link != "according to" and inner == UNSPECIFIED and re.match(r"(?:is|was|has|had)\b", cue):
        inner = "it"
    elif inner == UNSPECIFIED:
        inner, link = f"an {inner}", "according to"
    if link == "according to":
        told = ", cited by ".join([inner, *reversed(outer)])
        return _ended(f"According to {told}, {body}")
    relays = "".join(
        f"{'citing' if number else 'According to'} {name}, " for number, name in enumerate(outer)
    )
    if link == "that" and _ASKS.match(body):
        link = ""
    if link in {"that", ":"}:  # nobody is told
        cue = re.sub(r"\btells$", "says", re.sub(r"\btold$", "said", cue))
    words = [f"{relays}{inner} {cue}", link, body]
    return _ended(" ".join(word for word in words if word).replace(" : ", ": ", 1))


def _ended(text: str) -> str:
    """Return the text as a sentence: a capital first, a full stop last."""
    stop = "" if re.search(r"[.?!…]”?\Z", text) else "."
    return text[:1].upper() + text[1:] + stop


def predicate(cue: str, tokens: Sequence[Token], *, plural: bool, by: bool) -> str:
    """Return what the source does, in words that fit behind its name.

    tokens: the cue's. plural: the source is several. by: the source is the agent of a passive.

    >>> predicate("citing", [], plural=False, by=False)
    'said'
    """
    if not cue[:1].isalpha() or cue.lower() in _NO_PREDICATE:
        return "said"
    if by:
        cue = " ".join(t.text for t in tokens if t.dep != "auxpass") or cue
    if tokens and all(t.pos == "NOUN" for t in tokens):
        return f"voiced the {cue}"
    if tokens and tokens[0].tag == "VBG":
        cue = f"{'were' if plural else 'was'} {cue}"
    return cue


def joining(tokens: Sequence[Token]) -> str | None:
    """Return the words between cue and content where they only join the two, else None.

    "urged [residents to] leave", "asked [whether] it rained"; tokens: all between the two.
    """
    if len(tokens) > 6 or any(t.pos not in _JOINING or t.pos in VERBAL for t in tokens):
        return None
    return " ".join(t.text for t in tokens)


def lowered(text: str, token: Token | None) -> str:
    """Return the text as it goes on within a sentence; token: its first, None where unknown."""
    if token is None or (len(token.text) > 1 and token.text.isupper()):
        return text
    small = token.pos in {"DET", "ADP", "ADV", "SCONJ"} or token.entity in {"CARDINAL", "PERCENT"}
    named = token.pos == "PROPN" or token.text == "I" or (token.entity and not small)
    return text if named else text[:1].lower() + text[1:]
