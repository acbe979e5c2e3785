"""The commands of `sayso eval`: what they print, and which code they end with."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from agent.schema import Extraction
from command_runs import Sayso
from eval_samples import (
    GOOD,
    INVENTED,
    answer,
    read_denied,
    read_partly,
    read_right,
    read_with,
    write_gold,
    write_run,
)
from evals.gold import Case
from evals.run_file import load_run
from lying_server import LyingServer, api_error, completion

ROOT = Path(__file__).parents[1]
GOLD = ROOT / "evals" / "gold"

# ---- run and replay ---------------------------------------------------------------------------


def test_run_reports_and_replays(sayso_eval: Sayso) -> None:
    """A run prints its report; its recording, beside the gold, gives the same figures again."""
    ran = read_with(sayso_eval, GOOD, "-o", "r.json", "--recording", "gold/recording.jsonl")
    assert (0, "sending the text to") == (ran.code, ran.err[:19])
    for expected in ("claim                     1.000", "oracle", "3 calls, 33 tokens in"):
        assert expected in ran.out
    again = sayso_eval("run", "gold", "--replay", "--expect", "r.json")
    assert 0 == again.code
    assert "replaying gold/recording.jsonl; no model is asked" in again.err
    assert "recorded 3 replies, 33 tokens in" in again.out


def test_run_keeps_raw_replies(sayso_eval: Sayso) -> None:
    """Replies are kept beside the run file, and asked for anew unless a recording is named."""
    with LyingServer(answer(GOOD)) as server:
        options = ("run", "gold", "-m", "served", "--base-url", server.base_url, "-o", "r.json")
        assert [0, 0] == [sayso_eval(*options).code for _ in range(2)]
        assert 6 == len(server.requests)
    again = ("--replay", "--recording", "r.replies.jsonl", "--expect", "r.json")
    assert 0 == sayso_eval("run", "gold", *again).code


def test_figures_only_keeps_no_raw_replies(sayso_eval: Sayso) -> None:
    """Replies repeat an article's words: where those mustn't be kept, nor are they."""
    read_with(sayso_eval, GOOD, "-o", "r.json", "--figures-only")
    assert ["gold", "r.json"] == sorted(path.name for path in Path().iterdir())


def test_report_counts_what_came_of_each_try(sayso_eval: Sayso) -> None:
    """A refusal and an answer that was asked for again are told, though the run goes on."""
    with LyingServer(api_error(401), completion("{"), answer(GOOD)) as server:
        options = ("-m", "m", "--base-url", server.base_url, "--max-errors", "0.5")
        ran = sayso_eval("run", "gold", *options)
    assert 3 == ran.code
    assert "3 requests in 4 tries: BadReply 1, Refused 1, ok 2" in ran.out


def test_replay_tells_other_figures(sayso_eval: Sayso) -> None:
    """Figures that aren't those of the run that is expected end with 1, and are listed."""
    read_with(sayso_eval, GOOD, "-o", "good.json")
    ran = read_with(sayso_eval, INVENTED, "--expect", "good.json")
    assert 1 == ran.code
    assert "strict / counts / claim / fp: 0.0 / 12.0" in ran.err


def test_replay_miss_ends_with_5(sayso_eval: Sayso) -> None:
    """Without a reply on record a replay ends with 5."""
    read_with(sayso_eval, GOOD, "--recording", "gold/recording.jsonl")
    assert 5 == sayso_eval("run", "gold", "--replay", "--epochs", "2").code
    assert 5 == sayso_eval("run", "gold", "--replay", "--recording", "none.jsonl").code


@pytest.mark.parametrize(("limit", "code"), [("0.5", 3), ("0.1", 6)])
def test_run_errors_have_codes(sayso_eval: Sayso, limit: str, code: int) -> None:
    """Some failed documents end with 3, more than may fail with 6; the run is kept."""
    with LyingServer(api_error(401), answer(GOOD)) as server:
        options = ["-m", "m", "--base-url", server.base_url, "--max-errors", limit]
        ran = sayso_eval("run", "gold", *options, "-o", "r.json")
    assert code == ran.code
    assert "ERROR a: Refused: " in ran.out
    assert load_run(Path("r.json")).figures


# ---- gold -------------------------------------------------------------------------------------


