"""The responses of a worker, collected and written in frames."""

# User code may replace the functions of this module, as gevent does.
from _thread import RLock, get_ident
from time import perf_counter

from . import results
from .channel import FrameWriter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Optional, Tuple

    from .channel import Channel

# The size of a write in bytes.
_BLOCK_SIZE = 96 * 1024
# Longer results of busy workers are written at once, because they wait in memory.
_MOST_WAITING = 1024 * 1024
# A block of one long result is copied once less than its line, on both sides.
_LONG_RESULT = 4 * 1024
# Between short tasks, responses wait longer than beside a call that waits: each write wakes the
# controller, which needs the processors of the workers.
_BUSY = 2
# A call may print a line and then compute for hours, so lines of the log are written at once: this
# many seconds must pass for each, of which some can be saved up.
_LOG_S = 0.01
_MOST_SAVED_S = 0.5


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
        policy = options.get("values") or {}
        self._fails_non_finite = bool(policy.get("failsNonFinite"))
        # In bytes.
        self._max_result: float = policy.get("maxResult") or float("inf")
        self._texts: "List[str]" = []
        self._count = 0
        # The collected results of slow tasks: the id, the start and the end of each.
        self._slow: "List[Tuple[int, float, float]]" = []
        # The length of the collected texts, and the time at which the responses must be written.
        self._size = 0
        self._began = perf_counter()
        self.due = self._began + _BUSY * self.flush_s
        self._note: "Optional[Dict[str, Any]]" = None
        # The time up to which lines of the log have been written at once.
        self._logged = 0.0
        # The collected responses belong to one thread, and others write their lines themselves.
        # Without an owner, threads hold the lock while they use them.
        self._owner: "Optional[int]" = get_ident()
        self.lock = RLock()

    @property
    def task(self) -> int:
        """The id of the task without a response that is first in the list."""
        return self.first + self._count + len(self.flat)

    def begin(self) -> float:
        """Excludes the time until now from the time of the tasks. Returns the time."""
        self._began = perf_counter()
        return self._began

    def add(self, value: "Any") -> None:
        """Adds a result as JSON, because the function may change the value later."""
        self._end_flat()
        text = self.text_of(value)
        self._texts.append(text)
        self._count += 1
        self._count_bytes(text)

    def mark_slow(self, last: float, now: float) -> None:
        """Records that the last result is that of a task that took the time between two times.

        The lines of slow tasks are written together. After each task, the caches of the processor
        are cold, and the same code takes five times as long.
        """
        self._slow.append((self.task - 1, last, now))
        if self.flat and type(self.flat[-1]) is str:
            self._count_bytes(self.flat[-1])

    def _count_bytes(self, text: str) -> None:
        self._size += len(text)
        if self._size > _MOST_WAITING:
            self.due = 0.0

    def end_block(self, now: float) -> None:
        """Ends the block of the collected results, which are those of tasks before a time."""
        self._end_flat()
        if self._count == 0:
            return
        # A request to cancel may interrupt the preparation, so the state changes afterwards.
        parts, first, end = self._parts(now), self.first, self.first + self._count
        for text, count, ms in parts:
            self._add_block(text, first, count, ms)
            first += count
        self.first, self._count, self._size = end, 0, 0
        self._texts.clear()
        if self._slow:
            self._slow = [one for one in self._slow if one[0] >= end]

    def _parts(self, now: float) -> "List[Tuple[str, int, float]]":
        """Returns the lines, the number and the time of the results that share a line or a block.

        Short tasks took less than a millisecond each.
        """
        if not self._slow:
            ms = min((now - self._began) * 1000, self._count)
            return [("\n".join(self._texts), self._count, ms)]
        parts: "List[Tuple[str, int, float]]" = []
        lines, start, last = "\n".join(self._texts).split("\n"), 0, self._began
        for task, began, ended in [*self._slow, (self.first + len(lines), now, now)]:
            at = task - self.first
            if not 0 <= at <= len(lines):
                continue
            if at > start:
                ms = min((began - last) * 1000, at - start)
                parts.append(("\n".join(lines[start:at]), at - start, ms))
            if at < len(lines):
                parts.append((lines[at], 1, (ended - began) * 1000))
            start, last = at + 1, ended
        return parts

    def at(self, task: int, attempt: int) -> None:
        """Continues with another task. The responses before it have been ended."""
        self.first, self.attempt = task, attempt

    def answer(self, task: int, attempt: int, value: "Any", ms: float) -> None:
        """Adds the result of one task."""
        self.at(task, attempt)
        self._add_block(self.text_of(value), task, 1, ms)

    def fail(self, error: "Dict[str, Any]", ms: float) -> None:
        """Adds the failure of the first task without a response."""
        line = {"id": self.task, "attempt": self.attempt, "type": "failed", "ms": int(ms)}
        self.add_line({**line, "error": error})
        self.first += 1

    def fail_exit(self, code: int, reason: str = "") -> None:
        """Writes the failure of the first task without a response, which asked the process to end.

        Its time ends here, and not with the threads. ``reason`` is the text of ``sys.exit("text")``.
        """
        message = "the task called exit(%d)" % code + (reason and ": " + reason)
        self.fail({"message": message, "type": "Error", "class": "crash"}, 0)
        self.flush()

    def add_line(self, fields: "Dict[str, Any]") -> None:
        """Adds any other line."""
        text = results.encode_value(fields)
        if self._is_foreign():
            return self._writer.send_line(results.to_bytes(text))
        self.end_block(perf_counter())
        self._writer.add_line(results.to_bytes(text))
        if self._writer.size > _BLOCK_SIZE:
            self._writer.flush()

    def add_log(self, fields: "Dict[str, Any]") -> None:
        """Adds a line of the log, and writes it at once unless there are many."""
        self.add_line(fields)
        now = perf_counter()
        logged = max(self._logged, now - _MOST_SAVED_S) + _LOG_S
        if logged <= now and not self._is_foreign():
            self._logged = logged
            self.flush()

    def send_line(self, fields: "Dict[str, Any]") -> None:
        """Adds a line, and writes it at once."""
        self.add_line(fields)
        if not self._is_foreign():
            self.flush()

    def share(self) -> None:
        """Lets several threads use this object, each while it holds the lock."""
        self._owner = None

    def _is_foreign(self) -> bool:
        return self._owner is not None and self._owner != get_ident()

    def flush_when_due(self, now: float) -> float:
        """Writes the responses when it is time, or when there are many. Returns the time."""
        if now >= self.due or self._writer.size > _BLOCK_SIZE:
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
        self.due = perf_counter() + _BUSY * self.flush_s

    def text_of(self, value: "Any") -> str:
        """Returns the JSON text of a result.

        Raises ReturnedError for a returned error, TypeError for a value without a JSON form, and
        TooLong for a text that exceeds the limit of the job.
        """
        if results.is_error(value):
            raise ReturnedError(value)
        try:
            if results.is_exact(value):
                return self._checked(results.encode_value(value))
        except results.TooLong:
            raise
        except (ValueError, RecursionError):
            # A number is not finite, or the value is nested too deeply.
            pass
        if hasattr(type(value), "__await__"):
            return self.text_of(self.settle(value))
        from .values import plain_copy

        return self._checked(results.encode_value(plain_copy(value, self.note_non_finite)))

    def _checked(self, text: str) -> str:
        """Returns the text of a result. Raises TooLong when it exceeds the limit of the job."""
        # A character has at most four bytes, so the bytes of most texts need no count.
        if 4 * len(text) > self._max_result:
            results.check_length(text, self._max_result)
        return text

    def note_non_finite(self, path: str) -> None:
        """Counts a number that JSON cannot represent.

        Raises ValueError when such a number fails its task.
        """
        if self._fails_non_finite:
            raise ValueError("Cannot write %s: it is NaN or infinite, use None instead" % path)
        if self._note is None:
            line = {
                "id": self.task,
                "attempt": self.attempt,
                "stream": "stderr",
                "text": path[:200],
            }
            self._note = {**line, "note": {"kind": "nonFinite", "count": 0}}
        self._note["note"]["count"] += 1

    def _end_flat(self) -> None:
        if not self.flat:
            return
        text = results.encode_flat(self.flat)
        if text is not None and 4 * len(text) <= self._max_result:
            self._texts.append(text)
            self._count += len(self.flat)
            self.flat.clear()
            return
        values = self.flat[:]
        self.flat.clear()
        for value in values:
            try:
                text = self.text_of(value)
                self._texts.append(text)
                self._count += 1
            except (ReturnedError, ValueError) as error:
                self.fail(describe(error), self._slow_ms(self.task))

    def _slow_ms(self, task: int) -> float:
        """Returns the time of a task in milliseconds, 0 for a short one."""
        return sum((ended - began) * 1000 for one, began, ended in self._slow if one == task)

    def _add_block(self, text: str, first: int, count: int, ms: float) -> None:
        """Adds the results of tasks, one per line of a text."""
        data, attempt = results.to_bytes(text), self.attempt
        if count == 1 and (attempt > 1 or len(data) < _LONG_RESULT):
            tried = b',"attempt":%d' % attempt if attempt > 1 else b""
            head = b'{"id":%d%s%s,"result":' % (first, tried, _time_field(ms))
            self._writer.add_line(head + data + b"}")
        else:
            whole = b',"ms":%d' % ms if ms >= 1 else b""
            values = (first, count, len(data) + 1, whole)
            head = b'{"id":%d,"count":%d,"bytes":%d%s}\n' % values
            self._writer.add_block(head, data, b"\n")


def _time_field(ms: float) -> bytes:
    tenths = round(ms * 10)
    if tenths < 1:
        return b""
    return b',"ms":%d.%d' % divmod(tenths, 10) if tenths % 10 else b',"ms":%d' % (tenths // 10)


def describe(error: BaseException, kind: str = "error") -> "Dict[str, Any]":
    """Returns an error in the form that the journal stores."""
    from . import errors

    try:
        if isinstance(error, ReturnedError):
            return errors.returned_error(error.args[0])
        return errors.task_error(error, kind)
    except BaseException:
        # A task without a response would keep its job from ending.
        return {"message": "the error cannot be described", "type": "Error", "class": kind}
