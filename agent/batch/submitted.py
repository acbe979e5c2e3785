"""The batches that were put to a provider from here, remembered until their replies are in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from urllib.parse import quote

from pydantic import TypeAdapter, ValidationError

from agent.errors import ConfigError
from agent.settings import data_path


@dataclass(frozen=True, slots=True)
class Submitted:
    """A batch at a provider.

    mode: the reply mode that its requests are keyed by; asked_mode: that in which they're put.
    store: the name of the store that they were missing from. documents: their ids by request key,
    empty once the replies are in. collected: they are.
    """

    id: str
    base_url: str
    model: str
    mode: str
    asked_mode: str
    context_tokens: int
    store: str
    requests: int
    documents: Mapping[str, str] = field(default_factory=dict, repr=False)
    collected: bool = False

    @property
    def path(self) -> Path:
        """The file that remembers it."""
        return folder() / f"{quote(self.id, safe='')}.json"


_FORM = TypeAdapter(Submitted)


def folder() -> Path:
    """Return where the batches are remembered, whether it's there or not."""
    return data_path() / "batches"


def remember(batch: Submitted) -> None:
    """Write a batch down, whole or not at all.

    Raises:
        ConfigError: it can't be written.
    """
    part = batch.path.with_suffix(".part")
    try:
        folder().mkdir(mode=0o700, parents=True, exist_ok=True)
        part.write_text(json.dumps(asdict(batch)), encoding="utf-8")
        part.replace(batch.path)
    except OSError as error:
        raise ConfigError(
            f"can't write {batch.path} ({error.strerror}), so the batch {batch.id} would be "
            "forgotten: free some space, cancel that batch at the provider, and submit again"
        ) from error


def settle(batch: Submitted) -> None:
    """Write down that the replies of a batch are in; whose they are, the store knows by now."""
    remember(replace(batch, documents={}, collected=True))


def list_submitted(ids: tuple[str, ...] = ()) -> list[Submitted]:
    """Return the batches of these ids; without any, those whose replies aren't in.

    Raises:
        ConfigError: there is none of that id, or a file can't be read.
    """
    found = {}
    for path in sorted(folder().glob("*.json")):
        try:
            batch = _FORM.validate_json(path.read_bytes())
        except (OSError, ValidationError) as error:
            raise ConfigError(f"can't read {path}: restore it, or delete it") from error
        found[batch.id] = batch
    if not ids:
        return [batch for batch in found.values() if not batch.collected]
    for unknown in (one for one in ids if one not in found):
        known = ", ".join(found) or "none"
        raise ConfigError(f"no batch {unknown} was submitted from here; known: {known}")
    return [found[one] for one in ids]
