"""Several calls at a time in a worker. This module is loaded when the job asks for it.

Plain functions run in threads, and coroutines in one event loop.
"""

import asyncio
import os
import threading
from collections import deque
from contextvars import ContextVar
from time import perf_counter

# Loaded before the first call: while these import the standard library, another thread must not
# import a module of the user.
from . import arguments, errors, values  # noqa: F401
from .asynchronous import EventLoop, result_of
from .context import Context, TaskCanceled
from .responses import describe
from .runner import end_forked, exit_of
from .sources import installed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Deque, Dict, Optional

    from .channel import Channel, TaskFrame
    from .context import JobContext
    from .responses import Responses
    from .stdio import Place


class Call:
    """A task, and its context while it runs."""

    def __init__(self, task: int, attempt: int, line: bytes, checkpoint: "Optional[bytes]") -> None:
        self.task, self.attempt = task, attempt
        self.line, self.checkpoint = line, checkpoint
        self.context: "Optional[Context]" = None
        self.running: "Any" = None


_NO_CALL = Call(-1, 1, b"", None)


class ConcurrentRunner:
    """Starts calls while fewer than ``concurrency`` run. All its methods lock the responses."""

    def __init__(
        self, channel: "Channel", responses: "Responses", options: "Dict[str, Any]"
    ) -> None:
        self.channel, self.responses = channel, responses
        self.concurrency: int = options["concurrency"]
        self.function: "Callable[..., Any]" = lambda value: value
        # The context of the job when the function takes a context.
        self.job: "Optional[JobContext]" = None
        # Passes on the incomplete lines that a task has written.
        self.flush_output: "Callable[[Optional[Place]], None]" = lambda place: None
        self.lock = responses.lock
        responses.share()
        self.waiting: "Deque[Call]" = deque()
        self.calls: "Dict[Call, None]" = {}
        self.last = _NO_CALL
        # True when no more tasks will come.
        self.is_over = False
        # True when the process ends. Tasks without a response run again in another worker.
        self.is_ending = False
        self._received = 0

    def take(self, frame: "TaskFrame") -> None:
        """Accepts tasks, or a request to cancel them."""
        head, body = frame
        with self.lock:
            if "cancel" in head:
                for call in list(self.calls):
                    if call.task == head["cancel"]:
                        self.cancel(call)
                return
            if "quit" in head:
                self.waiting.clear()
                for call in list(self.calls):
                    self.cancel(call)
                return
            lines, count = body.split(b"\n"), head["count"]
            checkpoint = lines[count] if "checkpoint" in head else None
            for index in range(count):
                self.waiting.append(
                    Call(head["id"] + index, head["attempt"], lines[index], checkpoint)
                )
            self._received += count
        self.start_calls()

    def start_calls(self) -> None:
        """Starts waiting calls while there is room."""
        with self.lock:
            while self.waiting and len(self.calls) < self.concurrency and not self.is_ending:
                call = self.last = self.waiting.popleft()
                self.calls[call] = None
                self.start(call)

    def start(self, call: Call) -> None:
        """Starts a call."""
        raise NotImplementedError

    def cancel(self, call: Call) -> None:
        """Asks a call to end."""
        if call.context is not None:
            call.context.signal.set()

    def settle(self, value: "Any") -> "Any":
        """Waits for the awaitable value of ``setup`` or ``teardown``, and returns its value."""
        return self.responses.settle(value)

    def current(self) -> "Optional[Call]":
        """Returns the call that contains the running code."""
        raise NotImplementedError

    def place(self) -> "Place":
        """Returns the task of the running code; outside of a call, one that runs, if any."""
        call = self.current() or next(iter(self.calls), self.last)
        return call.task, call.attempt

    def log(self, stream: str, text: str, place: "Place") -> None:
        """Adds a line for text that a call wrote."""
        line = {"id": place[0], "attempt": place[1], "stream": stream, "text": text}
        with self.lock:
            self.responses.add_log(line)

    def invoke(self, call: Call) -> "Any":
        """Calls the function."""
        value = arguments.parse_line(call.line)
        if self.job is None:
            return self.function(value)
        last = None if call.checkpoint is None else arguments.parse_line(call.checkpoint)
        call.context = Context(self.job, call.task, call.attempt, last)
        return self.function(value, call.context)

    def end(self, call: Call, began: float, value: "Any", error: "Optional[BaseException]") -> None:
        """Ends a call with its value or its error, and starts the next one."""
        if self.channel.is_forked():
            if error is not None:
                end_forked(error)
            os._exit(0)
        ms = (perf_counter() - began) * 1000
        with self.lock:
            if self.is_ending:
                return
            if call.context is not None:
                call.context.finish()
            self.flush_output((call.task, call.attempt))
            try:
                code = self._respond(call, ms, value, error)
            except BaseException:
                self._remove(call)
                raise
            if code is None:
                return self._remove(call)
            # This call remains, so the run does not end before the process.
            self.is_ending = True
        # Threads that end before the process need the lock to print.
        self.exit(code)

    def _remove(self, call: Call) -> None:
        # A call that remains would keep the run from ending.
        del self.calls[call]
        self.start_calls()
        # The run must not end before the response is written.
        if not self.calls and not self.waiting:
            self.report_idle()
        else:
            self.flush_soon()
        self.end_if_done()

    def _respond(
        self, call: Call, ms: float, value: "Any", error: "Optional[BaseException]"
    ) -> "Optional[int]":
        """Adds the response of a call. Returns the exit code when the call ends the process."""
        responses = self.responses
        try:
            if error is not None:
                raise error
            responses.answer(call.task, call.attempt, value, ms)
        except SystemExit as asked:
            responses.at(call.task, call.attempt)
            code, reason = exit_of(asked)
            responses.fail_exit(code, reason)
            return code & 255
        except BaseException as failure:
            responses.at(call.task, call.attempt)
            responses.fail(describe(failure), ms)
        return None

    def exit(self, code: int) -> None:
        """Ends the process as a call asked for."""
        raise NotImplementedError

    def end_if_done(self) -> None:
        """Ends the run after the last call."""
        with self.lock:
            if self.is_over and not self.calls and not self.waiting:
                self.finish()

    def finish(self) -> None:
        """Ends the run."""
        raise NotImplementedError

    def report_idle(self) -> None:
        """Reports that each task has its response, and writes the responses."""
        with self.lock:
            self.responses.add_line({"idle": self._received})
            self.responses.flush()
            self.last = _NO_CALL

    def flush_soon(self) -> None:
        """Writes the responses while other calls run."""
        self.responses.flush()


