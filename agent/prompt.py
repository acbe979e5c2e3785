"""Prompt templates as data: a file in, messages out. No logic in a template.

A template is Markdown: front matter between `+++` lines (TOML), then `# system` and `# user`.
Its examples lie beside it in TOML: [[example]] with the variables of the user part, and answer.

Values are words of an article, so none of them reaches a chat template as one of its tokens: see
`disarmed`.
"""

from __future__ import annotations

import hashlib
import re
import string
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agent.engine import Message
from agent.errors import PromptError

_FIELDS: dict[str, type] = {"name": str, "version": int, "why": str, "schema": str, "params": dict}
_PARAMS: dict[str, type] = {"max_tokens": int, "temperature": float}
MOST_TEMPERATURE = 2.0
_SHAPE = re.compile(r"\A\+\+\+\n(.*?)\n\+\+\+\n(.*)\Z", re.DOTALL)
_PART = re.compile(r"^# (\w+)\n", re.MULTILINE)

# llama.cpp and others take "<|im_start|>" or "[INST]" for a token of the chat template wherever in
# a prompt it stands. Nearly all vocabularies write such tokens in angle brackets, some in capitals
# or as "control_8" between square ones.
_SHOWN_AS = {"<": "‹", "[": "⁅"}
_OPENING = re.compile(r"<|\[(?=/?(?:[A-Z][A-Z\d_]{2,}|[a-z]MASK|control_\d+)\])")
# Characters that no reader sees and a model reads as letters or bytes.
_UNSEEN = re.compile("[\U000e0000-\U000e0fff]")


@dataclass(frozen=True, slots=True)
class Example:
    """A worked example: values of the user part's variables, and the answer that is wanted."""

    values: Mapping[str, str]
    answer: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """One version of one prompt. hash: SHA-256 of template and examples, 64 hex digits.

    schema: name of the model in agent.schema that the answer fits, or "" for plain text.
    """

    name: str
    version: int
    why: str
    schema: str
    max_tokens: int
    temperature: float
    system: str
    user: str
    examples: tuple[Example, ...]
    hash: str

    @property
    def variables(self) -> frozenset[str]:
        """The names that render() needs values for."""
        return frozenset(string.Template(self.user).get_identifiers())

    def render(self, values: Mapping[str, str]) -> tuple[Message, ...]:
        """Return the messages: system, the examples as turns, then the question.

        Raises:
            PromptError: a variable has no value, or a value no variable.
        """
        turns = [Message("system", self.system)] if self.system else []
        for example in self.examples:
            turns.append(Message("user", self._fill(example.values)))
            turns.append(Message("assistant", example.answer))
        return (*turns, Message("user", self._fill(values)))

    def _fill(self, values: Mapping[str, str]) -> str:
        if frozenset(values) != self.variables:
            missing, extra = self.variables - set(values), set(values) - self.variables
            raise PromptError(
                f"prompt {self.name}/v{self.version}: no value for {sorted(missing)}, "
                f"unknown {sorted(extra)}"
            )
        return string.Template(self.user).substitute(
            {name: disarmed(value) for name, value in values.items()}
        )


def disarmed(text: str) -> str:
    """Return words of an article as a prompt may hold them; every offset still holds.

    The bracket that opens what could be a token of a chat template becomes one that looks alike,
    characters of Unicode's invisible plane become zero-width spaces.

    >>> disarmed("<|im_end|> [INST] [sic]")
    '‹|im_end|> ⁅INST] [sic]'
    """
    shown = _OPENING.sub(lambda match: _SHOWN_AS[match[0]], text)
    return _UNSEEN.sub("\u200b", shown)


def rearmed(answer: str, article: str) -> str:
    """Return a model's answer with the brackets of the article that it was asked about.

    >>> rearmed("a ‹b>", "a <b>"), rearmed("‹oui›", "‹oui›")
    ('a <b>', '‹oui›')
    """
    for ours, shown in _SHOWN_AS.items():
        if shown not in article:
            answer = answer.replace(shown, ours)
    return answer


def parse_prompt(text: str, examples: str = "") -> Prompt:
    """Return the prompt that a template and its examples describe.

    Raises:
        PromptError: the form is wrong, a key is unknown or missing, or an example doesn't fit.
    """
    shape = _SHAPE.match(text)
    if not shape:
        message = "a prompt begins with front matter between two lines of +++"
        raise PromptError(message)
    front = _toml(shape[1], "front matter")
    where = f"prompt {front.get('name', '?')}/v{front.get('version', '?')}"
    _check(where, front, _FIELDS)
    params = front["params"]
    _check(f"{where} params", params, _PARAMS)
    if params["max_tokens"] < 1 or not 0 <= params["temperature"] <= MOST_TEMPERATURE:
        message = f"{where} params: max_tokens begins at 1, temperature lies in 0 to 2"
        raise PromptError(message)
    parts = _parts(where, shape[2])
    prompt = Prompt(
        name=front["name"],
        version=front["version"],
        why=front["why"],
        schema=front["schema"],
        max_tokens=params["max_tokens"],
        temperature=params["temperature"],
        system=parts["system"],
        user=parts["user"],
        examples=_examples(where, examples),
        hash=hashlib.sha256(f"{text}\0{examples}".encode()).hexdigest(),
    )
    if not string.Template(prompt.user).is_valid():
        message = f"{where}: a $ in # user begins no variable; write $$ for the sign"
        raise PromptError(message)
    for example in prompt.examples:
        prompt.render(example.values)
    return prompt


def _toml(text: str, what: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        message = f"{what} isn't TOML: {error}"
        raise PromptError(message) from error


def _check(where: str, found: Mapping[str, Any], fields: Mapping[str, type]) -> None:
    """Check that the mapping has these keys, all of them, with values of their type."""
    if unknown := set(found) - set(fields):
        message = f"{where}: unknown {sorted(unknown)}; known: {sorted(fields)}"
        raise PromptError(message)
    if missing := set(fields) - set(found):
        message = f"{where}: {sorted(missing)} missing"
        raise PromptError(message)
    for key, wanted in fields.items():
        if not isinstance(found[key], wanted) or isinstance(found[key], bool):
            message = f"{where}: {key} = {found[key]!r} is no {wanted.__name__}"
            raise PromptError(message)


def _parts(where: str, body: str) -> dict[str, str]:
    pieces = _PART.split(body)
    names = pieces[1::2]
    if pieces[0].strip() or sorted(names) != ["system", "user"]:
        message = f"{where}: wants the parts # system and # user and nothing else, has {names}"
        raise PromptError(message)
    return {name: text.strip() for name, text in zip(names, pieces[2::2], strict=True)}


def _examples(where: str, text: str) -> tuple[Example, ...]:
    data = _toml(text, f"{where}, examples")
    _check(f"{where}, examples", {"example": [], **data}, {"example": list})
    found = []
    for entry in data.get("example", []):
        values = dict(entry)
        _check(f"{where}, an example", values, dict.fromkeys([*values, "answer"], str))
        found.append(Example(values, values.pop("answer")))
    return tuple(found)
