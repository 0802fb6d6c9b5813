"""The context of a call, which is the second parameter of the user's function."""

import os
import sys
from time import monotonic

# Only the lock is needed; the module "threading" takes a few milliseconds to load.
import _thread

from .results import encode_value
from .signature import signature_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Optional

    from .responses import Responses

# The least time between two updates of a kind for a task, in seconds.
_UPDATE_S = 1.0
# The flag of code that declares ``*args``.
_ANY_ARGUMENTS = 0x04


class TaskCanceled(BaseException):
    """Raised in a task at its time limit, and when its job is canceled."""

    __module__ = "dl_jobs"


class Signal:
    """Tells that a call should end: at its time limit, and when the job is canceled."""

    def __init__(self) -> None:
        self._lock = _thread.allocate_lock()
        self._lock.acquire()
        self._is_set = False

    @property
    def aborted(self) -> bool:
        """True when the call should end."""
        return self._is_set

    def is_set(self) -> bool:
        """Returns True when the call should end."""
        return self._is_set

    def wait(self, timeout: "Optional[float]" = None) -> bool:
        """Waits until the call should end, at most some seconds. Returns False after that time."""
        # The time that is left until a moment in the past is negative.
        if self._lock.acquire(timeout=-1 if timeout is None else max(timeout, 0)):
            self._lock.release()
        return self._is_set

    def set(self) -> None:
        """Tells the call to end."""
        if not self._is_set:
            self._is_set = True
            self._lock.release()


class Checkpoint:
    """The value from which a later attempt of a task can continue."""

    def __init__(self, last: "Any", send: "Callable[[Any], None]") -> None:
        #: The last saved value, also of an earlier attempt; None when there is none.
        self.last = last
        self._send = send

    def save(self, value: "Any") -> None:
        """Saves a value, which must be a result that JSON can represent."""
        self._send(value)
        self.last = value


class Context:
    """The task of a call, and what the call can tell about it."""

    #: Raised in the call at its time limit, and when its job is canceled.
    TaskCanceled = TaskCanceled

    def __init__(self, job: "JobContext", task: int, attempt: int, last: "Any" = None) -> None:
        #: The id of the job.
        self.job = job.id
        #: The position of the task in the list, from 0; -1 in ``setup``.
        self.task = task
        #: The number of the attempt, from 1.
        self.attempt = attempt
        #: The value that ``setup`` returned.
        self.state = job.state
        #: Tells that the call should end.
        self.signal = Signal()
        #: The checkpoint of the task.
        self.checkpoint = Checkpoint(last, self._save)
        self._job = job
        self._saved: "Optional[Dict[str, Any]]" = None
        self._next_save = self._next_progress = 0.0

    @property
    def dir(self) -> str:
        """The path of the folder for files of the job, which is created on first use."""
        os.makedirs(self._job.files, mode=0o700, exist_ok=True)
        return self._job.files

    def log(self, text: str, /, **fields: "Any") -> None:
        """Adds a line to the log of the task, with fields."""
        line = {**self._ids(), "stream": "log", "text": _text_of(text, str)}
        self._job.add({**line, "fields": _plain_fields(fields)} if fields else line)

    def progress(self, fraction: float, text: "Optional[str]" = None) -> None:
        """Tells which part of the task is done, from 0 to 1."""
        now = monotonic()
        if self.task < 0 or now < self._next_progress:
            return
        self._next_progress = now + _UPDATE_S
        # The order of the arguments makes NaN to 0.
        part = min(max(0.0, float(fraction)), 1.0)
        update = {**self._ids(), "type": "progress", "info": True, "fraction": part}
        self._job.update(update if text is None else {**update, "text": str(text)})

    def finish(self) -> None:
        """Sends the last checkpoint, unless it has been sent."""
        if self._saved is not None:
            saved, self._saved = self._saved, None
            self._job.update(saved)

    def _save(self, value: "Any") -> None:
        if self.task < 0:
            raise RuntimeError("Cannot save a checkpoint in setup: it belongs to no task")
        if self._job.is_forked():
            raise RuntimeError(
                "Cannot save a checkpoint in a forked process: only the task itself can respond, "
                "save it there"
            )
        update = {**self._ids(), "type": "checkpoint", "info": True}
        # The value may change after the call.
        self._saved = {**update, "value": self._job.checkpoint(value)}
        now = monotonic()
        if now >= self._next_save:
            self._next_save = now + _UPDATE_S
            self.finish()

    def _ids(self) -> "Dict[str, Any]":
        return {"id": self.task, "attempt": self.attempt}


