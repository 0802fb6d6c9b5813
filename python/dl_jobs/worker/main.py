"""The start and the end of a worker (lib/worker/protocol.ts)."""

import os
import sys

from .channel import Channel, ProtocolError
from .runner import Responses, Runner, describe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, NoReturn


def serve(function: "Dict[str, Any]", options: "Dict[str, Any]") -> None:
    """Runs tasks until there are no more, then ends the process.

    ``function`` names the module and the method of the user.
    """
    channel = Channel(options["socket"], options.get("token"))
    responses = Responses(channel, options)
    runner = Runner(responses, lambda value: value)
    capture(runner, options)
    runner.function = load(function, responses)
    runner.report_idle()
    try:
        run_tasks(channel, runner)
    except ProtocolError as error:
        responses.add_line({"damaged": str(error)})
        responses.flush()
        end(1)
    end(0)


def run_tasks(channel: "Channel", runner: "Runner") -> None:
    """Runs the tasks that the controller sends."""
    while True:
        frame = channel.receive()
        if frame is None:
            return
        runner.run(frame)


def capture(runner: "Runner", options: "Dict[str, Any]") -> None:
    """Turns the output of user code into log lines, except for a worker on a terminal."""
    if options.get("inherit"):
        return
    from .stdio import capture_stdio

    responses = runner.responses

    def log(stream: str, text: str) -> None:
        line = {"id": responses.task, "attempt": responses.attempt, "stream": stream, "text": text}
        responses.add_line(line)

    runner.flush_output = capture_stdio(log)


def load(function: "Dict[str, Any]", responses: "Responses") -> "Callable[[Any], Any]":
    """Imports the user's function. Ends the process when that fails."""
    try:
        module = __import__(function["module"], fromlist=["*"])
        method = getattr(module, function["method"], None)
    except BaseException as error:
        broken(responses, describe(error))
    if not callable(method):
        message = "the module has no function %s" % function["method"]
        broken(responses, {"message": message, "type": "NoFunction", "class": "error"})
    if function.get("isDLJob") or "dl_jobs.decorators" in sys.modules:
        from dl_jobs._task import as_task

        method = as_task(method, bool(function.get("isDLJob")), bool(function.get("isCall")))
    if function.get("spread"):
        return lambda values: method(*values)
    return method


def broken(responses: "Responses", error: "Dict[str, Any]") -> "NoReturn":
    """Ends a worker that has no function to call."""
    responses.add_line({"broken": error})
    responses.flush()
    os._exit(1)


def end(code: int) -> "NoReturn":
    """Ends the process. Threads and children that a task left running do not keep it alive."""
    import atexit

    # A function that the user registered may never end.
    from _signal import SIG_DFL, SIGALRM, alarm, signal

    signal(SIGALRM, SIG_DFL)
    alarm(10)
    atexit._run_exitfuncs()
    for stream in (sys.__stdout__, sys.__stderr__):
        if stream is not None:
            stream.flush()
    os._exit(code)
