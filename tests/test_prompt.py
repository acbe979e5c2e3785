"""Prompt templates (agent/prompt.py) and the prompts that we ship (prompts/)."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import pytest

from agent import schema
from agent.by_document import ANSWER_PER_TEXT, CHARS_PER_TOKEN, PROMPT_TOKENS, findings
from agent.document import Extent
from agent.engine import Message, Reply
from agent.errors import PromptError
from agent.extract import Resources
from agent.files import load_prompts, shipped_prompts
from agent.grammar import NONE, plain
from agent.ground import Finder, ground
from agent.passages import prepare
from agent.prompt import Example, Prompt, parse_prompt
from readings import document

TEMPLATE = """+++
name = "greet"
version = 3
why = "to be polite"
schema = ""
params = { max_tokens = 9, temperature = 0.5 }
+++
# system
Greet.

# user
To $whom, for $$5: $what
"""
EXAMPLES = """
[[example]]
whom = "Ann"
what = "$1 and ${b}"
answer = "Hi"
"""
SHIPPED = load_prompts()
ALL_EXAMPLES = [
    pytest.param(prompt, example, id=f"{prompt.name}{number}")
    for prompt in SHIPPED.values()
    for number, example in enumerate(prompt.examples)
]


def test_template_becomes_messages() -> None:
    """System, each example as two turns, then the question; values are put in as they are."""
    prompt = parse_prompt(TEMPLATE, EXAMPLES)
    assert ("greet", 3, 9, 0.5) == (
        prompt.name,
        prompt.version,
        prompt.max_tokens,
        prompt.temperature,
    )
    assert (
        Message("system", "Greet."),
        Message("user", "To Ann, for $5: $1 and ${b}"),
        Message("assistant", "Hi"),
        Message("user", "To Bob, for $5: $whom"),
    ) == prompt.render({"whom": "Bob", "what": "$whom"})


def test_prompt_hash_covers_template_and_examples() -> None:
    """The hash is that of the template, a NUL, the examples."""
    wanted = hashlib.sha256(f"{TEMPLATE}\0{EXAMPLES}".encode()).hexdigest()
    assert wanted == parse_prompt(TEMPLATE, EXAMPLES).hash
    assert wanted != parse_prompt(TEMPLATE).hash


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"whom": "Ann"}, r"greet/v3: no value for \['what'\], unknown \[\]"),
        ({"whom": "Ann", "what": "x", "why": "y"}, r"no value for \[\], unknown \['why'\]"),
        ({}, r"no value for \['what', 'whom'\]"),
    ],
)
def test_render_wants_exactly_the_variables(values: dict[str, str], message: str) -> None:
    """A variable without a value, or a value without a variable, is an error that names it."""
    with pytest.raises(PromptError, match=message):
        parse_prompt(TEMPLATE).render(values)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("+++\nname", "name", "front matter"),
        ('name = "greet"', "name = greet", "isn't TOML"),
        ('why = "to be polite"', 'reason = "x"', r"unknown \['reason'\]"),
        ('why = "to be polite"\n', "", r"\['why'\] missing"),
        ("version = 3", 'version = "3"', "version = '3' is no int"),
        ("max_tokens = 9", "tokens = 9", r"params: unknown \['tokens'\]"),
        (", temperature = 0.5", "", r"\['temperature'\] missing"),
        ("# user\n", "# usr\n", "wants the parts"),
        ("# system\n", "Hello.\n# system\n", "wants the parts"),
        ("# user\n", "# system\nAgain.\n\n# user\n", "wants the parts"),
        ("$$5", "$5", r"a \$ in # user begins no variable"),
    ],
)
def test_template_of_another_form_is_refused(old: str, new: str, message: str) -> None:
    """Whatever a template lacks or has too much is an error that says so."""
    assert old in TEMPLATE
    with pytest.raises(PromptError, match=message):
        parse_prompt(TEMPLATE.replace(old, new))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('answer = "Hi"\n', "", r"\['answer'\] missing"),
        ('answer = "Hi"', "answer = 1", "answer = 1 is no str"),
        ('whom = "Ann"\n', "", r"no value for \['whom'\]"),
        ('whom = "Ann"', 'whom = "Ann"\nwho = "x"', r"unknown \['who'\]"),
        ("[[example]]", "[[examples]]", r"unknown \['examples'\]"),
    ],
)
def test_example_that_does_not_fit_is_refused(old: str, new: str, message: str) -> None:
    """An example has the template's variables and an answer, all texts."""
    assert old in EXAMPLES
    with pytest.raises(PromptError, match=message):
        parse_prompt(TEMPLATE, EXAMPLES.replace(old, new))


