"""Exports for the web: annotations, schema.org claims, links into a page's text."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from pyld import jsonld

from agent.errors import ConfigError
from agent.exports import (
    ANNOTATION_CONTEXT,
    NAMESPACE,
    as_text,
    schema_claims,
    text_name,
    web_annotations,
)
from agent.forms import form_of, render
from agent.links import LONGEST, text_link, web_address
from agent.schema import (
    Attribution,
    Claim,
    Difference,
    DocumentRecord,
    Entity,
    Extraction,
    Link,
    Provenance,
    Review,
    Span,
)
from sample_records import TEXT, sample, span

# The terms that we use, as the published contexts define them. Neither is here whole: that of
# schema.org is under a licence of another kind.
CONTEXTS = {
    "http://www.w3.org/ns/anno.jsonld": "anno.jsonld",
    "https://schema.org": "schema.jsonld",
}
PAGE = "https://example.org/news/tunnel"
OA = "http://www.w3.org/ns/oa#"


def load_context(url: str, options: dict[str, Any]) -> dict[str, Any]:
    """Return a context for the library, from the files beside this one."""
    path = Path(__file__).parent / "contexts" / CONTEXTS[url]
    document = json.loads(path.read_text(encoding="utf-8"))
    return {"contextUrl": None, "documentUrl": url, "document": document}


OPTIONS = {"documentLoader": load_context}


def rich() -> Extraction:
    """Return the sample with a claim in two spans, a review, a duplicate, from the web."""
    record = sample()
    first, *rest = record.claims
    whole = rest[3].content[0]
    cut = [
        Span(start=whole.start, end=whole.start + 6, text=TEXT[whole.start : whole.start + 6]),
        Span(start=whole.end - 5, end=whole.end, text="lives", match="elided"),
    ]
    rest[3] = rest[3].model_copy(
        update={
            "content": cut,
            "differences": [
                Difference(match="elided", returned=" ... ", stands="l not gamble with ", at=300)
            ],
            "split_group": "g1",
            "review": Review(status="wrong", by="ann", at="2025-01-02T03:04:05Z", note="cut"),
        }
    )
    link = (
        rest[2]
        .attribution.chain[0]
        .model_copy(
            update={"role": "relay", "implicit": True, "mention": span("the Tarnholm Courier")}
        )
    )
    rest[2] = rest[2].model_copy(
        update={
            "attribution": rest[2].attribution.model_copy(
                update={"chain": [link, *rest[2].attribution.chain[1:]]}
            )
        }
    )
    document = record.document.model_copy(update={"origin": PAGE})
    claims = [first.model_copy(update={"duplicate_of": "c02"}), *rest]
    return record.model_copy(update={"document": document, "claims": claims})


# ---- Web Annotation ---------------------------------------------------------------------------


def span_back(node: dict[str, Any]) -> Span:
    """Return the span that a selector stands for."""
    return Span(start=node["start"], end=node["end"], text=node["exact"], match=node["match"])


def claim_back(body: dict[str, Any]) -> Claim:
    """Return the claim that a body holds."""
    chain = [
        Link(
            entity=link["entity"]["id"].rpartition("entity-")[2],
            role=link["role"],
            implicit=link["implicit"],
            mention=span_back(link["mention"]) if "mention" in link else None,
            cue=span_back(link["cue"]) if "cue" in link else None,
        )
        for link in body["chain"]
    ]
    fields = "zone act polarity confidence sourcing split_group score review differences".split()
    return Claim(
        id=body["claim_id"],
        text=body["value"],
        content=[span_back(node) for node in body["content"]],
        sentence=span_back(body["sentence"]),
        attribution=Attribution(kind=body["kind"], chain=chain),
        confidence_cues=[span_back(node) for node in body["confidence_cues"]],
        topic=span_back(body["topic"]) if "topic" in body else None,
        duplicate_of=body["duplicate_of"].rpartition("#")[2] if "duplicate_of" in body else None,
        **{name: body[name] for name in fields if name in body},
    )


@pytest.mark.parametrize("record", [sample(), rich()], ids=["sample", "rich"])
def test_annotations_survive_json_ld(record: Extraction) -> None:
    """Expanded and compacted by a JSON-LD library they're the same: no term is unknown."""
    written = json.loads(as_text(web_annotations(record)))
    expanded = jsonld.expand(written, OPTIONS)
    assert written == jsonld.compact(expanded, ANNOTATION_CONTEXT, OPTIONS)


