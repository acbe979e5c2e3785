"""The index of a batch, the audit behind it, and the command that writes pages."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from agent.audit import Answer, Place, Unanswered, audit, named_sources, unnamed_sources
from agent.cli import main
from agent.page import INDEX, pages
from agent.rows import json_text
from agent.schema import Act, Attribution, Claim, EntityType, Extraction, Link, Span
from page_samples import hostile, numbered, tangled
from sample_records import sample


def run(*arguments: str) -> int:
    """Return the exit code of the command."""
    with pytest.raises(SystemExit) as left:
        main(arguments)
    return int(str(left.value.code))


def said(sentence: str, act: Act = "assert", cue: str = "", topic: str = "") -> Extraction:
    """Return a record of one claim, by the mayor where there's a cue, else the article's own."""
    place = Span(start=0, end=len(sentence), text=sentence)
    chain = [Link(entity="lind", cue=Span(start=0, end=len(cue), text=cue))] if cue else []
    claim = Claim(
        id="c01",
        text=sentence,
        content=[place],
        sentence=place,
        attribution=Attribution(kind="indirect" if chain else "none", chain=chain),
        act=act,
        topic=Span(start=0, end=len(topic), text=topic) if topic else None,
        sourcing="named_on_record" if chain else "article_voice",
    )
    return sample().model_copy(update={"claims": [claim]})


# ---- the audit --------------------------------------------------------------------------------


def test_audit_counts_by_source_and_confidence() -> None:
    """Every claim is counted once, by what it rests on and by how sure it sounds."""
    found = audit(sample())
    assert (10, 7, 2) == (found.claims, found.attributed, found.unnamed)
    assert [6, 1, 2, 1] == [
        found.sure(sure) for sure in ("certain", "probable", "possible", "uncommitted")
    ]
    assert 1 == found.table["anonymous_via_outlet", "possible"]


def test_audit_tells_who_says_from_who_passes_on() -> None:
    """The innermost source says a claim, the others pass it on, once for each claim."""
    courier = audit(tangled()).sources["courier"]
    engineers = audit(tangled()).sources["engineers"]
    assert (0, 2) == (courier.confidence.total(), courier.relayed)
    assert ({"possible": 1, "certain": 1}, 0) == (dict(engineers.confidence), engineers.relayed)
    assert ["Tarnholm Courier", "Asta Lind"] == list(engineers.via)
    assert [Place(1, 4), Place(1, 11)] == engineers.places


@pytest.mark.parametrize(
    ("expected", "kind"),
    [
        ("named", "person"),
        ("named", "organization"),
        ("named", "document"),
        ("named", "place"),
        ("unnamed", "group"),
        ("unnamed", "anonymous"),
        ("unnamed", "other"),
    ],
)
def test_audit_tells_named_sources_by_kind(expected: str, kind: EntityType) -> None:
    """A source counts as named where it's a person, a body, a document or a place."""
    record = sample()
    changed = [entity.model_copy(update={"type": kind}) for entity in record.entities]
    audits = [audit(record.model_copy(update={"entities": changed}))]
    sides = {"named": named_sources(audits), "unnamed": list(unnamed_sources(audits))}
    assert len(changed) == len(sides[expected])
    assert 0 == sum(map(len, sides.values())) - len(changed)


def test_named_sources_of_a_batch_are_joined_by_name() -> None:
    """A name is one row for the whole batch; a common noun and the unnamed, one an article."""
    records = numbered(3)
    common = [
        entity.model_copy(update={"name": "company"}) if entity.id == "courier" else entity
        for entity in records[0].entities
    ]
    audits = [
        audit(record.model_copy(update={"entities": common}), n)
        for n, record in enumerate(records, 1)
    ]
    assert [("Asta Lind", 3, 15), ("company", 1, 1), ("company", 1, 1), ("company", 1, 1)] == [
        (source.name, source.documents, len(source.places)) for source in named_sources(audits)
    ]
    assert 6 == len(list(unnamed_sources(audits)))


@pytest.mark.parametrize(
    ("who", "answer", "topic", "record"),
    [
        ("Asta Lind", "declined", "the works", said("x", "decline", "declined to", "the works")),
        ("Asta Lind", "denied", "it leaked", said("it leaked", "deny", "denied")),
        ("Asta Lind", "doesn't know", "why", said("why", "disclaim", "said she didn’t know")),
        ("Asta Lind", "not reached", "the leak",
         said("questions about the leak", "decline", "did not reply to")),
        ("Asta Lind", "not reached", "", said("a request", "decline", "hasn’t yet responded to")),
        ("Bo Ek", "not reached", "", said("Bo Ek could not be reached for comment")),
        ("Bo Ek", "not reached", "the plan",
         said("Bo Ek can’t be reached for comment on the plan")),
        ("The firm", "not reached", "", said("The firm did not immediately return calls")),
        ("Bo Ek", "not reached", "", said("Bo Ek was unavailable for comment")),
        ("the owner", "not reached", "", said("Attempts to contact the owner were unsuccessful")),
        ("The firm", "not reached", "", said("The firm has been approached for comment")),
    ],
)  # fmt: skip
def test_audit_finds_who_gave_no_answer(
    who: str, answer: Answer, topic: str, record: Extraction
) -> None:
    """Who declined, denied, didn't know or couldn't be reached is found, with what it's about."""
    sentence = record.claims[0].sentence.text
    assert [Unanswered(who, answer, topic, sentence, Place(1, 1))] == audit(record).unanswered


