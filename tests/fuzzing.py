"""What the fuzz tests share: how many cases, and real files damaged in many ways."""

from __future__ import annotations

import copy
import json
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Any, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from agent.errors import AgentError

T = TypeVar("T")
FUZZ = "SAYSO_FUZZ_CASES"  # set by `make fuzz`
LIMIT_S = 20.0  # for a case; the readers' own process has more


def cases(usual: int) -> settings:
    """Return the settings of a test: `usual` cases in the suite, as many as asked for in a fuzz."""
    return settings(
        max_examples=int(os.environ.get(FUZZ, usual)),
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )


def tried(work: Callable[[], T], error: type[AgentError], about: str) -> T | None:
    """Return what the work gives, None where it's refused with an error that tells what it's about.

    Any other exception passes, and fails the test.
    """
    try:
        return work()
    except error as refusal:
        message = str(refusal)
    assert about in message
    return None


@contextmanager
def limited() -> Iterator[None]:
    """End what takes longer than LIMIT_S, and fail, whatever became of the TimeoutError in it."""
    hung: list[float] = []

    def stop(_: int, __: FrameType | None) -> None:
        hung.append(LIMIT_S)
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, LIMIT_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        assert [] == hung, f"longer than {LIMIT_S} s"


# ---- bytes --------------------------------------------------------------------------------------


@st.composite
def damaged(draw: st.DrawFn, samples: Sequence[bytes], pieces: Sequence[bytes]) -> bytes:
    """Return one of the samples, damaged: cut, doubled, overwritten; with pieces put in."""
    data = bytearray(draw(st.sampled_from(samples)))
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, len(data)))
        end = min(len(data), start + draw(st.integers(0, 9) | st.integers(0, 2_000)))
        new = draw(st.sampled_from(pieces) | st.binary(max_size=6) | st.none())
        if new is None:  # another stretch of the file itself
            other = draw(st.integers(0, len(data)))
            new = bytes(data[other : other + end - start])
        data[start : end if draw(st.booleans()) else start] = new
    return bytes(data)


# ---- JSON ---------------------------------------------------------------------------------------

ODD = st.one_of(
    st.sampled_from([None, True, False, 0, -1, 1, 2**70, 1e308, 0.5, float("nan"), float("inf")]),
    st.sampled_from(["", "x", "c1", "none", "\0", "\ud800", "../../x", "x" * 5_000, "é" * 300]),
    st.sampled_from([[], {}, [[]], {"": None}, {"id": "x"}, {"start": 0, "end": 1, "text": "x"}]),
)


def _places(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the way to every value within a value of JSON."""
    keys = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in keys:
        yield (*at, key)
        if isinstance(inner, dict | list):
            yield from _places(inner, (*at, key))


def _within(value: Any, way: Sequence[Any]) -> Any:
    for key in way:
        value = value[key]
    return value


@st.composite
def damaged_json(draw: st.DrawFn, sample: Any, most: int) -> Any:
    """Return a sample with `most` values at most changed, taken out, doubled or put elsewhere."""
    value = copy.deepcopy(sample)
    for _ in range(draw(st.integers(1, most))):
        places = list(_places(value))
        if not places:
            break
        way = places[draw(st.integers(0, len(places) - 1))]
        holder, key = _within(value, way[:-1]), way[-1]
        what = draw(st.sampled_from(["change", "change", "take out", "double", "swap"]))
        if what == "take out":
            del holder[key]
        elif what == "double" and isinstance(holder, list):
            holder.append(copy.deepcopy(holder[key]))
        elif what == "swap":
            other = places[draw(st.integers(0, len(places) - 1))]
            holder[key] = copy.deepcopy(_within(value, other))
        else:
            holder[key] = copy.deepcopy(draw(ODD))
    return value


def as_bytes(value: Any) -> bytes:
    """Return a value as JSON, half pairs written out."""
    return json.dumps(value).encode()
