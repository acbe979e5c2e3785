"""An engine that answers from a script: for tests, and for trying things without a model."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from agent.engine import Abilities, Attempt, Identity, Reply, Request, Usage

Answer = str | Reply | Exception
ABLE = Abilities(grammar=True, logprobs=False, context_tokens=8192)
SCRIPT = Identity("scripted", "script")


class ScriptedEngine:
    """Answers with a function of the request, or with a list's items in order.

    A str becomes a Reply, an Exception is raised. `requests` holds what was asked, in order.
    """

    def __init__(
        self,
        answers: Callable[[Request], Answer] | Iterable[Answer],
        *,
        abilities: Abilities = ABLE,
        identity: Identity = SCRIPT,
    ) -> None:
        self.abilities = abilities
        self.identity = identity
        self.requests: list[Request] = []
        self._answer = answers if callable(answers) else _in_order(answers)

    def ask(self, request: Request) -> Reply:
        """Return the script's answer.

        Raises:
            AssertionError: the script has no answer left.
            Exception: the script says so.
        """
        self.requests.append(request)
        answer = self._answer(request)
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, Reply):
            return answer
        usage = Usage(calls=1)
        mode = "json_schema" if request.schema else "grammar" if request.grammar else "text"
        attempts = (Attempt("ok", usage),)
        return Reply(answer, self.identity.model, mode, usage, attempts=attempts)


def _in_order(answers: Iterable[Answer]) -> Callable[[Request], Answer]:
    """Return a function that gives out the answers one by one."""
    script = list(answers)
    left = iter(script)

    def answer(request: Request) -> Answer:
        try:
            return next(left)
        except StopIteration:
            start = request.messages[-1].content[:80] if request.messages else ""
            raise AssertionError(
                f"the script holds {len(script)} answers and one more was asked for: {start!r}"
            ) from None

    return answer
