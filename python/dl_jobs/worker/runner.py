"""The loop of a worker: calls the function for each task, and adds the responses."""

import _thread
import os
import sys
from time import perf_counter

from . import arguments, results
from .channel import FrameWriter
from .context import Context, TaskCanceled

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, NoReturn, Optional

    from .asynchronous import EventLoop
    from .channel import Channel, TaskFrame
    from .context import JobContext

# A task that takes longer has a line of its own, which records its time. In seconds.
_SLOW = 0.001
# The size of a write in bytes.
_BLOCK_SIZE = 48 * 1024


class ReturnedError(Exception):
    """The error that a function returned, as ``{"ERROR": "..."}`` or ``"ERROR ..."``."""


class Responses:
    """Collects the responses to tasks with consecutive ids, from ``first`` on.

    Values that cannot change any more are collected as they are, and written as JSON together.
    """

    def __init__(self, channel: "Channel", options: "Dict[str, Any]") -> None:
        self.first = -1
        self.attempt = 1
        # Waits for an awaitable result.
        self.settle: "Callable[[Any], Any]" = lambda value: value
        self.flat: "List[Any]" = []
        self._writer = FrameWriter(channel)
        self.flush_s: float = options.get("flushMs", 50) / 1000
        self._fails_non_finite = bool((options.get("values") or {}).get("failsNonFinite"))
        self._texts: "List[str]" = []
        self._count = 0
        self._began = self._flushed = perf_counter()
        self._note: "Optional[Dict[str, Any]]" = None
        # The collected responses belong to one thread, and others write their lines themselves.
        # Without an owner, threads hold the lock while they use them.
        self._owner: "Optional[int]" = _thread.get_ident()
        self.lock = _thread.RLock()

    @property
    def task(self) -> int:
        """The id of the task without a response that is first in the list."""
        return self.first + self._count + len(self.flat)

    @property
    def due(self) -> float:
        """The time at which the collected responses must be written."""
        return self._flushed + self.flush_s

    def begin(self) -> float:
        """Excludes the time until now from the time of the tasks. Returns the time."""
        self._began = perf_counter()
        return self._began

    def add(self, value: "Any") -> None:
        """Adds a result as JSON, because the function may change the value later."""
        self._end_flat()
        self._texts.append(self.text_of(value))
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

    def at(self, task: int, attempt: int) -> None:
        """Continues with another task. The responses before it have been ended."""
        self.first, self.attempt = task, attempt

    def answer(self, task: int, attempt: int, value: "Any", ms: float) -> None:
        """Adds the result of one task."""
        self.at(task, attempt)
        self.add(value)
        self._add_block(ms)

    def fail(self, error: "Dict[str, Any]", ms: float) -> None:
        """Adds the failure of the first task without a response."""
        line = {"id": self.task, "attempt": self.attempt, "type": "failed", "ms": int(ms)}
        self.add_line({**line, "error": error})
        self.first += 1

    def exit(self, code: int) -> "NoReturn":
        """Ends the process as a task asked for, with a failure of the task."""
        message = "the task called exit(%d)" % code
        self.fail({"message": message, "type": "Error", "class": "crash"}, 0)
        self.flush()
        os._exit(code & 255)

    def add_line(self, fields: "Dict[str, Any]") -> None:
        """Adds any other line."""
        text = results.encode_value(fields)
        if self._is_foreign():
            return self._writer.send_line(results.to_bytes(text))
        self.end_block(perf_counter())
        self._writer.add_line(results.to_bytes(text))
        if self._writer.size > _BLOCK_SIZE:
            self._writer.flush()

    def send_line(self, fields: "Dict[str, Any]") -> None:
        """Adds a line, and writes it at once."""
        self.add_line(fields)
        if not self._is_foreign():
            self.flush()

    def share(self) -> None:
        """Lets several threads use this object, each while it holds the lock."""
        self._owner = None

    def _is_foreign(self) -> bool:
        return self._owner is not None and self._owner != _thread.get_ident()

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

    def text_of(self, value: "Any") -> str:
        """Returns the JSON text of a result.

        Raises ReturnedError for a returned error, and TypeError for a value without a JSON form.
        """
        if results.is_error(value):
            raise ReturnedError(value)
        try:
            if results.is_exact(value):
                return results.encode_value(value)
        except (ValueError, RecursionError):
            # A number is not finite, or the value is nested too deeply.
            pass
        if hasattr(type(value), "__await__"):
            return self.text_of(self.settle(value))
        from .values import plain_copy

        return results.encode_value(plain_copy(value, self.note_non_finite))

    def note_non_finite(self, path: str) -> None:
        """Counts a number that JSON cannot represent.

        Raises ValueError when such a number fails its task.
        """
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
                self._texts.append(self.text_of(value))
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

    def __init__(self, channel: "Channel", responses: Responses) -> None:
        self.channel, self.responses = channel, responses
        self.function: "Callable[..., Any]" = lambda value: value
        # The job when the function takes a context.
        self.job: "Optional[JobContext]" = None
        # Passes on incomplete lines of output.
        self.flush_output: "Callable[[], None]" = lambda: None
        self._context: "Optional[Context]" = None
        self._checkpoint: "Any" = None
        self._events: "Optional[EventLoop]" = None
        # True while an exception may be raised in the running call.
        self._may_raise = False
        self._received = 0
        self._arguments: "List[Any]" = []
        responses.settle = self.settle
        # Without arguments, the loop of a forked process ends, and with it the process.
        os.register_at_fork(after_in_child=lambda: self._arguments.clear())

    def run(self) -> None:
        """Runs tasks until the controller ends the stream."""
        while not self.channel.has_quit:
            frame = self.channel.receive()
            if frame is None:
                return
            if "id" in frame[0]:
                self._run_frame(frame)

    def log(self, stream: str, text: str) -> None:
        """Adds a line for text that a task wrote."""
        responses = self.responses
        line = {"id": responses.task, "attempt": responses.attempt, "stream": stream, "text": text}
        responses.add_line(line)

    def settle(self, value: "Any") -> "Any":
        """Waits for an awaitable object, and returns its value; returns any other value."""
        if not hasattr(type(value), "__await__"):
            return value
        if self._events is None:
            from .asynchronous import EventLoop

            self._events = EventLoop(self.responses.flush, self.responses.flush_s)
        return self._events.run(value)

    def on_signal(self, *_: "Any") -> None:
        """Ends the running call when the controller has asked for it.

        Python calls this function in the main thread, between two instructions of the call.
        """
        heads = [head for head, _ in self.channel.poll()]
        task = self.responses.task
        if self.channel.has_quit:
            self._arguments.clear()
        elif not any(head.get("cancel") == task for head in heads):
            return
        if not self._may_raise:
            return
        if self._context is not None:
            self._context.signal.set()
        if self._events is None or not self._events.cancel():
            raise TaskCanceled("the task was canceled")

    def _run_frame(self, frame: "TaskFrame") -> None:
        head, body = frame
        responses, count, attempt = self.responses, head["count"], head["attempt"]
        responses.at(head["id"], attempt)
        function = self.function
        if self.job is not None:
            self._checkpoint = _checkpoint_of(frame)
            function = self._call_with_context
        values = arguments.parse_lines(body, count) if attempt == 1 else None
        if values is not None:
            self._run_values(values, function)
        else:
            for line in body.split(b"\n")[:count]:
                if not self.channel.has_quit:
                    self._run_line(line, function)
        self._received += count
        self.report_idle()

    def _call_with_context(self, value: "Any") -> "Any":
        responses = self.responses
        context = Context(self.job, responses.task, responses.attempt, self._checkpoint)
        self._context = context
        try:
            return self.settle(self.function(value, context))
        finally:
            self._context = None
            context.finish()

    def report_idle(self) -> None:
        """Reports that each task has its response, and writes the responses."""
        self.flush_output()
        self.responses.add_line({"idle": self._received})
        self.responses.flush()

    def _run_values(self, values: "List[Any]", function: "Callable[[Any], Any]") -> None:
        """Runs tasks at their first attempt. This loop is the hot path."""
        self._arguments, pending = values, iter(values)
        clock, responses = perf_counter, self.responses
        append, add = responses.flat.append, responses.add
        flat = results.FLAT
        due = responses.due
        last = responses.begin()
        while True:
            self._may_raise = True
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
        self._may_raise = False
        responses.end_block(last)

    def _run_line(self, line: bytes, function: "Callable[[Any], Any]") -> None:
        """Runs a task whose arguments need a closer look, or a further attempt."""
        last = self.responses.begin()
        self._may_raise = True
        try:
            self.responses.add(function(arguments.parse_line(line)))
            self._may_raise = False
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
        self._may_raise = False
        now = perf_counter()
        self.flush_output()
        self.responses.end_block(last)
        if isinstance(error, SystemExit):
            code = exit_code(error)
            self.flush_output()
            self.responses.exit(code)
        self.responses.fail(describe(error), (now - last) * 1000)
        # The frames of the traceback keep the arguments of the task in memory.
        error.__traceback__ = None
        return self.responses.flush_when_due(now)


def _checkpoint_of(frame: "TaskFrame") -> "Any":
    head, body = frame
    if "checkpoint" not in head:
        return None
    return arguments.parse_line(body.split(b"\n")[head["count"]])


def exit_code(error: SystemExit) -> int:
    """Returns the exit code that a task asked for. As in Python, a text goes to stderr."""
    if error.code is None or isinstance(error.code, int):
        return error.code or 0
    print(error.code, file=sys.stderr)
    return 1
