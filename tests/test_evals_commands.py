"""The commands of `sayso eval`: what they print, and which code they end with."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from agent import cli
from eval_samples import DENIED, GOOD, UNSOURCED, answer, write_gold
from evals.form import RunFile
from evals.gold import load_cases
from evals.run_file import load_run, save_run, score_run
from lying_server import LyingServer, api_error

ROOT = Path(__file__).parents[1]
GOLD = ROOT / "evals" / "gold"
MAIN = ROOT / "evals" / "runs" / "main.json"
Claims = list[dict[str, Any]]


class Ran(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str


Sayso = Callable[..., Ran]


@pytest.fixture(autouse=True)
def _no_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, weights_cache: Path) -> None:
    """Run in a folder with gold, without settings but for the cache of weights."""
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "SAYSO_MODEL", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SAYSO_CACHE", str(weights_cache))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    write_gold(tmp_path / "gold", "a", "b", "c")


@pytest.fixture
def sayso(capfd: pytest.CaptureFixture[str]) -> Sayso:
    """Return a function that runs `sayso eval` in this process."""

    def run(*arguments: str) -> Ran:
        with pytest.raises(SystemExit) as ended:
            cli.main(["eval", *arguments])
        assert isinstance(ended.value.code, int)
        return Ran(ended.value.code, *capfd.readouterr())

    return run


def read_with(sayso: Sayso, claims: Claims, *more: str) -> Ran:
    """Run `sayso eval run` over the gold with a server that gives these claims."""
    with LyingServer(answer(claims)) as server:
        return sayso("run", "gold", "-m", "served", "--base-url", server.base_url, *more)


# ---- run and replay ---------------------------------------------------------------------------


def test_run_reports_and_replays(sayso: Sayso) -> None:
    """A run prints its report; its recording, beside the gold, gives the same figures again."""
    ran = read_with(sayso, GOOD, "-o", "r.json", "--recording", "gold/recording.jsonl")
    assert (0, "sending the text to") == (ran.code, ran.err[:19])
    for expected in ("claim                     1.000", "oracle", "3 calls, 33 tokens in"):
        assert expected in ran.out
    again = sayso("run", "gold", "--replay", "--expect", "r.json")
    assert 0 == again.code
    assert "replaying gold/recording.jsonl; no model is asked" in again.err
    assert "recorded 3 replies, 33 tokens in" in again.out


def test_replay_tells_other_figures(sayso: Sayso) -> None:
    """Figures that aren't those of the run that is expected end with 1, and are listed."""
    read_with(sayso, GOOD, "-o", "good.json")
    ran = read_with(sayso, DENIED, "--expect", "good.json")
    assert 1 == ran.code
    assert "strict / counts / tuple / tp: 12.0 / 9.0" in ran.err


def test_replay_miss_ends_with_5(sayso: Sayso) -> None:
    """Without a reply on record a replay ends with 5."""
    read_with(sayso, GOOD, "--recording", "gold/recording.jsonl")
    assert 5 == sayso("run", "gold", "--replay", "--epochs", "2").code
    assert 5 == sayso("run", "gold", "--replay", "--recording", "none.jsonl").code


@pytest.mark.parametrize(("limit", "code"), [("0.5", 3), ("0.1", 6)])
def test_run_errors_have_codes(sayso: Sayso, limit: str, code: int) -> None:
    """Some failed documents end with 3, more than may fail with 6; the run is kept."""
    with LyingServer(api_error(401), answer(GOOD)) as server:
        options = ["-m", "m", "--base-url", server.base_url, "--max-errors", limit]
        ran = sayso("run", "gold", *options, "-o", "r.json")
    assert code == ran.code
    assert "ERROR a: Refused: " in ran.out
    assert load_run(Path("r.json")).figures


# ---- gold -------------------------------------------------------------------------------------


def spoil(**changes: Any) -> None:
    """Change fields of a claim in one of the gold files."""
    path = Path("gold/b.json")
    raw = json.loads(path.read_text("utf-8"))
    raw["claims"][3].update(changes)
    path.write_text(json.dumps(raw), encoding="utf-8")


