"""Quotation runs (agent/quotation.py)."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.quotation import Extent, Quotation, find_quotations, trim


def runs_of(text: str) -> tuple[tuple[Quotation, ...], bool]:
    """Return the runs of a text whose paragraphs are its lines."""
    paragraphs: list[Extent] = []
    start = 0
    for line in text.split("\n"):
        paragraphs.append(trim(text, start, start + len(line)))
        start += len(line) + 1
    return find_quotations(text, [p for p in paragraphs if p.start < p.end])


def quoted(text: str) -> list[str]:
    """Return what is quoted in each run, its paragraphs joined by a stroke."""
    return ["|".join(part.of(text) for part in run.inner) for run in runs_of(text)[0]]


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        (["It rains"], 'He said "It rains".'),
        (["It rains,", "and how."], "“It rains,” she said, “and how.”"),
        (["One. Two. Three."], "He said: “One. Two. Three.” It was late."),
        (["he felt ‘fine’ then"], "She said “he felt ‘fine’ then” twice."),
        (["he felt 'fine'"], "She said \"he felt 'fine'\" twice."),
        (["he felt “fine” then"], "She said ‘he felt “fine” then’ twice."),
        (["big", "small"], "A 'big' ship and a 'small' boat."),
        (["The dogs’ bowls are gone"], "He wrote ‘The dogs’ bowls are gone’."),
        (["no thanks"], "He said ‘no thanks’ and fed the dogs’ pups."),
        ([], "Don’t say it’s Ann's; the dogs’ bowls and the Lees' cars are here."),
        ([], "In the '90s and the ’80s they sold rock 'n' roll."),
        (["the ’90s were loud"], "She said ‘the ’90s were loud’."),
        (["Oui"], "Il dit « Oui » hier."),
        (["Ja"], "Er sagte „Ja“ gestern."),
        (["Ja"], "Er sagte „Ja” gestern."),
        (["Ja"], "Er sagte »Ja« gestern."),
        (["Hej"], "Han sade ”Hej” igen."),
        (["one", "two"], 'The marks “one" and "two” are mixed.'),
        (["He called it “odd” then"], "“He called it “odd” then”, she said."),
        (["good", "bad"], '("good"—"bad")'),
        (["Well—"], '"Well—" he began.'),
        (["He is 6'2\" tall"], '"He is 6\'2" tall", she said.'),
        ([], 'He left" and went.'),
        (["Once more"], 'They were open," Once more". It ended.'),
        ([], '"" and “ ”'),
        (["A.|B.|C."], "He said: “A.\n“B.\n“C.”"),
        (["A.|B,"], 'He said: "A.\n"B," he said.'),
        (["A.|B."], "‘A.\n‘B.’"),
        (["A is", "B"], "“A is\nIt rained. “B”"),
        (["A is so. She saw", "B"], "“A is so. She saw “B” there."),
    ],
)
def test_quotations_are_found_with_every_kind_of_mark(expected: list[str], text: str) -> None:
    """Runs hold what stands between their outermost marks; apostrophes open nothing."""
    assert expected == quoted(text)


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        (True, "“A.” He left."),
        (True, "The dogs’ bowls."),
        (True, "“A.\n“B.”"),
        (False, "“A. He left."),
        (False, "A.” He left."),
        (False, 'He left" and went.'),
        (False, "« A."),
    ],
)
def test_quotations_report_whether_marks_are_balanced(expected: bool, text: str) -> None:
    """A mark without partner is reported, a quotation over paragraphs isn't one."""
    assert expected == runs_of(text)[1]


def test_quotation_without_closing_mark_ends_with_its_paragraph() -> None:
    """An unclosed run takes the rest of its own paragraph and no more."""
    text = "He said “it is.\nIt rained. “Good,” she said."
    first, second = runs_of(text)[0]
    assert ("“it is.", False) == (first.extent.of(text), first.closed)
    assert ("“Good,”", True) == (second.extent.of(text), second.closed)


def test_quotation_over_paragraphs_spans_from_first_to_last_mark() -> None:
    """One run, from the first opening mark to the only closing one."""
    text = "She said: “A.\n“B.” It rained."
    (run,) = runs_of(text)[0]
    assert ("“A.\n“B.”", True) == (run.extent.of(text), run.closed)


ALPHABET = st.sampled_from(list("aB1. ,?!'\"“”„‘’«»()[]—-\n\r\t\u00a0\u00ad\u200f\ufeff\0🎉…s:"))


@settings(deadline=None)  # other work on the machine must not fail it
@given(st.text(ALPHABET, max_size=60) | st.text(max_size=60))
def test_any_text_gives_ordered_runs(text: str) -> None:
    """Runs lie in the text, in order and apart, what is quoted lies inside."""
    runs, balanced = runs_of(text)
    assert balanced <= all(run.closed for run in runs)
    end = 0
    for run in runs:
        assert end <= run.extent.start < run.extent.end <= len(text)
        end = run.extent.end
        inner_end = run.extent.start
        for inner in run.inner:
            assert inner_end < inner.start < inner.end <= run.extent.end
            inner_end = inner.end


@pytest.mark.parametrize(
    "text",
    [
        "“" * 10_000 + "a" + "”" * 10_000,
        "“‘" * 10_000 + "a" + "’”" * 10_000,
        "“a " * 20_000,
        " a”" * 20_000,
        '"' * 60_000,
        "'" * 60_000,
        "dogs' " * 20_000,
        "“a.\n" * 20_000,
        '." ' * 60_000,
    ],
    ids=lambda text: text[:4],
)
def test_hostile_text_takes_linear_time(text: str) -> None:
    """Marks nested, missing or piled up cost no more than their length."""
    start = time.perf_counter()
    runs_of(text)
    assert time.perf_counter() - start < 20
