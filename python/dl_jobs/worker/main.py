"""The start and the end of a worker (lib/worker/protocol.ts)."""

import _io
import _signal
import os
import sys
from time import perf_counter, sleep

from .channel import Channel, ProtocolError
from .context import Context, JobContext, parameter_count, takes_context
from .handlers import guard_handlers
from .responses import Responses, describe
from .runner import Runner, exit_of
from .sources import installed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any, Callable, Dict, List, NoReturn, Optional, Tuple, Union

    from .concurrent import ConcurrentRunner

    AnyRunner = Union[Runner, ConcurrentRunner]

# The longest time that functions have at the end of the process, in seconds.
_END_S = 10
# The least time before the controller kills a worker without tasks; ``grace`` may be longer.
_LEAST_END_S = 5
# The time of a worker that cannot run tasks. The user waits for the reason.
_BROKEN_END_S = 1
# The part of the time at the end that tasks of asyncio and threads have at most. The rest is for
# buffered files.
_THREADS_PART = 0.7
# The part after which functions of atexit are interrupted, and the part that each of the others has
# from then on.
_EXIT_PART = 0.85
_MORE_PART = 0.02
# The time in which the processes beside this one remove what it has left. In seconds.
_TRACKERS_END_S = 1
_PROCESS = os.getpid()
_COROUTINE = 0x80


def serve(function: "Dict[str, Any]", options: "Dict[str, Any]") -> "NoReturn":
    """Runs tasks until there are no more, then ends the process.

    ``function`` names the module and the method of the user.
    """
    if options.get("plain"):
        from .plain import serve_plain

        serve_plain(function, options)
    channel = Channel(options["socket"], options.get("token"))
    responses = Responses(channel, options)
    runner = Runner(channel, responses)
    capture_output(runner, options)
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
    is_annotated = not hasattr(method, "__code__") or getattr(method, "__annotations__", None)
    if is_annotated and not function.get("isDLJob"):
        from .models import with_model

        return with_model(method)
    return method


def passes_context(method: "Callable[..., Any]", function: "Dict[str, Any]") -> bool:
    """Returns True when the context follows the argument of a task."""
    return not function["spread"] and not function.get("isCall") and takes_context(method)


def capture_output(runner: "Runner", options: "Dict[str, Any]") -> None:
    """Turns the output of user code into log lines, except for a worker on a terminal."""
    if "token" in options:
        runner.flush_output = flush_terminal
        guard_handlers()
        return
    import faulthandler

    from .stdio import capture_stdio

    faulthandler.enable(2)
    # The controller asks for the stacks of a task that runs too long. Other programs in the process
    # group ignore this signal.
    faulthandler.register(_signal.SIGWINCH, 2)
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


def end_time_of(options: "Dict[str, Any]") -> float:
    """Returns the time in seconds that user code has at the end of the process."""
    return max(options.get("grace", 0) / 1000, _LEAST_END_S)  # type: ignore


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
        end(1, most=_BROKEN_END_S)
    except SystemExit as asked:
        # A task called sys.exit(). Files that it and earlier tasks have written are completed.
        code, _ = exit_of(asked)
        end(code & 255, runner, end_time)
    except BaseException as error:
        # At its own end, Python would wait for the threads of calls, which never end.
        from .errors import print_error

        print_error(error)
        end(1, runner, _BROKEN_END_S)


def tear_down(module: "Optional[ModuleType]", job: "JobContext", runner: "AnyRunner") -> None:
    """Calls the user's ``teardown``. Its errors are logged, because all tasks have ended."""
    teardown = getattr(module, "teardown", None)
    if callable(teardown):
        try:
            call_hook(teardown, job, runner)
        except BaseException as error:
            print("teardown failed: %s" % describe(error)["message"], file=sys.stderr)
    flush(runner)


def flush(runner: "AnyRunner") -> None:
    """Writes all output and responses, unless the controller has ended."""
    try:
        runner.flush_output(None)
        runner.responses.flush()
    except OSError:
        pass


def end_broken(runner: "AnyRunner", error: "Dict[str, Any]") -> "NoReturn":
    """Ends a worker that has no function to call."""
    runner.flush_output(None)
    runner.responses.add_line({"broken": error})
    flush(runner)
    end(1, most=_BROKEN_END_S)


def end(code: int, runner: "Optional[AnyRunner]" = None, most: float = _END_S) -> "NoReturn":
    """Ends the process as Python does: tasks of asyncio, then threads, then ``atexit`` functions.

    A thread that does not end in time, and a child that a task left running, do not keep it alive.
    The runner passes on what they write. ``most`` is the time in seconds before the controller
    kills the worker.
    """
    began = perf_counter()
    # This also ends a timer of user code, whose handler would interrupt the end.
    _signal.alarm(0)
    try:
        _signal.signal(_signal.SIGALRM, _signal.SIG_DFL)
    except ValueError:
        # A call in a thread ends the process. Only the main thread can set handlers.
        pass
    until = began + most * _THREADS_PART
    if __package__ + ".asynchronous" in sys.modules and os.getpid() == _PROCESS:
        end_tasks(until - perf_counter())
    threading = _standard("threading")
    if threading is not None:
        end_threads(threading, max(0, until - perf_counter()))
    call_exit_functions(began + most * _EXIT_PART - perf_counter(), most * _MORE_PART)
    # A method ``__del__`` may never end.
    _signal.alarm(_END_S)
    for stream in (sys.__stdout__, sys.__stderr__):
        if stream is not None:
            stream.flush()
    ctypes = _standard("ctypes")
    if ctypes is not None:
        # Text of native code may be in the buffers of the C library.
        ctypes.CDLL(None).fflush(None)
    # A forked process would write what the buffers contained at the fork a second time.
    if os.getpid() == _PROCESS:
        close_files()
        if runner is not None:
            flush(runner)
        end_trackers()
    os._exit(code)