@pytest.mark.parametrize("record", [sample(), rich()], ids=["sample", "rich"])
def test_annotations_give_the_claims_back(record: Extraction) -> None:
    """Every field of every claim comes back, offsets and the order of chains included."""
    expanded = jsonld.expand(json.loads(as_text(web_annotations(record))), OPTIONS)
    items = jsonld.compact(expanded, ANNOTATION_CONTEXT, OPTIONS)["first"]["items"]
    bodies = [item["body"] for item in items if isinstance(item["body"], dict)]
    assert record.claims == [claim_back(body) for body in bodies]
    names = {
        link["entity"]["id"].rpartition("entity-")[2]: (
            link["entity"]["name"],
            link["entity"]["entity_type"],
        )
        for body in bodies
        for link in body["chain"]
    }
    used = {link.entity for claim in record.claims for link in claim.attribution.chain}
    assert {e.id: (e.name, e.type) for e in record.entities if e.id in used} == names


def test_annotations_use_the_standard_terms() -> None:
    """An annotation has what the standard asks for, under the standard's own addresses."""
    expanded = jsonld.expand(json.loads(as_text(web_annotations(rich()))), OPTIONS)
    ours = {key for key in re.findall(r"'(\S+?)': ", str(expanded)) if key.startswith(NAMESPACE)}
    assert "urn:x-sayso:1:confidence" in ours
    page = expanded[0]["http://www.w3.org/ns/activitystreams#first"][0]
    first = page["http://www.w3.org/ns/activitystreams#items"][0]["@list"][0]
    assert [f"{OA}Annotation"] == first["@type"]
    assert [{"@id": f"{OA}describing"}] == first[f"{OA}motivatedBy"]
    selectors = [s for t in first[f"{OA}hasTarget"] for s in t[f"{OA}hasSelector"]]
    assert [
        [f"{OA}TextQuoteSelector"],
        [f"{OA}TextPositionSelector"],
        [f"{OA}TextQuoteSelector"],
    ] == [selector["@type"] for selector in selectors]


def test_annotation_stands_for_one_span() -> None:
    """Each span of a claim has an annotation of its own, and both have the same body."""
    items = web_annotations(rich())["first"]["items"]
    of_c05 = [item for item in items if "#c05." in item["id"]]
    assert ["We wil", "lives"] == [i["target"][0]["selector"][0]["exact"] for i in of_c05]
    assert of_c05[0]["body"]["id"] == of_c05[1]["body"]
    assert len(items) == len({item["id"] for item in items}) == web_annotations(rich())["total"]


def test_annotation_quotes_what_stands_at_its_place() -> None:
    """Prefix, quotation and suffix are the text around the offsets, 32 characters each side."""
    for item in web_annotations(sample())["first"]["items"]:
        quoted, place = item["target"]["selector"]
        start, end = place["start"], place["end"]
        assert TEXT[start:end] == quoted["exact"]
        assert TEXT[max(0, start - 32) : start] == quoted["prefix"]
        assert TEXT[end : end + 32] == quoted["suffix"]


def test_annotation_of_a_web_page_has_offsets_in_the_text_only() -> None:
    """Offsets into the text that was read don't hold in the page, which has more than the text."""
    of_text, of_page = web_annotations(rich())["first"]["items"][0]["target"]
    assert text_name(rich()) == of_text["source"]
    assert (PAGE, "TextQuoteSelector") == (of_page["source"], of_page["selector"]["type"])


def test_annotations_without_the_text_have_no_context() -> None:
    """`--no-text`: the quotation stays, the words around it go."""
    written = json.loads(render(sample(), "annotation", with_text=False))
    quoted = written["first"]["items"][0]["target"]["selector"][0]
    assert {"type", "exact"} == quoted.keys()


