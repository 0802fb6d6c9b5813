"""Decorators of task methods, in this order: ``@as_json``, ``@attempt``, ``@expand_args``."""

from __future__ import annotations

import functools
import inspect
import json
import traceback
from typing import Any, Callable, Dict, Sequence, Tuple

from .helpers import bool_str

#: Marks functions that return JSON text. The parsed text becomes the result of a task.
JSON_TEXT = "__dl_jobs_json_text__"

#: Marks functions that accept the keywords ``args`` and ``kwargs`` of a job without a list.
EXPANDS_ARGS = "__dl_jobs_expands_args__"

#: The function whose first parameter receives the argument of a wrapper.
WRAPS = "__dl_jobs_wraps__"


def expand_args(func: Callable) -> Callable:
    """Spreads the one argument of a task over the parameters of a function.

    A list becomes the positional arguments and a dict the keywords. Any other value is the only
    argument. The keywords ``args`` and ``kwargs`` are a list and a dict to spread.
    """

    def call(*args: Any, **kwargs: Any) -> Any:
        args, kwargs = expand(args, kwargs)
        return func(*args, **kwargs)

    async def call_async(*args: Any, **kwargs: Any) -> Any:
        return await call(*args, **kwargs)

    wrapped = _decorated(call, call_async, func)
    setattr(wrapped, EXPANDS_ARGS, True)
    # Its parameters receive parts of the argument.
    delattr(wrapped, WRAPS)
    return wrapped


def expand(args: Sequence[Any], kwargs: Dict[str, Any]) -> Tuple[Sequence[Any], Dict[str, Any]]:
    """Returns the arguments of a function from those of its wrapper."""
    if len(args) == 1 and set(kwargs) <= {"kwargs"}:
        one, named = args[0], kwargs.get("kwargs") or {}
    elif len(args) == 0 and set(kwargs) <= {"args", "kwargs"}:
        one, named = kwargs.get("args", []), kwargs.get("kwargs") or {}
    elif len(args) == 2 and not kwargs and isinstance(args[0], list) and isinstance(args[1], dict):
        one, named = args
    else:
        return args, kwargs
    if isinstance(one, dict) and not named:
        return [], one
    return one if isinstance(one, (list, tuple, range)) else [one], named


def attempt(func: Callable) -> Callable:
    """Returns an exception of a function as a dict, which counts as an error of the task.

    The dict has the keys ``ERROR``, ``type``, ``stack``, ``ARGS`` and ``KWARGS``.
    """

    def call(*args: Any, **kwargs: Any) -> Any:
        try:
            return func(*args, **kwargs)
        except Exception as error:
            return _failure(error, args, kwargs)

    async def call_async(*args: Any, **kwargs: Any) -> Any:
        try:
            return await func(*args, **kwargs)
        except Exception as error:
            return _failure(error, args, kwargs)

    return _decorated(call, call_async, func)


def _failure(error: Exception, args: Sequence[Any], kwargs: Dict[str, Any]) -> Dict[str, Any]:
    return {
        "ERROR": str(error).strip() or type(error).__name__,
        "type": type(error).__name__,
        "stack": stack_of(error, (__file__,)),
        "ARGS": [_as_data(value) for value in args],
        "KWARGS": {name: _as_data(value) for name, value in kwargs.items()},
    }


def stack_of(error: BaseException, hidden: Tuple[str, ...]) -> str:
    """Returns a traceback without the frames of some files, and without its first line.

    :param hidden: the beginnings of the paths of these files
    """
    stack = traceback.extract_tb(error.__traceback__)
    frames = [frame for frame in stack if not frame.filename.startswith(hidden)]
    end = traceback.format_exception_only(type(error), error)
    return "".join(traceback.format_list(frames) + end).rstrip()


def _as_data(value: Any) -> Any:
    """Returns a value, or its text when JSON cannot represent it."""
    try:
        json.dumps(value)
    except (TypeError, ValueError, RecursionError):
        return repr(value)
    return value


def as_json(func: Callable) -> Callable:
    """Returns the result of a function as JSON text. A text is passed through.

    With ``return_as_dict=True``, as a keyword or in the dict of a task, the result is returned
    unchanged.
    """

    def call(*args: Any, **kwargs: Any) -> Any:
        is_raw, args, kwargs = _take_raw_flag(args, kwargs)
        return _to_json(func(*args, **kwargs), is_raw)

    async def call_async(*args: Any, **kwargs: Any) -> Any:
        is_raw, args, kwargs = _take_raw_flag(args, kwargs)
        return _to_json(await func(*args, **kwargs), is_raw)

    wrapped = _decorated(call, call_async, func)
    setattr(wrapped, JSON_TEXT, True)
    return wrapped


def _take_raw_flag(
    args: Sequence[Any], kwargs: Dict[str, Any]
) -> Tuple[bool, Sequence[Any], Dict[str, Any]]:
    is_raw = False
    if kwargs:
        is_raw = kwargs.pop("return_as_dict", False)
    elif args and isinstance(args[0], dict) and "return_as_dict" in args[0]:
        # The dict belongs to the caller.
        named = dict(args[0])
        is_raw = named.pop("return_as_dict")
        args = [named, *args[1:]]
    return bool(bool_str(is_raw)), args, kwargs


def _to_json(value: Any, is_raw: bool) -> Any:
    if is_raw or isinstance(value, str):
        return value
    return json.dumps({} if value is None else value)


def _decorated(call: Callable, call_async: Callable, func: Callable) -> Callable:
    """Gives a wrapper the name and the marks of its function, but not its parameters."""
    wrapped = call_async if inspect.iscoroutinefunction(func) else call
    functools.update_wrapper(wrapped, func)
    # With this attribute, `inspect.signature` would show the parameters of the function.
    del wrapped.__wrapped__
    setattr(wrapped, WRAPS, func)
    return wrapped
