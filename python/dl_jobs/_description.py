"""The description of a job in JSON, from which the command creates the job.

``lib/job/function/python_job.ts`` reads it::

    {
      "module": "/p/work/ndvi.py",       the file of the task method
      "import": "work.ndvi",             its import path
      "method": "mean",
      "isCall": false,                   true for a job without a list; the only line of its file
                                         is {"args": [], "kwargs": {}}
      "list": 10,                        the numbers 0 to 9, or
      "list": "tiles.ndjson",            a file of the user, or
      "list": {"file": "/tmp/f"},        a file of the job, which has a line per task
      "options": {"name": "n", "cpus": 1, "platform_job": false, "task_kwargs": {}}
    }
"""

from __future__ import annotations

import json
import operator
import os
import sys
from importlib.machinery import ModuleSpec, PathFinder
from typing import Any, Dict, Iterable, NoReturn, Optional, Sequence, Tuple

from .decorators import expand
from .helpers import truthy

#: The arguments of a job that are options of the command.
OPTIONS = (
    "cpu_job cpu_image gpu_image cpus gpus noisy grouped_results save_results save_errors "
    "results_dir errors_dir results_timestamp log log_dir"
).split()

#: The meaning of None for an option. None is no value of the others.
_NONE = {
    "cpu_job": False,
    "gpus": 0,
    "noisy": False,
    "grouped_results": False,
    "save_results": False,
    "save_errors": False,
    "results_dir": ".",
    "errors_dir": ".",
    "results_timestamp": False,
    "log": False,
    "log_dir": ".",
}


def describe(job: Any, folder: str, number: int = 0) -> Dict[str, Any]:
    """Returns the description of a job.

    :param folder: an absolute path of a folder for the list
    :param number: tells the lists in one folder apart
    :raises TypeError: when JSON cannot represent an argument of a task
    :raises ModuleNotFoundError: when the module of the task method does not exist
    """
    return {
        "module": module_file(job.module_name),
        "import": job.module_name,
        "method": job.method_name,
        **_arguments(job, os.path.join(folder, "args_{}.ndjson".format(number))),
        "options": _options(job),
    }


def _options(job: Any) -> Dict[str, Any]:
    """Returns the options of a job. Paths and numbers of numpy are converted as in results."""
    from .worker.values import plain_copy

    names = ("name", "platform_job", "task_kwargs", "modules", "requirements", "data", *OPTIONS)
    given = {name: vars(job)[name] for name in names if name in vars(job)}
    plain = {name: _NONE.get(name) if value is None else value for name, value in given.items()}
    # As in a loop over them, the modules may be a set.
    plain["modules"] = [*_listed(plain["modules"])]
    options = plain_copy(plain, _refuse, "job")
    options["platform_job"] = bool(truthy(options["platform_job"]))
    # The program of a job contains this package anyway.
    modules = [name for name in options["modules"] if name.split(".")[0] != "dl_jobs"]
    sent = {"modules": modules, "data": _listed(options["data"])}
    options.update(sent, requirements=options["requirements"] or None)
    return {name: value for name, value in options.items() if value not in (None, [])}


def _listed(names: Any) -> Iterable[str]:
    return [names] if isinstance(names, str) else names or []


def _arguments(job: Any, path: str) -> Dict[str, Any]:
    elements = _plain_list(job.args_list)
    if elements is None or (job.args or job.kwargs) and _is_empty(elements):
        call = {"args": list(job.args), "kwargs": job.kwargs}
        return {"isCall": True, "list": _write([call], "job", path)}
    if isinstance(elements, str) and elements != "-" and "://" not in elements:
        # A run method may have changed the working directory.
        elements = os.path.abspath(elements)
    if isinstance(elements, (int, str)):
        return {"isCall": False, "list": elements}
    return {"isCall": False, "list": _write(elements, "job.args_list[{}]", path)}


def _plain_list(elements: Any) -> Any:
    """Returns a list of arguments, or a number or a text that stands for one; None for none.

    :raises TypeError: when the value is no list
    """
    if elements is None or elements is False:
        return None
    if hasattr(elements, "__fspath__"):
        return os.fspath(elements)
    if hasattr(elements, "__index__") and elements is not True and not hasattr(elements, "__len__"):
        return operator.index(elements)
    advice = "pass a list, the number of tasks, or the path of an ndjson file"
    if any(base.__name__ == "DataFrame" for base in type(elements).__mro__):
        # Its elements are the names of its columns, also in classes such as GeoDataFrame.
        is_polars = hasattr(elements, "to_dicts")
        advice = "pass x.to_dicts()" if is_polars else 'pass x.to_dict("records")'
    elif hasattr(elements, "__iter__"):
        return elements
    kind = type(elements).__name__
    raise TypeError("Cannot use a value of type {} as args_list: {}".format(kind, advice))


def _is_empty(elements: Any) -> bool:
    return elements == 0 or hasattr(elements, "__len__") and len(elements) == 0


def _write(elements: Iterable[Any], name: str, path: str) -> Dict[str, Any]:
    """Writes a line of JSON for each element, by the rules for results.

    :param name: the name of an element in errors, with a place for its index
    """
    # A worker that runs a task of the module does not need the rules.
    from .worker.results import is_exact

    with open(path, "w", encoding="utf-8") as file:
        for index, element in enumerate(elements):
            try:
                text = _ENCODER.encode(element) if is_exact(element) else None
            except (ValueError, RecursionError):
                # A number is not finite, or the value is nested too deeply.
                text = None
            file.write((text or _converted(element, name.format(index))) + "\n")
    return {"file": path}


def _converted(value: Any, name: str) -> str:
    """Returns the JSON text of a value that json cannot write by itself."""
    from .worker.values import plain_copy

    return _ENCODER.encode(plain_copy(value, _refuse, name))


def _refuse(path: str) -> NoReturn:
    raise TypeError("Cannot write {}: it is NaN or infinite, use None instead".format(path))


_ENCODER = json.JSONEncoder(allow_nan=False)


def call_of(args: Sequence[Any], kwargs: Dict[str, Any]) -> Tuple[Sequence[Any], Dict[str, Any]]:
    """Returns the arguments of a single call from the further arguments of a job.

    The keywords ``args`` and ``kwargs`` are the arguments themselves.
    """
    others = {name: value for name, value in kwargs.items() if name not in ("args", "kwargs")}
    given = {name: kwargs[name] for name in ("args", "kwargs") if kwargs.get(name) is not None}
    more, named = expand((), given)
    return [*args, *more], {**named, **others}


def module_file(name: str) -> str:
    """Returns the path of a module without running it.

    :raises ModuleNotFoundError: when there is no such module
    """
    loaded = getattr(sys.modules.get(name), "__file__", None)
    spec = None if loaded else _find(name.split("."))
    path = loaded or (spec and spec.origin)
    if path and os.path.isfile(path):
        return os.path.abspath(path)
    searched = [path or "." for path in sys.path if not path.startswith(sys.base_prefix)]
    raise ModuleNotFoundError(
        "Cannot find module {!r}: there is no such file in {}".format(name, ", ".join(searched)),
        name=name,
    )


def _find(parts: Sequence[str]) -> Optional[ModuleSpec]:
    path: Optional[Sequence[str]] = None
    spec = None
    for length in range(1, len(parts) + 1):
        spec = PathFinder.find_spec(".".join(parts[:length]), path)
        path = spec and spec.submodule_search_locations
        if spec is None or (path is None and length < len(parts)):
            return None
    return spec
