"""Runs: generated, interrupted and resumed, replayed, scored again, emptied of words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agent.errors import ConfigError, GoldError, ReplayMiss
from agent.extract import Resources
from agent.settings import Settings
from eval_samples import (
    GOOD,
    INVENTED,
    answer,
    make_plan,
    make_run,
    read_denied,
    read_right,
    write_gold,
)
from evals.form import RunFile
from evals.gold import load_cases
from evals.manifest import METRICS, ROOT, name_prices
from evals.run import run
from evals.run_file import blank_run, load_run, save_run, score_run
from gold_samples import ENTITIES, SENTENCES, make_case
from lying_server import LyingServer, api_error


def quiet(_: str) -> None:
    """Hear progress and say nothing."""


def f1(file: RunFile, name: str = "claim") -> float | None:
    """Return a pooled F1 of a run."""
    assert file.figures
    return file.figures.strict.counts[name].f1.value


def test_run_scores_what_it_read(tmp_path: Path, resources: Resources) -> None:
    """Good answers score 1; figures, per-document figures and manifest are in the file."""
    gold = write_gold(tmp_path / "gold", "a", "b")
    with LyingServer(answer(GOOD)) as server:
        made = run(make_plan(gold, resources, server, output=tmp_path / "r.json"), quiet)
    assert load_run(tmp_path / "r.json") == made
    assert [1.0] * 3 == [f1(made, name) for name in ("claim", "attributed", "relation")]
    assert made.documents[0].figures
    assert (4, 0, 0) == made.documents[0].figures.counts["claim"]
    manifest = made.manifest
    assert ["served-model"] == manifest.models
    assert ("openai", "document", False) == (
        manifest.engine.kind,
        manifest.reading,
        manifest.replayed,
    )
    assert (2, 22, 6) == (
        manifest.spent.calls,
        manifest.spent.input_tokens,
        manifest.spent.output_tokens,
    )
    assert 64 == len(manifest.hashes.gold) == len(manifest.hashes.reader)


def test_run_keeps_an_error_as_data(tmp_path: Path, resources: Resources) -> None:
    """A document whose reading fails is in the file with its error, and counts as empty."""
    gold = write_gold(tmp_path / "gold", "a", "b")
    with LyingServer(api_error(401), answer(GOOD)) as server:
        made = run(make_plan(gold, resources, server), quiet)
    assert made.documents[0].readings[0].error.startswith("Refused: ")
    assert made.documents[0].readings[0].calls[0].outcomes[0].startswith("Refused: ")
    assert made.documents[1].readings[0].error == ""
    assert 2 / 3 == pytest.approx(f1(made) or 0)


def test_run_averages_epochs(tmp_path: Path, resources: Resources) -> None:
    """Every epoch is asked anew; counts are averaged, and the F1 of each is kept."""
    gold = write_gold(tmp_path / "gold", "a")
    with LyingServer(answer(GOOD), answer(INVENTED)) as server:
        made = run(make_plan(gold, resources, server, epochs=2), quiet)
    assert made.figures
    claim = made.figures.strict.counts["claim"]
    assert ([1.0, pytest.approx(2 / 3)], 4, 2) == (claim.epochs, claim.tp, claim.fp)


def test_epochs_have_their_own_checks() -> None:
    """A claim's fate is a share of the epochs; hard assertions are judged in each."""
    case = make_case()
    made = make_run([[read_right(case), read_denied(case)]], [case])
    assert made.figures
    assert made.documents[0].figures
    assert [1.0, 1.0, 1.0, 0.5] == [claim.full for claim in made.documents[0].figures.claims]
    assert {0: True, 1: False} == {
        c.epoch: c.passed for c in made.figures.checks if c.name == "non_answer_not_denied"
    }


# ---- resume -----------------------------------------------------------------------------------


class Interrupted(Exception):
    """Somebody pulled the plug."""


def pull_plug(said: str) -> None:
    """Interrupt after the first document."""
    if said.startswith("1/"):
        raise Interrupted


def test_interrupted_run_goes_on(tmp_path: Path, resources: Resources) -> None:
    """What was read before the interruption isn't asked again; nothing half done is left."""
    gold = write_gold(tmp_path / "gold", "a", "b")
    output, replies = tmp_path / "r.json", tmp_path / "replies.jsonl"
    with LyingServer(answer(GOOD)) as server:
        plan = make_plan(gold, resources, server, output=output, recording=replies)
        with pytest.raises(Interrupted):
            run(plan, pull_plug)
        assert (False, False, 1) == (output.exists(), replies.exists(), len(server.requests))
        made = run(plan, quiet)
        assert 2 == len(server.requests)
    assert ["a", "b"] == [document.id for document in made.documents]
    assert 1.0 == f1(made)
    kept = {path.name for path in tmp_path.iterdir()}
    assert {"gold", "r.json", "replies.jsonl"} == kept
    assert 2 == len(replies.read_text("utf-8").splitlines()) - 1


