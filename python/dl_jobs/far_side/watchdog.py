"""The limits on the time of a task and on the memory of a worker.

The rules are those of `lib/engines/local/watchdog.ts`.
"""

import itertools
import time
from typing import Any, Callable, Dict, Iterable, Optional, Tuple

from .worker_death import TaskError, Verdict, timeout_error

# The interval between memory checks.
_MEMORY_CHECK_S = 0.05


class Watchdog:
    """Kills a worker that exceeds a limit, and records which tasks to charge."""

    def __init__(self, options: Any, process: Any, cancel: Callable[[int], float]) -> None:
        """Starts the clocks. `cancel` asks a task to end, and returns the time that it has."""
        self.verdict: Optional[Verdict] = None
        self._options, self._process, self._cancel = options, process, cancel
        # The starts of tasks that have exceeded the time limit and may end by themselves.
        self._late: Dict[int, float] = {}
        self._grace = 0.0
        self._since: Dict[int, float] = {}
        self._checked = time.monotonic()
        self._memory_at = 0.0

    def track(self, in_flight: Iterable[int]) -> None:
        """Records the tasks that are running."""
        if not self._options.timeout and not self._options.memory:
            return
        now = time.monotonic()
        running = itertools.islice(in_flight, self._options.concurrency)
        self._since = {task_id: self._since.get(task_id, now) for task_id in running}

    def check(self) -> None:
        """Checks the limits. Time during which this process was blocked is not charged."""
        now = time.monotonic()
        missed = now - self._checked - 2 * self._options.tick
        self._checked = now
        if missed > 0:
            self._since = {task_id: since + missed for task_id, since in self._since.items()}
        if self._options.timeout:
            self._check_time(now, self._options.timeout)
        if self._options.memory and now - self._memory_at >= _MEMORY_CHECK_S:
            self._memory_at = now
            self._check_memory(self._options.memory)

    def _check_time(self, now: float, timeout: float) -> None:
        late = {id: since for id, since in self._since.items() if now - since > timeout}
        for task_id, since in late.items():
            if task_id not in self._late:
                self._late[task_id] = since
                self._grace = self._cancel(task_id)
        over = [since for since in late.values() if now - since > timeout + self._grace]
        if over:
            error = timeout_error(timeout, " and was killed")
            is_shared = self._process.tree.is_blocked()
            self._end(Verdict(list(late), error, 1000 * (now - over[0]), is_shared))

    def take_late(
        self, task_id: int, thrown: Optional[TaskError]
    ) -> Optional[Tuple[TaskError, float]]:
        """Removes a late task that has ended, and returns its error and its time in ms.

        A late task fails as a timeout, whatever it returned or threw.
        """
        since = self._late.pop(task_id, None) if self._late else None
        if since is None:
            return None
        error = timeout_error(self._options.timeout)
        if thrown:
            stack = thrown.get("stack") or f"{thrown['type']}: {thrown['message']}"
            error = {**error, "stack": stack}
        return error, 1000 * (time.monotonic() - since)

    def _check_memory(self, memory: int) -> None:
        used = self._process.tree.memory(memory)
        if used <= memory:
            return
        message = (
            f"its worker used {used / 1e6:.0f} MB of memory, more than the limit of "
            f"{memory / 1e6:.0f} MB, and was killed"
        )
        error = {"message": message, "type": "OutOfMemory", "class": "oom"}
        self._end(Verdict(list(self._since), error, is_shared=True))

    def _end(self, verdict: Verdict) -> None:
        if self.verdict is None:
            self.verdict = verdict
            self._process.kill()
