"""Cues of more than a verb: "according to", "in her view", "made it clear", "took issue with"."""

from __future__ import annotations

from agent.complements import TIMES, Form, noun_content
from agent.cue import ASSERT, Cue, plain_cue
from agent.document import Extent
from agent.lexicon import Lexicon
from agent.sources import (
    Source,
    cited_beside,
    find_source,
    noun_phrase,
    passing_on,
    relaying,
    verb_group,
)
from agent.syntax import VERBAL, Token, Tree, extent_of, is_negated

VIEWS = frozenset("view opinion word telling account estimation judgment assessment".split())
CLAUSAL = frozenset({"ccomp", "xcomp", "acl", "advcl", "relcl"})


def according(tree: Tree, token: Token, lexicon: Lexicon) -> Cue | None:
    """Return the cue in "According to X, ...": what it modifies is the content."""
    if token.text.lower() != "according" or token.index + 2 >= len(tree.tokens):
        return None
    to = tree.tokens[token.index + 1]
    if to.text.lower() != "to":
        return None
    objects = tree.of(to, "pobj") or tree.of(token, "pobj")
    if objects:
        noun = objects[0]
        named = noun_phrase(tree, noun, without=relaying(tree, noun, lexicon))
    else:  # the parser took the name for something else: the capitalised words are the source
        names = _capitalised(tree, to.index + 1)
        if not names:
            return None
        noun, named = names[-1], extent_of(names)
    extent = Extent(token.start, to.end)
    outer, inner = passing_on(tree, noun, lexicon), cited_beside(tree, noun, lexicon)
    source = Source(named, noun.index, extent, "relay" if inner else "speaker")
    content = (_governed(tree, token),)
    return Cue(token.index, extent, ASSERT, "according", source, content, outer, inner)


def _capitalised(tree: Tree, first: int) -> list[Token]:
    found: list[Token] = []
    for token in tree.tokens[first:]:
        if not (token.text[:1].isupper() or (found and token.text.lower() in {"of", "the", "and"})):
            break
        found.append(token)
    while found and not found[-1].text[:1].isupper():
        found.pop()
    return found


def _governed(tree: Tree, token: Token) -> int:
    """Return the index of the verb that the frame modifies, else of the largest tree's root."""
    for above in tree.ancestors(token):
        if above.pos in VERBAL:
            return above.index
    return max(tree.roots(), key=lambda root: len(tree.subtree(root))).index


def in_view(tree: Tree, token: Token, _lexicon: Lexicon) -> Cue | None:
    """Return the cue in "In her view, ...": what it modifies is the content."""
    if token.text.lower() != "in":
        return None
    for noun in tree.of(token, "pobj"):
        owners = tree.of(noun, "poss")
        mine = any(o.text.lower() in {"my", "our"} for o in owners)
        if noun.lemma not in VIEWS or not owners or mine or tree.of(noun, "prep"):
            continue
        extent = Extent(token.start, noun.end)
        source = Source(noun_phrase(tree, owners[0]), owners[0].index, extent)
        return Cue(token.index, extent, ASSERT, "according", source, (_governed(tree, token),))
    return None


def clear(tree: Tree, token: Token, _lexicon: Lexicon) -> Cue | None:
    """Return the cue in "made it clear that ...", "made clear that ..."."""
    if token.lemma != "make" or tree.subject(token) is None:
        return None
    for clear in tree.of(token, "ccomp", "acomp", "xcomp", "oprd"):
        if clear.text.lower() not in {"clear", "plain", "known"}:
            continue
        for clause in (*tree.of(clear, "advcl", "ccomp"), *tree.of(token, "ccomp", "advcl")):
            marked = any(t.text.lower() == "that" for t in tree.of(clause, "mark"))
            if marked and clause.index > clear.index:
                return plain_cue(tree, token, clause, clear)
    return None


def idiom(tree: Tree, token: Token, lexicon: Lexicon) -> Cue | None:
    """Return the cue in "took issue with ...", "spoke out against ..."."""
    if token.pos != "VERB":
        return None
    middles = tree.of(token, "dobj", "prt", "advmod")
    for middle in (t for t in middles if t.index > token.index):
        for prep in (*tree.of(token, "prep"), *tree.of(middle, "prep")):
            phrase = f"{token.lemma} {middle.lemma} {prep.text.lower()}"
            objects = tree.of(prep, "pobj", "pcomp")
            if phrase in lexicon.idioms and objects:
                source = find_source(tree, token)
                extent = verb_group(tree, token, prep)
                named = Source(source.extent, source.head, extent, "speaker", source.implicit)
                content = (objects[0].index,)
                return Cue(token.index, extent, ASSERT, "about", named, content)
    return None


def no_comment(tree: Tree, token: Token, lexicon: Lexicon) -> Cue | None:
    """Return the cue in "There was no immediate comment from X on Y"."""
    sense = lexicon.nouns.get(token.lemma)
    exists = token.dep == "attr" and bool(tree.of(tree.head(token), "expl"))
    if sense is None or sense.act != "decline" or not exists or not is_negated(tree, token):
        return None
    preps = {t.text.lower(): t for t in reversed(tree.of(token, "prep"))}
    sources = tree.of(preps["from"], "pobj") if "from" in preps else []
    if not sources:
        return None
    about = next(
        (o for p in ("on", "about") if p in preps for o in tree.of(preps[p], "pobj")), None
    )
    extent = Extent(tree.subtree(token)[0].start, preps["from"].end)
    source = Source(noun_phrase(tree, sources[0]), sources[0].index, extent)
    content = ((about or token).index,)
    return Cue(token.head, extent, sense, "about", source, content)


def _told_in(
    tree: Tree, noun: Token, lexicon: Lexicon
) -> tuple[tuple[int, ...], Token | None] | None:
    """Return what is told in "issued a report saying that ...", and the last word of the cue."""
    for verb in tree.of(noun, "acl"):
        told = tree.of(verb, "ccomp") or tree.of(verb, "dobj")
        if verb.tag == "VBG" and told and lexicon.lemma(verb) in lexicon.verbs:
            return (told[0].index,), verb
    return None


def light(tree: Tree, token: Token, lexicon: Lexicon) -> Cue | None:
    """Return the cue in "expressed his hope for ...": a light verb whose object names the act."""
    has = token.lemma == "have"
    if token.pos not in VERBAL or not (has or token.lemma in lexicon.light_verbs):
        return None
    for noun in tree.of(token, "dobj"):
        sense = lexicon.nouns.get(noun.lemma) or lexicon.nouns.get(noun.text.lower())
        if sense is None or (sense.negated != has and sense.act != "decline"):
            continue
        if sense.negated and not (is_negated(tree, token) or is_negated(tree, noun)):
            continue
        content, last = _told_in(tree, noun, lexicon) or noun_content(tree, noun)
        content = (
            content
            or tuple(
                t.index
                for prep in tree.of(token, "prep", "dative")
                for t in tree.of(prep, "pobj")
                if prep.text.lower() in {"for", "on", "over", "about"} and t.entity not in TIMES
            )[:1]
        )
        if not content and noun.lemma == "call":
            continue  # "made three calls"
        source = find_source(tree, token)
        extent = verb_group(tree, token, last or noun)
        named = Source(source.extent, source.head, extent, "speaker", source.implicit)
        clausal = bool(content) and tree.tokens[content[0]].dep in CLAUSAL
        form: Form = "clause" if clausal else "about"
        return Cue(token.index, extent, sense, form, named, content or (noun.index,))
    return None
