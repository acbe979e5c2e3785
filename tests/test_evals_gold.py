"""Tests of reading gold: good files load, bad ones are refused with file, claim and field."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import pytest

from agent.errors import InputError
from agent.schema import Act
from evals.gold import find_layers, load_case, load_cases
from gold_samples import TEXT, raw_gold

GOLD = Path(__file__).parents[1] / "evals" / "gold"


def write(folder: Path, raw: dict[str, Any], name: str = "bridge.json", text: str = TEXT) -> Path:
    """Return the path of a gold file with its text beside it."""
    (folder / "bridge.txt").write_text(text, encoding="utf-8", newline="")
    path = folder / name
    path.write_text(json.dumps(raw), encoding="utf-8")
    return path


def test_load_case_reads_a_gold_file_with_its_text(tmp_path: Path) -> None:
    """A good gold file comes back with its text, its claims and its own hash."""
    case = load_case(write(tmp_path, raw_gold()))
    assert (case.id, case.text, len(case.gold.claims), len(case.sha256)) == ("bridge", TEXT, 5, 64)


def test_load_case_finds_the_text_in_a_given_folder(tmp_path: Path) -> None:
    """A text that isn't beside its gold is found by its bare name in the text folder."""
    texts = tmp_path / "texts"
    texts.mkdir()
    path = write(tmp_path, raw_gold())
    (tmp_path / "bridge.txt").rename(texts / "bridge.txt")
    assert load_case(path, texts).text == TEXT


def test_load_case_keeps_optional_layers_absent(tmp_path: Path) -> None:
    """A gold without zones says so, so that what needs them is n/a and not zero."""
    raw = raw_gold()
    del raw["zones"]
    assert load_case(write(tmp_path, raw)).gold.zones is None


Change = Callable[[dict[str, Any]], None]


def set_in(*steps: Any) -> Change:
    """Return a change that sets the value at a path, the value being the last step."""

    def change(raw: dict[str, Any]) -> None:
        here: Any = raw
        for step in steps[:-2]:
            here = here[step]
        here[steps[-2]] = steps[-1]

    return change


@pytest.mark.parametrize(
    ("expected", "change"),
    [
        ("c1 / act: Input should be", set_in("claims", 1, "act", "shout")),
        ("c2 / confidence: Input should be", set_in("claims", 2, "confidence", "sure")),
        ("c3 / sorce: Extra inputs", set_in("claims", 3, "sorce", "x")),
        ("claim c1: this id is used more than once", set_in("claims", 2, "id", "c1")),
        ("entity ruiz: this id is used more", set_in("entities", 1, "id", "ruiz")),
        (
            "claim c1: chain names 'nobody'",
            set_in("claims", 1, "attribution", "chain", 0, "entity", "nobody"),
        ),
        ("claim c2: chain names 'who'", set_in("claims", 2, "accept", "chain", [["who"]])),
        ("claim c0: duplicate_of 'c9'", set_in("claims", 0, "duplicate_of", "c9")),
        ("claim c0: duplicate_of 'c0'", set_in("claims", 0, "duplicate_of", "c0")),
        ("claim c1 / content: the text at", set_in("claims", 1, "content", 0, "text", "a bridge")),
        ("claim c1 / content: offsets", set_in("claims", 1, "content", 0, "end", 9999)),
        ("claim c3 / sentence: the text at", set_in("claims", 3, "sentence", "start", 0)),
        ("claim c3: kind 'none' goes with", set_in("claims", 3, "attribution", "kind", "direct")),
        ("critical: 'c9' isn't a claim", set_in("critical", [{"claim": "c9"}])),
        ("is another text", set_in("document", "sha256", "0" * 64)),
        ("no text at", set_in("document", "file", "elsewhere.txt")),
        ("format", set_in("format", "other/1")),
    ],
)
def test_load_case_refuses_bad_gold(tmp_path: Path, expected: str, change: Change) -> None:
    """Whatever is wrong in a gold file is named with the file and the claim."""
    raw = raw_gold()
    change(raw)
    with pytest.raises(InputError) as caught:
        load_case(write(tmp_path, raw))
    assert expected in str(caught.value)
    assert "bridge.json" in str(caught.value)


def test_load_case_refuses_content_outside_its_sentence(tmp_path: Path) -> None:
    """Content that leaves its sentence is refused, as the located tier rests on sentences."""
    raw = raw_gold()
    raw["claims"][3]["content"] = raw["claims"][1]["content"]
    with pytest.raises(InputError, match=r"claim c3: content \d+\.\.\d+ is outside its sentence"):
        load_case(write(tmp_path, raw))


def test_load_case_refuses_content_out_of_order(tmp_path: Path) -> None:
    """Parts of a content stand in text order and don't overlap."""
    raw = raw_gold()
    raw["claims"][1]["content"] *= 2
    with pytest.raises(InputError, match="claim c1: content spans overlap"):
        load_case(write(tmp_path, raw))


def test_load_case_says_all_problems_at_once(tmp_path: Path) -> None:
    """Several problems are listed together, one a line."""
    raw = raw_gold()
    raw["claims"][0]["duplicate_of"] = "c9"
    raw["claims"][1]["content"][0]["text"] = "a bridge"
    with pytest.raises(InputError) as caught:
        load_case(write(tmp_path, raw))
    assert len(str(caught.value).splitlines()) == 2


@pytest.mark.parametrize("content", [b"{", b"\xff\xfe", b"[]"])
def test_load_case_refuses_what_is_not_a_json_object(tmp_path: Path, content: bytes) -> None:
    """Half a JSON, binary bytes and a list are refused with the file's name."""
    path = tmp_path / "bad.json"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"bad\.json"):
        load_case(path)


def test_load_cases_refuses_one_id_in_two_files(tmp_path: Path) -> None:
    """Two gold files of one document are an error, as one prediction can't answer for both."""
    write(tmp_path, raw_gold(), "a.json")
    write(tmp_path, raw_gold(), "b.json")
    with pytest.raises(InputError, match=r"b\.json: document id 'bridge' is also in .*a\.json"):
        load_cases([tmp_path])


def test_load_cases_refuses_an_empty_folder(tmp_path: Path) -> None:
    """A folder without gold is an error, not a perfect score over nothing."""
    with pytest.raises(InputError, match="no gold file"):
        load_cases([tmp_path])


# ---- our own gold -----------------------------------------------------------------------------


def test_gold_holds_enough_of_each_label() -> None:
    """Ten of each act but congratulate, 25 of each rare level and of negatives, ten long chains."""
    claims = [c for case in load_cases([GOLD]) for c in case.gold.claims if c.status == "core"]
    acts = Counter(claim.act for claim in claims)
    assert [] == [a for a in get_args(Act) if acts[a] < 10 and a != "congratulate"]
    levels = Counter(claim.confidence for claim in claims)
    assert 25 <= min(levels["probable"], levels["possible"])
    assert 25 <= sum(claim.polarity == "negative" for claim in claims)
    assert 10 <= sum(len(claim.attribution.chain) >= 3 for claim in claims)
    assert f"{len(claims)} core claims" in (GOLD / "README.md").read_text("utf-8")


def test_gold_has_both_layers_of_each_article() -> None:
    """Each article lies there as each of the two annotators saw it, about the same text."""
    gold, one, two = (
        {case.id: case.gold.document.sha256 for case in load_cases([folder])}
        for folder in (GOLD, *find_layers(GOLD))
    )
    assert gold == one == two
