"""Reading again from the replies in the store, with nobody to be asked."""

from __future__ import annotations

from agent.engine import Abilities, Identity, Reply, Request
from agent.engines.cached import CachedEngine
from agent.engines.weights import CATALOGUE, digest
from agent.errors import ReplayMiss
from agent.settings import Settings
from agent.store import Store


class _Absent:
    """Stands for an engine that isn't asked."""

    def __init__(self, identity: Identity, abilities: Abilities) -> None:
        self.identity = identity
        self.abilities = abilities

    def ask(self, request: Request) -> Reply:  # noqa: ARG002  (the protocol's)
        """Never answer: the store does, or nobody.

        Raises:
            ReplayMiss: always.
        """
        raise ReplayMiss("in a replay nobody is asked")


def replaying(settings: Settings, store: Store) -> CachedEngine:
    """Return an engine that answers from the store as the engine of the settings did.

    No weights are loaded, and no endpoint is looked at.

    Raises:
        ReplayMiss: the store holds no reply of that engine.
        WeightsError: the model is a file that can't be read.
    """
    kind = "openai" if settings.base_url else "local"
    model = settings.model if settings.base_url else _sha256(settings)
    known = [(who, can) for who, can in store.engines() if (who.kind, who.model) == (kind, model)]
    if not known:
        raise ReplayMiss(
            f"{store.name} holds no reply of {settings.model}: run without --replay first, or "
            "set SAYSO_STORE to the store of that run"
        )
    return CachedEngine(_Absent(*known[-1]), store, replay=True)


def _sha256(settings: Settings) -> str:
    path = settings.model_path
    return digest(path) if path else CATALOGUE[settings.model].sha256
