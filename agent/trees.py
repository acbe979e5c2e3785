"""Sentences to trees, parsed in pieces where the parser is known to stumble.

Stumbling blocks of news text: headings in title case, independent clauses joined by semicolons,
and a reporting clause at the end of a sentence without quotation marks ("..., she claimed").
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from agent.asides import inserted, with_asides
from agent.cues import propose
from agent.document import Document, Extent
from agent.headlines import labels
from agent.lexicon import Lexicon
from agent.repairs import NOMINAL, knowing_verbs, rehung, title_before
from agent.syntax import VERBAL, Parser, Token, Tree, joined
from agent.truecase import truecased

MAX_ASIDE = 9  # tokens between the verb of saying and its comma
MIN_PIECE = 3  # tokens; a shorter piece isn't a clause


def parsed(
    document: Document, extents: Sequence[Extent], parse: Parser, lexicon: Lexicon
) -> list[Tree]:
    """Return the tree of each extent, offsets counted in the document's text."""
    document = _in_sentence_case(document)
    parse = knowing_verbs(parse, lexicon)
    pieces = [_pieces(document, extent, lexicon) for extent in extents]
    flat = [piece for row in pieces for piece in row]
    trees = iter(with_asides(document, flat, parse))
    rows = [[next(trees) for _ in row] for row in pieces]
    whole = [rehung(_linked(row, lexicon), lexicon) for row in rows]
    whole = _reparsed_tails(document, whole, parse, lexicon)
    return _reparsed_middles(document, whole, parse, lexicon)


def _in_sentence_case(document: Document) -> Document:
    """Return the document with its headings written as sentences are."""
    headings = [
        s.extent for s in document.sentences if s.zone in ("headline", "subheading") or not s.block
    ]
    body = [s.extent for s in document.sentences if s.zone == "body" and s.block]
    text = truecased(document.text, headings, body)
    return replace(document, article=replace(document.article, text=text))


def _parse(document: Document, extents: Sequence[Extent], parse: Parser) -> list[Tree]:
    trees = parse([e.of(document.text) for e in extents])
    return [tree.shifted(e.start) for e, tree in zip(extents, trees, strict=True)]


def _pieces(document: Document, extent: Extent, lexicon: Lexicon) -> list[Extent]:
    """Return the extent cut after each semicolon outside quotations, a headline at its source."""
    borders = {extent.start, extent.end}
    for match in re.finditer(r";\s+", extent.of(document.text)):
        at = extent.start + match.end()
        if document.quotation_at(Extent(at - 1, at)) is None:
            borders.add(at)
    sentence = document.sentence_at(extent.start)
    if sentence is not None and sentence.zone == "headline":
        for label in labels(document, extent, lexicon):
            first = label.content if label.leads else min(label.source, label.cue, key=_start)
            borders.add(first.start)
    return [Extent(a, b) for a, b in pairwise(sorted(borders))]


def _start(extent: Extent) -> int:
    return extent.start


def _linked(row: Sequence[Tree], lexicon: Lexicon) -> Tree:
    """Return the pieces as one tree; one without a cue goes on with what the last reported."""
    if len(row) == 1:
        return row[0]
    whole = row[0]
    for piece in row[1:]:
        hung = None
        if not any(cue.content or cue.form == "bare" for cue in propose(piece, lexicon)):
            cues = [c for c in propose(whole, lexicon) if c.form == "clause" and c.content]
            last = cues[-1] if cues else None
            if last is not None and last.content[0] > last.head:
                hung = (last.content[0], "conj")
        whole = joined([whole, piece], [None, hung])
    return whole


def _reparsed_tails(
    document: Document, trees: Sequence[Tree], parse: Parser, lexicon: Lexicon
) -> list[Tree]:
    """Return the trees, those with a reporting clause at the end parsed again without it."""
    cuts = [_tail(document, tree, lexicon) for tree in trees]
    fronts = [
        Extent(tree.tokens[0].start, tree.tokens[cut].start)
        for tree, cut in zip(trees, cuts, strict=True)
        if cut is not None
    ]
    tails = [
        Extent(tree.tokens[cut].start, tree.tokens[-1].end)
        for tree, cut in zip(trees, cuts, strict=True)
        if cut is not None
    ]
    again = iter(zip(_parse(document, fronts, parse), _parse(document, tails, parse), strict=True))
    found = []
    for tree, cut in zip(trees, cuts, strict=True):
        if cut is None:
            found.append(tree)
            continue
        front, tail = next(again)
        tail = _with_subject(tail)
        root = next((t for t in tail.roots() if lexicon.lemma(t) in lexicon.verbs), None)
        found.append(
            joined([front, tail], [(len(front.tokens) + root.index, "ccomp"), None])
            if root
            else tree
        )
    return found


