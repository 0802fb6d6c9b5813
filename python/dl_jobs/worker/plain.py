"""One task on a terminal, without a controller. This module is loaded on first use."""

import os
import sys

from .arguments import parse_line
from .context import Context, JobContext
from .errors import print_error
from .main import as_called, call_hook, hooks_of, load, passes_context, tear_down
from .responses import Responses
from .runner import Runner
from .sources import installed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, NoReturn


class _Terminal(Responses):
    """Shows the lines of a context on stderr. Updates are for a controller, so they are dropped."""

    # No frame is written.
    token = b""

    def __init__(self, options: "Dict[str, Any]") -> None:
        super().__init__(self, options)  # type: ignore
        self.at(options.get("task", 0), 1)

    def add_line(self, fields: "Dict[str, Any]") -> None:
        """Shows a line of the log, or the warning about the values that became null."""
        if "note" in fields:
            text = _non_finite(fields["note"]["count"], fields["id"], fields["text"])
            print(text, file=sys.stderr)
        elif "stream" in fields:
            print(fields["text"], *filter(None, [fields.get("fields")]), file=sys.stderr)


def _non_finite(count: int, task: int, path: str) -> str:
    """Returns the text of lib/worker/value_warnings.ts."""
    values = "1 value was" if count == 1 else "%d values were" % count
    text = "%s NaN or infinite and became null, first in task %d at %s; "
    return text % (values, task, path) + "--nan fail makes such a task fail"


def serve_plain(function: "Dict[str, Any]", options: "Dict[str, Any]") -> "NoReturn":
    """Runs the task whose arguments are in a file, and prints its result."""
    responses = _Terminal(options)
    runner = Runner(responses, responses)  # type: ignore
    job = JobContext(options, responses)
    try:
        module, method = load(function)
        hooks = hooks_of(module, function)
        setup = getattr(hooks, "setup", None)
        if callable(setup):
            job.state = call_hook(setup, job, runner)
        try:
            value = _run_task(function, method, options, job)
            print(responses.text_of(value), flush=True)
        finally:
            tear_down(hooks, job, runner)
    except Exception as error:
        print_error(error)
        sys.stdout.flush()
        os._exit(1)
    sys.exit(0)


def _run_task(
    function: "Dict[str, Any]",
    method: "Callable[..., Any]",
    options: "Dict[str, Any]",
    job: JobContext,
) -> "Any":
    with open(options["input"], "rb") as file:
        arguments = [parse_line(file.read())]
    if passes_context(method, function):
        arguments.append(Context(job, options.get("task", 0), 1))
    call = as_called(method, function)
    return _debug(call, arguments) if options.get("inspect") else call(*arguments)


def _debug(call: "Callable[..., Any]", arguments: "Any") -> "Any":
    with installed[0]:
        import pdb

    return pdb.Pdb().runcall(call, *arguments)
