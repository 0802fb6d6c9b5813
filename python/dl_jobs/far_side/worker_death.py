"""The death of a worker: its failure class, its message, and the tasks that are charged.

The rules are those of `lib/engines/local/worker_death.ts` and `failed_starts.ts`.
"""

import json
import re
import signal
from typing import Any, Dict, NamedTuple, Optional, Sequence, Tuple

# A task: its id, its attempt, its arguments as a line without a newline, and its checkpoint.
Task = Tuple[int, int, bytes, Optional[bytes]]
TaskError = Dict[str, Any]

_KILLS = (signal.SIGKILL, signal.SIGTERM, signal.SIGHUP)
_KILLED = (
    "its worker was killed (SIGKILL), often the kernel's out-of-memory killer: "
    "try --memory 4GB or fewer --workers"
)
# A broken program fails at every start, but a start can also fail on an overloaded machine.
_MAX_EXITS = 5
# A kill does not prove that the program is broken.
_MAX_KILLS = 20


class LoadError(Exception):
    """The function cannot run at all. Trying again does not help."""


class Verdict(NamedTuple):
    """The tasks that are charged with the end of a worker, and their error.

    Where one of them may be the cause for all (`is_shared`), several run again alone instead.
    """

    ids: Sequence[int]
    error: TaskError
    ms: float = 0
    is_shared: bool = False


class Death(NamedTuple):
    """The facts about the death of a worker that was ready."""

    status: int
    stderr: str
    verdict: Optional[Verdict]
    violation: Optional[str]
    last_failure: Optional[str]


class Blame(NamedTuple):
    """The tasks in flight in a worker that died: charged, run again alone, or run again."""

    charged: Optional[Verdict] = None
    suspects: Sequence[Task] = ()
    innocent: Sequence[Task] = ()


def blame(in_flight: Sequence[Task], death: Death) -> Blame:
    """Decides which tasks in flight are charged with a worker's death."""
    if death.verdict:
        ids = death.verdict.ids
        late = [task for task in in_flight if task[0] in ids]
        innocent = [task for task in in_flight if task[0] not in ids]
        if death.verdict.is_shared and len(late) > 1:
            return Blame(suspects=late, innocent=innocent)
        return Blame(death.verdict, innocent=innocent)
    # The task that ended the worker already has its response.
    if death.last_failure == "crash" and death.violation is None:
        return Blame(innocent=in_flight)
    if len(in_flight) == 1:
        return Blame(Verdict([in_flight[0][0]], _death_error(death)))
    return Blame(suspects=in_flight)


def timeout_error(timeout: float, end: str = "") -> TaskError:
    """Returns the error of a task that has exceeded its time limit, in seconds."""
    message = f"it ran longer than the timeout of {timeout:g} s{end}"
    return {"message": message, "type": "Timeout", "class": "timeout"}


def failure_line(task_id: int, attempt: int, error: TaskError, ms: float = 0) -> bytes:
    """Returns the journal line of a failed attempt."""
    is_lost = error["class"] == "lost"
    fields = {"id": task_id, "attempt": attempt, "type": "lost" if is_lost else "failed"}
    timed = {} if is_lost else {"ms": round(ms)}
    text = json.dumps({**fields, **timed, "error": error}, separators=(",", ":"))
    return text.encode() + b"\n"


def load_error(error: TaskError) -> LoadError:
    """Returns the user's error for a function that cannot be loaded, or a `setup` that fails."""
    kind, message, during = error["type"], error["message"], error.get("during")
    if kind == "NoFunction":
        return LoadError(f"Cannot call the function: {message}")
    # A traceback ends with the type and the message.
    frames = error.get("stack", "").partition("\n")[2].replace(f"\n{kind}: {message}", "")
    where = f"\n{frames}" if frames else ""
    if kind == "ModuleNotFoundError" and not during:
        hint = "add its package to the option requirements"
        return LoadError(f"Cannot load the function: {message} on the platform, {hint}{where}")
    action = message if kind == "Unready" else f"threw {kind}: {message}"
    if during:
        return LoadError(f"Cannot set up a worker: {during} {action}{where}")
    return LoadError(f"Cannot load the function: its module {action}{where}")


def invalid_text(violation: Optional[str]) -> Optional[str]:
    """Returns the message of a violation of the protocol."""
    if violation is None:
        return None
    return f"its worker sent an invalid response and was killed: {violation}"


def _death_error(death: Death) -> TaskError:
    invalid = invalid_text(death.violation)
    if invalid:
        return {"message": invalid, "type": "InvalidResponse", "class": "crash"}
    kind = "lost" if -death.status in _KILLS else "crash"
    return {"message": _death_text(death), "type": "WorkerDied", "class": kind}


def _death_text(death: Death) -> str:
    if -death.status == signal.SIGKILL:
        return _KILLED
    # Python prints the innermost frame first when native code crashes.
    place = re.search(r"most recent call first\):\n {2}(File .*)", death.stderr)
    if place:
        return f"its worker {how_ended(death.status)}: {place[1]}"
    lines = death.stderr.strip().split("\n")
    errors = [line for line in lines if re.search("error", line, re.IGNORECASE)]
    said = (errors or lines)[-1]
    return f"its worker {how_ended(death.status)}{f': {said}' if said else ''}"


def how_ended(status: int) -> str:
    """Describes the end of a process."""
    if status < 0:
        return f"was killed by {signal.Signals(-status).name}"
    return f"exited with code {status}"


class FailedStarts:
    """Counts consecutive workers that end before they are ready."""

    def __init__(self) -> None:
        self._exits = self._kills = 0

    def reset(self) -> None:
        """Resets the counts after a worker was ready."""
        self._exits = self._kills = 0

    def add(self, status: int, stderr: str, verdict: Optional[str]) -> None:
        """Counts a failed start. Raises `LoadError` when another start would fail, too."""
        if verdict is None and -status in _KILLS:
            self._kills += 1
            if self._kills >= _MAX_KILLS:
                raise LoadError(
                    f"Cannot start a worker: {_MAX_KILLS} in a row were killed by "
                    f"{signal.Signals(-status).name} before they were ready; the platform job may "
                    "be short of memory: set more with --compute memory=SIZE"
                )
            return
        self._exits += 1
        if status > 0 or self._exits >= _MAX_EXITS:
            said = verdict or stderr.strip() or _silent_exit(status)
            raise LoadError(f"Cannot start a worker: {said}")


def _silent_exit(status: int) -> str:
    end = signal.Signals(-status).name if status < 0 else f"code {status}"
    return (
        f"it exits at once with {end} and prints nothing; look for what ends the process where "
        "the function's module is loaded"
    )
