"""Exceptions of user code, in the form that the journal stores. Loaded on first use."""

import sys
import traceback
from enum import Enum

from .results import encode_value
from .sources import installed
from .values import READERS, plain_copy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict

# The longest message and the longest stack, in characters.
MAX_TEXT = 64 * 1024
_MAX_TYPE = 200
# A longer returned value is not kept, in characters of JSON.
_MAX_VALUE = 256 * 1024
# The fields of an exception, and the characters of a text in one. What is longer is no reason.
_MAX_FIELDS = 20
_MAX_FIELD = 1000
# Keys that the errors file has for each error, and an attribute of dl_jobs.
_OWN_KEYS = ("ERROR", "ARGS", "KWARGS", "name", "message", "stack", "dl_jobs_class")
_MAX_CAUSES = 100
# A recursion under a raised limit has millions of frames. Those nearest to the error are kept.
_MAX_FRAMES = 10_000
_OWN_FILES = ("/<dl_jobs>/", "<frozen importlib")
# A metaclass may replace the attribute itself.
_name_of: "Callable[[type], str]" = type.__dict__["__name__"].__get__


def bounded(text: str, most: int = MAX_TEXT) -> str:
    """Cuts a text, and adds a note with its length."""
    if len(text) <= most:
        return text
    return "%s... (cut, it has %d characters)" % (text[:most], len(text))


def task_error(error: BaseException, kind: str = "error") -> "Dict[str, Any]":
    """Describes an exception. An exception may have methods that fail themselves."""
    is_memory = isinstance(error, MemoryError)
    # An argument that does not fit is described by its reason alone.
    own = _attribute(error, "dl_jobs_class")
    is_invalid = own == "invalid"
    nameless = "it ran out of memory" if is_memory else _name_of(type(error))
    found = {
        "message": _message_of(error) or nameless,
        "type": _name_of(type(error))[:_MAX_TYPE],
        "class": "oom" if is_memory else own if own in ("invalid", "limited") else kind,
    }
    if own == "limited":
        return {**found, **_wait_of(error)}
    stack = "" if is_invalid else _unless_raised(lambda: _stack_of(error))
    if stack:
        found["stack"] = stack
    fields = _fields_of(error)
    return {**found, "value": fields} if fields else found


def _message_of(error: BaseException) -> str:
    """Returns the text of an exception.

    That of a group, such as the one of an ``asyncio.TaskGroup``, also names its first exception.
    """
    text = _unless_raised(lambda: str(error).strip())
    for _ in range(_MAX_CAUSES):
        parts = _attribute(error, "exceptions")
        if type(parts) is not tuple or not parts or not isinstance(parts[0], BaseException):
            break
        error = parts[0]
        own = _unless_raised(lambda: str(error).strip())
        text += ": " + _name_of(type(error)) + (own and ": " + own)
    return text


def _fields_of(error: BaseException) -> "Dict[str, Any]":
    """Returns the texts, numbers and booleans that code has added to an exception."""
    own = _attribute(error, "__dict__")
    values = {} if type(own) is not dict else {key: _simple(value) for key, value in own.items()}
    short = [(key, value) for key, value in values.items() if _is_short(key, value)]
    return dict(short[:_MAX_FIELDS])


def _simple(value: "Any") -> "Any":
    """Returns a text or a number for one of a subclass, such as an ``HTTPStatus``.

    The result for a member of another enumeration is its value. Methods of the class, which may
    fail, are not called.
    """
    if issubclass(type(value), Enum):
        value = value.__dict__.get("_value_")
    kind = type(value)
    if kind is not bool:
        for plain, read in READERS:
            if issubclass(kind, plain):
                return read(value)
    return value


def _is_short(key: "Any", value: "Any") -> bool:
    if type(key) is not str or key in _OWN_KEYS or key.startswith("_"):
        return False
    if type(value) is str:
        return len(value) <= _MAX_FIELD and value == _unless_raised(lambda: value)
    is_finite = type(value) is float and value - value == 0
    return is_finite or type(value) in (int, bool)


def _wait_of(error: BaseException) -> "Dict[str, Any]":
    seconds = _attribute(error, "retry_after")
    is_time = isinstance(seconds, (int, float)) and 0 <= seconds < 1e10
    return {"waitMs": round(seconds * 1000)} if is_time else {}


def _attribute(error: BaseException, name: str) -> "Any":
    """Returns an attribute, or None when its access fails."""
    try:
        return getattr(error, name, None)
    except BaseException:
        return None


def print_error(error: BaseException) -> None:
    """Prints an exception as Python does, without the frames of dl_jobs."""
    print(_unless_raised(lambda: _stack_of(error)) or repr(error), file=sys.stderr)


def _unless_raised(read: "Callable[[], str]") -> str:
    try:
        return bounded(read()).encode("utf-8", "backslashreplace").decode()
    except BaseException:
        return ""


def _stack_of(error: BaseException) -> str:
    """Returns a traceback as Python prints it, without the frames of dl_jobs.

    The text is empty when there are no other frames.
    """
    installed[0].fill_linecache(traceback.linecache.cache)  # type: ignore
    try:
        return _formatted(error)
    except (ImportError, AttributeError):
        # The module "traceback" imports others late, and the user may have modules of these names.
        with installed[0]:
            return _formatted(error)


def _formatted(error: BaseException) -> str:
    described = traceback.TracebackException(
        type(error), error, error.__traceback__, limit=-_MAX_FRAMES
    )
    if not _remove_own_frames(described):
        return ""
    return "".join(described.format()).rstrip("\n")


def _remove_own_frames(described: "Any", depth: int = 0) -> bool:
    """Returns True when frames of the user remain, also in a cause or in a part of a group."""
    if described is None or depth > _MAX_CAUSES:
        return False
    frames = described.stack
    frames[:] = [frame for frame in frames if not frame.filename.startswith(_OWN_FILES)]
    others = [
        described.__cause__,
        described.__context__,
        *(getattr(described, "exceptions", 0) or ()),
    ]
    found = [_remove_own_frames(other, depth + 1) for other in others]
    return bool(frames) or any(found)


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