class CallThread(threading.Thread):
    """A thread for calls. It is no daemon, because the threads that a call starts would be daemons.

    The end of the process does not wait for it.
    """

    runs_calls = True


class ThreadRunner(ConcurrentRunner):
    """Runs each call in a thread."""

    def __init__(
        self, channel: "Channel", responses: "Responses", options: "Dict[str, Any]"
    ) -> None:
        super().__init__(channel, responses, options)
        self._ready = threading.Semaphore(0)
        # Released when no call runs or waits.
        self._done = threading.Event()
        self._queue: "Deque[Call]" = deque()
        self._threads = 0
        self._by_thread: "Dict[int, Call]" = {}
        self._options = options

    def run(self) -> None:
        """Runs tasks until the controller ends the stream."""
        while not self.channel.has_quit:
            frame = self.channel.receive()
            if frame is None:
                break
            self.take(frame)
        with self.lock:
            self.is_over = True
        self.end_if_done()
        self._done.wait()

    def start(self, call: Call) -> None:
        self._queue.append(call)
        self._ready.release()
        if self._threads < len(self.calls):
            self._threads += 1
            CallThread(target=self._work, daemon=False).start()

    def current(self) -> "Optional[Call]":
        return self._by_thread.get(threading.get_ident())

    def cancel(self, call: Call) -> None:
        super().cancel(call)
        if call.running is not None:
            with installed[0]:
                import ctypes

            raise_in = ctypes.pythonapi.PyThreadState_SetAsyncExc
            raise_in(ctypes.c_ulong(call.running), ctypes.py_object(TaskCanceled))

    def finish(self) -> None:
        self._done.set()

    def exit(self, code: int) -> None:
        from .process_end import end, end_time_of

        # The main thread waits for tasks.
        end(code, self, end_time_of(self._options))

    def _work(self) -> None:
        while True:
            try:
                self._run_next()
            except TaskCanceled:
                # It arrived after the end of its call.
                self.start_calls()
            except OSError:
                # The controller has ended, so no call can respond.
                return self.finish()

    def _run_next(self) -> None:
        self._ready.acquire()
        call = self._queue.popleft()
        thread = threading.get_ident()
        self._by_thread[thread] = call
        began, value, error = perf_counter(), None, None
        try:
            call.running = thread
            value = self._settled(self.invoke(call))
            call.running = None
        except BaseException as thrown:
            call.running, error = None, thrown
        self.end(call, began, value, error)

    def _settled(self, value: "Any") -> "Any":
        return asyncio.run(result_of(value)) if hasattr(type(value), "__await__") else value


