"""The lexicon as data: which words may report, hedge, boost or negate, and their usual value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from agent.errors import ConfigError
from agent.schema import Act, Confidence
from agent.syntax import Token

TAKES = frozenset(
    {"clause", "question", "infinitive", "object", "as", "about", "gerund", "bare"},
)


@dataclass(frozen=True, slots=True)
class Sense:
    """One way in which a word reports: its usual act, its commitment, and what it takes.

    weak: counts only with a clause and a subject that can report (a study, a body, a person).
    only_objects, only_infinitives: the words that must head the content; empty for any.
    only_subjects: the words of which one must head the subject; empty for any.
    negated: counts only where it's negated ("does not know"). reverses: turns the polarity of
    its content ("doubts that").
    """

    act: Act
    commitment: Confidence
    takes: frozenset[str]
    weak: bool = False
    only_objects: frozenset[str] = frozenset()
    only_infinitives: frozenset[str] = frozenset()
    only_subjects: frozenset[str] = frozenset()
    negated: bool = False
    reverses: bool = False


@dataclass(frozen=True, slots=True)
class Lexicon:
    """All word lists, as sets of lemmas or phrases in lower case."""

    verbs: dict[str, tuple[Sense, ...]]
    adjectives: dict[str, Sense]
    nouns: dict[str, Sense]
    light_verbs: frozenset[str]
    deeds: frozenset[str]
    idioms: frozenset[str]
    only_verbs: frozenset[str]
    documents: frozenset[str]
    bodies: frozenset[str]
    persons: frozenset[str]
    relay_verbs: frozenset[str]
    relay_nouns: frozenset[str]
    outlets: frozenset[str]
    audience: frozenset[str]
    reasons: frozenset[str]
    hedges: dict[str, Confidence]
    hedge_phrases: dict[str, Confidence]
    unlikely: frozenset[str]
    open_phrases: tuple[str, ...]
    disclaim_phrases: tuple[str, ...]
    decline_phrases: tuple[str, ...]
    negation: frozenset[str]
    connectives: frozenset[str]
    forms: dict[str, str]

    def lemma(self, token: Token) -> str:
        """Return the token's lemma; regular forms of our own words go before the tagger's guess."""
        return self.forms.get(token.text.lower(), token.lemma)


def read_lexicon(data: dict[str, Any]) -> Lexicon:
    """Return the lexicon that the parsed TOML file describes.

    Raises:
        ConfigError: a section is missing or a verb group takes something unknown.
    """
    try:
        return _read(data)
    except KeyError as error:
        message = f"the lexicon lacks {error}: restore agent/data/lexicon.toml"
        raise ConfigError(message) from error


def _read(data: dict[str, Any]) -> Lexicon:
    nouns, hedges, relays = data["nouns"], data["hedges"], data["relays"]
    return Lexicon(
        verbs=_verbs(data["verbs"], _words(nouns["statement"]), _words(data["documents"]["nouns"])),
        adjectives=_adjectives(data["adjectives"]),
        nouns=_nouns(nouns),
        light_verbs=_words(nouns["light"]),
        deeds=_words(data["deeds"]["words"]),
        idioms=frozenset(data["idioms"]["phrases"]),
        only_verbs=_words(data["only_verbs"]["words"]),
        documents=_words(data["documents"]["nouns"]),
        bodies=_words(data["documents"]["bodies"]),
        persons=_words(data["documents"]["persons"]),
        relay_verbs=_words(relays["verbs"]),
        relay_nouns=_words(relays["nouns"]),
        outlets=_words(relays["outlets"]),
        audience=_words(relays["audience"]),
        reasons=_words(relays["reasons"]),
        hedges=_levels(hedges, lambda entry: entry.split()),
        hedge_phrases={
            phrase.lower(): level
            for level in ("possible", "probable", "certain")
            for phrase in hedges[f"{level}_phrases"]
        },
        unlikely=_words(hedges["negative_probable"]),
        open_phrases=tuple(phrase.lower() for phrase in hedges["open_phrases"]),
        disclaim_phrases=tuple(phrase.lower() for phrase in hedges["disclaim_phrases"]),
        decline_phrases=tuple(phrase.lower() for phrase in hedges["decline_phrases"]),
        negation=_words(data["negation"]["words"]),
        connectives=_words(data["connectives"]["initial"]),
        forms=_forms(data["verbs"]),
    )


def _forms(groups: dict[str, Any]) -> dict[str, str]:
    """Return the regular forms of all verbs, with their lemmas ("hoped" is of hope, not of hop)."""
    found: dict[str, str] = {}
    for group in groups.values():
        for lemma in group["lemmas"].split():
            found.update(dict.fromkeys(inflect(lemma), lemma))
    return found


def inflect(lemma: str) -> tuple[str, ...]:
    """Return the regular forms of a verb.

    >>> inflect("hope")
    ('hopes', 'hoped', 'hoping')
    >>> inflect("deny")
    ('denies', 'denied', 'denying')
    """
    if lemma.endswith("e") and not lemma.endswith("ee"):
        return f"{lemma}s", f"{lemma}d", f"{lemma[:-1]}ing"
    if lemma.endswith("y") and lemma[-2] not in "aeiou":
        return f"{lemma[:-1]}ies", f"{lemma[:-1]}ied", f"{lemma}ing"
    third = f"{lemma}es" if lemma.endswith(("s", "x", "z", "ch", "sh")) else f"{lemma}s"
    return third, f"{lemma}ed", f"{lemma}ing"


def _words(entry: str) -> frozenset[str]:
    return frozenset(entry.split())


def _levels(hedges: dict[str, Any], split: Any) -> dict[str, Confidence]:
    return {
        word: level
        for level in cast(tuple[Confidence, ...], ("certain", "probable", "possible"))
        for word in split(hedges[level])
    }


def _verbs(
    groups: dict[str, Any], statements: frozenset[str], documents: frozenset[str]
) -> dict[str, tuple[Sense, ...]]:
    found: dict[str, list[Sense]] = {}
    for name, group in groups.items():
        takes = frozenset(group["takes"])
        if takes - TAKES:
            message = f"lexicon: verbs.{name} takes {sorted(takes - TAKES)}; known: {sorted(TAKES)}"
            raise ConfigError(message)
        objects, subjects = group.get("objects", ""), group.get("subjects", "")
        sense = Sense(
            act=group["act"],
            commitment=group["commitment"],
            takes=takes,
            weak=group.get("weak", False),
            only_objects=statements if objects == "statement" else _words(objects),
            only_infinitives=_words(group.get("infinitives", "")),
            only_subjects=documents if subjects == "document" else _words(subjects),
            negated=group.get("negated", False),
            reverses=group.get("reverses", False),
        )
        for lemma in group["lemmas"].split():
            found.setdefault(lemma, []).append(sense)
    return {lemma: tuple(senses) for lemma, senses in found.items()}


def _adjectives(groups: dict[str, str]) -> dict[str, Sense]:
    takes = frozenset({"clause", "about"})
    meaning: dict[str, tuple[Act, Confidence]] = {
        "certain": ("assert", "certain"),
        "probable": ("assert", "probable"),
        "possible": ("assert", "possible"),
        "assert": ("assert", "certain"),
        "disclaim": ("disclaim", "uncommitted"),
    }
    return {
        word: Sense(*meaning[group], takes)
        for group, words in groups.items()
        for word in words.split()
    }


def _nouns(groups: dict[str, str]) -> dict[str, Sense]:
    takes = frozenset({"clause", "about", "infinitive"})
    meaning: dict[str, tuple[Act, Confidence]] = {
        "assert": ("assert", "certain"),
        "probable": ("assert", "probable"),
        "possible": ("assert", "possible"),
        "wish": ("wish", "uncommitted"),
        "request": ("request", "uncommitted"),
        "deny": ("deny", "certain"),
        "commit": ("commit", "certain"),
        "congratulate": ("congratulate", "certain"),
        "question": ("question", "uncommitted"),
        "disclaim": ("disclaim", "uncommitted"),
        "decline": ("decline", "uncommitted"),
    }
    return {
        word: Sense(*meaning[group], takes, negated=group in ("disclaim", "decline"))
        for group, words in groups.items()
        if group in meaning
        for word in words.split()
    }
