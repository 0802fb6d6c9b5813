"""The limits on the time of a task and on the memory of a worker.

The rules are those of `lib/engines/local/watchdog.ts`.
"""

import itertools
import time
from typing import Any, Dict, Iterable, Optional

from .worker_death import Verdict

# The interval between memory checks.
_MEMORY_CHECK_S = 0.05


class Watchdog:
    """Kills a worker that exceeds a limit, and records which tasks to charge."""

    def __init__(self, options: Any, process: Any) -> None:
        self.verdict: Optional[Verdict] = None
        self._options, self._process = options, process
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
        late = [task_id for task_id, since in self._since.items() if now - since > timeout]
        if not late:
            return
        message = f"it ran longer than the timeout of {timeout:g} s and was killed"
        error = {"message": message, "type": "Timeout", "class": "timeout"}
        self._end(Verdict(late, error, 1000 * (now - self._since[late[0]])))

    def _check_memory(self, memory: int) -> None:
        used = self._process.tree.memory(memory)
        if used <= memory:
            return
        message = (
            f"its worker used {used / 1e6:.0f} MB of memory, more than the limit of "
            f"{memory / 1e6:.0f} MB, and was killed"
        )
        error = {"message": message, "type": "OutOfMemory", "class": "oom"}
        self._end(Verdict(list(self._since), error))

    def _end(self, verdict: Verdict) -> None:
        if self.verdict is None:
            self.verdict = verdict
            self._process.kill()