@pytest.mark.parametrize("command", [["check"], ["run"]])
@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"act": "guess"}, "gold/b.json: claims / c3 / act"),
        ({"id": "c1"}, "gold/b.json: claim c1: this id is used more than once"),
        ({"content": [{"start": 1, "end": 5, "text": "ridg"}]}, "gold/b.json: claim c3: content"),
    ],
    ids=["value", "id", "offset"],
)
def test_bad_gold_ends_with_2(
    sayso: Sayso, command: list[str], changes: dict[str, Any], message: str
) -> None:
    """A bad gold file ends with 2 before anything is read; file and claim are named."""
    spoil(**changes)
    ran = sayso(*command, "gold", *(["-o", "r.json"] if command == ["run"] else []))
    assert (2, "") == (ran.code, ran.out)
    assert message in ran.err
    assert not Path("r.json").exists()


def test_gold_of_another_text_ends_with_2(sayso: Sayso) -> None:
    """A text that was changed after it was annotated is refused."""
    Path("gold/a.txt").write_text("Other words.", encoding="utf-8")
    ran = sayso("check", "gold")
    assert 2 == ran.code
    assert "gold/a.txt is another text" in ran.err


def test_check_says_what_is_sound(sayso: Sayso) -> None:
    """Good gold ends with 0 and is counted."""
    assert (0, "3 gold articles with 15 claims are sound\n") == sayso("check", "gold")[:2]


def test_committed_gold_is_sound(sayso: Sayso) -> None:
    """The gold that we ship passes the check."""
    assert 0 == sayso("check", str(GOLD)).code


# ---- score, report, compare, agree ------------------------------------------------------------


def test_score_needs_no_model(sayso: Sayso) -> None:
    """Records are scored again by changed gold, and the run file is rewritten."""
    read_with(sayso, GOOD, "-o", "r.json")
    spoil(confidence="probable")
    assert 0 == sayso("score", "r.json").code
    figures = load_run(Path("r.json")).figures
    assert figures
    assert 11 == figures.strict.counts["tuple"].tp


def test_score_refuses_an_article_without_gold(sayso: Sayso) -> None:
    """A reading of an article that isn't in the gold ends with 2 and leaves the run as it is."""
    read_with(sayso, GOOD, "-o", "r.json")
    Path("gold/b.json").unlink()
    before = Path("r.json").read_bytes()
    ran = sayso("score", "r.json")
    assert (2, before) == (ran.code, Path("r.json").read_bytes())
    assert "'b' that isn't in the gold" in ran.err


def test_report_lists_what_is_wrong(sayso: Sayso) -> None:
    """With --errors a person reads what is missed, spurious and different."""
    claims = [{**GOOD[2], "confidence": "possible"}, {"content": "She declined", "sources": []}]
    read_with(sayso, claims, "-o", "r.json")
    printed = sayso("report", "r.json", "--errors").out
    for expected in (
        "MISSED   c1 «the bridge will reopen on Monday»",
        "SPURIOUS c02 «She declined»",
        "confidence: possible for certain",
    ):
        assert expected in printed


def test_compare_shows_the_claims_that_flipped(sayso: Sayso) -> None:
    """Two runs are paired by document; what people read are the flips."""
    read_with(sayso, GOOD, "-o", "good.json")
    read_with(sayso, DENIED, "-o", "denied.json")
    ran = sayso("compare", "good.json", "denied.json")
    assert 0 == ran.code
    assert "3 claims flipped" in ran.out
    assert "lost   b c4: full" in ran.out


def test_compare_refuses_runs_by_other_gold(sayso: Sayso) -> None:
    """Figures by two versions of the gold aren't comparable: 2, and what to do."""
    read_with(sayso, GOOD, "-o", "old.json")
    spoil(confidence="probable")
    read_with(sayso, GOOD, "-o", "new.json")
    ran = sayso("compare", "old.json", "new.json")
    assert 2 == ran.code
    assert "'b': the gold has changed between the runs: score both again" in ran.err
    sayso("score", "old.json")
    assert 0 == sayso("compare", "old.json", "new.json").code


def test_agree_measures_two_annotators(sayso: Sayso, tmp_path: Path) -> None:
    """Annotators who differ in one label of twelve agree in the rest."""
    write_gold(tmp_path / "other", "a", "b", "c")
    spoil(polarity="negative")
    ran = sayso("agree", "gold", "other")
    assert 0 == ran.code
    assert "claim F1                   1.000  n=12" in ran.out
    assert "tuple F1                    .917  n=12" in ran.out


# ---- the gate ---------------------------------------------------------------------------------


def test_gate_passes_the_same_reading(sayso: Sayso) -> None:
    """A run that is as good as the baseline passes, even strictly."""
    read_with(sayso, GOOD, "-o", "r.json")
    assert 0 == sayso("gate", "r.json", "--baseline", "r.json", "--strict").code


