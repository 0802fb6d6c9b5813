"""The start of a worker: the function, ``setup`` and ``teardown`` (lib/worker/protocol.ts)."""

import _signal
import os
import sys
from time import perf_counter

from .channel import Channel, ProtocolError, open_tracebacks
from .context import Context, JobContext, parameter_count, takes_context
from .handlers import guard_handlers
from .process_end import BROKEN_END_S, end, end_broken, end_time_of, flush
from .responses import Responses, describe
from .runner import Runner, exit_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any, Callable, Dict, NoReturn, Optional, Tuple, Union

    from .concurrent import ConcurrentRunner

    AnyRunner = Union[Runner, ConcurrentRunner]

_COROUTINE = 0x80


def serve(function: "Dict[str, Any]", options: "Dict[str, Any]") -> "NoReturn":
    """Runs tasks until there are no more, then ends the process.

    ``function`` names the module and the method of the user.
    """
    if options.get("plain"):
        from .plain import serve_plain

        serve_plain(function, options)
    tracebacks = open_tracebacks(options["socket"])
    channel = Channel(options["socket"], options.get("token"))
    responses = Responses(channel, options)
    runner = Runner(channel, responses)
    capture_output(runner, options, tracebacks)
    job = JobContext(options, responses)
    end_time = end_time_of(options)
    if function["module"] in sys.modules:
        # An import would return this module instead of the user's.
        message = (
            'the module "%s" of Python has the same name and is loaded already, rename the file'
            % function["module"]
        )
        end_broken(runner, {"message": message, "type": "NoFunction", "class": "error"})
    try:
        module, method = load(function)
    except BaseException as error:
        end_broken(runner, describe(error))
    if not callable(method):
        message = no_function(module, function["method"])
        end_broken(runner, {"message": message, "type": "NoFunction", "class": "error"})
    if "reduce" in options:
        from .reduce import Fold

        # The function takes no context, and needs no setup.
        runner.function = Fold(method, options["reduce"], responses)
        set_up(None, job, runner, responses)
        run(runner, responses, end_time)
        end(0, runner, end_time)
    chosen = runner_of(method, runner, options)
    if chosen is not runner:
        listen(chosen)
        chosen.flush_output = runner.flush_output
    if options.get("isCheck"):
        from .models import check_of

        chosen.function, hooks = check_of(method), None
    else:
        chosen.function, hooks = as_called(method, function), hooks_of(module, function)
        if passes_context(method, function):
            chosen.job = job
    set_up(hooks, job, chosen, responses)
    run(chosen, responses, end_time)
    tear_down(hooks, job, chosen)
    end(0, chosen, end_time)


def load(function: "Dict[str, Any]") -> "Tuple[ModuleType, Any]":
    """Imports the user's module. Returns it with its method, or None when it has no such method."""
    module = __import__(function["module"], fromlist=["*"])
    return module, getattr(module, function["method"], None)


def no_function(module: "ModuleType", method: str) -> str:
    """Returns the reason for which a method of the user's module cannot be called."""
    file, folder = getattr(module, "__file__", None) or module.__name__, os.getcwd() + "/"
    name = file[len(folder) :] if file.startswith(folder) else file
    if hasattr(module, method):
        return '"%s" of %s is not a function' % (method, name)
    return "%s has no function %s" % (name, method)


def as_called(method: "Callable[..., Any]", function: "Dict[str, Any]") -> "Callable[..., Any]":
    """Returns the function that is called with the argument of a task."""
    if function.get("isDLJob") or "dl_jobs.decorators" in sys.modules:
        from dl_jobs._task import as_task

        method = as_task(method, bool(function.get("isDLJob")), bool(function.get("isCall")))
    if function["spread"]:

        def spread(values: "Any") -> "Any":
            return method(*values)

        return spread
    # A partial and an object have the annotations of the function that they call.
    is_annotated = not hasattr(method, "__code__") or _has_annotations(method)
    if is_annotated and not function.get("isDLJob"):
        from .models import with_model

        return with_model(method)
    return method


def _has_annotations(method: "Callable[..., Any]") -> bool:
    try:
        return bool(getattr(method, "__annotations__", None))
    except NameError:
        # Python 3.14 evaluates them here, and a name exists only for type checkers.
        return True


def passes_context(method: "Callable[..., Any]", function: "Dict[str, Any]") -> bool:
    """Returns True when the context follows the argument of a task."""
    return not function["spread"] and not function.get("isCall") and takes_context(method)


def capture_output(
    runner: "Runner", options: "Dict[str, Any]", tracebacks: "Optional[int]"
) -> None:
    """Turns the output of user code into log lines, except for a worker on a terminal.

    ``tracebacks`` is the descriptor of the file for tracebacks, if there is one.
    """
    if "token" in options:
        runner.flush_output = flush_terminal
        guard_handlers()
        return
    import faulthandler

    from .stdio import capture_stdio

    faulthandler.enable(2)
    if tracebacks is not None:
        # The controller asks for the stacks of a task that runs too long. Other programs in the
        # process group ignore this signal.
        faulthandler.register(_signal.SIGWINCH, tracebacks)
    runner.flush_output = capture_stdio(runner)
    guard_handlers()


