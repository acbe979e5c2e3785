"""Asks again what is worth asking again; only user of tenacity."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from tenacity import RetryCallState, Retrying, retry_if_exception_type, wait_random_exponential

from agent.engine import Abilities, Attempt, Engine, Identity, Reply, Request, Usage
from agent.errors import CutOff, EngineError, TimedOut, Unavailable

TIMEOUTS = 2  # of one request: each costs minutes, and a slow server is seldom quicker later
CUT_OFF = 2  # answers of one request: each is paid for, and a model that repeats itself goes on so

Passing = Unavailable | CutOff  # worth another try


class RetryingEngine:
    """Forwards requests, and repeats those that ended in Unavailable or in CutOff.

    attempts: tries in all, the first included; the second one that times out or is cut off is the
    last. max_wait_s: the longest wait between two; a server that asks for more isn't asked again.
    Other waits grow and are random, so that many workers don't come back at once; after an answer
    that was cut off there's none.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        attempts: int = 4,
        max_wait_s: float = 60.0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._engine = engine
        self._attempts = attempts
        self._max_wait_s = max_wait_s
        self._sleep = sleep
        self._growing_wait = wait_random_exponential(multiplier=1, min=0.5, max=max_wait_s)

    @property
    def identity(self) -> Identity:
        """Who answers: the engine inside."""
        return self._engine.identity

    @property
    def abilities(self) -> Abilities:
        """What the engine inside can do."""
        return self._engine.abilities

    def ask(self, request: Request) -> Reply:
        """Return the answer; its attempts and usage hold the failed tries too.

        Raises:
            Unavailable, CutOff: every try failed, or the server asks for a longer wait than
                max_wait_s.
            Refused, BadReply: at once, as the engine inside raised them.
        """
        failed: list[Attempt] = []
        errors: list[Passing] = []
        retrying = Retrying(
            retry=retry_if_exception_type((Unavailable, CutOff)),
            stop=lambda _: self._is_enough(errors),
            wait=self._wait_s,
            sleep=self._sleep,
            reraise=True,
        )
        try:
            reply = retrying(self._try_once, request, failed, errors)
        except Unavailable as error:
            raise self._given_up(error, failed, len(errors)) from error
        except CutOff as error:
            error.attempts = tuple(failed)
            raise
        except EngineError as error:
            error.attempts = (*failed, *error.attempts)
            raise
        spent = sum((attempt.usage for attempt in failed), Usage(cost_usd=0.0))
        last = reply.attempts or (Attempt("ok", reply.usage),)
        usage = spent + reply.usage if failed else reply.usage
        return replace(reply, attempts=(*failed, *last), usage=usage)

    def _try_once(self, request: Request, failed: list[Attempt], errors: list[Passing]) -> Reply:
        """Return the answer of one try; an error that may pass goes to `failed` and `errors`."""
        try:
            return self._engine.ask(request)
        except (Unavailable, CutOff) as error:
            errors.append(error)
            outcome = f"{type(error).__name__}: {error}"
            failed.extend(error.attempts or (Attempt(outcome, Usage(calls=1)),))
            raise

    def _is_enough(self, errors: Sequence[Passing]) -> bool:
        """Tell whether there's no further try after these errors."""
        timeouts = sum(isinstance(error, TimedOut) for error in errors)
        cut_off = sum(isinstance(error, CutOff) for error in errors)
        if timeouts >= TIMEOUTS or cut_off >= CUT_OFF or len(errors) >= self._attempts:
            return True
        return _asked_s(errors[-1]) > self._max_wait_s

    def _wait_s(self, state: RetryCallState) -> float:
        """Return the wait before the next try: what the server asks for, else a growing one."""
        error = state.outcome.exception() if state.outcome else None
        if isinstance(error, CutOff):
            return 0.0
        return _asked_s(error) or self._growing_wait(state)

    def _given_up(self, error: Unavailable, failed: list[Attempt], tries: int) -> Unavailable:
        """Return the last error with the reason why there is no further try."""
        asked_s = _asked_s(error)
        if asked_s > self._max_wait_s:
            reason = f"the server asks to wait {asked_s:g} s, more than {self._max_wait_s:g} s"
        else:
            reason = f"gave up after {tries} attempt{'s' * (tries > 1)}"
        final = type(error)(f"{error} ({reason})", retry_after_s=error.retry_after_s)
        final.attempts = tuple(failed)
        return final


def _asked_s(error: BaseException | None) -> float:
    """Return the seconds that the server asked us to wait, 0 where it didn't."""
    return (error.retry_after_s if isinstance(error, Unavailable) else None) or 0.0
