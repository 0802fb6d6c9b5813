"""The signal handlers of user code, such as one that raises an exception after a time.

Python calls a handler between any two instructions of the main thread. While a module of the worker
changes its state, an exception would leave half of a change, and text that the handler prints would
come between. A handler is therefore called a moment later then.
"""

import _signal
import os
import sys

# User code may replace the functions of these modules, as gevent does.
from _thread import get_ident, start_new_thread
from time import sleep

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict

# Modules whose functions must not be interrupted, but for those in which an exception belongs to a
# call, and those that wait while no task runs.
_BUSY = frozenset(
    ("arguments", "channel", "concurrent", "errors", "main")
    + ("responses", "results", "runner", "stdio")
)
_CALLS = frozenset(
    ("_call", "_call_with_context", "_run_line", "_run_values", "call_exit_functions")
    + ("call_hook", "invoke", "load", "settle", "spread")
)
_IDLE = frozenset(("receive", "run"))
# In seconds.
_MOMENT = 0.001


class Guarded:
    """A handler that waits until the worker can be interrupted."""

    def __init__(self, handler: "Callable[[int, Any], Any]") -> None:
        self.handler = handler

    def __call__(self, number: int, frame: "Any") -> None:
        busy = _busy_function(frame)
        if busy and busy not in _IDLE and (number in held or _repeat(number)):
            held[number] = self.handler
            return
        held.pop(number, None)
        if busy in _IDLE:
            _call_idle(self.handler, number, frame)
        else:
            self.handler(number, frame)


# The handlers that wait, by the numbers of their signals.
held: "Dict[int, Callable[[int, Any], Any]]" = {}


def call_held() -> None:
    """Calls the handlers that wait, before the worker returns to user code."""
    while held:
        number, handler = held.popitem()
        handler(number, sys._getframe(1))


def _call_idle(handler: "Callable[[int, Any], Any]", number: int, frame: "Any") -> None:
    """Calls a handler while no task runs, to which an exception could belong."""
    try:
        handler(number, frame)
    except (Exception, KeyboardInterrupt) as error:
        from .errors import print_error

        print_error(error)


def _repeat(number: int) -> bool:
    """Sends a signal to this thread again. Returns False when that is impossible."""
    try:
        start_new_thread(_send, (number, get_ident()))
        return True
    except RuntimeError:
        return False


def _send(number: int, thread: int) -> None:
    sleep(_MOMENT)
    while number in held:
        _signal.pthread_kill(thread, number)
        sleep(_MOMENT)


def _busy_function(frame: "Any") -> str:
    """Returns the name of the worker's function that must not be interrupted, or an empty text.

    The innermost frame of the worker decides. Frames within it are those of user code, or of the
    standard library.
    """
    while frame is not None:
        names = frame.f_globals
        # What a handler interrupted decides about a signal that interrupts the handler.
        if names.get("__package__") == __package__ and names is not globals():
            module, function = names["__name__"].rpartition(".")[2], frame.f_code.co_name
            return function if module in _BUSY and function not in _CALLS else ""
        frame = frame.f_back
    return ""


def guard_handlers() -> None:
    """Guards the handlers that user code sets from now on, and that of KeyboardInterrupt."""
    set_handler, get_handler = _signal.signal, _signal.getsignal

    def signal(number: int, handler: "Any") -> "Any":
        guarded = Guarded(handler) if callable(handler) else handler
        return _users(set_handler(number, guarded))

    def getsignal(number: int) -> "Any":
        return _users(get_handler(number))

    # The functions of the module "signal" call these.
    _signal.signal, _signal.getsignal = signal, getsignal  # type: ignore
    # A forked process has no thread that sends them.
    os.register_at_fork(after_in_child=held.clear)
    # _thread.interrupt_main() calls this handler, also when no such signal comes.
    signal(_signal.SIGINT, get_handler(_signal.SIGINT))


def _users(handler: "Any") -> "Any":
    """Returns the handler that user code has set."""
    return handler.handler if isinstance(handler, Guarded) else handler
