"""What a reporting verb takes: the head of its content, and the form in which that stands."""

from __future__ import annotations

from typing import Literal

from agent.lexicon import Sense
from agent.sources import as_of_agent, inverted_subject
from agent.syntax import VERBAL, Token, Tree, is_negated

Form = Literal[
    "clause",
    "question",
    "infinitive",
    "object",
    "as",
    "about",
    "gerund",
    "bare",
    "according",
]
FOR_VERBS = frozenset({"call", "appeal", "press", "push", "plead", "ask", "hope", "wish", "beg"})
HEARSAY = frozenset({"say", "report", "claim", "allege", "rumour", "rumor", "rumoured", "rumored"})
THINKING = frozenset(
    "believe think fear feel suspect want hope consider tell say warn claim argue agree".split()
)
ABOUT_PREPS = frozenset({"of", "about", "against", "over", "on", "to", "for", "at", "with"})
VAGUE = frozenset({"anything", "nothing", "much", "more", "little"})
STATEMENTS = frozenset(
    "claim charge allegation accusation assertion suggestion report account statement".split()
)
NAMING = frozenset({"call", "label", "dub", "brand", "term"})
AS_ONLY = frozenset({"see", "cite"})  # "sees it as a threat", and not "sees it burn"
TIMES = frozenset({"DATE", "TIME"})
QUOTES = frozenset({'"', "'", "``", "''"})


def complement(
    tree: Tree, verb: Token, sense: Sense
) -> tuple[Form, tuple[int, ...], Token | None] | None:
    """Return the form, the heads of the content and the cue's last token, or None if none fits."""
    takes = sense.takes
    if inverted_subject(tree, verb) is not None:
        return ("bare", (), None) if "clause" in takes and not sense.weak else None
    if raised := _raised(tree, verb, sense):
        return "clause", raised, None
    clause = _clause(tree, verb)
    if clause and "question" in takes and _is_question(tree, clause):
        return "question", (clause.index,), None
    if clause and "clause" in takes and not _is_bare_infinitive(tree, clause):
        return "clause", (clause.index,), None
    whens = [t for t in tree.of(verb, "advmod") if t.tag == "WRB" and t.index > verb.index]
    whens += [
        t
        for t in tree.of(verb, "advcl")
        if t.index > verb.index and any(w.tag == "WRB" for w in tree.of(t, "advmod"))
    ]
    if whens and "clause" in takes and is_negated(tree, verb):
        return "question", (whens[0].index,), None
    if "infinitive" in takes and (found := _infinitive(tree, verb, sense)):
        return found
    if "gerund" in takes:
        gerunds = [t for t in tree.of(verb, "xcomp", "pcomp") if t.tag == "VBG"]
        if gerunds:
            return "gerund", (gerunds[0].index,), None
    if "as" in takes and (heads := _predicated(tree, verb)):
        return "as", heads, None
    if "object" in takes and (found := _object(tree, verb, sense)):
        return found
    if sense.act == "deny" and verb.dep == "relcl" and tree.head(verb).lemma in STATEMENTS:
        return "object", (verb.head,), None  # "a charge Tehran denies"
    if sense.act == "disclaim" and (found := _anything(tree, verb)):
        return found
    if "about" in takes:
        preps = [t for t in tree.of(verb, "prep") if t.text.lower() in ABOUT_PREPS]
        for prep in sorted(preps, key=lambda t: t.text.lower() == "to"):  # "to them for that"
            objects = tree.of(prep, "pobj", "pcomp")
            if objects:
                return "about", (objects[0].index,), prep
    opens = any(t.text == ":" for t in tree.tokens[verb.index + 1 :])
    shares = opens and (verb.tag == "VBG" or verb.dep == "conj")  # "and said of it: ..."
    if "clause" in takes and not sense.weak and (tree.subject(verb) or shares):
        return "bare", (), None
    return None


def _raised(tree: Tree, verb: Token, sense: Sense) -> tuple[int, ...]:
    """Return the heads of "he is said to be in hiding": subject and infinitive are the content."""
    if sense.commitment != "certain" or sense.weak or not tree.of(verb, "auxpass"):
        return ()
    if verb.lemma not in HEARSAY:
        return ()
    subjects = [t for t in tree.of(verb, "nsubjpass") if t.text.lower() != "it"]
    deeds = [t for t in tree.of(verb, "xcomp") if _is_bare_infinitive(tree, t)]
    if not subjects or not deeds:
        return ()
    thinks = deeds[0].lemma in THINKING and tree.of(deeds[0], "ccomp")
    return (deeds[0].index,) if thinks else (subjects[0].index, deeds[0].index)


