"""The responses of a worker, read and checked (`lib/engines/local/worker_responses.ts`)."""

import json
import re
from typing import Any, Callable, Dict, Iterable, List, Optional

from .frame import Frame, FrameReader, ProtocolError
from .worker_death import Task

_SUCCESS = re.compile(rb'\{"id":(\d{1,15})(?:,"attempt":(\d{1,15}))?(?:,"ms":[\d.]+)?,"result":.+\}')
_CLASSES = ("error", "timeout", "oom", "crash", "lost")


class Responses:
    """The events in one read of a worker's channel."""

    def __init__(self) -> None:
        # Whole result blocks and lines of the journal.
        self.events: List[bytes] = []
        self.logs: List[Dict[str, Any]] = []
        # The tasks that ended, and those of them that failed.
        self.first: Optional[int] = None
        self.count = 0
        self.failures: List[Dict[str, Any]] = []


class WorkerResponses:
    """Reads frames. Accepts only responses to tasks in flight; the first violation ends this."""

    def __init__(
        self, token: bytes, in_flight: Dict[int, Task], on_message: Callable[[Dict[str, Any]], None]
    ) -> None:
        self.violation: Optional[str] = None
        self._frames = FrameReader(token)
        self._in_flight, self._on_message = in_flight, on_message
        self._found = Responses()

    def read(self, data: bytes) -> Responses:
        """Returns the events of the frames that are complete after more bytes."""
        self._found = Responses()
        try:
            for frame in self._frames.read(data) if self.violation is None else ():
                self._read_frame(frame)
        except ProtocolError as error:
            # Events before the violation are valid.
            self.violation = str(error)
        return self._found

    def _read_frame(self, frame: Frame) -> None:
        first, count = frame.fields.get("id"), frame.fields.get("count")
        if first is None or count is None:
            if len(frame.fields) > 1:
                raise ProtocolError("a block has an unknown head")
            if not frame.body.endswith(b"\n"):
                raise ProtocolError("a line is incomplete")
            for line in frame.body[:-1].split(b"\n"):
                self._read_line(line)
            return
        if frame.body.count(b"\n") != count or b"\n\n" in b"\n" + frame.body:
            raise ProtocolError(f"a block does not contain the {count} results of its head")
        for task_id in range(first, first + count):
            self._complete(task_id, 1)
        self._found.events.append(frame.head + frame.body)

    def _read_line(self, line: bytes) -> None:
        success = _SUCCESS.fullmatch(line)
        if success:
            self._complete(int(success[1]), int(success[2] or 1))
            self._found.events.append(line + b"\n")
            return
        value = _parse(line)
        if _is_failure(value):
            self._complete(value["id"], value["attempt"])
            self._found.events.append(line + b"\n")
            self._found.failures.append(value)
        elif isinstance(value.get("stream"), str) and isinstance(value.get("text"), str):
            self._found.logs.append(value)
        elif "id" not in value and value:
            self._on_message(value)
        else:
            text = json.dumps(line[:80].decode("utf-8", "replace"))
            raise ProtocolError(f"it sent the unknown line {text}")

    def _complete(self, task_id: int, attempt: int) -> None:
        task = self._in_flight.get(task_id)
        if task is None or task[1] != attempt:
            raise ProtocolError(f"task {task_id}, attempt {attempt}, is not in flight")
        del self._in_flight[task_id]
        if self._found.first is None:
            self._found.first = task_id
        self._found.count += 1


def _parse(line: bytes) -> Dict[str, Any]:
    try:
        value = json.loads(line)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def is_error(error: Any) -> bool:
    """Returns true for the error of a task."""
    fields = error if isinstance(error, dict) else {}
    texts = (fields.get("message"), fields.get("type"), fields.get("stack", ""))
    return all(isinstance(text, str) for text in texts) and fields.get("class") in _CLASSES


def _is_failure(value: Dict[str, Any]) -> bool:
    numbers: Iterable[Any] = (value.get("id"), value.get("attempt"), value.get("ms"))
    is_timed = all(isinstance(number, (int, float)) for number in numbers)
    return value.get("type") == "failed" and is_timed and is_error(value.get("error"))