def spoil(file: str = "gold/b.json", **changes: Any) -> None:
    """Change fields of a claim in one of the gold files."""
    path = Path(file)
    raw = json.loads(path.read_text("utf-8"))
    raw["claims"][3].update(changes)
    path.write_text(json.dumps(raw), encoding="utf-8")


@pytest.mark.parametrize("command", [["check"], ["run"]])
@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"act": "guess"}, "gold/b.json: claims / c3 / act"),
        ({"id": "c1"}, "gold/b.json: claim c1: this id is used more than once"),
        (
            {"content": [{"start": 1, "end": 5, "text": "wall"}]},
            "gold/b.json: claim c3 / content: ",
        ),
    ],
    ids=["value", "id", "offset"],
)
def test_bad_gold_ends_with_2(
    sayso_eval: Sayso, command: list[str], changes: dict[str, Any], message: str
) -> None:
    """A bad gold file ends with 2 before anything is read; file and claim are named."""
    spoil(**changes)
    ran = sayso_eval(*command, "gold", *(["-o", "r.json"] if command == ["run"] else []))
    assert (2, "") == (ran.code, ran.out)
    assert message in ran.err
    assert not Path("r.json").exists()


def test_gold_of_another_text_ends_with_2(sayso_eval: Sayso) -> None:
    """A text that was changed after it was annotated is refused."""
    Path("gold/a.txt").write_text("Other words.", encoding="utf-8")
    ran = sayso_eval("check", "gold")
    assert 2 == ran.code
    assert "gold/a.txt is another text" in ran.err


def test_check_says_what_is_sound(sayso_eval: Sayso) -> None:
    """Good gold ends with 0 and is counted."""
    assert (0, "3 gold articles with 18 claims are sound\n") == sayso_eval("check", "gold")[:2]


def test_committed_gold_is_sound(sayso_eval: Sayso) -> None:
    """The gold that we ship passes the check."""
    assert 0 == sayso_eval("check", str(GOLD)).code


# ---- score, report, compare, agree ------------------------------------------------------------


def test_score_needs_no_model(sayso_eval: Sayso) -> None:
    """Records are scored again by changed gold, and the run file is rewritten."""
    write_run("r.json", read_right)
    spoil(confidence="probable")
    assert 0 == sayso_eval("score", "r.json").code
    figures = load_run(Path("r.json")).figures
    assert figures
    assert 11 == figures.strict.counts["tuple"].tp


def test_score_again_gives_the_same_figures(sayso_eval: Sayso) -> None:
    """By the same gold a run's figures don't change, nor by its way through the file."""
    write_run("r.json", read_denied)
    before = load_run(Path("r.json")).figures
    assert 0 == sayso_eval("score", "r.json").code
    assert before == load_run(Path("r.json")).figures


def test_score_refuses_an_article_without_gold(sayso_eval: Sayso) -> None:
    """A reading of an article that isn't in the gold ends with 2 and leaves the run as it is."""
    write_run("r.json", read_right)
    Path("gold/b.json").unlink()
    before = Path("r.json").read_bytes()
    ran = sayso_eval("score", "r.json")
    assert (2, before) == (ran.code, Path("r.json").read_bytes())
    assert "'b' that isn't in the gold" in ran.err


EMPTY: dict[str, dict[str, Any]] = {
    "a run without documents": {"documents": []},
    "document 'a' has no reading": {"documents": [{"readings": []}]},
    "document 'a' is there more than once": {"documents": [{}, {}]},
}


@pytest.mark.parametrize("message", EMPTY)
@pytest.mark.parametrize(
    "command",
    [
        ["score", "empty.json"],
        ["report", "empty.json"],
        ["report", "empty.json", "--html", "page.html"],
        ["compare", "r.json", "empty.json"],
        ["gate", "empty.json", "--baseline", "r.json"],
        ["gate", "r.json", "--baseline", "empty.json", "--junit", "gate.xml"],
        ["history", "history.jsonl", "empty.json"],
    ],
    ids=" ".join,
)
def test_empty_run_ends_with_2(sayso_eval: Sayso, command: list[str], message: str) -> None:
    """A run in which nothing was read is a broken file for every command; nothing is written."""
    write_run("r.json", read_right)
    raw = json.loads(Path("r.json").read_text("utf-8"))
    raw["documents"] = [raw["documents"][0] | change for change in EMPTY[message]["documents"]]
    Path("empty.json").write_text(json.dumps(raw), encoding="utf-8")
    before = sorted(Path().iterdir()), Path("empty.json").read_bytes()
    ran = sayso_eval(*command)
    assert (2, "") == (ran.code, ran.out)
    assert f"sayso: empty.json: {message}" in ran.err
    assert before == (sorted(Path().iterdir()), Path("empty.json").read_bytes())


