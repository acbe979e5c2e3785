"""Contents whose every word may be the article's: cut, joined by an ellipsis, in brackets."""

from __future__ import annotations

import re
from itertools import pairwise
from random import Random

from agent.document import Extent
from evals.fabrication import words as w
from evals.fabrication.spoilt import Spoil, Strings
from evals.fabrication.trials import Piece

_NUMBER = re.compile(r"\d(?:[\d.,:]*\d)?")
_BEFORE_SIZE = re.compile(rf"\d(?= ?(?:{'|'.join(w.MAGNITUDES)}|%|per cent|percent)\b|%)")
_MONEY = re.compile(r"(?<=[$€£])\d")
_PREFIX = re.compile(r"\b(?:un|dis|im|in|ir|mis|non|re)(?=[a-z]{4})", re.IGNORECASE)
_HYPHEN = re.compile(r"(?<=\w)-(?=\w)")
_NO = re.compile(rf"(?<=\w) (?:{'|'.join(w.NEGATIONS)}) ")
_MODAL = re.compile(rf" (?:{'|'.join(w.MODAL)}) ")


def _rest(piece: Piece, at: int) -> Strings:
    """Yield the words up to a place within them, and from there on, where either is long enough."""
    for part in (piece.words[:at], piece.words[at:]):
        yield from _long(part.strip(" ,;–—"))


def _long(string: str) -> Strings:
    """Yield a string of three words or more: a shorter one often stands somewhere else."""
    if len(string.split()) >= 3:
        yield string


def _number_cut(piece: Piece, rng: Random) -> Strings:
    for match in _NUMBER.finditer(piece.words):
        if len(match.group()) > 1:
            yield from _rest(piece, match.start() + rng.randrange(1, len(match.group())))


def _size_cut(piece: Piece, _rng: Random) -> Strings:
    for match in _BEFORE_SIZE.finditer(piece.words):
        yield piece.words[: match.end()]
    for match in _MONEY.finditer(piece.words):
        yield piece.words[match.start() :]


def _word_cut(piece: Piece, rng: Random) -> Strings:
    long = list(re.finditer(r"\b[a-z]{5,}\b", piece.words))
    for match in rng.sample(long, min(2, len(long))):
        yield from _rest(piece, match.start() + rng.randrange(2, len(match.group()) - 1))


def _prefix_cut(piece: Piece, _rng: Random) -> Strings:
    for match in _PREFIX.finditer(piece.words):
        yield from _long(piece.words[match.end() :])


def _hyphen_cut(piece: Piece, _rng: Random) -> Strings:
    for match in _HYPHEN.finditer(piece.words):
        yield from _long(piece.words[: match.start()])
        yield from _long(piece.words[match.end() :])


def _negation_cut(piece: Piece, _rng: Random) -> Strings:
    for match in _NO.finditer(piece.words):
        yield from _long(piece.words[: match.start()])
        yield from _long(piece.words[match.end() :])


# ---- ellipses ----------------------------------------------------------------------------------


def _halves(piece: Piece, rng: Random) -> tuple[str, str]:
    tokens = piece.words.split()
    at = rng.randrange(2, len(tokens) - 1)
    return " ".join(tokens[:at]), " ".join(tokens[at:])


def _two_sentences(piece: Piece, rng: Random) -> Strings:
    page = piece.page
    run = page.document.quotation_at(piece.extent)
    for other in rng.sample(page.contents, len(page.contents)):
        later = other.claim.sentence.start >= piece.claim.sentence.end
        if later and (run is None or page.document.quotation_at(other.extent) != run):
            one, two = _halves(piece, rng)[0], _halves(other, rng)[1]
            if len(page.places(one)) == 1 and page.places(two) == [other.extent.end - len(two)]:
                yield f"{one} ... {two}"
            return


def _out_of_order(piece: Piece, rng: Random) -> Strings:
    one, other = _halves(piece, rng)
    if len(piece.page.places(one)) == len(piece.page.places(other)) == 1:
        yield f"{other} ... {one}"


