"""Exceptions of user code, in the form that the journal stores. This module is loaded on first use."""

import traceback

from .results import encode_value
from .values import plain_copy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Any, Callable, Dict, Optional

# The longest message and the longest stack, in characters.
MAX_TEXT = 64 * 1024
_MAX_TYPE = 200
# A longer returned value is not kept, in characters of JSON.
_MAX_VALUE = 256 * 1024


def bounded(text: str, most: int = MAX_TEXT) -> str:
    """Cuts a text, and adds a note with its length."""
    if len(text) <= most:
        return text
    return "%s... (cut, it has %d characters)" % (text[:most], len(text))


def task_error(error: BaseException, kind: str = "error") -> "Dict[str, str]":
    """Describes an exception. An exception may have methods that fail themselves."""
    if isinstance(error, MemoryError):
        kind = "oom"
    found = {
        "message": _unless_raised(lambda: str(error).strip()) or type(error).__name__,
        "type": type(error).__name__[:_MAX_TYPE],
        "class": kind,
    }
    stack = _unless_raised(lambda: user_stack(error)) if _has_frames(error) else ""
    return {**found, "stack": stack} if stack else found


def _unless_raised(read: "Callable[[], str]") -> str:
    try:
        return _storable(bounded(read()))
    except Exception:
        return ""


def _storable(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode()


def _has_frames(error: BaseException) -> bool:
    """Returns False for an error of dl_jobs itself, whose frames say nothing to the user."""
    chained = error.__cause__ or error.__context__
    return chained is not None or own_frames(error.__traceback__) is not None


def user_stack(error: BaseException) -> str:
    """Returns a traceback as Python prints it, without the frames of dl_jobs."""
    lines = traceback.TracebackException(
        type(error), error, own_frames(error.__traceback__)
    ).format()
    return "".join(lines).rstrip("\n")


def own_frames(trace: "Optional[TracebackType]") -> "Any":
    """Removes the frames of dl_jobs at the start of a traceback."""
    while trace is not None and _is_ours(trace.tb_frame.f_code.co_filename):
        trace = trace.tb_next
    return trace


def _is_ours(file: str) -> bool:
    return file.startswith("/<dl_jobs>/") or file.startswith("<frozen importlib")


def returned_error(value: "Any") -> "Dict[str, Any]":
    """Describes an error that a function returned: a text, or a dict with the key ERROR."""
    if isinstance(value, str):
        found = {"message": bounded(value), "type": "ERROR", "class": "error"}
    else:
        kind, stack = value.get("type"), value.get("stack")
        found = {
            "message": bounded(str(value["ERROR"])),
            "type": bounded(kind, _MAX_TYPE) if isinstance(kind, str) else "ERROR",
            "class": "error",
        }
        if isinstance(stack, str):
            found["stack"] = bounded(stack)
    stored = _stored(value)
    return found if stored is None else {**found, "value": stored}


def _stored(value: "Any") -> "Any":
    """Returns a value in its form for the journal; None when it is too long or has no such form."""
    try:
        copy = plain_copy(value, lambda path: None)
        return copy if len(encode_value(copy)) <= _MAX_VALUE else None
    except Exception:
        return None
