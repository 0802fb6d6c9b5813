"""The responses of a worker, read and checked (`lib/engines/local/worker_responses.ts`)."""

import json
import re
from typing import Any, Callable, Dict, Iterable, List, Optional, Tuple

from .frame import Frame, FrameReader, ProtocolError
from .worker_death import Task, TaskError, failure_line

_SUCCESS = re.compile(
    rb'\{"id":(\d{1,15})(?:,"attempt":(\d{1,15}))?(?:,"ms":[\d.]+)?,"result":.+\}'
)
_CHECKPOINT = re.compile(
    rb'\{"id":\d{1,15},"attempt":\d{1,15},"type":"checkpoint","info":true,"value":(.*)\}'
)
# Archives have limited space, and results are more important.
_MAX_CHECKPOINT = 200_000
# Removes a late task that has ended with or without an error, and returns its failure.
TakeLate = Callable[[int, Optional[TaskError]], Optional[Tuple[TaskError, float]]]
_CLASSES = ("error", "timeout", "oom", "crash", "lost", "limited", "invalid")


class Responses:
    """The events in one read of a worker's channel."""

    def __init__(self) -> None:
        # Result blocks and lines of the journal.
        self.successes: List[bytes] = []
        self.failures: List[bytes] = []
        # The last checkpoints of the tasks that failed.
        self.checkpoints: List[bytes] = []
        self.logs: List[Dict[str, Any]] = []
        # The number of tasks that ended, and the first of them.
        self.first: Optional[int] = None
        self.count = 0
        # The class of the last failure.
        self.last_failure: Optional[str] = None


class WorkerResponses:
    """Reads frames. Accepts only responses to tasks in flight; the first violation ends this."""

    def __init__(
        self,
        token: bytes,
        in_flight: Dict[int, Task],
        on_message: Callable[[Dict[str, Any]], None],
        take_late: TakeLate,
    ) -> None:
        self.violation: Optional[str] = None
        self._take_late = take_late
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
        ids = range(first, first + count)
        succeeded = [self._complete(task_id, 1) for task_id in ids]
        if all(succeeded):
            self._found.successes.append(frame.head + frame.body)
            return
        # A late task has failed, so each of the others has its own line.
        for task_id, is_success, result in zip(ids, succeeded, frame.body.split(b"\n")):
            if is_success:
                self._found.successes.append(b'{"id":%d,"result":%s}\n' % (task_id, result))

    def _read_line(self, line: bytes) -> None:
        success = _SUCCESS.fullmatch(line)
        if success:
            if self._complete(int(success[1]), int(success[2] or 1)):
                self._found.successes.append(line + b"\n")
            return
        value = _parse(line)
        if _is_failure(value):
            self._complete(value["id"], value["attempt"], (line + b"\n", value["error"]))
        elif value.get("info") is True:
            self._update(value, line)
        elif isinstance(value.get("stream"), str) and isinstance(value.get("text"), str):
            self._found.logs.append(value)
        elif "id" not in value and value:
            self._on_message(value)
        else:
            text = json.dumps(line[:80].decode("utf-8", "replace"))
            raise ProtocolError(f"it sent the unknown line {text}")

    def _update(self, value: Dict[str, Any], line: bytes) -> None:
        """Keeps a checkpoint. Progress is of no use after the end of the platform job."""
        task = self._task(value.get("id"), value.get("attempt"))
        found = _CHECKPOINT.fullmatch(line)
        if found:
            self._in_flight[task[0]] = (*task[:3], found[1])
            if len(found[1]) > _MAX_CHECKPOINT:
                self._warn(task, len(found[1]))

    def _warn(self, task: Task, size: int) -> None:
        text = (
            f"Warning: a checkpoint of {size} bytes stays on the platform, because it has more "
            f"than {_MAX_CHECKPOINT}; another platform job cannot continue from it\n"
        )
        line = {"id": task[0], "attempt": task[1], "stream": "stderr", "text": text}
        self._found.logs.append(line)

    def _complete(
        self, task_id: int, attempt: int, failure: Optional[Tuple[bytes, TaskError]] = None
    ) -> bool:
        """Removes a task in flight, and adds its failure. Returns true when it has succeeded."""
        task, found = self._task(task_id, attempt), self._found
        del self._in_flight[task_id]
        found.first = task_id if found.first is None else found.first
        found.count += 1
        late = self._take_late(task_id, failure and failure[1])
        if late:
            failure = failure_line(task_id, attempt, *late), late[0]
        if failure:
            found.failures.append(failure[0])
            found.checkpoints.append(checkpoint_line(task))
            found.last_failure = failure[1]["class"]
        return failure is None

    def _task(self, task_id: Any, attempt: Any) -> Task:
        task = self._in_flight.get(task_id)
        if task is None or task[1] != attempt:
            raise ProtocolError(f"task {task_id}, attempt {attempt}, is not in flight")
        return task


def checkpoint_line(task: Task) -> bytes:
    """Returns the journal line of a task's checkpoint; nothing without one, or when it is large."""
    task_id, attempt, _, checkpoint = task
    if checkpoint is None or len(checkpoint) > _MAX_CHECKPOINT:
        return b""
    head = b'{"id":%d,"attempt":%d,"type":"checkpoint","info":true,"value":' % (task_id, attempt)
    return head + checkpoint + b"}\n"


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
