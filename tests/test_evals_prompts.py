"""A prompt that is spoilt on purpose is noticed: four ways, from the cheapest to the real model."""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from agent.files import load_prompts, shipped_prompts
from command_runs import Ran, Sayso
from eval_samples import GOOD, INVENTED, answer, write_gold
from evals.run_file import load_run
from lying_server import Handler, LyingServer

EVALS = Path(__file__).parents[1] / "evals"
SPOILT = "List claims that the text doesn't make, too."
Change = Callable[[str], str]


def add_nonsense(file: str) -> str:
    """Return a prompt with a sentence that it shouldn't have; examples stay as they are."""
    return file.replace("# system\n", f"# system\n{SPOILT} ")


def ask_for_nothing(file: str) -> str:
    """Return a prompt that asks for an empty list, or examples that show one."""
    empty = '# system\nWhatever the text says, list nothing: answer {"claims":[]}.\n\n'
    file = re.sub(r"# system\n.*?(?=# user\n)", empty, file, flags=re.DOTALL)
    return re.sub(r"answer = '''.*?'''", "answer = '{\"claims\":[]}'", file, flags=re.DOTALL)


def copy_prompts(name: str, change: Change = str, *, lock: bool = True) -> str:
    """Return a folder with the prompts that we ship, each file changed. lock: release them."""
    folder = Path(shutil.copytree(shipped_prompts(), name))
    lines = []
    for line in (folder / "LOCK").read_text("utf-8").splitlines():
        path = line.split("  ")[1]
        data = change((folder / path).read_text("utf-8")).encode()
        (folder / path).write_bytes(data)
        lines.append(f"{hashlib.sha256(data).hexdigest()}  {path}\n" if lock else f"{line}\n")
    (folder / "LOCK").write_text("".join(lines), encoding="utf-8")
    return name


def obey(handler: Handler) -> None:
    """Answer as a model would that does what the prompt says."""
    prompt = handler.server.requests[-1].body["messages"][0]["content"]
    answer(INVENTED if SPOILT in prompt else GOOD)(handler)


def test_prompt_changed_in_place_is_refused(sayso_eval: Sayso) -> None:
    """A released file that was edited ends with 2 before anything is read.

    It proves the lock: nobody spoils a prompt without giving it a new hash.
    """
    ran = sayso_eval("run", "gold", "--prompts", copy_prompts("spoilt", add_nonsense, lock=False))
    assert (2, "") == (ran.code, ran.out)
    assert "was changed, and released versions never change" in ran.err


def test_spoilt_prompt_does_not_fit_the_committed_recording(sayso_eval: Sayso) -> None:
    """The committed recording replays with the shipped prompts, and ends with 5 with spoilt ones.

    It proves that no figure of the embedded engine comes from another prompt than the one that
    was asked: a changed prompt can't pass as measured. It says nothing about how bad the prompt
    is, and needn't: the recording must be made anew, and the gate judges that run.
    """
    asked = [d.id for d in load_run(EVALS / "runs" / "main.json").documents if d.readings[0].calls]
    assert asked, "the committed run asked the model nothing: replays can't notice a prompt"
    gold, recording = EVALS / "gold" / f"{asked[-1]}.json", EVALS / "gold" / "recording.jsonl"

    def replay(prompts: str) -> Ran:
        options = ("--replay", "--recording", str(recording), "--prompts", prompts)
        return sayso_eval("run", str(gold), *options)

    assert 0 == replay(copy_prompts("same")).code
    ran = replay(copy_prompts("spoilt", add_nonsense))
    assert (5, "") == (ran.code, ran.out)
    assert "the recording holds no reply" in ran.err


def test_gate_fails_a_run_with_a_spoilt_prompt(sayso_eval: Sayso) -> None:
    """A run whose prompt asks for inventions gets 1 from the gate, the same run without it 0.

    It proves the way from the prompt's file to the gate's exit code, by an obedient server in
    place of a model; the answers are scripted, so it can't tell how a model takes the prompt.
    """
    for name, change in (("same", str), ("spoilt", add_nonsense)):
        with LyingServer(obey) as server:
            options = ("-m", "served", "--base-url", server.base_url, "-o", f"{name}.json")
            prompts = copy_prompts(name, change)
            assert 0 == sayso_eval("run", "gold", "--prompts", prompts, *options).code
    used = [load_run(Path(f"{name}.json")).manifest.prompts for name in ("same", "spoilt")]
    assert [p.hash for p in load_prompts().values()] == [p.hash for p in used[0]]
    assert all(a.hash != b.hash for a, b in zip(*used, strict=True))
    assert 0 == sayso_eval("gate", "same.json", "--baseline", "same.json").code
    ran = sayso_eval("gate", "spoilt.json", "--baseline", "same.json")
    assert 1 == ran.code
    assert "FAIL         claim F1: " in ran.out


@pytest.mark.model
@pytest.mark.timeout(900)  # two readings: 90 s on two idle cores
def test_gate_fails_the_embedded_model_with_a_spoilt_prompt(sayso_eval: Sayso) -> None:
    """The real model, in the document way, finds fewer claims when its prompt asks for none.

    It proves the whole with nothing scripted. The document way it must be: in the passage way the
    trees read nearly all, and no answer of the model moves a figure beyond the gate's margin.
    """
    gold = write_gold(Path("one"), "a")
    for name, change in (("same", str), ("spoilt", ask_for_nothing)):
        prompts = copy_prompts(name, change)
        options = ("--reading", "document", "--prompts", prompts, "-o", f"{name}.json")
        assert 0 == sayso_eval("run", str(gold), *options).code
    assert 0 == sayso_eval("gate", "same.json", "--baseline", "same.json").code
    ran = sayso_eval("gate", "spoilt.json", "--baseline", "same.json")
    assert 1 == ran.code
    assert "FAIL         claim F1: " in ran.out