class AsyncRunner(ConcurrentRunner):
    """Runs each call as a task of one event loop."""

    def __init__(
        self, channel: "Channel", responses: "Responses", options: "Dict[str, Any]"
    ) -> None:
        super().__init__(channel, responses, options)
        self._events = EventLoop(responses.flush, responses.flush_s)
        self._current: "ContextVar[Optional[Call]]" = ContextVar("call", default=None)
        self._end = self._events.loop.create_future()
        self._timer: "Any" = None

    def run(self) -> None:
        """Runs tasks until the controller ends the stream."""
        self._events.watch(self.channel.fileno(), self._read, lambda: len(self.calls) == 0)
        try:
            code = self._events.loop.run_until_complete(self._end)
        finally:
            # The end of the process cancels the calls that are left.
            self.is_ending = True
        if code is not None:
            raise SystemExit(code)

    def settle(self, value: "Any") -> "Any":
        # What setup creates, such as a connection, belongs to the loop of the calls.
        return self._events.run(value) if hasattr(type(value), "__await__") else value

    def start(self, call: Call) -> None:
        call.running = self._events.loop.create_task(self._call(call))

    def current(self) -> "Optional[Call]":
        return self._current.get()

    def cancel(self, call: Call) -> None:
        super().cancel(call)
        call.running.cancel()

    def flush_soon(self) -> None:
        if self.responses.flush_s == 0:
            self.responses.flush()
        elif self._timer is None:
            self._timer = self._events.loop.call_later(self.responses.flush_s, self._flush)

    def finish(self) -> None:
        if not self._end.done():
            self._end.set_result(None)

    def exit(self, code: int) -> None:
        # The process ends outside of the loop, where functions of atexit may use their own.
        if not self._end.done():
            self._end.set_result(code)

    def _flush(self) -> None:
        self._timer = None
        self.responses.flush()

    def _read(self) -> None:
        try:
            frames = self.channel.poll()
            while frames:
                self.take(frames.popleft())
        except BaseException as error:
            self._end.set_exception(error)
            return
        if self.channel.has_ended or self.channel.has_quit:
            self._events.unwatch(self.channel.fileno())
            self.is_over = True
            self.end_if_done()

    async def _call(self, call: Call) -> None:
        self._current.set(call)
        began, value, error = perf_counter(), None, None
        try:
            value = await result_of(self.invoke(call))
        except BaseException as thrown:
            error = thrown
        try:
            self.end(call, began, value, error)
        except OSError:
            # The controller has ended, so no call can respond.
            self.finish()
