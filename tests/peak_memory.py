"""How much memory this process took over a stretch of a test.

    with PeakMemory() as memory:
        ...
    assert 100 > memory.more_mb

Linux tells it; elsewhere it's 0.
"""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Self

_STATUS, _CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")


class PeakMemory:
    """A `with` block; more_mb: its peak of resident memory, beyond what was held before."""

    def __init__(self) -> None:
        self._before_mb = 0.0
        self.more_mb = 0.0

    def __enter__(self) -> Self:
        if _CLEAR.exists():
            _CLEAR.write_text("5", encoding="ascii")  # the peak begins anew
            self._before_mb = _told_mb("VmRSS")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if _CLEAR.exists():
            self.more_mb = _told_mb("VmHWM") - self._before_mb


def _told_mb(name: str) -> float:
    status = _STATUS.read_text(encoding="utf-8")
    return int(status.partition(f"{name}:")[2].split()[0]) / 1024
