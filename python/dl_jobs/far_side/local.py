"""Runs the tasks of a slice in worker processes (`lib/engines/local/local.ts`)."""

import math
import selectors
import time
from collections import deque
from typing import Any, Callable, Deque, Dict, List, NamedTuple, Optional, Sequence, Tuple

from .local_worker import LocalWorker
from .orphan_reaper import OrphanReaper
from .worker_death import FailedStarts, Task

# Short tasks share a span.
_LEAST_SPAN_MS = 100


class Options(NamedTuple):
    """The options of a run. Times are in seconds, and sizes in bytes."""

    command: Callable[[str], List[str]]
    cwd: str
    env: Dict[str, str]
    workers: int
    concurrency: int
    timeout: Optional[float]
    grace: float
    memory: Optional[int]
    tasks_per_worker: float = math.inf

    @property
    def tick(self) -> float:
        """The time between two checks of the limits."""
        return min(0.05, self.timeout / 10) if self.timeout else 0.05


class TaskQueue:
    """The tasks that wait for a worker. A suspect, whose worker died, runs alone."""

    def __init__(self, tasks: Sequence[Task], workers: int) -> None:
        self._ready: Deque[Task] = deque(tasks)
        self._suspects: Deque[Task] = deque()
        self._workers = workers
        self.is_stopped = False

    def __bool__(self) -> bool:
        """True when a worker may still get a task."""
        return not self.is_stopped and bool(self._ready or self._suspects)

    def take(self, most: int, is_idle: bool) -> Tuple[List[Task], bool]:
        """Takes the next tasks for a worker. Returns true with a suspect."""
        if self.is_stopped:
            return [], False
        if is_idle and self._suspects:
            return [self._suspects.popleft()], True
        # Smaller batches near the end let all workers end together.
        share = math.ceil(len(self._ready) / self._workers / 2)
        count = min(most, share, len(self._ready))
        return [self._ready.popleft() for _ in range(count)], False

    def give_back(self, tasks: Sequence[Task]) -> None:
        """Puts tasks that are not charged back at the front."""
        self._ready.extendleft(reversed(tasks))

    def suspect(self, tasks: Sequence[Task]) -> None:
        """Puts tasks back after their worker died. Each then runs alone."""
        self._suspects.extend(tasks)


class SpanWriter:
    """Joins the busy times of a slot into spans (`lib/engines/shared/busy_spans.ts`)."""

    def __init__(self, worker: str, on_span: Callable[[Dict[str, Any]], None]) -> None:
        self._worker, self._on_span = worker, on_span
        self._from = self._to = _now_ms()
        self._id = self._count = self._failed = 0
        self._setup_ms: float = 0

    def begin(self) -> None:
        """Begins a busy time after an idle time."""
        self.end()
        self._from = _now_ms()

    def add_setup(self, ms: float) -> None:
        """Adds the time that `setup` took in a worker, in milliseconds."""
        self._setup_ms += ms

    def add(self, task_id: int, count: int, failed: int) -> None:
        """Adds tasks that have ended."""
        if self._count == 0:
            self._id = task_id
        self._to = _now_ms()
        self._count += count
        self._failed += failed
        if self._to - self._from >= _LEAST_SPAN_MS:
            self.end()

    def end(self) -> None:
        """Reports the tasks added since the last span."""
        if self._count == 0:
            return
        span = {"worker": self._worker, "from": self._from, "to": self._to, "id": self._id}
        failed = {"failed": self._failed} if self._failed else {}
        setup = {"setupMs": self._setup_ms} if self._setup_ms else {}
        self._on_span({**span, "count": self._count, **failed, **setup})
        self._from = self._to
        self._count = self._failed = self._setup_ms = 0


class Slot:
    """A place for one worker at a time."""

    def __init__(self, run: "LocalRun", index: int, options: Options) -> None:
        self.run = run
        self.options = options._replace(env={**options.env, "DL_JOBS_SLOT": str(index)})
        self.spans = SpanWriter(str(index), run.sink.span)
        self.starts = FailedStarts()
        self.worker: Optional[LocalWorker] = None


class LocalRun:
    """Runs tasks until all have a response, or a limit is reached."""

    def __init__(self, tasks: Sequence[Task], options: Options, sink: Any) -> None:
        """Creates a run. The sink receives events, logs and spans."""
        self.sink = sink
        self.selector = selectors.DefaultSelector()
        self.queue = TaskQueue(tasks, options.workers)
        self._options = options
        self._slots = [Slot(self, index, options) for index in range(options.workers)]

    def run(self, must_stop: Callable[[], bool], must_end: Callable[[], bool]) -> None:
        """Runs the tasks. Raises `LoadError` when the function cannot be loaded."""
        reaper = OrphanReaper()
        try:
            while not self._is_over(must_end):
                self.queue.is_stopped = self.queue.is_stopped or must_stop()
                self._start_workers(reaper)
                if not any(slot.worker for slot in self._slots):
                    break
                self._wait()
                self._tick(reaper)
        finally:
            for slot in self._slots:
                if slot.worker:
                    slot.worker.process.close()
                slot.spans.end()
            self.selector.close()
            reaper.close()

    def _is_over(self, must_end: Callable[[], bool]) -> bool:
        """Asks the workers to end when a run must end, and returns true when all have ended."""
        if not must_end():
            return False
        self.queue.is_stopped = True
        workers = [slot.worker for slot in self._slots if slot.worker]
        for worker in workers:
            worker.quit()
        return not workers

    def _start_workers(self, reaper: OrphanReaper) -> None:
        for slot in self._slots:
            if self.queue and not slot.worker:
                slot.worker = LocalWorker(slot, slot.options)
                reaper.add(slot.worker.process.pid)

    def _wait(self) -> None:
        for key, _ in self.selector.select(self._options.tick):
            # An earlier call may have closed the file.
            current = self.selector.get_map().get(key.fd)
            if current:
                current.data()

    def _tick(self, reaper: OrphanReaper) -> None:
        for slot in self._slots:
            worker = slot.worker
            if worker and not worker.tick():
                reaper.remove(worker.process.pid)
                worker.process.close()
                slot.worker = None


def _now_ms() -> int:
    return int(time.time() * 1000)
