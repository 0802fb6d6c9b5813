"""The loop of a worker: calls the function for each task, and adds the responses."""

import json
import os
import sys
from time import perf_counter

from . import arguments, results
from .channel import FrameWriter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, Iterator, List, Optional, Set

    from .channel import Channel, TaskFrame

# A task that takes longer has a line of its own, which records its time. In seconds.
_SLOW = 0.001
# The size of a write in bytes.
_BLOCK_SIZE = 48 * 1024
_NO_TYPES: "frozenset[type]" = frozenset()


class TaskCanceled(BaseException):
    """Raised in a task at its time limit, and when its job is canceled."""


class ReturnedError(Exception):
    """The error that a function returned, as ``{"ERROR": "..."}`` or ``"ERROR ..."``."""


class Responses:
    """Collects the responses to tasks with consecutive ids, from ``first`` on.

    Values that cannot change any more are collected as they are, and written as JSON together.
    """

    def __init__(self, channel: "Channel", options: "Dict[str, Any]") -> None:
        self.first = -1
        self.attempt = 1
        # True when the function returns JSON text.
        self.is_json_text = False
        self.flat: "List[Any]" = []
        self._writer = FrameWriter(channel)
        self._flush_s = options.get("flushMs", 50) / 1000
        self._fails_non_finite = bool((options.get("values") or {}).get("failsNonFinite"))
        self._texts: "List[str]" = []
        self._count = 0
        self._began = self._flushed = perf_counter()
        self._note: "Optional[Dict[str, Any]]" = None

    @property
    def task(self) -> int:
        """The id of the task without a response that is first in the list."""
        return self.first + self._count + len(self.flat)

    @property
    def due(self) -> float:
        """The time at which the collected responses must be written."""
        return self._flushed + self._flush_s

    def begin(self) -> float:
        """Excludes the time until now from the time of the tasks. Returns the time."""
        self._began = perf_counter()
        return self._began

    def add(self, value: "Any") -> None:
        """Adds a result as JSON, because the function may change the value later."""
        text = self._text_of(value)
        self._end_flat()
        self._texts.append(text)
        self._count += 1

    def end_block(self, now: float) -> None:
        """Ends the block of the collected results, which are those of tasks before a time."""
        self._end_flat()
        if self._count > 0:
            # Short tasks took less than a millisecond each.
            ms = min((now - self._began) * 1000, self._count)
            self._add_block(ms)

    def end_slow(self, last: float, now: float) -> None:
        """Ends the result of a task that took the time between two times."""
        self._end_flat()
        if self._count > 1:
            texts = self._texts.pop().rpartition("\n")
            if texts[0]:
                self._texts.append(texts[0])
            self._count -= 1
            self._add_block(min((last - self._began) * 1000, self._count))
            self._texts.append(texts[2])
            self._count = 1
        self._add_block((now - last) * 1000)

    def fail(self, error: "Dict[str, Any]", ms: float) -> None:
        """Adds the failure of the first task without a response."""
        line = {"id": self.task, "attempt": self.attempt, "type": "failed", "ms": int(ms)}
        self.add_line({**line, "error": error})
        self.first += 1

    def add_line(self, fields: "Dict[str, Any]") -> None:
        """Adds any other line."""
        self.end_block(perf_counter())
        text = json.dumps(fields, ensure_ascii=False, separators=(",", ":"))
        self._writer.add_line(results.to_bytes(text))
        if self._writer.size > _BLOCK_SIZE:
            self._writer.flush()

    def flush_when_due(self, now: float) -> float:
        """Writes the responses when it is time, or when there are many. Returns the time."""
        if self._writer.size > _BLOCK_SIZE or now >= self.due:
            self.flush()
        # The time of a write is not charged to a task.
        return self.begin()

    def flush(self) -> None:
        """Writes all responses."""
        note, self._note = self._note, None
        if note is not None:
            self.add_line(note)
        self.end_block(perf_counter())
        self._writer.flush()
        self._flushed = perf_counter()

    def _text_of(self, value: "Any") -> str:
        if self.is_json_text and isinstance(value, str):
            return results.json_line(value)
        if results.is_error(value):
            raise ReturnedError(value)
        if results.is_exact(value):
            try:
                return results.encode_value(value)
            except (ValueError, RecursionError):
                # A number is not finite, or the value contains itself.
                pass
        from .values import plain_copy

        return results.encode_value(plain_copy(value, self._note_non_finite))

    def _note_non_finite(self, path: str) -> None:
        if self._fails_non_finite:
            raise ValueError("Cannot write %s: it is NaN or infinite, use None instead" % path)
        if self._note is None:
            line = {"id": self.task, "attempt": self.attempt, "stream": "stderr", "text": path[:200]}
            self._note = {**line, "note": {"kind": "nonFinite", "count": 0}}
        self._note["note"]["count"] += 1

    def _end_flat(self) -> None:
        if not self.flat:
            return
        text = results.encode_flat(self.flat)
        if text is not None:
            self._texts.append(text)
            self._count += len(self.flat)
            self.flat.clear()
            return
        values = self.flat[:]
        self.flat.clear()
        for value in values:
            try:
                self._texts.append(self._text_of(value))
                self._count += 1
            except (ReturnedError, ValueError) as error:
                self.fail(describe(error), 0)

    def _add_block(self, ms: float) -> None:
        text = results.to_bytes("\n".join(self._texts))
        count, attempt = self._count, self.attempt
        if count == 1:
            tried = b',"attempt":%d' % attempt if attempt > 1 else b""
            head = b'{"id":%d%s%s,"result":' % (self.first, tried, _time_field(ms))
            self._writer.add_line(head + text + b"}")
        else:
            whole = b',"ms":%d' % ms if ms >= 1 else b""
            head = b'{"id":%d,"count":%d,"bytes":%d%s}\n' % (self.first, count, len(text) + 1, whole)
            self._writer.add_block(head, text + b"\n")
        self.first += count
        self._texts.clear()
        self._count = 0


