"""True words in other dress: what the gate should find all the same."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import replace
from random import Random

from evals.fabrication.cuts import quoted_sentences
from evals.fabrication.sources import alone, claim_of
from evals.fabrication.trials import Piece, Trial

# A string and the words of the article that it stands for.
Dress = Callable[[Piece, Random], Iterator[tuple[str, str]]]

_PRONOUN = re.compile(
    r"\b(?:he|she|they|it|his|her|their|its|him|them)\b(?![\w’'-])", re.IGNORECASE
)
_ASIDE = re.compile(
    r"(?<=\w), (?:(?:who|which|whose|where|an?|the|\d+)\b[^,“”‘\"]{0,80}"
    r"|(?:\w+ ){1,3}(?:said|says|added|told)\b[^,“”‘\"]{0,20}), (?=\w)"
)
_DOTS = "...,…,[...],[…],(...),. . .".split(",")
_DASH = re.compile(r"[-–—]")


def table(old: str, new: dict[str, str]) -> Dress:
    """Return what changes every character of a class, where there is one."""
    pattern = re.compile(old)

    def dress(piece: Piece, _rng: Random) -> Iterator[tuple[str, str]]:
        string = pattern.sub(lambda match: new.get(match.group(), new.get("", "")), piece.words)
        if string != piece.words:
            yield string, piece.words

    return dress


def every(pattern: str, choices: list[str]) -> Dress:
    """Return what changes each match of a pattern to one of several strings."""

    def dress(piece: Piece, rng: Random) -> Iterator[tuple[str, str]]:
        string = re.sub(pattern, lambda _: rng.choice(choices), piece.words)
        if string != piece.words:
            yield string, piece.words

    return dress


def _curly(piece: Piece, _rng: Random) -> Iterator[tuple[str, str]]:
    string = re.sub(r"(?<=\w)'", "’", piece.words)
    string = re.sub(r"(?<![\w.,!?])\"", "“", string).replace('"', "”")
    if string != piece.words:
        yield string, piece.words


def _verbatim(piece: Piece, _rng: Random) -> Iterator[tuple[str, str]]:
    yield piece.words, piece.words


def _wrapped(piece: Piece, rng: Random) -> Iterator[tuple[str, str]]:
    tokens = piece.words.split(" ")
    at = rng.randrange(1, len(tokens))
    end = rng.choice(["\n", "\r\n", "\n    "])
    yield " ".join(tokens[:at]) + end + " ".join(tokens[at:]), piece.words


def _within(mark: str) -> Dress:
    def dress(piece: Piece, rng: Random) -> Iterator[tuple[str, str]]:
        places = [m.start() for m in re.finditer(r"(?<=\w)(?=\w)", piece.words)]
        at = rng.choice(places)
        yield piece.words[:at] + mark + piece.words[at:], piece.words

    return dress


def _decomposed(piece: Piece, _rng: Random) -> Iterator[tuple[str, str]]:
    string = unicodedata.normalize("NFD", piece.words)
    if string != piece.words:
        yield string, piece.words


def _aside(piece: Piece, rng: Random) -> Iterator[tuple[str, str]]:
    """Yield sentences without an apposition or a relative clause between commas."""
    for match in _ASIDE.finditer(piece.words):
        before, after = piece.words[: match.start()], piece.words[match.end() :]
        if len(before.split()) >= 2 and len(after.split()) >= 2:
            yield f"{before} {rng.choice(_DOTS)} {after}", piece.words


def _sentence_left_out(piece: Piece, rng: Random) -> Iterator[tuple[str, str]]:
    """Yield a quotation's first and third sentence."""
    sentences = quoted_sentences(piece)
    for one, left_out, other in zip(sentences, sentences[1:], sentences[2:], strict=False):
        start = piece.page.text.index(one)
        end = piece.page.text.index(other, start) + len(other)
        if left_out and "\n" not in piece.page.text[start:end]:
            yield f"{one} {rng.choice(_DOTS)} {other}", piece.page.text[start:end]


def _open_end(piece: Piece, rng: Random) -> Iterator[tuple[str, str]]:
    yield (
        rng.choice(["{} ...", "{}…", "... {}", "… {} …", "[...] {}"]).format(piece.words),
        piece.words,
    )


