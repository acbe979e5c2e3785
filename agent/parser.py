"""The syntactic parser. Only user of spaCy."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from agent.errors import WeightsError
from agent.syntax import Parser, Token, Tree

if TYPE_CHECKING:
    from spacy.tokens import Doc

# Characters that stand for a blank or a quotation mark; replaced one for one, so offsets hold.
_PLAIN = str.maketrans(
    {"\n": " ", "\r": " ", "\t": " ", "\u00a0": " ", "“": '"', "”": '"', "’": "'", "‘": "'"}
)
# A stretch without a blank that is no word: spaCy takes its marks off one by one, each time looking
# at the rest, which for 50,000 takes minutes. With letters for marks it's one token.
_ENDLESS = re.compile(r"\S{300,}")
_MARK = re.compile(r"[^\w\s]|_")


def load_parser(folder: Path) -> Parser:
    """Return a parser that uses the spaCy model in `folder`; threads take turns.

    Raises:
        WeightsError: the folder holds no model that this version of spaCy can load.
    """
    import spacy  # noqa: PLC0415  (1 s of import: only paid by a reading)

    try:
        nlp = spacy.load(folder)
    except (OSError, ValueError) as error:
        message = f"{folder} is not a parser that can be loaded: run `sayso models fetch`"
        raise WeightsError(message) from error

    alone = Lock()

    def parse(sentences: Sequence[str]) -> Iterable[Tree]:
        # spaCy keeps each word that it meets, a megabyte for 1,000 articles, but not in a zone.
        # Zones can't overlap; and parsing computes, so that threads would only take turns anyway.
        with alone, nlp.memory_zone():
            return [_tree(doc) for doc in nlp.pipe(map(_plain, sentences))]

    return parse


def _plain(sentence: str) -> str:
    """Return the sentence as the parser gets it; every offset still holds."""
    shown = sentence.translate(_PLAIN)
    return _ENDLESS.sub(lambda match: _MARK.sub("x", match[0]), shown)


def _tree(doc: Doc) -> Tree:
    return Tree(
        tuple(
            Token(
                index=t.i,
                start=t.idx,
                end=t.idx + len(t.text),
                text=t.text,
                lemma=t.lemma_.lower(),
                pos=t.pos_,
                tag=t.tag_,
                dep=t.dep_,
                head=t.head.i,
                entity=t.ent_type_,
            )
            for t in doc
        )
    )