def _clause(tree: Tree, verb: Token) -> Token | None:
    """Return the head of the verb's clausal complement, before or after it."""
    found = [
        t
        for t in tree.of(verb, "ccomp")
        if t.pos in VERBAL or tree.subject(t) or t.index < verb.index or tree.of(t, "mark")
        if not (t.lemma == "ask" and tree.subject(t) is None)  # "Asked whether A, he said B"
    ]
    if found:  # of "A, X said, as B": A, and not B
        colon = [t.text for t in tree.tokens[verb.index + 1 : verb.index + 2]] == [":"]
        return found[0] if found[0].index < verb.index and not colon else found[-1]
    if verb.lemma == "confirm":  # "neither confirmed nor denied that ..."
        shared = [
            c
            for t in tree.of(verb, "conj")
            if t.lemma == "deny" and is_negated(tree, verb)
            for c in tree.of(t, "ccomp")
        ]
        if shared:
            return shared[0]
    for prep in tree.of(verb, "prep"):  # "said in a statement that ..."
        for noun in tree.of(prep, "pobj"):
            for clause in tree.of(noun, "acl", "relcl", "ccomp"):
                marked = any(t.text.lower() == "that" for t in tree.of(clause, "mark"))
                if marked and tree.subject(clause):
                    return clause
    as_said = verb.dep == "advcl" and any(
        t.text.lower() == "as" for t in tree.of(verb, "mark", "advmod")
    )
    above = tree.head(verb)
    # "as it confirmed a third death"
    as_said = as_said and (verb.lemma == "tell" or not tree.of(verb, "dobj"))
    fronted = as_said and (verb.index < above.index or above.head == above.index)
    if (verb.dep == "parataxis" or fronted) and above.pos in VERBAL:
        return above
    return None


def _is_question(tree: Tree, clause: Token) -> bool:
    marks = {t.text.lower() for t in tree.of(clause, "mark", "advmod", "nsubj", "dobj", "attr")}
    return bool(marks & {"whether", "if", "who", "what", "when", "where", "why", "how", "which"})


def _is_bare_infinitive(tree: Tree, clause: Token) -> bool:
    return any(t.text.lower() == "to" for t in tree.of(clause, "aux"))


def _infinitive(
    tree: Tree, verb: Token, sense: Sense
) -> tuple[Form, tuple[int, ...], Token | None] | None:
    for clause in tree.of(verb, "xcomp", "ccomp", "advcl"):
        to = next((t for t in tree.of(clause, "aux") if t.text.lower() == "to"), None)
        if to is None or clause.index < verb.index:
            continue
        if sense.only_infinitives:
            if clause.lemma not in sense.only_infinitives:
                continue
            objects = tree.of(clause, "dobj", "ccomp") or [
                o
                for prep in tree.of(clause, "prep")
                if prep.text.lower() in ABOUT_PREPS
                for o in tree.of(prep, "pobj", "pcomp")
            ]
            asked = [
                c
                for a in tree.tokens
                if a.lemma == "ask" and a.tag == "VBN"
                for c in tree.of(a, "ccomp", "advcl", "xcomp")
                if _is_question(tree, c)
            ]
            return (
                "object",
                tuple(o.index for o in (*objects, *asked)[:1]) or (clause.index,),
                clause,
            )
        after = tree.tokens[verb.index + 1]
        joins = verb.lemma in FOR_VERBS and after.text.lower() in {"on", "for"}
        if (
            clause.dep == "advcl"
            and verb.lemma in {"call", "appeal", "press", "push"}
            and not joins
        ):
            continue  # "called the office to complain"
        return "infinitive", (clause.index,), after if joins else None
    return None


def _anything(tree: Tree, verb: Token) -> tuple[Form, tuple[int, ...], Token | None] | None:
    """Return what is meant by "did not know anything about X"."""
    for vague in tree.of(verb, "dobj"):
        for prep in tree.of(vague, "prep") + tree.of(verb, "prep"):
            objects = tree.of(prep, "pobj", "pcomp")
            if vague.text.lower() in VAGUE and prep.text.lower() in ABOUT_PREPS and objects:
                return "about", (objects[0].index,), prep
    return None