def _part_made_up(piece: Piece, rng: Random) -> Strings:
    one, other = _halves(piece, rng)
    yield f"{one} ... {rng.choice(w.INVENTED)}"
    yield f"{rng.choice(w.ASIDES)} ... {other}"


def _two_halves(piece: Piece, _rng: Random) -> Strings:
    """Yield half of one sentence and half of a later one of the same quotation."""
    sentences = quoted_sentences(piece)
    for one, other in pairwise(words.split() for words in sentences):
        if min(len(one), len(other)) >= 4 and one[:2] != other[:2]:
            yield f"{' '.join(one[:2])} ... {' '.join(other[2:])}".strip("”’\"'.")


def quoted_sentences(piece: Piece) -> list[str]:
    """Return the sentences of the quotation that a piece lies in, without its marks."""
    document, text = piece.page.document, piece.page.text
    run = document.quotation_at(piece.extent)
    held = [s.extent for s in document.sentences if run and s.extent.overlaps(run.extent)]
    inner = [
        Extent(max(s.start, run.extent.start + 1), min(s.end, run.extent.end - 1))
        for s in held
        if run
    ]
    return [extent.of(text) for extent in inner]


def elide(pattern: re.Pattern[str]) -> Spoil:
    """Return what puts an ellipsis for a match, alone and with the word before it."""

    def spoil(piece: Piece, _rng: Random) -> Strings:
        for match in pattern.finditer(piece.words):
            before, after = piece.words[: match.start()], piece.words[match.end() :]
            if len(before.split()) >= 1 and len(after.split()) >= 2:
                yield f"{before} ... {after}"
            if len(before.split()) >= 3 and len(after.split()) >= 2:
                yield f"{before.rsplit(' ', 1)[0]} … {after}"

    return spoil


def _hedge_left_out(piece: Piece, _rng: Random) -> Strings:
    """Yield a weak claim without the words that make it weak, as the annotators marked them."""
    if piece.claim.confidence == "certain":
        return
    for cue in piece.claim.confidence_cues:
        before = piece.page.text[piece.extent.start : cue.start].strip()
        after = piece.page.text[cue.end : piece.extent.end].strip()
        inside = Extent(cue.start, cue.end) in piece.extent
        if inside and re.search(r"\w", before) and len(after.split()) >= 2:
            yield f"{before} ... {after}"


def _scattered(piece: Piece, rng: Random) -> Strings:
    tokens = [t.strip(".,;:?!“”‘’\"'") for t in piece.words.split()]
    if len(tokens) >= 8:
        places = sorted(rng.sample(range(0, len(tokens), 2), 4))
        yield " ... ".join(tokens[at] for at in places)


# ---- brackets ----------------------------------------------------------------------------------


def _bracketed_negation(piece: Piece, _rng: Random) -> Strings:
    auxiliary = re.compile(rf"\b(?:{'|'.join(w.AUXILIARY)})\b(?![’'])")
    for match in auxiliary.finditer(piece.words):
        if piece.words[match.end() :].strip():
            yield f"{piece.words[: match.end()]} [not]{piece.words[match.end() :]}"


def _bracketed_number(piece: Piece, rng: Random) -> Strings:
    others = _NUMBER.findall(piece.page.text)
    for match in _NUMBER.finditer(piece.words):
        other = rng.choice([str(rng.randrange(2, 999)), *others])
        if other != match.group():
            yield f"{piece.words[: match.start()]}[{other}]{piece.words[match.end() :]}"


def _bracketed_words(piece: Piece, rng: Random) -> Strings:
    tokens = piece.words.split()
    at = rng.randrange(1, len(tokens))
    added = f"[{rng.choice(w.ASIDES)}]"
    yield " ".join([*tokens[:at], added, *tokens[at:]])
    yield " ".join([added, *tokens[at:]])


