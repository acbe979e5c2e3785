"""Names in noun phrases: the proper part, the surname, the gender that a word tells."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from agent.syntax import Token

TITLES = frozenset(
    """mr mrs ms miss dr prof professor sir lord lady dame president minister senator governor mayor
    judge justice general colonel captain major sergeant officer king queen prince princess pope
    chancellor secretary spokesman spokeswoman spokesperson director chief chairman chairwoman chair
    founder manager coach rep representative congressman congresswoman prime deputy former ex vice
    the ceo cfo coo cto boss head leader attorney prosecutor detective inspector constable
    lieutenant
    commander admiral councillor councilor councilman councilwoman mp reverend rev sheikh imam
    ayatollah archbishop bishop cardinal ambassador lawyer lawmaker sheriff superintendent principal
    analyst economist author actor actress singer striker defender goalkeeper midfielder treasurer
    commissioner premier marshal magistrate""".split()
)
NAME_PARTS = frozenset({"compound", "nmod", "flat"})
MALE = frozenset(
    "he him his mr sir lord king prince man boy father son husband brother chairman".split()
) | {"spokesman"}
FEMALE = frozenset(
    """she her hers mrs ms miss lady dame queen princess woman girl mother daughter wife sister
    chairwoman spokeswoman""".split()
)


def gender_of(text: str) -> str:
    """Return "m" or "f" where a word of the text tells, else "".

    >>> gender_of("Mrs Lind"), gender_of("Mayor Lind")
    ('f', '')
    """
    words = set(re.findall(r"[a-z]+", text.lower()))
    return "m" if words & MALE else "f" if words & FEMALE else ""


@lru_cache(maxsize=4096)  # mentions are compared with one another, again and again
def fold_name(name: str) -> str:
    """Return the name without case, article, possessive and punctuation.

    >>> fold_name("The Ministry’s")
    'ministry'
    """
    text = unicodedata.normalize("NFKC", name).casefold().replace("’", "'")
    text = re.sub(r"'s\\b", "", re.sub(r"'s\b", "", text))
    text = re.sub(r"[^\w\s-]", " ", text)
    words = text.split()
    return " ".join(words[1:] if words[:1] in (["the"], ["a"], ["an"]) else words)


def proper_words(tokens: Sequence[Token]) -> set[str]:
    """Return the words of the phrase's own name in lower case, titles and apposition aside."""
    if not tokens:
        return set()
    head = head_noun(tokens)
    if head.pos != "PROPN" or head.text.lower().rstrip(".") in TITLES:
        described = {t.head for t in tokens if t.text.lower() in {"a", "an"}}  # "a Republican"
        appos = [
            t for t in tokens if t.dep == "appos" and t.pos == "PROPN" and t.index not in described
        ]
        if not appos:
            return set()
        head = appos[0]
    words = {head.text.lower()}
    run = _person(tokens, head)
    if len(run) > 1:  # "Minister for Trade and Broadcasting Ann Lee"
        return {t.text.lower() for t in run if t.text.lower().rstrip(".") not in TITLES}
    if head.entity in {"ORG", "PERSON", "GPE", "WORK_OF_ART"}:
        words |= {
            t.text.lower()
            for t in tokens
            if t.entity == head.entity and t.index < head.index and t.text[:1].isupper()
        }
    grown = True
    while grown:  # "New" hangs on "York", and that on "Times"
        heads = {t.index for t in tokens if t.text.lower() in words and t.pos == "PROPN"}
        more = {
            t.text.lower()
            for t in tokens
            if t.head in heads and t.dep in NAME_PARTS and t.pos == "PROPN"
        }
        grown = not more <= words
        words |= more
    return {w for w in words if w.rstrip(".") not in TITLES}


def _person(tokens: Sequence[Token], head: Token) -> list[Token]:
    """Return the words of a person's name that end in the head, as the parser marks them."""
    run: list[Token] = []
    for token in reversed([t for t in tokens if t.index <= head.index]):
        follows = not run or token.index == run[0].index - 1
        if token.entity != "PERSON" or not follows or token.pos != "PROPN":
            break
        run.insert(0, token)
    return run


def surname(tokens: Sequence[Token]) -> str:
    """Return the last word of the proper name in lower case, or ""."""
    if not tokens:
        return ""
    words = proper_words(tokens)
    return next((t.text.lower() for t in reversed(tokens) if t.text.lower() in words), "")


def head_noun(tokens: Sequence[Token]) -> Token:
    """Return the token that the rest of the phrase hangs on."""
    inside = {t.index for t in tokens}
    return next((t for t in tokens if t.head not in inside or t.head == t.index), tokens[-1])


def clean_name(text: str, tokens: Sequence[Token]) -> str:
    """Return the shortest naming part: the proper name with its compounds, else the phrase."""
    if not tokens:
        return text
    words = proper_words(tokens)
    if not words:
        cut = next((t.start for t in tokens[1:] if t.tag in {"WP", "WDT"} or t.dep == "acl"), None)
        short = text if cut is None else text[: cut - tokens[0].start].rstrip(" ,")
        return re.sub(r"^(the|a|an)\s+", "", short, flags=re.IGNORECASE)
    named = [t for t in tokens if t.text.lower() in words and t.text[:1].isupper()]
    if not named:
        return text
    first, last = named[0], named[-1]
    for preposition in tokens:  # the Ministry of Health
        head = head_noun(tokens)
        if head.entity == "PERSON":
            break  # Omar Haddad of the Red Crescent
        if preposition.text.lower() == "of" and preposition.head == head.index:
            inner = [t for t in tokens if t.head == preposition.index and t.pos == "PROPN"]
            last = max([last, *inner], key=lambda t: t.index)
    start, end = first.start - tokens[0].start, last.end - tokens[0].start
    name = text[start:end]
    return name if len(name) <= 80 else " ".join(t.text for t in named)


@dataclass(frozen=True, slots=True)
class Name:
    """A proper name: as it's shown, its words in lower case, and the word that names the kin."""

    shown: str
    words: frozenset[str]
    surname: str


def is_same_name(tokens: Sequence[Token], name: Name) -> bool:
    """Tell whether the phrase's name is part of the other and ends like it, or abbreviates it."""
    words = proper_words(tokens)
    if not words or not name.words:
        return False
    parts = words <= name.words or name.words <= words
    if parts and (surname(tokens) == name.surname or words == name.words):
        return True
    initials = "".join(w[0] for w in name.shown.lower().split() if w[0].isalpha())
    return len(words) == 1 and len(next(iter(words))) >= 2 and next(iter(words)) == initials