def _object(
    tree: Tree, verb: Token, sense: Sense
) -> tuple[Form, tuple[int, ...], Token | None] | None:
    if verb.lemma in FOR_VERBS:
        for prep in tree.of(verb, "prep"):
            objects = tree.of(prep, "pobj", "pcomp")
            if prep.text.lower() in {"for", "on"} and objects:
                return "object", (objects[0].index,), prep
        if verb.lemma != "wish":
            return None
    holders = [verb, *(c for c in tree.of(verb, "conj") if not tree.of(verb, "dobj"))]
    objects = [
        t
        for holder in holders
        for t in tree.of(holder, "dobj")
        if t.pos != "PRON" or (sense.act == "deny" and t.text.lower() in {"it", "this", "that"})
    ]
    if sense.only_objects:
        objects = [t for t in objects if t.lemma in sense.only_objects]
    grounds = [t.index for t in tree.of(verb, "prep") if t.text.lower() in {"for", "of"}]
    blamed = "as" in sense.takes and grounds
    if not objects and tree.of(verb, "auxpass") and (tree.of(verb, "agent") or blamed):
        objects = tree.of(verb, "nsubjpass")
    if not objects:
        return None
    if sense.only_subjects:  # "showed a rise in asthma among children with 4 percent to 3"
        grounds = [t.index for t in tree.of(verb, "prep") if t.index > objects[0].index]
    whole = blamed or sense.only_subjects
    return "object", (objects[0].index, *(grounds if whole else ())), None


def _predicated(tree: Tree, verb: Token) -> tuple[int, ...]:
    """Return the heads of "call X Y", "describe X as Y": the object and its predicate."""
    objects = tree.of(verb, "dobj", "nsubjpass")
    predicates = tree.of(verb, "oprd", "xcomp", "acomp")
    if verb.lemma in AS_ONLY:
        predicates = []
    link = "at" if verb.lemma == "put" else "as"
    predicates += [t for t in tree.of(verb, "prep") if t.text.lower() == link]
    predicates += [  # "termed it as made up and baseless"
        t
        for t in tree.of(verb, "advcl")
        if t.tag == "VBN" and tree.subject(t) is None
        if any(m.text.lower() == "as" for m in tree.of(t, "mark"))
    ]
    if role := as_of_agent(tree, verb):
        predicates.append(role)
    predicates = predicates or [
        t
        for o in objects
        for t in tree.of(o, "appos")
        if t.index > verb.index and any(q.text in QUOTES for q in tree.tokens[o.index : t.index])
    ]
    if verb.lemma in NAMING and not predicates:
        if named := _named(tree, verb, objects):
            return named
        predicates = _named_apart(tree, objects)
    if link == "at" and not any(n.pos == "NUM" for p in predicates for n in tree.subtree(p)):
        return ()
    if objects and predicates:
        return (objects[0].index, *(t.index for t in predicates))
    for prep in predicates:  # "dismissed as false a report that ..."
        for noun in (t for t in tree.subtree(prep) if t.dep in {"pobj", "dobj"}):
            led = [d.index for d in tree.of(noun, "det")]
            if led and any(t.pos == "ADJ" for t in tree.tokens[prep.index + 1 : led[0]]):
                return (noun.index,)
    if predicates and verb.tag == "VBN" and verb.dep == "acl" and tree.of(verb, "agent"):
        return tuple(t.index for t in predicates)  # "the deal, described by them as a gift"
    small = [t for t in tree.of(verb, "ccomp") if tree.of(t, "nsubj") and t.pos not in VERBAL]
    return tuple(t.index for t in small[:1])


def _named(tree: Tree, verb: Token, objects: list[Token]) -> tuple[int, ...]:
    """Return the head of "call the plan 'mad'" where the parser took the name into the object."""
    for noun in objects:
        words = [t for t in tree.subtree(noun) if t.index > verb.index]
        later = any(t.dep == "amod" and t.index > noun.index for t in words)
        quoted = any(t.text in QUOTES for t in words[1:] if t.index <= noun.index)
        if later or quoted:
            return (noun.index,)
    return ()


def _named_apart(tree: Tree, objects: list[Token]) -> list[Token]:
    """Return the name in "call the plan and its aim a ploy" that the parser took for an aside."""
    return [
        t
        for o in objects
        for t in tree.tokens[o.index + 1 :]
        if t.dep == "appos"
        and any(d.text.lower() in {"a", "an"} for d in tree.of(t, "det"))
        and tree.tokens[tree.subtree(t)[0].index - 1].pos not in {"PUNCT", "CCONJ"}
    ][:1]


def noun_content(tree: Tree, noun: Token) -> tuple[tuple[int, ...], Token | None]:
    """Return the heads of what a noun of saying is about, and the cue's last token."""
    clauses = tree.of(noun, "ccomp", "acl")
    if clauses:
        return (clauses[0].index,), None
    for prep in tree.of(noun, "prep"):
        objects = [t for t in tree.of(prep, "pobj", "pcomp") if t.entity not in TIMES]
        if objects and prep.text.lower() in ABOUT_PREPS:
            return (objects[0].index,), prep
    return (), None
