"""One worker, and the tasks sent to it (`lib/engines/local/local_worker.ts`)."""

import time
from typing import Any, Dict, List, Optional

from .batch_window import BatchWindow
from .frame import ProtocolError, make_frame
from .watchdog import Watchdog
from .worker_death import Blame, Death, Task, blame, failure_line, invalid_text, load_error
from .worker_process import WorkerProcess
from .worker_responses import Responses, WorkerResponses, is_error


class LocalWorker:
    """Sends tasks to one worker process, and reports the outcome of each to its slot."""

    def __init__(self, slot: Any, options: Any) -> None:
        self._slot, self._queue, self._sink = slot, slot.run.queue, slot.run.sink
        self.is_ready = False
        self._in_flight: Dict[int, Task] = {}
        self._last_first = -1
        self._sent = 0
        self._is_alone = self._is_ended = False
        self._last_failure: Optional[str] = None
        self._damage: Optional[str] = None
        self._window = BatchWindow(options.concurrency)
        self._responses: Optional[WorkerResponses] = None
        self.process = WorkerProcess(
            slot.run.selector, options, self._read, self._log_text
        )
        self._watchdog = Watchdog(options, self.process)

    def tick(self) -> bool:
        """Checks the limits, and sends more tasks. Returns false when the worker has ended."""
        self._watchdog.check()
        self._feed()
        status = self.process.status()
        if status is None:
            return True
        self._settle(status)
        return False

    def _feed(self) -> None:
        if not self.is_ready or self._is_ended:
            return
        most = 0 if self._is_alone else self._window.refill_at
        if len(self._in_flight) > most:
            return
        room = max(1, int(self._window.size - len(self._in_flight) + 0.999))
        is_idle = not self._in_flight
        tasks, self._is_alone = self._queue.take(room, is_idle)
        if tasks:
            if is_idle:
                self._slot.spans.begin()
            self._send(tasks)
        elif not self._queue:
            self._is_ended = True
            self.process.end()

    def _send(self, tasks: List[Task]) -> None:
        """Sends tasks. Each group of tasks with consecutive ids is a frame."""
        self._in_flight.update((task[0], task) for task in tasks)
        self._watchdog.track(self._in_flight)
        at = 0
        while at < len(tasks):
            first, attempt, _ = tasks[at]
            end = at + 1
            while end < len(tasks) and tasks[end][:2] == (first + end - at, attempt):
                end += 1
            head = {"id": first, "attempt": attempt, "count": end - at, "before": self._sent}
            lines = b"".join(line + b"\n" for _, _, line in tasks[at:end])
            self.process.send(make_frame(self.process.token, head, lines))
            self._sent += end - at
            at = end

    def _read(self, data: bytes) -> None:
        if self._responses is None:
            self._responses = WorkerResponses(self.process.token, self._in_flight, self._receive)
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
        self._sink.add(found.events, found.count)
        self._window.add(found.count)
        self._slot.spans.add(found.first, found.count, len(found.failures))
        last = found.failures[-1]["error"]["class"] if found.failures else None
        self._last_failure = last
        self._watchdog.track(self._in_flight)

    def _receive(self, message: Dict[str, Any]) -> None:
        if is_error(message.get("broken")):
            raise load_error(message["broken"])
        if isinstance(message.get("damaged"), str):
            self._damage = message["damaged"]
        elif isinstance(message.get("idle"), int):
            self._idle(message["idle"])
        elif not isinstance(message.get("loaded"), dict):
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
        verdict, violation = self._watchdog.verdict, self._violation
        if not self.is_ready or self._damage is not None:
            damage = self._damage and f"its tasks arrived damaged: {self._damage}"
            why = (verdict and verdict.error["message"]) or invalid_text(violation) or damage
            self._slot.starts.add(status, self.process.stderr, why)
            self._settle_as(in_flight, Blame(innocent=in_flight))
            return
        self._slot.starts.reset()
        stderr, last = self.process.stderr, self._last_failure
        self._settle_as(in_flight, blame(in_flight, Death(status, stderr, verdict, violation, last)))

    @property
    def _violation(self) -> Optional[str]:
        return self._responses.violation if self._responses else None

    def _settle_as(self, in_flight: List[Task], outcome: Blame) -> None:
        self._queue.give_back(outcome.innocent)
        self._queue.suspect(outcome.suspects)
        if not outcome.charged:
            return
        ids, error, ms = outcome.charged
        charged = [task for task in in_flight if task[0] in ids]
        if charged:
            self._sink.add([failure_line(task, error, ms) for task in charged], len(charged))
            self._slot.spans.add(charged[0][0], len(charged), len(charged))
