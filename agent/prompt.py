"""Prompt templates as data: a file in, messages out. No logic in a template.

A template is Markdown: front matter between `+++` lines (TOML), then `# system` and `# user`.
Its examples lie beside it in TOML: [[example]] with the variables of the user part, and answer.
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

_FIELDS = frozenset({"name", "version", "why", "schema", "params"})
_PARAMS = frozenset({"max_tokens", "temperature"})
_SHAPE = re.compile(r"\A\+\+\+\n(.*?)\n\+\+\+\n(.*)\Z", re.DOTALL)
_PART = re.compile(r"^# (\w+)\n", re.MULTILINE)


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
            message = f"prompt {self.name}/v{self.version}: no value for {sorted(missing)}, unknown {sorted(extra)}"
            raise PromptError(message)
        return string.Template(self.user).substitute(values)


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
    _check(where, front, _FIELDS, required=_FIELDS)
    params = front["params"]
    _check(f"{where} params", params, _PARAMS, required=_PARAMS)
    parts = _parts(where, shape[2])
    prompt = Prompt(
        name=front["name"],
        version=front["version"],
        why=front["why"],
        schema=front["schema"],
        max_tokens=params["max_tokens"],
        temperature=float(params["temperature"]),
        system=parts["system"],
        user=parts["user"],
        examples=_examples(where, examples),
        hash=hashlib.sha256(f"{text}\0{examples}".encode()).hexdigest(),
    )
    for example in prompt.examples:
        prompt.render(example.values)
    return prompt


def _toml(text: str, what: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message = f"{what} isn't TOML: {error}"
        raise PromptError(message) from error


def _check(
    where: str, found: Mapping[str, Any], known: frozenset[str], *, required: frozenset[str]
) -> None:
    if unknown := set(found) - known:
        message = f"{where}: unknown {sorted(unknown)}; known: {sorted(known)}"
        raise PromptError(message)
    if missing := required - set(found):
        message = f"{where}: {sorted(missing)} missing"
        raise PromptError(message)


def _parts(where: str, body: str) -> dict[str, str]:
    pieces = _PART.split(body)
    parts = {name: text.strip() for name, text in zip(pieces[1::2], pieces[2::2], strict=True)}
    if set(parts) != {"system", "user"}:
        message = f"{where}: wants the parts # system and # user, has {sorted(parts)}"
        raise PromptError(message)
    return parts


def _examples(where: str, text: str) -> tuple[Example, ...]:
    data = _toml(text, f"{where}, examples")
    _check(f"{where}, examples", data, frozenset({"example"}), required=frozenset())
    found = []
    for entry in data.get("example", []):
        values = dict(entry)
        if "answer" not in values:
            message = f"{where}: an example has no answer"
            raise PromptError(message)
        found.append(Example(values, values.pop("answer")))
    return tuple(found)