def call_exit_functions(most: float, more: float) -> None:
    """Calls the functions of ``atexit``, which may wait for a process that a task has left.

    Files that the user left open are completed after them, so a function that takes too long is
    interrupted. The limits are in seconds: that of all functions, and that of each one after it.
    """
    import atexit

    def interrupt(_: int, frame: "Any") -> None:
        if frame.f_code is not call_exit_functions.__code__:
            text = "Cannot wait longer for a function of atexit, or for a process of "
            text += "multiprocessing that a task has left: end it in the task, or raise --grace"
            # Code that waits for a process ignores an OSError.
            raise RuntimeError(text)

    try:
        _signal.signal(_signal.SIGALRM, interrupt)
        _signal.setitimer(_signal.ITIMER_REAL, max(most, more), more)
    except ValueError:
        # Only the main thread can set handlers.
        _signal.alarm(_END_S)
    try:
        atexit._run_exitfuncs()
    except BaseException:
        # Before Python 3.10, this is the last error, which has been printed.
        pass
    _signal.setitimer(_signal.ITIMER_REAL, 0)
    try:
        _signal.signal(_signal.SIGALRM, _signal.SIG_DFL)
    except ValueError:
        pass


def end_tasks(most: float) -> None:
    """Ends the tasks of asyncio that user code has left. The limit is in seconds."""
    from .asynchronous import end_loops

    try:
        end_loops(most)
    except BaseException as error:
        from .errors import print_error

        print_error(error)


def _standard(name: str) -> "Any":
    """Returns a module of the standard library if it is loaded, and not the user's of its name."""
    with installed[0]:
        return sys.modules.get(name)


def end_threads(threading: "Any", most: float) -> None:
    """Waits for the threads that user code has left, such as those of an executor.

    The limit is in seconds. Daemon threads are not waited for.
    """
    until = perf_counter() + most
    # Modules register the ends of their executors here, from Python 3.9 on. A semaphore that such
    # an executor needs is removed by a function of atexit.
    for call in reversed(list(getattr(threading, "_threading_atexits", ()))):
        ending = threading.Thread(target=call, daemon=True)
        try:
            ending.start()
        except RuntimeError:
            # The process has as many threads as it may have.
            break
        ending.join(max(0, until - perf_counter()))
    left = _threads_left(threading)
    while left and perf_counter() < until:
        left[0].join(until - perf_counter())
        left = _threads_left(threading)
    if left:
        text = "Cannot wait longer for threads that tasks have left: after %.3g s, these run: %s; "
        text += "end them in the task, or raise --grace"
        print(text % (most, ", ".join(one.name for one in left[:3])), file=sys.stderr)


def _threads_left(threading: "Any") -> "List[Any]":
    own = (threading.main_thread(), threading.current_thread())
    others = [one for one in threading.enumerate() if not one.daemon and one not in own]
    return [one for one in others if not hasattr(one, "runs_calls")]


def close_files() -> None:
    """Closes what user code left open, such as files whose last bytes are in memory.

    Objects with ``__del__`` come first, because an archive writes its directory to its file then. A
    file that wraps another one is closed before it, because it passes its bytes to the other.
    """
    import gc

    objects = gc.get_objects()
    text, binary = _io._TextIOBase, _io._BufferedIOBase
    innermost = (_io.BufferedWriter, _io.BufferedRandom)
    files = [one for one in objects if issubclass(type(one), (text, binary))]
    files.sort(key=lambda one: (issubclass(type(one), binary), type(one) in innermost))
    ending = {kind for kind in set(map(type, objects)) if _has_end(kind)} - set(map(type, files))
    ends = [(one, "__del__") for one in objects if type(one) in ending]
    for one, method in [*ends, *((file, "close") for file in files)]:
        try:
            getattr(one, method)()
        except BaseException:
            # The file may be on a full disk, and its task has ended.
            pass


def end_trackers() -> None:
    """Lets the trackers of resources end. They remove shared memory that tasks have left.

    They notice the end of this process, but then the controller kills what is left of its group.
    """
    # Another thread may import a module meanwhile.
    names = [name for name in list(sys.modules) if name.endswith(".resource_tracker")]
    trackers = [getattr(sys.modules[name], "_resource_tracker", None) for name in names]
    until = perf_counter() + _TRACKERS_END_S
    for tracker in trackers:
        fd, pid = getattr(tracker, "_fd", None), getattr(tracker, "_pid", None)
        if fd is None or pid is None:
            continue
        try:
            os.close(fd)
            # A process that a task has left running may keep the tracker alive.
            while os.waitpid(pid, os.WNOHANG) == (0, 0) and perf_counter() < until:
                sleep(0.005)
        except OSError:
            # A task has closed its descriptor, or has waited for all its children.
            pass


def _has_end(kind: type) -> bool:
    """Returns True for a class with a method ``__del__`` in Python."""
    return isinstance(getattr(kind, "__del__", None), type(close_files))
