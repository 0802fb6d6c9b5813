"""The end of the process of a worker."""

import _io
import _signal
import os
import sys
from time import perf_counter, sleep

from .sources import installed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, NoReturn, Optional

    from .main import AnyRunner

# The longest time that functions have at the end of the process, in seconds.
_END_S = 10
# The least time before the controller kills a worker without tasks; ``grace`` may be longer.
_LEAST_END_S = 5
# The time of a worker that cannot run tasks. The user waits for the reason.
BROKEN_END_S = 1
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


def end_time_of(options: "Dict[str, Any]") -> float:
    """Returns the time in seconds that user code has at the end of the process."""
    return max(options.get("grace", 0) / 1000, _LEAST_END_S)  # type: ignore


def end_broken(runner: "AnyRunner", error: "Dict[str, Any]") -> "NoReturn":
    """Ends a worker that has no function to call."""
    runner.flush_output(None)
    runner.responses.add_line({"broken": error})
    flush(runner)
    # What the end of the process prints would come before the error.
    runner.log = lambda *_: None  # type: ignore
    end(1, most=BROKEN_END_S)


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


def flush(runner: "AnyRunner") -> None:
    """Writes all output and responses, unless the controller has ended."""
    try:
        runner.flush_output(None)
        runner.responses.flush()
    except OSError:
        pass


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