def test_report_lists_what_is_wrong(sayso_eval: Sayso) -> None:
    """With --errors a person reads what is missed, spurious and different."""

    def read(case: Case) -> Extraction:
        doubtful = {"confidence": "possible"}
        third, last = read_right(case).claims[3:5]
        wrong = [third.model_copy(update=doubtful), last, last.model_copy(update={"id": "c9"})]
        return read_partly(case).model_copy(update={"claims": wrong})

    write_run("r.json", read)
    printed = sayso_eval("report", "r.json", "--errors").out
    for expected in (
        "MISSED   c1 «the bridge will reopen on Monday»",
        "SPURIOUS c9 «who would pay for it»",
        "confidence: possible for certain",
    ):
        assert expected in printed


def test_report_sets_annotators_beside(sayso_eval: Sayso) -> None:
    """Where the gold has its two layers, page and terminal show how far they agree."""
    write_run("r.json", read_right)
    sayso_eval("report", "r.json", "--html", "alone.html")
    assert "annotators" not in Path("alone.html").read_text("utf-8")
    assert "two annotators" not in sayso_eval("score", "r.json").out
    for layer in ("one", "two"):
        Path("gold/layers").mkdir(exist_ok=True)
        write_gold(Path("gold/layers", layer), "a", "b", "c")
    spoil("gold/layers/two/b.json", polarity="negative")
    sayso_eval("report", "r.json", "--html", "page.html")
    page = Path("page.html").read_text("utf-8")
    assert (True, True) == ('<th scope="col">annotators</th>' in page, ">.917<" in page)
    printed = sayso_eval("score", "r.json").out
    assert re.search(r"^two annotators( +1\.000){3} +\.917 ", printed, re.MULTILINE)


def test_compare_shows_the_claims_that_flipped(sayso_eval: Sayso) -> None:
    """Two runs are paired by document; what people read are the flips."""
    write_run("good.json", read_right)
    write_run("denied.json", read_denied)
    ran = sayso_eval("compare", "good.json", "denied.json")
    assert 0 == ran.code
    assert "full            0 gained     3 lost" in ran.out
    assert "3 claims flipped" in ran.out
    assert "lost   b c4: full" in ran.out


def test_compare_refuses_runs_by_other_gold(sayso_eval: Sayso) -> None:
    """Figures by two versions of the gold aren't comparable: 2, and what to do."""
    write_run("old.json", read_right)
    sayso_eval("score", "old.json")
    spoil(confidence="probable")
    write_run("new.json", read_right)
    sayso_eval("score", "new.json")
    ran = sayso_eval("compare", "old.json", "new.json")
    assert 2 == ran.code
    assert "'b': the gold has changed between the runs: score both again" in ran.err
    sayso_eval("score", "old.json")
    assert 0 == sayso_eval("compare", "old.json", "new.json").code


def test_agree_measures_two_annotators(sayso_eval: Sayso, tmp_path: Path) -> None:
    """Annotators who differ in one label of twelve agree in the rest."""
    write_gold(tmp_path / "other", "a", "b", "c")
    spoil(polarity="negative")
    ran = sayso_eval("agree", "gold", "other")
    assert 0 == ran.code
    assert "claim F1                   1.000  n=12" in ran.out
    assert "tuple F1                    .917  n=12" in ran.out


# ---- help -------------------------------------------------------------------------------------


@pytest.mark.parametrize("arguments", [["--help"], ["run", "--help"], ["gate", "--help"]])
def test_eval_help_is_shown(sayso_eval: Sayso, arguments: list[str]) -> None:
    """Each command explains itself, under its full name."""
    ran = sayso_eval(*arguments)
    assert (0, True) == (ran.code, "Usage: sayso eval" in ran.out)


@pytest.mark.parametrize("arguments", [["nope"], ["run"], ["run", "gold", "--replay", "--anew"]])
def test_eval_wrong_use_ends_with_2(sayso_eval: Sayso, arguments: list[str]) -> None:
    """What makes no sense is a usage error."""
    assert 2 == sayso_eval(*arguments).code
