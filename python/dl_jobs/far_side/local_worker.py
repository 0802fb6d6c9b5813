"""One worker, and the tasks sent to it (`lib/engines/local/local_worker.ts`)."""

import time
from typing import Any, Dict, List, Optional

from .batch_window import BatchWindow
from .frame import ProtocolError, make_frame
from .watchdog import Watchdog
from .worker_death import Blame, Death, Task, blame, failure_line, invalid_text, load_error
from .worker_process import WorkerProcess
from .worker_responses import Responses, WorkerResponses, checkpoint_line, is_error

# The shortest time that a worker has to exit after its last task, in seconds.
_EXIT_S = 5.0


class LocalWorker:
    """Sends tasks to one worker process, and reports the outcome of each to its slot."""

    def __init__(self, slot: Any, options: Any) -> None:
        self._slot, self._queue, self._sink = slot, slot.run.queue, slot.run.sink
        self._options = options
        # The time that calls have after a cancellation, in seconds; 0 when they cannot react.
        self._grace = 0.0
        self._kill_at = float("inf")
        self._is_quitting = False
        self.is_ready = False
        self._in_flight: Dict[int, Task] = {}
        self._last_first = -1
        self._sent = 0
        self._is_alone = self._is_ended = False
        self._last_failure: Optional[str] = None
        self._damage: Optional[str] = None
        self._window = BatchWindow(options.concurrency)
        self._responses: Optional[WorkerResponses] = None
        self.process = WorkerProcess(slot.run.selector, options, self._read, self._log_text)
        self._watchdog = Watchdog(options, self.process, self._cancel)

    def tick(self) -> bool:
        """Checks the limits, and sends more tasks. Returns false when the worker has ended."""
        self._watchdog.check()
        self._feed()
        if self._is_ended and not self._in_flight:
            # The function teardown may never return.
            self._kill_after(max(_EXIT_S, self._options.grace))
        if time.monotonic() > self._kill_at:
            self.process.kill()
        status = self.process.status()
        if status is None:
            return True
        self._settle(status)
        return False

    def quit(self) -> None:
        """Ends the process at once, or after the time in which its calls can react."""
        if self._is_quitting:
            return
        self._is_quitting = True
        self._kill_after(self._grace)
        if self._grace:
            self.process.interrupt(make_frame(self.process.token, {"quit": 1}, b""))

    def _kill_after(self, seconds: float) -> None:
        self._kill_at = min(self._kill_at, time.monotonic() + seconds)

    def _cancel(self, task_id: int) -> float:
        if self._grace:
            head = {"cancel": task_id, "attempt": self._in_flight[task_id][1]}
            self.process.interrupt(make_frame(self.process.token, head, b""))
        return self._grace

    def _feed(self) -> None:
        if not self.is_ready or self._is_ended or self._is_quitting:
            return
        most = 0 if self._is_alone else self._window.refill_at
        if len(self._in_flight) > most:
            return
        room = max(1, int(self._window.size - len(self._in_flight) + 0.999))
        is_idle = not self._in_flight
        left = self._options.tasks_per_worker - self._sent
        tasks: List[Task] = []
        if left > 0:
            tasks, self._is_alone = self._queue.take(int(min(room, left)), is_idle)
        if tasks:
            if is_idle:
                self._slot.spans.begin()
            self._send(tasks)
        elif (left <= 0 or not self._queue) and (is_idle or not self._grace):
            # A worker whose calls can be canceled needs the channel while they run.
            self._is_ended = True
            self.process.end()

    def _send(self, tasks: List[Task]) -> None:
        """Sends tasks. Each group of tasks with consecutive ids is a frame."""
        self._in_flight.update((task[0], task) for task in tasks)
        self._watchdog.track(self._in_flight)
        at = 0
        while at < len(tasks):
            first, attempt, _, checkpoint = tasks[at]
            end = at + 1
            while end < len(tasks) and _is_next(tasks[end], first + end - at, tasks[at]):
                end += 1
            head = {"id": first, "attempt": attempt, "count": end - at, "before": self._sent}
            lines = b"".join(line + b"\n" for _, _, line, _ in tasks[at:end])
            if checkpoint is not None:
                head["checkpoint"] = 1
                lines += checkpoint + b"\n"
            self.process.send(make_frame(self.process.token, head, lines))
            self._sent += end - at
            at = end

    def _read(self, data: bytes) -> None:
        if self._responses is None:
            self._responses = WorkerResponses(
                self.process.token, self._in_flight, self._receive, self._watchdog.take_late
            )
        self._last_first = next(iter(self._in_flight), self._last_first)
        found = self._responses.read(data)
        if self._responses.violation is not None:
            self.process.kill()
        self._report(found)
        self._feed()

    def _report(self, found: Responses) -> None:
        for line in found.logs:
            self._sink.log(line)
        if found.count == 0:
            return
        # A task that fails because the run is over is not charged.
        failures = [] if self._is_quitting else found.failures
        self._sink.keep(found.checkpoints)
        self._sink.add([*found.successes, *failures], found.count)
        self._window.add(found.count)
        self._slot.spans.add(found.first, found.count, len(found.failures))
        self._last_failure = found.last_failure
        self._watchdog.track(self._in_flight)

    def _receive(self, message: Dict[str, Any]) -> None:
        if is_error(message.get("broken")):
            raise load_error(message["broken"])
        if isinstance(message.get("damaged"), str):
            self._damage = message["damaged"]
        elif isinstance(message.get("idle"), int):
            self._idle(message["idle"])
        elif isinstance(message.get("loaded"), dict):
            self._grace = self._options.grace if message["loaded"].get("grace") else 0.0
            self._slot.spans.add_setup(message["loaded"].get("setupMs", 0))
        else:
            raise ProtocolError("it sent an unknown message")

    def _idle(self, received: int) -> None:
        self.is_ready = True
        count = len(self._in_flight)
        if received > self._sent or (received == self._sent and count > 0):
            raise ProtocolError(
                f"it reported {received} of {self._sent} tasks, {count} without a response"
            )

    def _log_text(self, stream: str, text: str) -> None:
        """Logs text that bypassed the worker's capture, such as the output of a child process."""
        # Until the worker is ready, stderr contains the reason for a failed start.
        if self.is_ready or stream == "stdout":
            task_id = next(iter(self._in_flight), self._last_first)
            self._sink.log({"id": task_id, "attempt": 1, "stream": stream, "text": text})

    def _settle(self, status: int) -> None:
        in_flight = list(self._in_flight.values())
        self._in_flight.clear()
        if self._is_quitting:
            self._sink.keep(map(checkpoint_line, in_flight))
            return
        verdict, violation = self._watchdog.verdict, self._violation
        if not self.is_ready or self._damage is not None:
            damage = self._damage and f"its tasks arrived damaged: {self._damage}"
            why = (verdict and verdict.error["message"]) or invalid_text(violation) or damage
            self._slot.starts.add(status, self.process.stderr, why)
            self._settle_as(in_flight, Blame(innocent=in_flight))
            return
        self._slot.starts.reset()
        facts = (status, self.process.stderr, verdict, violation, self._last_failure)
        self._settle_as(in_flight, blame(in_flight, Death(*facts)))

    @property
    def _violation(self) -> Optional[str]:
        return self._responses.violation if self._responses else None

    def _settle_as(self, in_flight: List[Task], outcome: Blame) -> None:
        self._queue.give_back(outcome.innocent)
        self._queue.suspect(outcome.suspects)
        if not outcome.charged:
            return
        ids, error, ms, _ = outcome.charged
        charged = [task for task in in_flight if task[0] in ids]
        if charged:
            self._sink.keep(map(checkpoint_line, charged))
            lines = [failure_line(task[0], task[1], error, ms) for task in charged]
            self._sink.add(lines, len(charged))
            self._slot.spans.add(charged[0][0], len(charged), len(charged))


def _is_next(task: Task, task_id: int, before: Task) -> bool:
    """Returns true for a task that can be in one frame with the task before it."""
    return task[:2] == (task_id, before[1]) and task[3] is None and before[3] is None