def _behind_brackets(piece: Piece, rng: Random) -> Strings:
    common = [word for word in ("the", "and", "of", "in") if f" {word} " in piece.page.text]
    for pattern in (_NO, _MODAL):
        for match in pattern.finditer(piece.words):
            before, after = piece.words[: match.start()], piece.words[match.end() :]
            if len(before.split()) >= 2 and len(after.split()) >= 2:
                yield f"{before} [{rng.choice(common)}] {after}"


# ---- marks and borders -------------------------------------------------------------------------


def _question(piece: Piece, _rng: Random) -> Strings:
    if piece.page.text[piece.extent.end : piece.extent.end + 1] == "?":
        yield piece.words + "."
    elif piece.words.rstrip("”’\"'").endswith("?"):
        yield piece.words.rstrip("”’?\"'") + "."


def _quoted(piece: Piece, rng: Random) -> Strings:
    run = piece.page.document.quotation_at(piece.extent)
    if run is None and not re.search('[“”‘"]', piece.words):
        yield rng.choice(["“{}”", '"{}"', "‘{}’"]).format(piece.words)


def _paragraphs(piece: Piece, _rng: Random) -> Strings:
    after = [
        block.extent.of(piece.page.text)
        for block in piece.page.document.blocks
        if block.extent.start >= piece.claim.sentence.end and block.zone != "boilerplate"
    ]
    sentence = piece.page.text[piece.claim.sentence.start : piece.claim.sentence.end]
    block = piece.page.document.blocks[piece.block].extent
    if after and block.of(piece.page.text).endswith(sentence):
        yield " ".join([*sentence.split()[-5:], *after[0].split()[:4]])


def _into_furniture(piece: Piece, rng: Random) -> Strings:
    """Yield the last words before a byline or a row of buttons, with its first ones."""
    text = piece.page.text
    for zone in piece.page.case.gold.zones or []:
        if zone.type in {"boilerplate", "date"}:
            before = re.search(rf"(?:\S+\s+){{{rng.randrange(3, 7)}}}\Z", text[: zone.span.start])
            after = re.match(rf"\S+(?:\s+\S+){{0,{rng.randrange(1, 4)}}}", text[zone.span.start :])
            if before and after:
                yield before.group() + after.group()


CUTS: dict[str, tuple[str, Spoil]] = {
    "cut within a number": ("30 of 130, 3 of 3.5", _number_cut),
    "cut from its size": ("3 of 3 million, 5 of £5", _size_cut),
    "cut within a word": ("akery of bakery", _word_cut),
    "prefix cut off": ("likely of unlikely", _prefix_cut),
    "cut at a hyphen": ("elected of non-elected", _hyphen_cut),
    "cut from its negation": ("begins or ends at a not", _negation_cut),
    "ellipsis, two sentences": ("parts of two sentences or quotations", _two_sentences),
    "ellipsis, out of order": ("the second half first", _out_of_order),
    "ellipsis, part made up": ("one part is true", _part_made_up),
    "ellipsis, two halves": ("of two sentences of one quotation", _two_halves),
    "ellipsis for a negation": ("will ... resign", elide(_NO)),
    "ellipsis for a modal": ("the bridge ... close", elide(_MODAL)),
    "ellipsis for a hedge": ("whatever the annotators marked as one", _hedge_left_out),
    "ellipsis, single words": ("put together word by word", _scattered),
    "brackets, negation": ("[not] put in", _bracketed_negation),
    "brackets, number": ("another number, in brackets", _bracketed_number),
    "brackets, made up": ("words that the article hasn’t", _bracketed_words),
    "brackets for a negation": ("will [the] resign", _behind_brackets),
    "question as statement": ("a full stop for the question mark", _question),
    "marks around no quotation": ("the writer’s words as a quotation", _quoted),
    "paragraphs joined": ("the end of one and the start of the next", _paragraphs),
    "into furniture": ("a claim that goes on into buttons", _into_furniture),
}
