"""Runs a job with the command, and returns what its task method returned."""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from itertools import islice
from typing import Any, Callable, Dict, Iterable, Iterator, List

from . import _command
from ._description import describe
from .decorators import JSON_TEXT
from .helpers import bool_str
from .utils import Timer


class JobError(RuntimeError):
    """A job cannot run, or its only call failed. ``error`` is the line of the errors file."""

    def __init__(self, message: str, error: Any = None) -> None:
        super().__init__(message)
        self.error = error


def run(job: Any, **options: Any) -> Any:
    """Runs a job, and sets the paths of its files.

    :param options: options that override those of the job
    :returns: the value of the only call, or the list of the values of all tasks
    :raises JobError: when the job cannot run, or its only call failed
    """
    if "_dl_jobs_worker" in sys.modules:
        # Each worker would start the job again.
        raise JobError(
            "Cannot run {} in a worker: put the lines of the script that run jobs below "
            'if __name__ == "__main__":'.format(job.name)
        )
    folder = tempfile.mkdtemp(prefix="dl_jobs_")
    is_resumable = False
    try:
        description = describe(job, folder)
        description["options"].update(options)
        with open(os.path.join(folder, "job.json"), "w", encoding="utf-8") as file:
            json.dump(description, file)
        job.timer = Timer()
        job.timer.start()
        status = _command.call(["python-job", folder])
        job.timer.stop()
        # A job that had not begun left the reason.
        is_resumable = status == _command.INTERRUPTED and not _reason(folder)
        if status == _command.INTERRUPTED:
            raise KeyboardInterrupt
        returned = _outcome(job, folder, status, description["isCall"])
        is_resumable = job.canceled > 0
        return returned
    finally:
        # A resumed job reads the rest of its list from this folder.
        if not is_resumable:
            shutil.rmtree(folder)


def _outcome(job: Any, folder: str, status: int, is_call: bool) -> Any:
    path = os.path.join(folder, "outcome.ndjson")
    if not os.path.exists(path):
        ended = "Cannot run {}: dl_jobs ended with status {}".format(job.name, status)
        raise JobError(_reason(folder) or ended)
    with open(path, encoding="utf-8") as file:
        vars(job).update(json.loads(file.readline()))
        outcomes = [outcome for lines in _blocks(file) for outcome in _parse(lines)]
    outcomes.sort(key=lambda outcome: outcome["id"])
    returned = _returned_text if _returns_text(job) else _returned
    return _of_call(job, outcomes, returned) if is_call else list(map(returned, outcomes))


def _blocks(file: Iterable[str]) -> Iterator[List[str]]:
    lines = iter(file)
    return iter(lambda: list(islice(lines, 10000)), [])


def _parse(lines: List[str]) -> List[Dict[str, Any]]:
    # A third of the time that the lines would take one by one.
    return json.loads("[" + ",".join(lines) + "]")


def _reason(folder: str) -> str:
    path = os.path.join(folder, "error.txt")
    if not os.path.exists(path):
        return ""
    with open(path, encoding="utf-8") as file:
        return file.read()


def _of_call(job: Any, outcomes: List[Dict[str, Any]], returned: Callable) -> Any:
    for outcome in outcomes:
        error = outcome.get("error")
        if error is not None and "value" not in outcome:
            text = error.get("stack") or "{type}: {ERROR}".format(**error)
            raise JobError("{} failed\n{}".format(job.name, text), error)
        return returned(outcome)
    raise JobError("{} was canceled".format(job.name))


def _returned(outcome: Dict[str, Any]) -> Any:
    """Returns what a task method returned; the error of a task that failed in another way."""
    return next(outcome[key] for key in ("result", "value", "error") if key in outcome)


def _returned_text(outcome: Dict[str, Any]) -> Any:
    value = _returned(outcome)
    is_text = isinstance(value, str) or "error" in outcome and "value" not in outcome
    return value if is_text else json.dumps(value)


def _returns_text(job: Any) -> bool:
    """Tests for a method under ``as_json``, whose text was parsed when its result was recorded."""
    if bool_str(job.kwargs.get("return_as_dict", False)):
        return False
    try:
        return hasattr(job.get_method(job.module_name, job.method_name), JSON_TEXT)
    except Exception:
        # The module may need an engine that this machine is not.
        return False