def flush_terminal(*_: "Any") -> None:
    """Writes what user code has written, before the controller writes the result."""
    for stream in (sys.stdout, sys.stderr):
        if stream is not None and not getattr(stream, "closed", False):
            stream.flush()


def listen(runner: "AnyRunner") -> None:
    """Passes the output of user code to another runner."""
    from .stdio import captured

    # The module may have put other streams in the place of these, which write to them.
    for stream in captured:
        stream.runner = runner


def runner_of(
    method: "Callable[..., Any]", runner: "Runner", options: "Dict[str, Any]"
) -> "AnyRunner":
    """Returns the runner for the number of calls at a time."""
    if options.get("concurrency", 1) == 1:
        return runner
    from . import concurrent

    if is_async(method):
        return concurrent.AsyncRunner(runner.channel, runner.responses, options)
    if has_green_threads():
        message = "gevent or eventlet has replaced the threads of Python, which several calls at a "
        message += "time need; set --concurrency 1"
        end_broken(runner, {"message": message, "type": "NoFunction", "class": "error"})
    return concurrent.ThreadRunner(runner.channel, runner.responses, options)


def has_green_threads() -> bool:
    """Returns True when threads run only while another one waits for something of their library."""
    gevent, eventlet = map(sys.modules.get, ("gevent.monkey", "eventlet.patcher"))
    is_patched = gevent is not None and gevent.is_module_patched("threading")
    return is_patched or eventlet is not None and eventlet.is_monkey_patched("thread")


def is_async(method: "Callable[..., Any]") -> bool:
    """Returns True for a coroutine function, also as a partial or as the call of an object.

    The ``__wrapped__`` of a decorator tells nothing, because the decorator may run the coroutine.
    """
    import _functools

    while isinstance(method, _functools.partial):
        method = method.func
    called = method if hasattr(method, "__code__") else getattr(type(method), "__call__", None)
    return bool(getattr(getattr(called, "__code__", None), "co_flags", 0) & _COROUTINE)


def hooks_of(module: "ModuleType", function: "Dict[str, Any]") -> "Optional[ModuleType]":
    """Returns the module whose functions ``setup`` and ``teardown`` are called.

    Code of a ``DLJob`` may be older than these names, so its ``setup`` must have the parameter ctx.
    """
    code = getattr(getattr(module, "setup", None), "__code__", None)
    names = code.co_varnames[: code.co_argcount] if code else ()
    return None if function.get("isDLJob") and "ctx" not in names else module


def call_hook(hook: "Callable[..., Any]", job: "JobContext", runner: "AnyRunner") -> "Any":
    """Calls the user's ``setup`` or ``teardown``, and returns its value."""
    value = hook(*[Context(job, -1, 1)][: parameter_count(hook)])
    code = getattr(value, "gi_code", None) or getattr(value, "ag_code", None)
    if code is not None and code is getattr(hook, "__code__", None):
        # The name may be that of a fixture in a test.
        text = "%s has a yield, so nothing of it runs; return the state, and free it in teardown"
        raise TypeError(text % hook.__name__)
    return runner.settle(value)


def set_up(
    module: "Optional[ModuleType]", job: "JobContext", runner: "AnyRunner", responses: Responses
) -> None:
    """Calls the user's ``setup``, and tells the controller that the function can be called."""
    began = perf_counter()
    setup = getattr(module, "setup", None)
    if callable(setup):
        try:
            job.state = call_hook(setup, job, runner)
        except BaseException as error:
            end_broken(runner, {**describe(error), "during": "setup"})
    # A stream that the module or setup has set writes whole lines from now on.
    runner.flush_output(None)
    from .stdio import buffer_c_lines

    buffer_c_lines()
    ms = round((perf_counter() - began) * 1000, 1) if setup else 0
    responses.add_line({"loaded": {"grace": True, "setupMs": ms}})


def run(runner: "AnyRunner", responses: Responses, end_time: float) -> None:
    """Runs the tasks that the controller sends. The controller sends the signal with a request."""
    if isinstance(runner, Runner):
        _signal.signal(_signal.SIGURG, runner.on_signal)
    runner.report_idle()
    try:
        runner.run()
    except ProtocolError as error:
        responses.add_line({"damaged": str(error)})
        responses.flush()
        end(1, most=BROKEN_END_S)
    except SystemExit as asked:
        # A task called sys.exit(). Files that it and earlier tasks have written are completed.
        code, _ = exit_of(asked)
        end(code & 255, runner, end_time)
    except BaseException as error:
        # At its own end, Python would wait for the threads of calls, which never end.
        from .errors import print_error

        print_error(error)
        end(1, runner, BROKEN_END_S)


def tear_down(module: "Optional[ModuleType]", job: "JobContext", runner: "AnyRunner") -> None:
    """Calls the user's ``teardown``. Its errors are logged, because all tasks have ended."""
    teardown = getattr(module, "teardown", None)
    if callable(teardown):
        try:
            call_hook(teardown, job, runner)
        except BaseException as error:
            print("teardown failed: %s" % describe(error)["message"], file=sys.stderr)
    flush(runner)