@pytest.mark.parametrize(
    "record",
    [
        said("The brakes did not respond"),
        said("The village could not be reached by road"),
        said("She was not available"),
        said("The mayor commented on the plan"),
        said("it rained", "assert", "said"),
        said("calm", "request", "called for"),
    ],
)
def test_audit_takes_no_other_claim_for_silence(record: Extraction) -> None:
    """Words that are like those of silence, but where nobody is asked, aren't counted."""
    assert [] == audit(record).unanswered


# ---- the index --------------------------------------------------------------------------------


def cells(html: str, section: str) -> list[list[str]]:
    """Return the words in the cells of a section's table, row by row."""
    part = html[html.index(f'<section id="{section}">') :]
    body = part[part.index("<tbody>") : part.index("</tbody>")]
    rows = re.findall(r"<tr>(.*?)</tr>", body, re.DOTALL)
    return [
        [" ".join(re.sub("<[^>]+>", " ", cell).split())
         for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)]
        for row in rows
    ]  # fmt: skip


def make_index(*records: Extraction) -> str:
    """Return the index of a batch."""
    return dict(pages(records))[INDEX]


def test_index_counts_and_lists() -> None:
    """Counts, a row an article (of one title with its number), who isn't named, silent, named."""
    html = make_index(sample(), tangled())
    assert ["a named person", "9", "", "", "2", "11"] == cells(html, "counts")[0]
    title = "Harbour tunnel may close until May"
    assert [
        [f"{title} (1)", "2024-03-04", "10", "7", "6", "1", "2", "1", "2", "2", "2"],
        [f"{title} (2)", "2024-03-04", "13", "8", "7", "2", "2", "2", "2", "2", "2"],
    ] == cells(html, "articles")
    unnamed = ["city engineers", "not named", "Tarnholm Courier", "", "", "1", "", ""]
    assert [*unnamed, f"{title} (1)", "4"] == cells(html, "unnamed")[0]
    assert [
        ["Asta Lind", "denied", "the leak had been known for years"],
        ["Asta Lind", "declined", "the cost of the works"],
    ] == [row[:3] for row in cells(html, "unanswered")[:2]]
    assert ["Asta Lind", "person", "2", "8", "", "", "2", "1"] == cells(html, "sources")[0][:8]


def test_index_tells_how_much_rests_on_the_unnamed() -> None:
    """The share is of the attributed claims."""
    assert "10 claims, 7 of them attributed to somebody; 2 of those (29 %)" in make_index(sample())


def test_index_of_nothing_says_so() -> None:
    """Articles without claims make an index without sources, and no division by zero."""
    html = make_index(sample().model_copy(update={"claims": [], "entities": []}))
    assert 3 == html.count("There’s none.")


def test_index_escapes_hostile_words() -> None:
    """No element or address comes of what an article says."""
    html = make_index(hostile(), hostile())
    assert "<img" not in html
    assert 1 == html.count("<script>")
    assert [] == [
        href for href in re.findall(r'href="([^"]*)"', html)
        if not re.fullmatch(r"#\w+|000\d-[a-z0-9-]+\.html(#c\d+)?", href)
    ]  # fmt: skip


def test_index_of_a_large_batch_is_written() -> None:
    """Hundreds of articles are counted, and each has its row."""
    html = make_index(*numbered(300))
    assert 300 == len(cells(html, "articles"))
    assert "3,000 claims" in html


# ---- the command ------------------------------------------------------------------------------


def test_page_command_writes_pages_and_index(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Records of several files, lines and whole, become one batch in a folder that's made."""
    lines, whole, folder = tmp_path / "a.jsonl", tmp_path / "b.json", tmp_path / "new" / "out"
    one, two = numbered(2)
    lines.write_text(json_text(one, indent=None) + "\n" + json_text(two, indent=None))
    whole.write_text(json_text(tangled()))
    assert 0 == run("page", str(lines), str(whole), "-o", str(folder))
    names = ["0001-uber-1.html", "0002-uber-2.html", "0003-tunnel.html", INDEX]
    assert names == sorted(path.name for path in folder.iterdir())
    assert f"3 pages; open {folder / INDEX}\n" == capsys.readouterr().err
    assert dict(pages([one, two, tangled()])) == {
        path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()
    }


@pytest.mark.parametrize(
    ("expected", "name", "text"),
    [
        ("a.jsonl, line 2 is no record of form sayso/1", "a.jsonl", None),
        ("a.json is no record of form sayso/1", "a.json", "{}"),
        ("there's no record in", "a.jsonl", "\n\n"),
        ("isn't UTF-8 text", "a.jsonl", b"\xff\xfe"),
        ("can't read", "missing.jsonl", ""),
    ],
)
def test_page_command_says_what_is_no_record(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    expected: str,
    name: str,
    text: Any,
) -> None:
    """Bad input: the message names file, line and reason, and the exit code is 1."""
    text = json_text(sample(), indent=None) + '{"text": "a"}\n' if text is None else text
    if name != "missing.jsonl":
        (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    assert 1 == run("page", str(tmp_path / name), "-o", str(tmp_path / "out"))
    told = capsys.readouterr().err
    assert expected in told
    assert "Traceback" not in told


def test_page_command_needs_a_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where a file is in the way, the command says so and leaves it alone."""
    records, file = tmp_path / "a.json", tmp_path / "out"
    records.write_text(json_text(sample()))
    file.write_text("mine")
    assert 2 == run("page", str(records), "-o", str(file))
    assert "can't make the folder" in capsys.readouterr().err
    assert "mine" == file.read_text()


def test_claim_numbers_lead_to_claims() -> None:
    """A row of the index leads to the claim's place in its article's page."""
    made = dict(pages([sample(), tangled()]))
    for href in re.findall(r'href="(\S+?\.html)#(c\d+)"', made[INDEX]):
        assert f'id="{href[1]}"' in made[href[0]]
