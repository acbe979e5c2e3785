"""No words of an evaluated article stand in what reads it: prompts, examples, lexicon, code.

Else the figures would measure what was written down, not what can be read.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
RUN = 4  # words
FUNCTION_WORDS = frozenset(
    (
        "a an the this that these those there it its he his him she her they their them we us our "
        "i me my you your who whom whose which what when where why how whether if as so than and "
        "or but not no of at by for from in into on to with about over is are was were be been "
        "being am do does did has have had will would can could may might must shall should all"
    ).split()
)
STOCK = {  # what any news text may say, with the reason why it stands in ours
    "she declined to say": "a refusal, in the answer of a prompt's example",
    "declined to say what": "the same",
    "to say what the": "the same",
    "would not comment on": "a refusal, in the lexicon and in a docstring",
    "asked not to be": "how sources stay anonymous, in a docstring about infinitives",
    "not to be named": "the same",
    "he did not know": "who disclaims, in a docstring about two cues",
    "did not know whether": "the same",
    "could not be reached": "who gave no answer, in the audit's list of non-answers",
    "more likely than not": "a degree of likelihood, IPCC's and everybody's, in the lexicon",
    "the end of the": "English, in docstrings about offsets",
}


def list_runs(text: str) -> Iterator[str]:
    """Yield every run of four words within a sentence that aren't all function words."""
    for sentence in re.split(r"[.!?]+(?=\s|$)|[.!?]+[”\"’']", text.lower().replace("’", "'")):
        words = re.findall(r"\w+(?:'\w+)?", sentence)
        for i in range(len(words) - RUN + 1):
            run = words[i : i + RUN]
            if not FUNCTION_WORDS.issuperset(run):
                yield " ".join(run)


def list_literals(path: Path) -> Iterator[tuple[str, str]]:
    """Yield the place and the value of every string of a module, docstrings included."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield f"{path.relative_to(ROOT)}:{node.lineno}", node.value


def list_sources() -> Iterator[tuple[str, str]]:
    """Yield the place and the text of all that takes part in a reading."""
    files = [*(ROOT / "prompts").rglob("*.*"), ROOT / "agent" / "data" / "lexicon.toml"]
    for path in sorted(files):
        yield str(path.relative_to(ROOT)), path.read_text("utf-8")
    for path in sorted((ROOT / "agent").rglob("*.py")):
        yield from list_literals(path)


@pytest.fixture(scope="module")
def evaluated() -> dict[str, str]:
    """Return the article in which each run of words stands."""
    paths = [ROOT / "examples" / "seed.txt", *(ROOT / "evals" / "gold").glob("*.txt")]
    return {run: path.stem for path in paths for run in list_runs(path.read_text("utf-8"))}


def find_shared(text: str, evaluated: dict[str, str]) -> set[str]:
    """Return the runs of words that a text shares with the evaluated articles."""
    return evaluated.keys() & set(list_runs(text))


def test_what_reads_shares_no_words_with_the_gold(evaluated: dict[str, str]) -> None:
    """No run of four words is in an evaluated article, stock phrases apart."""
    leaks = [
        f"{place}: {run!r} is in {evaluated[run]}"
        for place, text in list_sources()
        for run in sorted(find_shared(text, evaluated) - STOCK.keys())
    ]
    assert not leaks, "\n".join(leaks)


@pytest.mark.parametrize("phrase", STOCK)
def test_stock_phrase_is_needed(phrase: str, evaluated: dict[str, str]) -> None:
    """Every exception stands in an article and in what reads it; else it must go."""
    assert phrase in evaluated
    assert any(phrase in list_runs(text) for _, text in list_sources())


def test_copied_sentence_is_found(evaluated: dict[str, str]) -> None:
    """A sentence out of an article is seen in other case, other quotation marks, other lines."""
    text = (ROOT / "evals" / "gold" / "storm.txt").read_text("utf-8")
    sentence = max(text.split("\n"), key=len)
    copied = " \n ".join(sentence.upper().replace("’", "'").split())
    assert len(set(list_runs(sentence))) == len(find_shared(copied, evaluated)) > RUN