def test_interrupted_run_goes_on_without_a_recording(tmp_path: Path, resources: Resources) -> None:
    """The unfinished run file alone says what was read: only the rest is asked."""
    gold, output = write_gold(tmp_path / "gold", "a", "b"), tmp_path / "r.json"
    said: list[str] = []
    with LyingServer(answer(GOOD)) as server:
        plan = make_plan(gold, resources, server, output=output)
        with pytest.raises(Interrupted):
            run(plan, pull_plug)
        assert 1.0 == f1(run(plan, said.append))
        assert 2 == len(server.requests)
    assert f"going on with {output}.part: 1 of 2 documents are done" == said[0]
    assert {"gold", "r.json"} == {path.name for path in tmp_path.iterdir()}


def test_interrupted_run_asks_failed_documents_again(tmp_path: Path, resources: Resources) -> None:
    """A document that failed before the interruption is read again."""
    gold = write_gold(tmp_path / "gold", "a", "b")
    with LyingServer(api_error(401), answer(GOOD)) as server:
        plan = make_plan(gold, resources, server, output=tmp_path / "r.json")
        with pytest.raises(Interrupted):
            run(plan, pull_plug)
        assert 1.0 == f1(run(plan, quiet))


def test_part_of_another_run_is_not_used(tmp_path: Path, resources: Resources) -> None:
    """A part that another gold, reading or model made isn't mixed in."""
    gold, output = write_gold(tmp_path / "gold", "a", "b"), tmp_path / "r.json"
    said: list[str] = []
    with LyingServer(answer(GOOD)) as server:
        with pytest.raises(Interrupted):
            run(make_plan(gold, resources, server, output=output), pull_plug)
        run(make_plan(gold, resources, server, output=output, epochs=2), said.append)
        assert 5 == len(server.requests)
    assert f"{output}.part is of another run: starting anew" == said[0]


# ---- recordings -------------------------------------------------------------------------------


def test_recording_is_replayed_without_a_model(tmp_path: Path, resources: Resources) -> None:
    """A replay asks nobody and gives the same figures; what it would have cost is told apart."""
    gold, replies = write_gold(tmp_path / "gold", "a"), tmp_path / "replies.jsonl"
    with LyingServer(answer(GOOD)) as server:
        live = run(make_plan(gold, resources, server, recording=replies), quiet)
    again = run(make_plan(gold, resources, None, recording=replies, replay=True), quiet)
    assert live.figures == again.figures
    assert (0, 0.0) == (again.manifest.spent.calls, again.manifest.spent.cost_usd)
    assert (1, 11, None) == (
        again.manifest.recorded.cache_hits,
        again.manifest.recorded.input_tokens,
        again.manifest.recorded.cost_usd,
    )


def test_recording_saves_questions(tmp_path: Path, resources: Resources) -> None:
    """A live run takes what the recording holds; --anew asks all the same."""
    gold, replies = write_gold(tmp_path / "gold", "a"), tmp_path / "replies.jsonl"
    with LyingServer(answer(GOOD), answer(INVENTED)) as server:
        plans = [
            make_plan(gold, resources, server, recording=replies, anew=anew)
            for anew in (False, False, True, False)
        ]
        assert pytest.approx([1.0, 1.0, 2 / 3, 2 / 3]) == [f1(run(plan, quiet)) for plan in plans]
        assert 2 == len(server.requests)


@pytest.mark.parametrize("epochs", [1, 2], ids=["no recording", "not in it"])
def test_replay_miss_leaves_nothing(tmp_path: Path, resources: Resources, epochs: int) -> None:
    """A reply that isn't on record ends the run, and no run file is left."""
    gold, replies = write_gold(tmp_path / "gold", "a"), tmp_path / "replies.jsonl"
    if epochs == 2:
        with LyingServer(answer(GOOD)) as server:
            run(make_plan(gold, resources, server, recording=replies), quiet)
    output = tmp_path / "r.json"
    plan = make_plan(
        gold, resources, None, recording=replies, replay=True, epochs=epochs, output=output
    )
    with pytest.raises(ReplayMiss, match="recording"):
        run(plan, quiet)
    assert not output.exists()


# ---- figures only -----------------------------------------------------------------------------


