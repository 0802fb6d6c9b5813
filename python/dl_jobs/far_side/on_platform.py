"""Runs the slice of one platform job (`lib/engines/compute/on_platform.ts`)."""

import base64
import gzip
import json
import math
import os
import shutil
import sys
import time
from datetime import datetime, timezone
from typing import Any, Dict, Iterable, List, Sequence

from .local import LocalRun, Options
from .result_archive import ResultArchive, too_long_error
from .task_files import ChangedFiles
from .worker_death import LoadError, Task, failure_line

_OLDEST = (3, 8)
# Files of this size in bytes never fit, however well they compress.
_MAX_FILES = 256 * 1024 * 1024


def run_slice(
    settings: Dict[str, Any], ranges: Sequence[Sequence[int]], packed: str, home: str, folder: str
) -> bytes:
    """Runs the tasks of a slice, and returns their events as a result archive.

    Args:
        settings: the settings of the job (`SliceSettings`)
        ranges: the first id, the number and the attempt of consecutive tasks
        packed: the arguments of the tasks, one per line, as gzip in Base64
        home: the folder of the files in the zip, in which the workers run
        folder: an empty folder for files of the tasks
    """
    _say({"begun": _now()})
    limit = TimeLimit(settings["seconds"], settings.get("grace", 0) / 1000)
    archive = ResultArchive()
    files = ChangedFiles(os.path.join(folder, "files"))
    options = _options_of(settings, home, files.folder)
    tasks = read_slice(packed, ranges)
    sink = Sink(archive, files, len(tasks))
    try:
        _check_version()
        run = LocalRun(tasks, options, sink)
        run.run(limit.is_near, lambda: archive.is_full or limit.is_over())
    except LoadError as error:
        return archive.close({"broken": str(error)})
    how = "full" if archive.is_full else "terminated" if limit.is_over() else "ended"
    return archive.close({how: _now()})


def read_slice(packed: str, ranges: Sequence[Sequence[int]]) -> List[Task]:
    """Returns the tasks of a slice."""
    lines = iter(gzip.decompress(base64.b64decode(packed)).split(b"\n"))
    return [
        (first + index, attempt, next(lines), next(lines) if checkpoint else None)
        for first, count, attempt, *checkpoint in ranges
        for index in range(count)
    ]


def _check_version() -> None:
    if sys.version_info < _OLDEST:
        raise LoadError(
            f"Cannot run Python on the platform: its image has Python {sys.version.split()[0]}, "
            "which is older than 3.8; choose another one with --compute image=python3.12:latest"
        )


def _options_of(settings: Dict[str, Any], home: str, files: str) -> Options:
    timeout, memory = settings.get("timeout"), settings.get("memory")
    concurrency = settings["concurrency"]
    python = sys.executable or shutil.which("python3") or "python3"
    bundle = os.path.join(home, "dl_jobs_far_side", "bundle.py")

    def command(socket: str) -> List[str]:
        # With limits, each response is written at once: a kill is charged to the right task.
        flush = {"flushMs": 0} if timeout or memory else {}
        given = {name: settings[name] for name in ("job", "grace", "values") if name in settings}
        options = {"concurrency": concurrency, "socket": socket, "files": files, **flush, **given}
        return [python, bundle, json.dumps(options)]

    env = {**os.environ, "PYTHONPATH": os.pathsep.join(_own_paths())}
    # Data files are beside the modules, as they are on the user's machine.
    env["DL_JOBS_COPIES"] = "\n".join([home, *settings.get("roots", ())])
    seconds, grace = timeout / 1000 if timeout else None, settings.get("grace", 0) / 1000
    most = settings.get("tasksPerWorker", math.inf)
    workers = settings["workers"]
    return Options(command, home, env, workers, concurrency, seconds, grace, memory, most)


def _own_paths() -> List[str]:
    """Returns the folders in which the platform finds packages.

    Those of the interpreter are left out, because they would break another interpreter that a task
    starts.
    """
    standard = os.path.dirname(os.__file__)
    archive = os.path.join(os.path.dirname(standard), "python%d%d.zip" % sys.version_info[:2])
    paths = [os.path.abspath(path) for path in sys.path if path]
    return [path for path in paths if path != archive and not f"{path}/".startswith(f"{standard}/")]


class Sink:
    """Receives what happens in a run. Logs are printed, because the archive has limited space."""

    def __init__(self, archive: ResultArchive, files: ChangedFiles, tasks: int) -> None:
        """Creates the sink of a number of tasks."""
        self._archive, self._files, self._left = archive, files, tasks

    def add(self, events: List[bytes], count: int) -> None:
        """Adds the events of tasks to the archive, after the files that they have written."""
        self._left -= count
        paths, size = self._files.look()
        if size <= _MAX_FILES and self._archive.add_files(self._files.read(paths)):
            for piece in events:
                self._archive.add(piece)
        elif self._left > 0 or count > 1:
            # Another task may have written them, because a worker runs ahead: the tasks run again in
            # smaller slices.
            self._archive.fill()
        else:
            excess = f"its files in ctx.dir have {size} bytes, and exceed"
            advice = "write them to a storage of your own and return their addresses"
            error = too_long_error(excess, advice)
            event = json.loads(events[0])
            self._archive.add(failure_line(event["id"], event.get("attempt", 1), error))

    def keep(self, checkpoints: Iterable[bytes]) -> None:
        """Adds the checkpoints of tasks that have not succeeded, for their next attempts."""
        for line in checkpoints:
            self._archive.add(line)

    def log(self, line: Dict[str, Any]) -> None:
        """Prints a log line."""
        _say(line)

    def span(self, span: Dict[str, Any]) -> None:
        """Prints a span."""
        _say({"span": span})


class TimeLimit:
    """The times at which no more tasks start, and at which running calls must end.

    A platform job that reaches its time limit returns nothing, so the run ends shortly before.
    """

    def __init__(self, seconds: float, grace: float) -> None:
        last = min(15.0, seconds * 0.1)
        end = last + min(grace, seconds * 0.2)
        early = min(seconds / 2, max(4 * last, 2 * end, seconds * 0.1))
        self._near = time.monotonic() + seconds - early
        self._over = time.monotonic() + seconds - end

    def is_near(self) -> bool:
        """Returns true when no more tasks should start."""
        return time.monotonic() >= self._near

    def is_over(self) -> bool:
        """Returns true when running calls must end."""
        return time.monotonic() >= self._over


def _say(line: Dict[str, Any]) -> None:
    """Prints a line. Without an output, the line is lost, but the results are not."""
    try:
        print(json.dumps(line), flush=True)
    except (AttributeError, OSError, ValueError):
        pass


def _now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
