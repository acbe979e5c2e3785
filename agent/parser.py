"""The syntactic parser. Only user of spaCy."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from agent.errors import WeightsError
from agent.syntax import Parser, Token, Tree

if TYPE_CHECKING:
    from spacy.tokens import Doc

# Characters that stand for a blank or a quotation mark; replaced one for one, so offsets hold.
_PLAIN = str.maketrans(
    {"\n": " ", "\r": " ", "\t": " ", "\u00a0": " ", "“": '"', "”": '"', "’": "'", "‘": "'"}
)


def load_parser(folder: Path) -> Parser:
    """Return a parser that uses the spaCy model in `folder`.

    Raises:
        WeightsError: the folder holds no model that this version of spaCy can load.
    """
    import spacy  # noqa: PLC0415  (1 s of import: only paid by a reading)

    try:
        nlp = spacy.load(folder)
    except (OSError, ValueError) as error:
        message = f"{folder} is not a parser that can be loaded: run `sayso models fetch`"
        raise WeightsError(message) from error

    def parse(sentences: Sequence[str]) -> Iterable[Tree]:
        return [_tree(doc) for doc in nlp.pipe(s.translate(_PLAIN) for s in sentences)]

    return parse


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
