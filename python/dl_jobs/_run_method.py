"""Run methods: the user's functions that return jobs.

The command starts this module in a process of its own. The process connects to the socket of the
command, reads a request in one line of JSON, and writes a line for each job, or for an error.
"""

from __future__ import annotations

import inspect
import io
import json
import os
import socket
import sys
from collections.abc import Iterable, Iterator
from importlib import import_module
from typing import Any, Callable, Dict, Sequence

from ._description import describe
from .decorators import stack_of
from .worker.signature import signature_of


# The exit status after Ctrl-C.
INTERRUPTED = 130


class UsageError(Exception):
    """A run method cannot be called, or returns no job."""


def call(
    method: str, args: Sequence[Any], kwargs: Dict[str, Any], options: Dict[str, Any]
) -> Any:
    """Calls a run method.

    :param method: the import path, ``package.module.method``
    :param options: keywords that the method receives where it declares them
    :raises UsageError: when the method does not exist, or its arguments do not fit
    """
    function = _method(method)
    name = ".".join(method.split(".")[-2:])
    return function(*args, **_keywords(name, function, args, kwargs, options))


def jobs_in(returned: Any, method: str) -> Iterator[Any]:
    """Yields the jobs that a run method returned.

    :raises UsageError: when there is no job, or something else
    """
    is_many = _is_list(returned)
    found = 0
    for index, job in enumerate(returned if is_many else [returned]):
        if _is_job(job):
            found += 1
            yield job
        elif is_many and not job:
            where = "element {} of the list that {} returned".format(index, method)
            print("Warning: {} is not a job".format(where), file=sys.stderr)
        else:
            raise _no_job(method, job, is_many)
    if found == 0:
        raise _no_job(method, returned, False)


def _method(name: str) -> Callable:
    module_name, _, method = name.rpartition(".")
    module = import_module(module_name)
    function = getattr(module, method, None)
    if callable(function):
        return function
    functions = [key for key, value in vars(module).items() if inspect.isfunction(value)]
    raise UsageError(
        'Cannot find "{}" in {}: its functions are {}'.format(
            method, module.__file__, ", ".join(sorted(functions)) or "none"
        )
    )


def _keywords(
    method: str,
    function: Callable,
    args: Sequence[Any],
    kwargs: Dict[str, Any],
    options: Dict[str, Any],
) -> Dict[str, Any]:
    """Adds the options that a function declares, or accepts as further keywords."""
    signature = signature_of(function)
    parameters = signature.parameters
    kinds = {parameter.kind for parameter in parameters.values()}
    try:
        bound = signature.bind_partial(*args, **kwargs)
        free = {
            name: value
            for name, value in options.items()
            if name not in kwargs
            and (name in parameters or inspect.Parameter.VAR_KEYWORD in kinds)
            and name not in bound.arguments
        }
        signature.bind(*args, **kwargs, **free)
    except TypeError as error:
        raise UsageError(
            "Cannot run {0}: {1}; its parameters are {0}{2}".format(method, error, signature)
        ) from error
    return {**kwargs, **free}


def _is_job(value: Any) -> bool:
    job = sys.modules.get("dl_jobs.job")
    return job is not None and isinstance(value, job.DLJob)


def _is_list(value: Any) -> bool:
    return isinstance(value, Iterable) and not isinstance(value, (str, bytes, dict))


def _no_job(method: str, returned: Any, is_element: bool) -> Exception:
    kind = "a list without a job" if _is_list(returned) else _kind_of(returned)
    return UsageError(
        'Cannot run "{}": it returned {}{}, a run method returns a DLJob or a list of them{}'.format(
            method,
            "a list with " if is_element else "",
            "nothing" if returned is None else kind,
            "" if is_element or returned is None or _is_list(returned) else _advice_for(method),
        )
    )


def _advice_for(method: str) -> str:
    return "; to call it for each element of a list, write dl_jobs map {} LIST".format(method)


def _kind_of(value: Any) -> str:
    return "a value of type {}".format(type(value).__name__)


def serve(path: str) -> None:
    """Calls the run method that the command asks for, and sends its jobs.

    :param path: the path of the command's socket
    """
    channel = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    channel.connect(path)
    # Only the results of tasks belong to the stdout of the command.
    os.dup2(2, 1)
    # Without a terminal, Python would keep what the method prints until its end.
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=True)
    with channel.makefile("rw", encoding="utf-8", newline="\n") as stream:
        request = json.loads(stream.readline())
        for answer in _answers(request, stream):
            stream.write(json.dumps(answer) + "\n")
            stream.flush()


def _answers(request: Dict[str, Any], stream: Any) -> Iterator[Dict[str, Any]]:
    method, folder, path = request["name"], request["folder"], _import_path(request)
    sys.path[:0] = [root for root in request["roots"] if root not in sys.path]
    sys.argv = [request["file"]]
    try:
        returned = call(path, request["args"], request["kwargs"], request["options"])
        # A generator may need the results of one job for the next one.
        waits = isinstance(returned, Iterator)
        for number, job in enumerate(jobs_in(returned, method)):
            yield {"job": describe(job, folder, number), "waits": waits}
            if waits and not stream.readline():
                return
    except KeyboardInterrupt:
        # The command has received the signal, too, but it may see the end of this process first.
        sys.exit(INTERRUPTED)
    except UsageError as error:
        yield {"error": str(error), "isUsage": True}
    except (Exception, SystemExit) as error:
        text = "{} failed\n{}".format(method, stack_of(error, (_PACKAGE, "<frozen ")))
        yield {"error": text, "isUsage": False}


def _import_path(request: Dict[str, Any]) -> str:
    """Returns the import path of a run method, from the first folder that contains its file."""
    file = os.path.splitext(request["file"])[0]
    name = file[: -len("/__init__")] if file.endswith("/__init__") else file
    for root in request["roots"]:
        if name.startswith(root + "/"):
            return ".".join([*name[len(root) + 1 :].split("/"), request["method"]])
    sys.path.insert(0, os.path.dirname(name))
    return "{}.{}".format(os.path.basename(name), request["method"])


_PACKAGE = os.path.dirname(__file__) + os.sep