def _pronoun(piece: Piece, rng: Random) -> Iterator[tuple[str, str]]:
    """Yield words with a name in brackets in a pronoun's place."""
    name = rng.choice(piece.page.names)
    for match in _PRONOUN.finditer(piece.words):
        before, after = piece.words[: match.start()], piece.words[match.end() :]
        truth = piece.words if re.search(r"\w", before) else after
        if len(after.split()) >= 3:
            yield f"{before}[{name}]{after}", truth


def _note(piece: Piece, rng: Random) -> Iterator[tuple[str, str]]:
    name = rng.choice(piece.page.names)
    for match in _PRONOUN.finditer(piece.words):
        after = piece.words[match.end() :]
        if len(after.split()) >= 2:
            added = rng.choice([name, "sic"])
            yield f"{piece.words[: match.end()]} [{added}]{after}", piece.words


def _capital(piece: Piece, _rng: Random) -> Iterator[tuple[str, str]]:
    first, rest = piece.words[0], piece.words[1:]
    if first.isalpha() and rest[:1].islower():
        yield f"[{first.swapcase()}]{rest}", piece.words


def _marked(piece: Piece, rng: Random) -> Iterator[tuple[str, str]]:
    if piece.quoted and not re.search('[“”‘"]', piece.words):
        yield rng.choice(["“{}”", '"{}"', "‘{}’"]).format(piece.words), piece.words


def _stop(piece: Piece, _rng: Random) -> Iterator[tuple[str, str]]:
    after = piece.page.text[piece.extent.end : piece.extent.end + 2]
    if piece.words[-1].isalnum() and "?" not in after and "!" not in after:
        yield f"{piece.words}.", piece.words


def _turned(piece: Piece, _rng: Random) -> Iterator[tuple[str, str]]:
    if piece.words[0].isalpha():
        yield piece.words[0].swapcase() + piece.words[1:], piece.words


def _other_marks(piece: Piece, _rng: Random) -> Iterator[tuple[str, str]]:
    for old, new in (("‘([^’]+)’(?!\\w)", "“\\1”"), ("“([^”]+)”", "‘\\1’"), ('"([^"]+)"', "'\\1'")):
        string = re.sub(old, new, piece.words)
        if string != piece.words:
            yield string, piece.words


def _capitals(piece: Piece, rng: Random) -> Iterator[tuple[str, str]]:
    yield rng.choice([piece.words.upper(), piece.words.title()]), piece.words


def _figures(piece: Piece, _rng: Random) -> Iterator[tuple[str, str]]:
    numbers = {"two": "2", "three": "3", "four": "4", "five": "5", "ten": "10", "one": "1"}
    pattern = rf"\b(?:{'|'.join(numbers)})\b"
    string = re.sub(pattern, lambda match: numbers[match.group()], piece.words)
    if string != piece.words:
        yield string, piece.words


CONTENTS: dict[str, tuple[str, Dress]] = {
    "verbatim": ("character by character", _verbatim),
    "straight marks": ("for curly ones", table("[“”‘’]", {"“": '"', "”": '"', "‘": "'", "’": "'"})),
    "curly marks": ("for straight ones", _curly),
    "other dashes": ("hyphen, en dash, em dash, minus", every("[-–—]", list("-‐‑–—−"))),
    "no-break spaces": ("and thin ones", every(" ", ["\u00a0", "\u202f", "\u2009", " "])),
    "spaces": ("several, tabs", every(" ", ["  ", "\t", " \t "])),
    "line break": ("in the middle", _wrapped),
    "soft hyphen": ("within a word", _within("\u00ad")),
    "zero width": ("space or joiner within a word", _within("\u200b")),
    "decomposed letters": ("é as two characters", _decomposed),
    "ellipsis for an aside": ("an apposition or relative clause", _aside),
    "ellipsis for a sentence": ("within one quotation", _sentence_left_out),
    "ellipsis at the ends": ("before, after", _open_end),
    "brackets for a pronoun": ("[name] in its place", _pronoun),
    "brackets as a note": ("[name], [sic] put in", _note),
    "bracketed capital": ("[T]he for the", _capital),
    "marks around a quotation": ("the article’s own, or others", _marked),
    "full stop": ("added at the end", _stop),
    "first letter": ("in the other case", _turned),
}
UNDECLARED: dict[str, tuple[str, Dress]] = {
    "marks of the other kind": ("double for single", _other_marks),
    "capitals": ("all of it, or each word", _capitals),
    "figures for words": ("2 for two", _figures),
}


