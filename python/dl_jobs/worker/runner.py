"""The loop of a worker: calls the function for each task, and adds the responses."""

import os
import sys
from time import perf_counter

from . import arguments, results
from .context import Context, TaskCanceled
from .responses import Responses, describe
from .sources import installed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, List, NoReturn, Optional, Tuple

    from .asynchronous import EventLoop
    from .channel import Channel, TaskFrame
    from .context import JobContext
    from .stdio import Place

# A task that takes longer has a line of its own, which records its time. In seconds.
_SLOW = 0.001


class Runner:
    """Runs tasks one after another."""

    def __init__(self, channel: "Channel", responses: Responses) -> None:
        self.channel, self.responses = channel, responses
        self.function: "Callable[..., Any]" = lambda value: value
        # The job when the function takes a context.
        self.job: "Optional[JobContext]" = None
        # Passes on incomplete lines of output.
        self.flush_output: "Callable[..., None]" = lambda *_: None
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

    def place(self) -> "Place":
        """Returns the running task."""
        return self.responses.task, self.responses.attempt

    def log(self, stream: str, text: str, place: "Place") -> None:
        """Adds a line for text that a task wrote."""
        line = {"id": place[0], "attempt": place[1], "stream": stream, "text": text}
        self.responses.add_log(line)

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
        # What a thread writes now belongs to no task, and not to the next one.
        self.responses.at(-1, 1)

    def _run_values(self, values: "List[Any]", function: "Callable[[Any], Any]") -> None:
        """Runs tasks at their first attempt. This loop is the hot path."""
        self._arguments, pending = values, iter(values)
        clock, responses = perf_counter, self.responses
        append, add = responses.flat.append, responses.add
        flat = results.FLAT
        first, count = responses.task, len(values)
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
                        due = responses.due
                    now = clock()
                    if now - last > _SLOW:
                        self.flush_output()
                        responses.mark_slow(last, now)
                        due = responses.due
                    last = now
                    if now > due:
                        last = self._flush()
                        due = responses.due
                break
            except BaseException as error:
                begun = first + count - pending.__length_hint__()
                last = self._fail(error, last, begun)
                due = responses.due
        self._may_raise = False
        responses.end_block(last)

    def _run_line(self, line: bytes, function: "Callable[[Any], Any]") -> None:
        """Runs a task whose arguments need a closer look, or a further attempt."""
        last, begun = self.responses.begin(), self.responses.task + 1
        self._may_raise = True
        try:
            self.responses.add(function(arguments.parse_line(line)))
            self._may_raise = False
        except BaseException as error:
            self._fail(error, last, begun)
        else:
            self._end_line(last)

    def _end_line(self, last: float) -> None:
        self.flush_output()
        now = perf_counter()
        self.responses.mark_slow(last, now)
        self.responses.flush_when_due(now)

    def _flush(self) -> float:
        """Writes the responses, which are due. Returns the time."""
        self.flush_output()
        self.responses.flush()
        return self.responses.begin()

    def _fail(self, error: BaseException, last: float, begun: int) -> float:
        """Ends the first task without a response with an error. Returns the time.

        ``begun`` is the id after that of the last task that has begun.
        """
        self._may_raise = False
        if self.channel.is_forked():
            end_forked(error)
        now = perf_counter()
        self.flush_output()
        self.responses.end_block(last)
        if self.responses.task >= begun and not isinstance(error, SystemExit):
            # An alarm of user code, or another thread, has raised it after the end of a call. The
            # next task has not begun, and must not have its response.
            self._print_late(error)
            return self.responses.begin()
        if isinstance(error, SystemExit):
            self._exit(error)
        self.responses.fail(describe(error), (now - last) * 1000)
        # The frames of the traceback keep the arguments of the task in memory.
        error.__traceback__ = None
        return self.responses.flush_when_due(now)

    def _exit(self, error: SystemExit) -> "NoReturn":
        """Ends the run as a task asked for. The process ends as in Python, with ``atexit``."""
        code, reason = exit_of(error)
        self.flush_output()
        self.responses.fail_exit(code, reason)
        # What the end of the process prints belongs to no task.
        self.responses.at(-1, 1)
        raise SystemExit(code & 255)

    def _print_late(self, error: BaseException) -> None:
        from .errors import print_error

        print_error(error)
        error.__traceback__ = None


def _checkpoint_of(frame: "TaskFrame") -> "Any":
    head, body = frame
    if "checkpoint" not in head:
        return None
    return arguments.parse_line(body.split(b"\n")[head["count"]])


def exit_of(error: SystemExit) -> "Tuple[int, str]":
    """Returns the exit code that a task asked for, and the text of ``sys.exit("text")``.

    As in Python, the text goes to stderr.
    """
    if error.code is None or isinstance(error.code, int):
        return error.code or 0, ""
    text = ""
    try:
        text = str(error.code)
        print(text, file=sys.stderr)
    except Exception:
        # The status counts, also when the text cannot be written.
        pass
    return 1, text


def end_forked(error: BaseException) -> "NoReturn":
    """Ends a process that user code has forked, as an error ends a program in Python."""
    with installed[0]:
        import traceback

    from .errors import print_error
    from .process_end import end

    if isinstance(error, SystemExit):
        code, _ = exit_of(error)
    else:
        print_error(error)
        code = 1
    # The frames keep files open, whose last bytes are in memory.
    traceback.clear_frames(error.__traceback__)
    end(code & 255)