def _reparsed_middles(
    document: Document, trees: Sequence[Tree], parse: Parser, lexicon: Lexicon
) -> list[Tree]:
    """Return the trees; "The men, X said, were old" is parsed again without its middle."""
    found = list(trees)
    for number, tree in enumerate(trees):
        border = _middle(document, tree, lexicon)
        if border is None:
            continue
        first, last = border  # the two commas
        whole = Extent(tree.tokens[0].start, tree.tokens[-1].end)
        aside = Extent(tree.tokens[first + 1].start, tree.tokens[last - 1].end)
        at, end = tree.tokens[first].start - whole.start, tree.tokens[last].end - whole.start
        text = whole.of(document.text)
        blanked = text[:at] + " " * (end - at) + text[end:]
        (outer,) = parse([blanked])
        (inner,) = _parse(document, [aside], parse)
        verb = next((t for t in inner.roots() if lexicon.lemma(t) in lexicon.verbs), None)
        if verb is not None:
            found[number] = _hung_under(outer.shifted(whole.start), inner, verb, aside.start)
    return found


def _hung_under(outer: Tree, aside: Tree, verb: Token, start: int) -> Tree:
    """Return one tree in which the outer sentence is what the aside's verb reports."""
    before = [t.index for t in outer.tokens if t.end <= start]
    joint = inserted(outer, aside, max(before))
    speaks = max(before) + 1 + verb.index
    tokens = [
        replace(t, head=speaks, dep="ccomp") if t.head == t.index else t for t in joint.tokens
    ]
    tokens[speaks] = replace(tokens[speaks], head=speaks, dep="ROOT")
    return Tree(tuple(tokens))


def _middle(document: Document, tree: Tree, lexicon: Lexicon) -> tuple[int, int] | None:
    """Return the commas around ", X said on Friday," after a subject that waits for its verb."""
    for cue in propose(tree, lexicon):
        if cue.form != "bare" or cue.source.extent is None:
            continue
        first = next(t.index for t in tree.tokens if t.start >= cue.source.extent.start) - 1
        after = [t for t in tree.tokens if t.start >= cue.extent.end]
        last = next((t.index for t in after[:MAX_ASIDE] if t.text == ","), None)
        if first < 1 or last is None or tree.tokens[first].text != ",":
            continue
        commas = (tree.tokens[first], tree.tokens[last])
        quoted = any(document.quotation_at(Extent(c.start - 1, c.end)) for c in commas)
        waits = not any(t.pos in VERBAL for t in tree.tokens[:first])
        goes_on = last + 1 < len(tree.tokens) and tree.tokens[last + 1].pos in VERBAL
        if waits and goes_on and not quoted and cue.extent.start > commas[0].start:
            return first, last
    return None


def _tail(document: Document, tree: Tree, lexicon: Lexicon) -> int | None:
    """Return the index of the token that begins a final ", X said", or None."""
    if len(tree.roots()) > 1:
        return None  # in pieces already
    inverted = _inverted(document, tree, lexicon)
    if inverted is None:
        inverted = _found_last(document, tree, lexicon) or _apposed(document, tree, lexicon)
    if inverted is not None:
        return inverted
    for cue in propose(tree, lexicon):
        if cue.form != "bare" or cue.source.extent is None:
            continue
        first = min((t for t in tree.tokens if t.start >= cue.source.extent.start), key=_index)
        before = tree.tokens[: first.index]
        if first.index < MIN_PIECE + 1 or before[-1].text != "," or cue.extent.start < first.start:
            continue
        quoted = document.quotation_at(Extent(before[-1].start - 1, before[-1].end))
        if quoted is None and any(t.pos in VERBAL for t in before):
            return first.index
    return None