def _time_field(ms: float) -> bytes:
    tenths = round(ms * 10)
    if tenths < 1:
        return b""
    return b',"ms":%d.%d' % divmod(tenths, 10) if tenths % 10 else b',"ms":%d' % (tenths // 10)


def describe(error: BaseException, kind: str = "error") -> "Dict[str, Any]":
    """Returns an error in the form that the journal stores."""
    from . import errors

    if isinstance(error, ReturnedError):
        return errors.returned_error(error.args[0])
    return errors.task_error(error, kind)


class Runner:
    """Runs tasks one after another."""

    def __init__(self, responses: Responses, function: "Callable[[Any], Any]") -> None:
        self.responses = responses
        self.function = function
        # Passes on incomplete lines of output.
        self.flush_output: "Callable[[], None]" = lambda: None
        self.canceled: "Set[int]" = set()
        self.may_cancel = False
        self._received = 0
        self._arguments: "List[Any]" = []
        self._pending: "Iterator[Any]" = iter(())
        # Without arguments, the loop of a forked process ends, and with it the process.
        os.register_at_fork(after_in_child=lambda: self._arguments.clear())

    def run(self, frame: "TaskFrame") -> None:
        """Runs the tasks of a frame, and writes their responses."""
        head, body = frame
        responses, count = self.responses, head["count"]
        responses.first, responses.attempt = head["id"], head["attempt"]
        values = arguments.parse_lines(body, count) if head["attempt"] == 1 else None
        if values is not None:
            self._run_values(values)
        else:
            for line in body.split(b"\n")[:count]:
                self._run_line(line)
        self._received += count
        self.report_idle()

    def report_idle(self) -> None:
        """Reports that each task has its response, and writes the responses."""
        self.flush_output()
        self.responses.add_line({"idle": self._received})
        self.responses.flush()

    def _run_values(self, values: "List[Any]") -> None:
        """Runs tasks at their first attempt. This loop is the hot path."""
        self._arguments = values
        pending = self._pending = iter(values)
        function, clock, responses = self.function, perf_counter, self.responses
        append, add = responses.flat.append, responses.add
        flat = _NO_TYPES if responses.is_json_text else results.FLAT
        due = responses.due
        last = responses.begin()
        while True:
            self.may_cancel = True
            try:
                for value in pending:
                    result = function(value)
                    if type(result) in flat:
                        append(result)
                    else:
                        add(result)
                    now = clock()
                    if now - last > _SLOW or now > due:
                        last = self._end_task(last, now)
                        due = responses.due
                    else:
                        last = now
                break
            except BaseException as error:
                last = self._fail(error, last)
                due = responses.due
        self.may_cancel = False
        responses.end_block(last)

    def _run_line(self, line: bytes) -> None:
        """Runs a task whose arguments need a closer look, or a further attempt."""
        self._arguments, self._pending = [], iter(())
        last = self.responses.begin()
        self.may_cancel = True
        try:
            self.responses.add(self.function(arguments.parse_line(line)))
            self.may_cancel = False
        except BaseException as error:
            self._fail(error, last)
        else:
            self.flush_output()
            self.responses.end_slow(last, perf_counter())
            self.responses.flush_when_due(perf_counter())

    def _end_task(self, last: float, now: float) -> float:
        """Ends the last task, which was slow or whose response is due. Returns the time."""
        self.flush_output()
        if now - last > _SLOW:
            self.responses.end_slow(last, now)
        else:
            self.responses.end_block(now)
        return self.responses.flush_when_due(now)

    def _fail(self, error: BaseException, last: float) -> float:
        """Ends the first task without a response with an error. Returns the time."""
        self.may_cancel = False
        now = perf_counter()
        self.flush_output()
        self.responses.end_block(last)
        if isinstance(error, SystemExit):
            self.exit(error)
        self.responses.fail(describe(error), (now - last) * 1000)
        while isinstance(error, TaskCanceled) and self.responses.task in self.canceled:
            if next(self._pending, self) is self:
                break
            self.responses.fail(describe(error), 0)
        # The frames of the traceback keep the arguments of the task in memory.
        error.__traceback__ = None
        return self.responses.flush_when_due(now)

    def exit(self, error: SystemExit) -> "Any":
        """Ends the process as the task asked for, with a failure of the task."""
        code = error.code if isinstance(error.code, int) else int(error.code is not None)
        if code == 1 and error.code != 1:
            print(error.code, file=sys.stderr)
            self.flush_output()
        message = "the task called exit(%d)" % code
        self.responses.fail({"message": message, "type": "Error", "class": "crash"}, 0)
        self.responses.flush()
        os._exit(code & 255)