def test_readings_of_one_text_have_names_of_their_own() -> None:
    """Two readings of one article name their claims differently, and the text alike."""
    again = sample().model_copy(update={"flags": []})
    assert web_annotations(sample())["id"] != web_annotations(again)["id"]
    assert text_name(sample()) == text_name(again)


# ---- schema.org -------------------------------------------------------------------------------


@pytest.mark.parametrize("record", [sample(), rich()], ids=["sample", "rich"])
def test_schema_claims_survive_json_ld(record: Extraction) -> None:
    """Expanded and compacted by a JSON-LD library they're the same: no term is unknown."""
    written = json.loads(as_text(schema_claims(record)))
    back = jsonld.compact(jsonld.expand(written, OPTIONS), written["@context"], OPTIONS)
    assert written == back


def chain_back(claim: dict[str, Any]) -> list[str]:
    """Return the names in a claim's chain, outermost first."""
    names, work = [], claim["appearance"].get("isBasedOn")
    while work:
        names.append(work.get("name") or work["author"]["name"])
        work = work.get("isBasedOn")
    return names + ([claim["author"]["name"]] if "author" in claim else [])


def with_document_source() -> Extraction:
    """Return the sample, one claim of which rests on a document that a newspaper has."""
    record = sample()
    memo = Entity(id="engineers", name="a memo", type="document")
    return record.model_copy(update={"entities": [*record.entities[:2], memo, record.entities[3]]})


@pytest.mark.parametrize("record", [sample(), rich(), with_document_source()])
def test_schema_claims_give_words_and_chain_back(record: Extraction) -> None:
    """Text, sentence, topic and the chain's names in order come back; labels don't."""
    _, *found = schema_claims(record)["@graph"]
    names = {entity.id: entity.name for entity in record.entities}
    assert [
        (
            claim.id,
            claim.text,
            claim.sentence.text,
            claim.topic.text if claim.topic else None,
            [names[link.entity] for link in claim.attribution.chain],
        )
        for claim in record.claims
    ] == [
        (
            each["identifier"],
            each["text"],
            each["appearance"]["text"],
            each.get("about", {}).get("name"),
            chain_back(each),
        )
        for each in found
    ]


def test_schema_claims_hold_no_rating() -> None:
    """No rating, review or score is in it, whatever the record holds."""
    text = render(rich(), "claim", with_text=True).lower()
    assert [] == [word for word in ("rating", "review", "score", "0.61") if word in text]


def test_schema_claims_say_who_is_not_named() -> None:
    """A source without a name is told apart from one with a name."""
    _, *found = schema_claims(sample())["@graph"]
    notes = {each["author"]["name"]: each["author"].get("disambiguatingDescription")
             for each in found if "author" in each}  # fmt: skip
    assert "not named in the article" == notes["city engineers"]
    assert notes["Asta Lind"] is None


# ---- links into the text ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expected", "text", "words"),
    [
        ("text=the%20cost", "It is the cost of it.", "the cost"),
        ("text=a%2Db%2C%20c%26d", "So a-b, c&d it is.", "a-b, c&d"),
        ("text=%E2%80%9CNo%E2%80%9D%20%F0%9F%98%80", "“No” \U0001f600", "“No” \U0001f600"),
        ("text=50%25%20%23tag%20%2B%20a%3Db%3F", "50% #tag + a=b?", "50% #tag + a=b?"),
        ("text=two%20words", "two \t words", "two \t words"),
        ("text=wording", "his wording", "word"),
    ],
)
def test_text_link_encodes(expected: str, text: str, words: str) -> None:
    """Marks of the syntax and all but plain letters are percent-encoded; words are whole."""
    start = text.index(words)
    place = Span(start=start, end=start + len(words), text=words)
    assert f"{PAGE}#:~:{expected}" == text_link(PAGE, text, [place])