def _inverted(document: Document, tree: Tree, lexicon: Lexicon) -> int | None:
    """Return the index of the verb in a final ", reported the Herald", or None."""
    for token in reversed(tree.tokens):
        if token.index <= MIN_PIECE or tree.tokens[token.index - 1].text != ",":
            continue
        senses = lexicon.verbs.get(lexicon.lemma(token), ())
        says = any("clause" in s.takes and not s.weak and s.act == "assert" for s in senses)
        rest = [t for t in tree.tokens[token.index + 1 :] if t.pos not in {"PUNCT", "SPACE"}]
        names = any(t.pos == "PROPN" for t in rest) and all(t.pos in NOMINAL for t in rest)
        free = document.quotation_at(Extent(token.start, token.end)) is None
        if says and names and free and token.tag in {"VBD", "VBZ"} and tree.subject(token) is None:
            return token.index
    return None


def _found_last(document: Document, tree: Tree, lexicon: Lexicon) -> int | None:
    """Return the index of the token that begins a final ", a poll found", or None."""
    words = [t for t in tree.tokens if t.pos not in {"PUNCT", "SPACE"}]
    if not words or words[-1].tag not in {"VBD", "VBZ", "VBP", "VBN"}:
        return None
    verb = words[-1]
    senses = lexicon.verbs.get(lexicon.lemma(verb), ())
    if not any("clause" in s.takes and s.act == "assert" for s in senses):
        return None
    comma = next((t for t in reversed(tree.tokens[: verb.index]) if t.text == ","), None)
    if comma is None or comma.index < MIN_PIECE:
        return None
    between = tree.tokens[comma.index + 1 : verb.index]
    names = between and all(
        t.pos in NOMINAL | {"PRON"} or t.dep in {"advmod", "amod", "compound"} for t in between
    )
    free = document.quotation_at(Extent(comma.start - 1, comma.end)) is None
    linked = any(t.dep == "ccomp" for t in tree.children[verb.index])
    said = any(t.pos in VERBAL for t in tree.tokens[: comma.index])
    return comma.index + 1 if names and free and said and not linked else None


def _apposed(document: Document, tree: Tree, lexicon: Lexicon) -> int | None:
    """Return the index of the token that begins a final ", Ann Lee, the mayor, wrote in a memo"."""
    for verb in reversed(tree.tokens):
        senses = lexicon.verbs.get(lexicon.lemma(verb), ())
        says = any("clause" in s.takes and not s.weak and s.act == "assert" for s in senses)
        if not says or verb.tag not in {"VBD", "VBZ", "VBN"}:
            continue
        subject = tree.subject(verb)
        if any(t.pos in VERBAL for t in tree.tokens[verb.index + 1 :]):
            return None
        names = [t for t in tree.tokens[: verb.index] if t.text != ","]
        while names and names[-1].pos in NOMINAL:
            names.pop()
        first = names[-1].index + 1 if names else 0
        for token in tree.tokens[first + 1 : verb.index]:
            named = token.entity == "PERSON" and token.pos == "PROPN"
            named = named and (subject is None or subject.index < token.index)
            comma = token.index - 1
            named = named and tree.tokens[comma].text == "," and not title_before(tree, comma)
            if named and token.index > MIN_PIECE:
                free = document.quotation_at(Extent(token.start - 2, token.start)) is None
                spoken = any(t.pos in VERBAL for t in tree.tokens[: token.index])
                return _with_title(tree, token.index) if free and spoken else None
        return None
    return None


def _with_title(tree: Tree, first: int) -> int:
    """Return where it begins: at "the mayor" in ", the mayor, Ann Lee, told", else at first."""
    at = first - 2
    while at > 0 and tree.tokens[at].pos in {"NOUN", "PROPN", "ADJ"}:
        at -= 1
    title = tree.tokens[at]
    led = title.pos in {"DET", "PRON"} and tree.tokens[at - 1].text == ","
    return at if at > MIN_PIECE and at < first - 2 and led else first


def _with_subject(tail: Tree) -> Tree:
    """Return the tail with what follows its verb as the subject ("reported the Herald")."""
    if any(t.dep in {"nsubj", "nsubjpass"} for t in tail.tokens):
        return tail
    return Tree(tuple(replace(t, dep="nsubj") if t.dep == "dobj" else t for t in tail.tokens))


def _index(token: Token) -> int:
    return token.index
