"""The runner: several documents under way, their records written in the order of the input.

The store is the journal: a document is finished when its record is in there, and what is written
out comes after. So a run that ends at any moment loses nothing but what was under way, and the
same command goes on. Memory stays flat: so many documents wait to be read, and so many to be
written. At its end, what failed in a way that may pass gets one more try.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace

from agent.batch.documents import Item
from agent.batch.output import Output
from agent.batch.work import Done
from agent.errors import Away, ClusterError, OverBudget, StoreError, TimedOut, Unavailable

AHEAD, AHEAD_OF = 2, 4  # threads more than requests: at least, and one for so many
SECOND_TRIES = 1000  # documents at most; their texts are held until then
MOST_AWAY = 3
AWAY = frozenset(class_.__name__ for class_ in (Unavailable, TimedOut))
WINDOW = 256  # documents that are read and wait for one before them to be written


@dataclass(slots=True)
class Totals:
    """What a run brought. before: finished by earlier runs. stopped: why it ended early, or "".

    late: of those that were read, the ones that took a second try.
    """

    read: int = 0
    before: int = 0
    failed: int = 0
    late: int = 0
    claims: int = 0
    cache_hits: int = 0
    stopped: str = ""

    @property
    def documents(self) -> int:
        """How many documents are done, in whatever way."""
        return self.read + self.before + self.failed

    def count(self, done: Done) -> None:
        """Count a document that is done."""
        self.claims += done.claims
        self.cache_hits += done.cache_hits
        if done.failure:
            self.failed += 1
        elif done.before:
            self.before += 1
        else:
            self.read += 1

    def count_second(self, done: Done) -> None:
        """Count what a second try of a document brought, which was counted as failed."""
        self.failed -= 1
        self.late += not done.failure
        self.count(done)


Read = Callable[[Item], Done]
Tell = Callable[[Done, Totals], None]


class _Crew:
    """Threads that read documents, until one of them finds that there's no use in going on."""

    def __init__(self, read: Read, workers: int, tell: Tell) -> None:
        threads = threads_for(workers)
        self._read = read
        self._tell = tell
        self._free = threading.Semaphore(2 * threads)
        self._counting = threading.Lock()
        self._worth_it: list[Item] = []
        self._away = 0  # second tries in a row that found no server
        self.pool = ThreadPoolExecutor(threads)
        self.totals = Totals()

    def take(self, item: Item) -> Future[Done | None]:
        """Return what will come of an item, None for nothing; waits while too many are waiting."""
        self._free.acquire()
        return self.pool.submit(self._do, item)

    def stop(self, reason: str) -> None:
        """Begin no further document."""
        self.totals.stopped = self.totals.stopped or reason

    def _do(self, item: Item) -> Done | None:
        try:
            if self.totals.stopped:
                return None
            done = self._read(item)
        except (StoreError, ClusterError, OverBudget, Away) as error:
            self.stop(str(error))
            return None
        finally:
            self._free.release()
        with self._counting:
            if done.again and len(self._worth_it) < SECOND_TRIES:
                self._worth_it.append(replace(item, earlier=done.failure))
            self.totals.count(done)
            self._tell(done, self.totals)
        return done

    def try_again(self) -> dict[int, Done]:
        """Return what second tries brought, by position; none where nothing was ever read.

        They end when the server can't be reached several times in a row: each would take as long
        as the first.
        """
        if self.totals.documents == self.totals.failed:
            return {}
        tries = [self.pool.submit(self._do_again, item) for item in self._worth_it]
        return {done.position: done for each in tries if (done := each.result())}

    def _do_again(self, item: Item) -> Done | None:
        if self.totals.stopped or self._away >= MOST_AWAY:
            return None
        try:
            done = self._read(item)
        except (OverBudget, Away):
            return None  # the failure stands, and the run is whole
        except (StoreError, ClusterError) as error:
            self.stop(str(error))
            return None
        with self._counting:
            self._away = self._away + 1 if done.failure and done.failure.kind in AWAY else 0
            self.totals.count_second(done)
            self._tell(done, self.totals)
        return done


def threads_for(workers: int) -> int:
    """Return how many documents to have under way: some are parsed while others wait for answers.

    >>> threads_for(1), threads_for(16)
    (3, 20)
    """
    return workers + max(AHEAD, workers // AHEAD_OF)


def run(items: Iterable[Item], read: Read, output: Output, workers: int, tell: Tell) -> Totals:
    """Return what came of the items, having written each as its turn came.

    read: reads an item, in any thread. workers: requests under way at the same time. tell: hears
    of each document when it's done, in any thread, but in one at a time.

    Raises:
        InputError: a file of the input can't be read any more.
    """
    crew = _Crew(read, workers, tell)
    pending: deque[Future[Done | None]] = deque()
    with crew.pool:
        for item in items:
            pending.append(crew.take(item))
            while pending and (pending[0].done() or len(pending) > max(WINDOW, 2 * workers)):
                _write(pending.popleft().result(), output, crew)
            if crew.totals.stopped:
                break
        while pending:
            _write(pending.popleft().result(), output, crew)
        late = crew.try_again()
    _write(late, output, crew)
    return crew.totals


def _write(done: Done | Mapping[int, Done] | None, output: Output, crew: _Crew) -> None:
    """Write what came of a document, or at the end of the second tries; or stop the run."""
    if crew.totals.stopped or done is None:
        return  # the files are made anew by the run that goes on
    try:
        if isinstance(done, Done):
            output.write(done)
        else:
            output.mend(done)
            output.finish()
    except OSError as error:
        place = error.filename or output.targets.records
        crew.stop(f"can't write {place}: {error.strerror}; free some space, or mend what it is")