# ---- parts, sources, the article itself -------------------------------------------------------

Whole = Callable[[str, Piece, Random], Iterator[Trial]]


def _gold_parts(kind: str, piece: Piece, rng: Random) -> Iterator[Trial]:
    """Yield the claims that stand in several places, joined as the prompt asks."""
    for claim in piece.page.case.gold.claims:
        if len(claim.content) > 1:
            parts = [span.text.strip() for span in claim.content]
            hull = piece.page.text[claim.content[0].start : claim.content[-1].end]
            string = f" {rng.choice(_DOTS)} ".join(parts)
            yield alone(claim_of(kind, piece, content=string, truth=hull))


def _source(kind: str, piece: Piece, rng: Random) -> Iterator[Trial]:
    trial = claim_of(kind, piece, target="source")
    if trial.source:
        other = trial.source.replace("’", "'").replace(" ", rng.choice(["\u00a0", "  ", "\n"]))
        yield replace(trial, source=other, truth=trial.source)


def _full_name(kind: str, piece: Piece, _rng: Random) -> Iterator[Trial]:
    """Yield claims with the entity's full name, where the sentence may have a pronoun."""
    chain = piece.claim.attribution.chain
    names = {entity.id: entity.name for entity in piece.page.case.gold.entities}
    if chain and piece.page.places(names[chain[-1].entity]):
        name = names[chain[-1].entity]
        yield claim_of(kind, piece, source=name, target="source", truth=name)


def _cue(kind: str, piece: Piece, _rng: Random) -> Iterator[Trial]:
    trial = claim_of(kind, piece, target="cue")
    if trial.cue:
        yield replace(trial, truth=trial.cue)


def _hedge(kind: str, piece: Piece, _rng: Random) -> Iterator[Trial]:
    trial = claim_of(kind, piece, target="hedge")
    if trial.hedge:
        yield replace(trial, truth=trial.hedge)


def _in_article(change: Callable[[str, Random], str]) -> Whole:
    """Return what gives the words as they are, of an article in other dress."""

    def dress(kind: str, piece: Piece, _rng: Random) -> Iterator[Trial]:
        text = change(piece.page.text, Random(kind))  # one for all claims of an article  # noqa: S311 - a drawing, no secret
        if text != piece.page.text:
            yield replace(alone(claim_of(kind, piece, truth=piece.words)), text=text)

    return dress


def _hyphenated(text: str, _rng: Random) -> str:
    return re.sub(r"\b([a-z]{3})([a-z]{4,})\b", "\\1\u00ad\\2", text)


def _no_break(text: str, rng: Random) -> str:
    return re.sub(" ", lambda _: rng.choice([" ", "\u00a0", "\u202f"]), text)


def _columns(text: str, _rng: Random) -> str:
    lines = []
    for paragraph in text.split("\n"):
        line = ""
        for word in paragraph.split(" "):
            if line and len(line) + len(word) >= 66:
                lines.append(line)
                line = word
            else:
                line = f"{line} {word}" if line else word
        lines.append(line)
    return "\n".join(lines)


def _plain_marks(text: str, _rng: Random) -> str:
    for old, new in (("“", '"'), ("”", '"'), ("‘", "'"), ("’", "'"), ("—", "--"), ("–", "-")):
        text = text.replace(old, new)
    return text


def _ligatures(text: str, _rng: Random) -> str:
    text = text.replace("ffi", "ﬃ").replace("fi", "ﬁ").replace("fl", "ﬂ")
    return unicodedata.normalize("NFD", text)


WHOLE: dict[str, tuple[str, Whole]] = {
    "gold parts": ("claims that stand in several places", _gold_parts),
    "source": ("with other spaces and apostrophes", _source),
    "source, full name": ("where the sentence may say he or she", _full_name),
    "cue": ("as it stands", _cue),
    "hedge": ("as it stands", _hedge),
    "article, soft hyphens": ("the article has them, the string not", _in_article(_hyphenated)),
    "article, no-break spaces": ("the article has them", _in_article(_no_break)),
    "article, columns": ("the article is broken into lines", _in_article(_columns)),
    "article, plain marks": ("the article has straight marks", _in_article(_plain_marks)),
    "article, ligatures": ("and letters in two characters, as in a PDF", _in_article(_ligatures)),
}