def test_figures_only_keeps_no_words(tmp_path: Path, resources: Resources) -> None:
    """Neither spans nor claims nor names of the article are in the file; the figures are."""
    gold, output = write_gold(tmp_path / "gold", "a"), tmp_path / "r.json"
    strange = [{**GOOD[0], "sources": [("engineers", "said")]}, {**GOOD[1], "content": "not there"}]
    with LyingServer(answer([*GOOD[2:], *strange])) as server:
        made = run(make_plan(gold, resources, server, output=output, figures_only=True), quiet)
    written = output.read_text("utf-8").casefold()
    words = {*SENTENCES, *ENTITIES, *ENTITIES.values(), "mayor", "repair", "euros", "not there"}
    assert [] == sorted(word for word in words if word.casefold() in written)
    record = made.documents[0].readings[0].record
    assert record
    assert record.claims
    assert {"e1", "e2", "e3"} >= {entity.id for entity in record.entities}
    with pytest.raises(ConfigError, match="figures only"):
        score_run(made, load_cases([gold]))


# ---- scored again -----------------------------------------------------------------------------


def test_score_run_follows_the_gold(tmp_path: Path) -> None:
    """After a change of gold the same records get other figures, and another gold hash."""
    gold = write_gold(tmp_path / "gold", "a")
    cases = load_cases([gold])
    made = score_run(make_run([read_right(cases[0])], cases), cases)
    raw = json.loads((gold / "a.json").read_text("utf-8"))
    raw["claims"][3]["confidence"] = "probable"
    (gold / "a.json").write_text(json.dumps(raw), encoding="utf-8")
    again = score_run(made, load_cases([gold]))
    assert (1.0, 0.75) == (f1(made, "tuple"), f1(again, "tuple"))
    assert made.manifest.hashes.gold != again.manifest.hashes.gold
    assert made.documents[0].gold_sha256 != again.documents[0].gold_sha256


@pytest.mark.parametrize(
    ("ids", "message"), [(("a",), "'b' that isn't in the gold"), (("a", "b", "c"), "document 'c'")]
)
def test_score_run_refuses_other_articles(
    tmp_path: Path, resources: Resources, ids: tuple[str, ...], message: str
) -> None:
    """A reading of an article without gold, and gold without a reading, are refused by name."""
    with LyingServer(answer(GOOD)) as server:
        gold = write_gold(tmp_path / "gold", "a", "b")
        made = run(make_plan(gold, resources, server), quiet)
    with pytest.raises(GoldError, match=message):
        score_run(made, load_cases([write_gold(tmp_path / "other", *ids)]))


def test_run_file_goes_round(tmp_path: Path, resources: Resources) -> None:
    """A run file that is written and read is the same run; blanking it twice changes nothing."""
    with LyingServer(answer(INVENTED)) as server:
        gold = write_gold(tmp_path / "gold", "a")
        made = run(make_plan(gold, resources, server), quiet)
    for file in (made, blank_run(made)):
        save_run(file, tmp_path / "r.json")
        assert file == load_run(tmp_path / "r.json")
    assert blank_run(made) == blank_run(blank_run(made))


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"format": "sayso-run/9"}'])
def test_load_run_refuses_what_is_no_run(tmp_path: Path, content: str) -> None:
    """Whatever isn't a run file is refused by name."""
    (tmp_path / "r.json").write_text(content, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"r\.json is no run file"):
        load_run(tmp_path / "r.json")


@pytest.mark.parametrize(
    ("expected", "model", "base_url"),
    [
        ("the embedded engine is free", "qwen2.5-coder-1.5b", ""),
        ("genai-prices ", "gpt-4o-mini", "https://api.openai.com/v1"),
        ("", "gpt-4o-mini", "http://127.0.0.1:1/v1"),
    ],
)
def test_manifest_names_the_prices(expected: str, model: str, base_url: str) -> None:
    """A cost is told with whose prices and of which day; where there's no price, with nothing."""
    found = name_prices(Settings(model, base_url))
    assert expected == found[: len(expected) or None]


def test_metrics_hash_covers_the_scoring_code() -> None:
    """The list of scoring modules holds all that summary.py needs, and nothing else."""
    needed, waiting = set(), ["summary"]
    while waiting:
        name = waiting.pop()
        needed.add(name)
        text = (ROOT / "evals" / f"{name}.py").read_text("utf-8")
        found = {line.split()[1] for line in text.splitlines() if line.startswith("from evals.")}
        waiting += [part for full in found if (part := full.split(".")[1]) not in needed]
    assert sorted(needed - {"form", "gold", "gold_check"}) == METRICS
