"""Task methods, as a worker calls them."""

from __future__ import annotations

import inspect
import json
from typing import Any, Callable, Dict, Sequence

from .decorators import EXPANDS_ARGS, JSON_TEXT
from .worker.signature import signature_of


def as_task(function: Callable, is_job: bool, is_call: bool) -> Callable:
    """Returns a function whose results are values, not their JSON text.

    :param is_job: true for the task method of a ``DLJob``, of which every text may be JSON
    :param is_call: true when the argument is a dict with the ``args`` and ``kwargs`` of a call
    """
    called = _called(function) if is_call else function
    if not is_job and not hasattr(function, JSON_TEXT):
        return function

    def task(*args: Any) -> Any:
        return _parsed(called(*args))

    async def task_async(*args: Any) -> Any:
        return _parsed(await called(*args))

    return task_async if inspect.iscoroutinefunction(function) else task


def _called(function: Callable) -> Callable:
    taken = _taken_whole(function)

    def call(given: Dict[str, Any]) -> Any:
        args = [] if "args" in taken else given["args"]
        kwargs = {} if "kwargs" in taken else given["kwargs"]
        return function(*args, **kwargs, **{name: given[name] for name in taken if given[name]})

    return call


def _taken_whole(function: Callable) -> Sequence[str]:
    """Returns which of ``args`` and ``kwargs`` a function has as parameters of these names."""
    if hasattr(function, EXPANDS_ARGS):
        return ("args", "kwargs")
    parameters = signature_of(function).parameters
    found = [parameters[name] for name in ("args", "kwargs") if name in parameters]
    kinds = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    return [parameter.name for parameter in found if parameter.kind in kinds]


def _parsed(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value