# ---- the prompts that we ship ------------------------------------------------------------------


def test_lock_names_every_shipped_file() -> None:
    """LOCK holds `sha256  path` of each file beside it, and no other."""
    folder = shipped_prompts()
    files = sorted(p for p in folder.rglob("*") if p.is_file() and p.name != "LOCK")
    lines = [f"{hashlib.sha256(p.read_bytes()).hexdigest()}  {_path(folder, p)}" for p in files]
    assert lines == (folder / "LOCK").read_text(encoding="utf-8").splitlines()


def _path(folder: Path, file: Path) -> str:
    return file.relative_to(folder).as_posix()


def test_every_shipped_prompt_is_whole() -> None:
    """Each task has its prompt, with examples, and a schema that exists where it names one."""
    assert ["attribution", "claims", "speaker"] == sorted(SHIPPED)
    for prompt in SHIPPED.values():
        assert prompt.examples
        assert not prompt.schema or issubclass(getattr(schema, prompt.schema), schema.Draft)


@pytest.mark.parametrize(("prompt", "example"), ALL_EXAMPLES)
def test_every_example_renders(prompt: Prompt, example: Example) -> None:
    """The values of each example fit its template, and stand in the last message."""
    last = prompt.render(example.values)[-1].content
    assert [] == [value for value in example.values.values() if value not in last]


@pytest.mark.parametrize(
    "example", SHIPPED["claims"].examples, ids=lambda e: e.values["passage"][:20]
)
def test_claims_example_grounds_fully(resources: Resources, example: Example) -> None:
    """The answer fits the schema, and each of its strings stands in the text of the example."""
    before, passage = example.values["before"], example.values["passage"]
    whole = document("\n\n".join(part for part in (before, passage) if part))
    chunk = Extent(len(whole.text) - len(passage), len(whole.text))
    passages = prepare(whole, resources.parse, resources.lexicon)
    listed, strangers = findings(
        Finder(whole), passages, [], chunk, Reply(example.answer, "m", "json_schema")
    )
    grounded, lost = ground(listed, whole)
    drafts = schema.DocumentDraft.model_validate_json(example.answer).claims
    assert ([], [], len(drafts)) == (strangers, lost, len(grounded))
    for each in grounded:
        assert all(source.mention and source.cue for source in each.chain)
        assert len(each.finding.confidence_cues) == len(each.confidence_cues)
        assert {"exact"} >= {s.match for s in each.content} - {"elided"}


def test_claims_answer_takes_the_room_that_chunks_leave() -> None:
    """What the chunks reckon with is enough for the first example and for the prompt itself."""
    prompt = SHIPPED["claims"]
    example = prompt.examples[0]
    assert len(example.answer) <= 1.1 * ANSWER_PER_TEXT * len(example.values["passage"])
    sent = prompt.render({"before": "x" * 800, "passage": ""})
    assert PROMPT_TOKENS * CHARS_PER_TOKEN >= sum(len(message.content) for message in sent)


@pytest.mark.parametrize(
    "example", SHIPPED["attribution"].examples, ids=lambda e: e.values["passage"][:20]
)
def test_attribution_example_is_copied(example: Example) -> None:
    """The answer is none, or source, cue and content as they stand in the sentence."""
    shown = example.values["passage"]
    assert plain(shown) == shown
    if example.answer != NONE:
        strings = json.loads(example.answer)
        assert 3 == len(strings)
        assert [] == [s for s in strings if not re.search(rf"\b{re.escape(s)}\b", shown)]


@pytest.mark.parametrize(
    "example", SHIPPED["speaker"].examples, ids=lambda e: e.values["context"][:20]
)
def test_speaker_example_is_copied(example: Example) -> None:
    """The answer is none, or stands outside the one quotation that is marked."""
    shown = re.sub("«[^«»]+»", "«»", example.values["context"])
    assert 1 == shown.count("«»")
    assert example.answer == NONE or example.answer in shown
