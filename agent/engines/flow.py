"""Lets requests out only so fast as the server takes them, and only while there's money for them.

How many may be under way at once adapts: answers let it grow, a server that is overloaded (429,
503, silence) makes it shrink, and one that says how long to wait isn't asked before. `Flow` holds
the state, which all threads share; `FlowEngine` is an engine that keeps to it. The retries are
outside, so that a request that waits for its next try takes nobody's place.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from agent.engine import Abilities, Attempt, Engine, Identity, Reply, Request, Usage
from agent.errors import Away, EngineError, OverBudget, TimedOut, Unavailable
from agent.money import Price

START = 4  # requests under way at first
GROWTH = 4.0  # more of them for as many answers as are under way
SHRINK = 0.75  # what is left of them after an overload
LONGEST_PAUSE_S = 60.0  # after errors; where the server asks for a longer wait, that holds
AWAY_S = 1800.0  # without an answer, though it was asked for: there's no use in going on
LOOK_S = 1.0  # a waiting thread looks again at least that often
BYTES_PER_TOKEN = 2.0  # of text, cautious: English prose has 4 or more


@dataclass(frozen=True, slots=True)
class Limits:
    """What a run may use. rpm, tpm: requests and tokens a minute; None is without limit."""

    workers: int = 1
    rpm: float | None = None
    tpm: float | None = None
    max_cost_usd: float | None = None


@dataclass(frozen=True, slots=True)
class Ticket:
    """A request that may go out. reserved_usd, expected_tokens: what is reckoned with."""

    sent_s: float
    reserved_usd: float
    expected_tokens: float


class Flow:
    """Says when a request may go out, and counts what came of it. Threads may share it.

    price: None where it isn't known; a limit of cost needs one.
    """

    def __init__(self, limits: Limits, price: Price | None = None) -> None:
        self.limits = limits
        self.price = price
        self._changed = threading.Condition()
        self._allowed = float(min(START, limits.workers))
        self._running = 0
        self._reserved_usd = 0.0
        self._spent = Usage(cost_usd=0.0)
        self._not_before_s = 0.0
        self._shrunk_s = 0.0  # when it shrank last
        self._rounds = 0  # of shrinking since the last answer
        self._answered_s = math.inf  # of the last answer, or of the first request
        self._last_error = ""
        self._steady = False  # it shrank once: growth is slow from then on

    @property
    def spent(self) -> Usage:
        """Calls, tokens and money of all tries so far, failed ones included."""
        return self._spent

    @property
    def allowed(self) -> int:
        """How many requests may be under way now."""
        return int(self._allowed)

    @property
    def pause_s(self) -> float:
        """Seconds until the next request may go out."""
        return max(0.0, self._not_before_s - time.monotonic())

    def enter(self, most: Usage) -> Ticket:
        """Return when a request may go out, having waited for that.

        most: what the request can use at most; its cost is put aside until `leave`.

        Raises:
            OverBudget: its cost, with what is spent, might pass the limit.
            Away: no request was answered for half an hour.
        """
        cost_usd = self.price.cost_usd(most) if self.price else 0.0
        with self._changed:
            while (wait_s := self._wait_s(cost_usd)) > 0:
                self._changed.wait(min(wait_s, LOOK_S))
            ticket = Ticket(time.monotonic(), cost_usd, self._expected_tokens(most))
            self._answered_s = min(self._answered_s, ticket.sent_s)
            self._running += 1
            self._reserved_usd += cost_usd
            next_s = ticket.sent_s + self._pace_s(1, ticket.expected_tokens)
            self._not_before_s = max(next_s, self._not_before_s)
            return ticket

    def leave(
        self, ticket: Ticket, attempts: Sequence[Attempt], error: EngineError | None = None
    ) -> None:
        """Count a request that came back. attempts: with their costs."""
        used = _sum(attempts)
        with self._changed:
            self._running -= 1
            self._spent += used
            if not isinstance(error, TimedOut):  # nobody knows what that costs: it stays reserved
                self._reserved_usd -= ticket.reserved_usd
            self._not_before_s += self._pace_s(0, _tokens(used) - ticket.expected_tokens)
            if isinstance(error, Unavailable):
                self._last_error = str(error)
                self._slow_down(ticket.sent_s, error.retry_after_s)
            else:
                self._speed_up()
            self._changed.notify_all()

    def add(self, used: Usage) -> None:
        """Count what other processes used."""
        with self._changed:
            self._spent += used

    def priced(self, attempts: Sequence[Attempt]) -> tuple[Attempt, ...]:
        """Return the attempts with what each cost."""
        price = self.price
        if price is None:
            return tuple(attempts)
        return tuple(
            replace(one, usage=replace(one.usage, cost_usd=price.cost_usd(one.usage)))
            for one in attempts
        )

    # ---- when ---------------------------------------------------------------------------------

    def _wait_s(self, cost_usd: float) -> float:
        """Return how long to wait before looking again, 0 or less to go now."""
        silent_s = time.monotonic() - self._answered_s
        if self._rounds and silent_s > AWAY_S:
            raise Away(
                f"no request was answered for {silent_s / 60:.0f} minutes ({self._last_error})"
            )
        if self._running >= int(self._allowed):
            return math.inf
        limit_usd = self.limits.max_cost_usd
        if limit_usd is not None:
            spent_usd = self._spent.cost_usd or 0.0
            most_usd = self._reserved_usd + cost_usd
            if spent_usd + most_usd > limit_usd:
                if self._running:
                    return math.inf  # what others put aside may come back
                self._changed.notify_all()
                raise OverBudget(
                    f"${spent_usd:.4f} of ${limit_usd:g} are spent, and the next request might "
                    f"take ${most_usd:.4f}: raise --max-cost to go on"
                )
        return self._not_before_s - time.monotonic()

    def _pace_s(self, requests: int, tokens: float) -> float:
        """Return for how long requests and tokens use up what a minute may."""
        by_requests_s = 60 / self.limits.rpm * requests if self.limits.rpm else 0.0
        by_tokens_s = 60 / self.limits.tpm * tokens if self.limits.tpm else 0.0
        return max(by_requests_s, by_tokens_s) if requests else by_tokens_s

    def _expected_tokens(self, most: Usage) -> float:
        """Return what a request is expected to use: the mean so far, before that its prompt."""
        if self._spent.calls:
            return _tokens(self._spent) / self._spent.calls
        return most.input_tokens / max(1, most.calls)

    # ---- how many -----------------------------------------------------------------------------

    def _speed_up(self) -> None:
        self._rounds, self._answered_s = 0, time.monotonic()
        step = GROWTH / self._allowed if self._steady else 1.0
        self._allowed = min(self._allowed + step, self.limits.workers)

    def _slow_down(self, sent_s: float, retry_after_s: float | None) -> None:
        """Shrink, once for all that were under way; pause as asked, or when nothing comes back."""
        now_s = time.monotonic()
        if retry_after_s is not None:
            self._not_before_s = max(self._not_before_s, now_s + retry_after_s)
        if sent_s < self._shrunk_s:
            return
        self._shrunk_s, self._steady = now_s, True
        self._allowed = max(1.0, self._allowed * SHRINK)
        self._rounds += 1
        if self._rounds > 1 and retry_after_s is None:
            pause_s = min(LONGEST_PAUSE_S, 0.25 * 2**self._rounds)
            self._not_before_s = max(self._not_before_s, now_s + pause_s)


class FlowEngine:
    """Forwards requests when the flow lets them out, and tells what each attempt cost.

    most: says what a request can use at most; None is one call with the prompt and the whole
    answer.
    """

    def __init__(
        self, engine: Engine, flow: Flow, most: Callable[[Request], Usage] | None = None
    ) -> None:
        self._engine = engine
        self._flow = flow
        self._most = most or most_used

    @property
    def identity(self) -> Identity:
        """Who answers: the engine inside."""
        return self._engine.identity

    @property
    def abilities(self) -> Abilities:
        """What the engine inside can do."""
        return self._engine.abilities

    def ask(self, request: Request) -> Reply:
        """Return the answer of the engine inside, with its cost.

        Raises:
            OverBudget, Away: it isn't asked, see Flow.enter.
            EngineError: as the engine inside raised it; its attempts are priced.
        """
        flow = self._flow
        ticket = flow.enter(self._most(request))
        attempts: tuple[Attempt, ...] = ()
        failure: EngineError | None = None
        try:
            reply = self._engine.ask(request)
            attempts = flow.priced(reply.attempts or (Attempt("ok", reply.usage),))
        except EngineError as error:
            outcome = f"{type(error).__name__}: {error}"
            attempts = flow.priced(error.attempts or (Attempt(outcome, Usage(calls=1)),))
            error.attempts, failure = attempts, error
            raise
        finally:
            flow.leave(ticket, attempts, failure)
        return replace(reply, attempts=attempts, usage=_sum(attempts))


def most_used(request: Request) -> Usage:
    """Return what one call for a request can use at most.

    >>> most_used(Request((), max_tokens=100)).output_tokens
    100
    """
    shown = sum(len(message.content.encode(errors="replace")) for message in request.messages)
    return Usage(
        calls=1,
        input_tokens=math.ceil(shown / BYTES_PER_TOKEN),
        output_tokens=request.max_tokens,
    )


def _sum(attempts: Sequence[Attempt]) -> Usage:
    return sum((attempt.usage for attempt in attempts), Usage(cost_usd=0.0))


def _tokens(usage: Usage) -> int:
    return usage.input_tokens + usage.output_tokens