class JobContext:
    """The parts of a context that all calls of a worker share."""

    def __init__(self, options: "Dict[str, Any]", responses: "Responses") -> None:
        self.id = options.get("job", "")
        self.files = options.get("files") or os.path.join(os.getcwd(), "files")
        self.state: "Any" = None
        self._responses = responses
        self._process = os.getpid()

    def is_forked(self) -> bool:
        """Returns True in a process that user code has forked. It has no channel."""
        return os.getpid() != self._process

    def add(self, line: "Dict[str, Any]") -> None:
        """Adds a line of the log."""
        if self.is_forked():
            # What such a process prints is in the log of the task.
            return print(_shown(line), file=sys.stderr, flush=True)
        with self._responses.lock:
            self._responses.add_log(line)

    def update(self, line: "Dict[str, Any]") -> None:
        """Writes a line at once, except in a forked process."""
        if self.is_forked():
            return
        with self._responses.lock:
            self._responses.send_line(line)

    def checkpoint(self, value: "Any") -> "Any":
        """Returns the JSON form of a checkpoint. Raises TypeError when its keys would change."""
        from .values import plain_copy, refuse_other_keys

        plain = plain_copy(value, self._responses.note_non_finite, "checkpoint")
        refuse_other_keys(value, "checkpoint")
        return plain


def _plain_fields(fields: "Dict[str, Any]") -> "Dict[str, Any]":
    """Returns fields that JSON can represent. A line of the log never fails its task."""
    from .values import plain_copy

    found: "Dict[str, Any]" = {}
    for name, value in fields.items():
        try:
            found[name] = plain_copy(value, lambda path: None, name)
            encode_value(found[name])
        except Exception:
            found[name] = _text_of(value, repr)
    return found


def _text_of(value: "Any", convert: "Callable[[Any], str]") -> str:
    try:
        return convert(value)
    except Exception:
        return type(value).__name__


def _shown(line: "Dict[str, Any]") -> str:
    """Returns a line of the log as text, such as ``tile read bands=4``."""
    fields = line.get("fields", {}).items()
    return " ".join([line["text"], *("%s=%s" % (name, encode_value(one)) for name, one in fields)])


def takes_context(function: "Callable[..., Any]") -> bool:
    """Returns True when the context is passed to a function.

    That is so for a second positional parameter without a default, and for one named ``ctx``.
    """
    if getattr(function, "__dl_jobs_expands_args__", False):
        return False
    code = getattr(function, "__code__", None)
    if code is not None and not _is_special(function):
        defaults = len(function.__defaults__ or ())  # type: ignore
        names, count = code.co_varnames, code.co_argcount
        return count >= 2 and (names[1] == "ctx" or count - defaults >= 2)
    return _signature_takes_context(function)


def _is_special(function: "Callable[..., Any]") -> bool:
    """Returns True for a method of an object, and for a decorator that passes any arguments on.

    A decorator with parameters of its own may fill those of the function itself.
    """
    if hasattr(function, "__self__"):
        return True
    return hasattr(function, "__wrapped__") and bool(function.__code__.co_flags & _ANY_ARGUMENTS)


def _signature_takes_context(function: "Callable[..., Any]") -> bool:
    parameters = _parameters(function)
    if len(parameters) < 2 or parameters[1].kind > parameters[1].POSITIONAL_OR_KEYWORD:
        return False
    return parameters[1].name == "ctx" or parameters[1].default is parameters[1].empty


def _parameters(function: "Callable[..., Any]") -> "List[Any]":
    """Returns the parameters of any function, also of one with a decorator."""
    try:
        return list(signature_of(function).parameters.values())
    except (TypeError, ValueError):
        return []


def parameter_count(function: "Callable[..., Any]") -> int:
    """Returns the number of positional parameters of ``setup`` or ``teardown``."""
    code = getattr(function, "__code__", None)
    if code is not None and not _is_special(function):
        return code.co_argcount  # type: ignore
    return sum(one.kind <= one.POSITIONAL_OR_KEYWORD for one in _parameters(function))