def test_text_link_tells_repeated_words_apart() -> None:
    """Words that stand there twice get the words before and after them."""
    text = "The ferry is late.\nAnn said the ferry is full today and wet."
    start = text.index("the ferry is full") + 4
    place = Span(start=start, end=start + 5, text="ferry")
    assert f"{PAGE}#:~:text=Ann%20said%20the-,ferry,-is%20full%20today%20and" == text_link(
        PAGE, text, [place]
    )


def test_text_link_names_the_ends_of_a_long_passage() -> None:
    """A passage of several lines, or a long one, is named by first and last words."""
    lines = Span(start=0, end=13, text="One two.\nThree")
    assert f"{PAGE}#:~:text=One%20two.,Three" == text_link(PAGE, "One two.\nThree", [lines])
    text = " ".join(f"w{n}" for n in range(LONGEST))
    link = text_link(PAGE, text, [Span(start=0, end=len(text), text=text)]) or ""
    assert ("w0 w1 w2 w3 w4 w5", "w294 w295 w296 w297 w298 w299") == tuple(
        map(unquote, link.partition("text=")[2].split(","))
    )


def test_text_link_has_each_span_and_keeps_the_fragment() -> None:
    """Two spans are two directives; a fragment that was there stays, an old directive goes."""
    spans = [Span(start=0, end=1, text="a"), Span(start=4, end=5, text="c")]
    assert f"{PAGE}#x:~:text=a&text=c" == text_link(f"{PAGE}#x:~:text=old", "a b c", spans)


@pytest.mark.parametrize(
    "origin",
    [None, "", "news/tunnel.txt", "javascript:alert(1)", "data:text/html,x", "file:///etc/passwd",
     "https://", "https://[bad", "https://example.org/\nx", 'https://example.org/"><script>'],
)  # fmt: skip
def test_web_address_is_a_page_on_the_web(origin: str | None) -> None:
    """Anything but a clean http or https address is no link."""
    assert web_address(origin) is None
    assert text_link(origin, "a", [Span(start=0, end=1, text="a")]) is None


# ---- any record -------------------------------------------------------------------------------


def hostile() -> Extraction:
    """Return a record whose names are no parts of an address, and whose text isn't Unicode."""
    words = "a \ud800 b"
    place = Span(start=0, end=len(words), text=words)
    return Extraction(
        document=DocumentRecord(id="</x>#?%", sha256="not a hash", text=words, origin=PAGE),
        entities=[Entity(id="e #\ud800", name="\u202e", type="other")],
        claims=[
            Claim(
                id="#1 \ud800%",
                text=words,
                content=[place],
                sentence=place,
                attribution=Attribution(kind="direct", chain=[Link(entity="e #\ud800")]),
                sourcing="anonymous",
            )
        ],
        provenance=Provenance(engine="e", model="m", reading="passage"),
    )


@pytest.mark.parametrize("form", ["annotation", "claim"])
def test_exports_of_a_hostile_record_are_clean(form: Any) -> None:
    """Whatever a record holds, the export is JSON in ASCII, and its names are addresses."""
    written = json.loads(render(hostile(), form, with_text=True).encode("ascii"))
    expanded = jsonld.expand(written, OPTIONS)
    names = re.findall(r"'@id': '([^']*)'", str(expanded))
    assert len(names) > 3
    assert [] == [name for name in names if not re.fullmatch(r"[a-z]+:[!-~]+", name)]
    assert [] == [name for name in names if re.search(r'[<>"\\^`{|} ]', name)]


@pytest.mark.parametrize(
    ("expected", "name"),
    [
        ("html", "a.html"),
        ("html", "a.HTM"),
        ("annotation", "a.jsonld"),
        ("json", "a.json"),
        ("table", "a.txt"),
        ("table", "a"),
    ],
)
def test_form_is_told_by_the_name(expected: str, name: str) -> None:
    """The end of a file's name says which form is meant."""
    assert expected == form_of(Path(name))


def test_name_of_no_form_is_refused() -> None:
    """A PDF that holds a table of text would be none; the message says what can be had."""
    with pytest.raises(ConfigError, match=r"a\.pdf: there's no form \.pdf; end the name in \.txt"):
        form_of(Path("a.pdf"))
