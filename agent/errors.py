"""Every error that sayso raises on purpose.

AgentError
├─ ConfigError          a setting, option or file of ours is wrong
├─ InputError           an article can't be read
│  └─ GoldError         a gold file can't be read, or contradicts its text or itself
├─ PromptError          a prompt template is wrong or was changed after its release
├─ StoreError           the store can't be opened, read or written
├─ ClusterError         the workers of a cluster can't do the job
├─ WeightsError         weights are missing, cut short or not what their hash says
└─ EngineError
   ├─ Unavailable       429, 5xx, no connection: worth another try
   │  └─ TimedOut       no whole answer in time: worth one more try at most
   ├─ Refused           wrong key, no quota, content filter: another try won't help
   ├─ BadReply          an answer came that can't be used; the raw text is kept
   │  └─ CutOff         it ends before its end: worth one more try
   ├─ OverBudget        the next request might cost more than is left: not asked
   ├─ Away              nobody has answered for half an hour: not asked
   └─ ReplayMiss        a recording doesn't hold the answer, and nobody may be asked

A message says what happened, where, and what to do about it.
"""

from __future__ import annotations

from typing import Any


class AgentError(Exception):
    """The root: whatever is raised on purpose is one of these."""


class ConfigError(AgentError):
    """A setting, an option or a file of ours is wrong."""


class InputError(AgentError):
    """An article or a gold file can't be read as what it should be."""


class GoldError(InputError):
    """A gold file is malformed, or contradicts its text or itself."""


class PromptError(AgentError):
    """A prompt template is malformed, lacks a variable, or was changed after its release."""


class StoreError(AgentError):
    """The store can't be opened, read or written."""


class ClusterError(AgentError):
    """The workers of a cluster can't be reached, or can't do the job."""


class WeightsError(AgentError):
    """Model weights are missing, incomplete, or not the bytes that their hash names."""


class EngineError(AgentError):
    """An engine gave no usable answer. attempts: an Attempt for each try, in order."""

    attempts: tuple[Any, ...] = ()


class Unavailable(EngineError):
    """The engine can't answer now (429, 5xx, no connection, or in time: TimedOut).

    retry_after_s: seconds that the server asked us to wait, or None.
    """

    def __init__(self, message: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class TimedOut(Unavailable):
    """No whole answer came in time; whoever asks again may well wait as long again."""


class Refused(EngineError):
    """The engine won't answer (authentication, quota, content filter); asking again won't help.

    unexplained: unless it gave no reason at all, as a server in trouble does.
    """

    def __init__(self, message: str, *, unexplained: bool = False) -> None:
        super().__init__(message)
        self.unexplained = unexplained


class BadReply(EngineError):
    """An answer came that can't be used. raw: the text as it came, for the record."""

    def __init__(self, message: str, *, raw: str = "") -> None:
        super().__init__(message)
        self.raw = raw


class CutOff(BadReply):
    """An answer ends before its end; whoever asks again may get the whole."""


class OverBudget(EngineError):
    """The next request might cost more than the run may spend, so it isn't asked."""


class Away(EngineError):
    """No request was answered for so long that nobody is asked any more."""


class ReplayMiss(EngineError):
    """A recording doesn't hold the answer to a request, and no engine may be asked for it."""