@pytest.mark.parametrize(
    ("claims", "message"),
    [
        (DENIED, "FAIL         critical checks: a non_answer_not_denied c4"),
        (UNSOURCED, "FAIL         attributed F1: 1.000 -> 0.250"),
        ([], "FAIL         claim F1: 1.000 -> 0.000"),
    ],
    ids=["denied", "unsourced", "silent"],
)
def test_gate_fails_a_spoilt_reading(sayso: Sayso, claims: Claims, message: str) -> None:
    """Denials made of non-answers, lost sources and lost claims end with 1."""
    read_with(sayso, GOOD, "-o", "good.json")
    read_with(sayso, claims, "-o", "spoilt.json")
    ran = sayso("gate", "spoilt.json", "--baseline", "good.json")
    assert 1 == ran.code
    assert message in ran.out


def test_gate_tells_errors_from_failures(sayso: Sayso) -> None:
    """Too many readings that failed end with 6: the tool broke, not the test."""
    read_with(sayso, GOOD, "-o", "good.json")
    with LyingServer(api_error(401)) as server:
        sayso("run", "gold", "-m", "m", "--base-url", server.base_url, "-o", "failed.json")
    assert 6 == sayso("gate", "failed.json", "--baseline", "good.json").code


@pytest.mark.parametrize(("strict", "code"), [([], 0), (["--strict"], 1)])
def test_gate_says_when_it_cannot_tell(sayso: Sayso, strict: list[str], code: int) -> None:
    """Where the interval spans the margin the gate is inconclusive; --strict makes that fail."""
    read_with(sayso, GOOD, "-o", "good.json")
    with LyingServer(answer(GOOD), answer(GOOD), answer(GOOD[:3])) as server:
        sayso("run", "gold", "-m", "m", "--base-url", server.base_url, "-o", "r.json")
    ran = sayso("gate", "r.json", "--baseline", "good.json", *strict)
    assert code == ran.code
    assert "INCONCLUSIVE claim F1" in ran.out


def test_gate_judges_one_document_by_epochs(sayso: Sayso) -> None:
    """With one document the epochs' spread is what is put up with."""
    with LyingServer(answer(GOOD), answer(GOOD[:2])) as server:
        options = ["-m", "m", "--base-url", server.base_url]
        sayso("run", "gold/a.json", "--epochs", "2", *options, "-o", "loose.json")
        sayso("run", "gold/a.json", *options, "-o", "worse.json")
    assert 0 == sayso("gate", "worse.json", "--baseline", "loose.json").code


def test_gate_refuses_an_empty_run(sayso: Sayso) -> None:
    """A run without a document is a broken file, not a passed gate."""
    read_with(sayso, GOOD, "-o", "r.json")
    file = load_run(Path("r.json"))
    save_run(file.model_copy(update={"documents": []}), Path("empty.json"))
    ran = sayso("gate", "empty.json", "--baseline", "r.json")
    assert (2, "") == (ran.code, ran.out)
    assert "a run without documents" in ran.err


def without_sources(file: RunFile) -> RunFile:
    """Return a run as if the reading no longer saw who speaks."""
    raw = file.model_dump(by_alias=True)
    for document in raw["documents"]:
        for claim in document["readings"][0]["record"]["claims"]:
            claim["attribution"] = {"kind": "none", "chain": []}
    return RunFile.model_validate(raw)


def test_gate_guards_the_committed_run(sayso: Sayso) -> None:
    """The committed run passes against itself, and fails when its sources are taken away."""
    assert 0 == sayso("gate", str(MAIN), "--baseline", str(MAIN)).code
    spoilt = score_run(without_sources(load_run(MAIN)), load_cases([GOLD]))
    save_run(spoilt, Path("spoilt.json"))
    assert 1 == sayso("gate", "spoilt.json", "--baseline", str(MAIN)).code


# ---- help -------------------------------------------------------------------------------------


@pytest.mark.parametrize("arguments", [["--help"], ["run", "--help"], ["gate", "--help"]])
def test_eval_help_is_shown(sayso: Sayso, arguments: list[str]) -> None:
    """Each command explains itself, under its full name."""
    ran = sayso(*arguments)
    assert (0, True) == (ran.code, "Usage: sayso eval" in ran.out)


@pytest.mark.parametrize("arguments", [["nope"], ["run"], ["run", "gold", "--replay", "--anew"]])
def test_eval_wrong_use_ends_with_2(sayso: Sayso, arguments: list[str]) -> None:
    """What makes no sense is a usage error."""
    assert 2 == sayso(*arguments).code
