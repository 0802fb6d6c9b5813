"""The number of tasks to keep in flight in a worker (`lib/engines/local/batch_window.ts`)."""

import time

# The total duration of the waiting tasks, in seconds.
_BATCH_S = 0.16
_MAX_WINDOW = 32768
_MEASURE_S = 0.001
_MAX_GROWTH = 8


class BatchWindow:
    """Adapts the number of tasks that wait in a worker to the duration of a task."""

    def __init__(self, concurrency: int) -> None:
        self._concurrency = concurrency
        self.size = 1 if concurrency == 1 else 2 * concurrency
        self._measured = time.monotonic()
        self._responses = 0
        self._last_each = float("inf")

    @property
    def refill_at(self) -> float:
        """The number of tasks in flight at which more tasks are sent."""
        return (self.size + self._concurrency - 1) / 2

    def add(self, responses: int) -> None:
        """Counts responses and adapts the size, which grows at most by a factor."""
        self._responses += responses
        now = time.monotonic()
        if now - self._measured < _MEASURE_S:
            return
        each = (now - self._measured) / self._responses
        # This process may have been busy, so the faster of the last two reads counts.
        waiting = round(_BATCH_S / min(each, self._last_each))
        self._measured, self._responses, self._last_each = now, 0, each
        least = self._concurrency
        most = max(least, min(self.size * _MAX_GROWTH, _MAX_WINDOW))
        self.size = max(least, min(waiting + least - 1, most))
