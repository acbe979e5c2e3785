"""What a noun phrase names: a person, a body, a group, somebody unnamed, a document."""

from __future__ import annotations

from collections.abc import Sequence

from agent.lexicon import Lexicon
from agent.names import gender_of, head_noun, proper_words
from agent.schema import EntityType
from agent.syntax import Token

HE_SHE = frozenset("he she him her his hers himself herself".split())
ORGANISATION = frozenset({"ORG", "GPE", "FAC", "PRODUCT", "WORK_OF_ART", "LOC"})


def kind_of(
    text: str, tokens: Sequence[Token], surnames: frozenset[str], lexicon: Lexicon
) -> tuple[EntityType, bool]:
    """Return what a noun phrase names, and whether several.

    surnames: of the persons whom the article names in full.
    """
    if not tokens:
        return "other", False
    words = proper_words(tokens)
    head = head_noun(tokens)
    plural = head.tag in {"NNS", "NNPS"} or any(t.dep == "conj" for t in tokens)
    named = next((t for t in tokens if t.dep == "appos" and t.pos == "PROPN"), None)
    if head.pos == "NOUN" and named is not None:
        head = named
    labels = {t.entity for t in tokens if t.text.lower() in words}
    if head.lemma in lexicon.documents and head.pos == "NOUN":
        return "document", plural
    if head.lemma in lexicon.bodies and head.pos == "NOUN":
        return "organization", plural
    if words & lexicon.outlets:
        return "organization", plural
    if head.pos == "PROPN" and head.text.lower() in surnames:
        return "person", plural
    if gender_of(text) and not plural and words:
        return "person", False
    if head.entity == "PERSON" or (head.pos == "PROPN" and "PERSON" in labels):
        return "person", plural
    if head.entity in ORGANISATION or (head.pos == "PROPN" and labels & ORGANISATION):
        return "organization", plural
    if text.lower() in HE_SHE:
        return "person", False
    if head.pos == "PROPN":
        return ("group" if head.entity == "NORP" else "organization"), plural
    if head.entity == "NORP" or (plural and words):
        return ("anonymous" if head.pos == "NOUN" else "group"), plural
    return ("anonymous" if head.pos in {"NOUN", "PRON"} else "other"), plural
