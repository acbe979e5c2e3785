"""Reading within the REPL: the engine is loaded when it's first needed and kept; Ctrl-C stops.

The reading runs in a thread of its own. What is stopped comes to its end there, when the answer
under way has come; nobody waits for it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import replace
from queue import Empty, Queue
from typing import TYPE_CHECKING

from agent.engines import build_engine
from agent.errors import StoreError
from agent.extract import Event, extract
from agent.files import load_prompts, load_resources

if TYPE_CHECKING:
    from agent.document import Document
    from agent.engine import Engine
    from agent.extract import Resources
    from agent.prompt import Prompt
    from agent.schema import Extraction
    from agent.settings import Settings

TICK_S = 0.1  # how often the waiting thread looks up, so that Ctrl-C reaches it

Listen = Callable[[Event, "Extraction | None"], None]


@contextmanager
def kept_engine(settings: Settings, tell: Callable[[str], None]) -> Iterator[Engine]:
    """Yield the engine of the settings; its replies are kept, so what was stopped goes on.

    tell: is told why, where they can't be kept.
    """
    from agent.engines.cached import CachedEngine  # noqa: PLC0415  (the database library is slow)
    from agent.store import Store  # noqa: PLC0415

    with ExitStack() as stack:
        engine = stack.enter_context(build_engine(settings))
        try:
            engine = CachedEngine(engine, stack.enter_context(Store(settings.store)))
        except StoreError as error:
            tell(f"note: replies aren't kept: {error}")
        yield engine


class _Stopped(Exception):
    """The person wants no more of this reading."""


class Reader:
    """Reads articles with the engine of some settings.

    build, load: where engine and resources come from.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        build: Callable[[Settings], AbstractContextManager[Engine]] = build_engine,
        load: Callable[[Settings], Resources] = load_resources,
    ) -> None:
        self.settings = settings
        self.changed_prompts: dict[str, Prompt] = {}
        self._build, self._load = build, load
        self._lock = threading.Lock()
        self._held: tuple[Resources, Engine] | None = None
        self._stack = ExitStack()
        self._running: list[Future[Extraction]] = []

    def read(self, document: Document, listen: Listen) -> Extraction:
        """Return the record of a document. listen: is told of each event, with what is settled.

        Raises:
            KeyboardInterrupt: Ctrl-C came; the reading is given up.
            AgentError: as extract() and the loading of the engine raise them.
        """
        stop = threading.Event()
        told: Queue[tuple[Event, Extraction | None]] = Queue()

        def tell(event: Event) -> None:
            if stop.is_set():
                raise _Stopped
            told.put((event, event.so_far()))

        pool = ThreadPoolExecutor(max_workers=1)
        future = pool.submit(self._read, document, tell)
        self._running = [each for each in (*self._running, future) if not each.done()]
        try:
            while not (future.done() and told.empty()):
                try:
                    listen(*told.get(timeout=TICK_S))
                except Empty:
                    continue
            return future.result()
        finally:
            stop.set()
            pool.shutdown(wait=False, cancel_futures=True)

    def _read(self, document: Document, tell: Callable[[Event], None]) -> Extraction:
        from agent.engines.cached import CachedEngine  # noqa: PLC0415  (see kept_engine)

        tell(Event("loading", 0, 0))
        resources, engine = self._loaded()
        prompts = {**resources.prompts, **self.changed_prompts}
        resources = replace(resources, prompts=prompts)
        if isinstance(engine, CachedEngine):
            engine = engine.for_document(document.article.id)
        return extract(document, resources, engine, tell, self.settings.workers)

    def _loaded(self) -> tuple[Resources, Engine]:
        with self._lock:
            if self._held is None:
                resources = self._load(self.settings)
                self._held = resources, self._stack.enter_context(self._build(self.settings))
            return self._held

    def prompts(self) -> dict[str, Prompt]:
        """Return the prompts in use, by task."""
        return {**load_prompts(), **self.changed_prompts}

    def use(self, settings: Settings) -> None:
        """Read with other settings from now on; the engine at hand is closed when it's idle."""
        if not self.busy:
            self.close()
        self._held, self._stack = None, ExitStack()
        self.settings = settings

    @property
    def busy(self) -> bool:
        """Whether a reading that was stopped still waits for its engine's answer."""
        return any(not future.done() for future in self._running)

    def close(self) -> None:
        """Close the engine; none may be at work."""
        self._held = None
        self._stack.close()
