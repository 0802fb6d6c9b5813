"""The command ``dl_jobs``, which runs the jobs."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
from typing import Dict, Iterator, List, Optional

#: The variable in which the command passes its own words on to Python, as a list in JSON.
_VARIABLE = "_DL_JOBS_COMMAND"


#: The exit status of a command that Ctrl-C has ended.
INTERRUPTED = 130


class CommandNotFound(RuntimeError):
    """The command ``dl_jobs`` is not installed."""


def command() -> List[str]:
    """Returns the words that start the command ``dl_jobs``.

    The command is the one that started this process, or the first one on PATH, or the one in the
    checkout that this package was installed from.

    :raises CommandNotFound: when there is none of them
    """
    given = os.environ.get(_VARIABLE)
    if given:
        return json.loads(given)
    on_path = next(_on_path(), None)
    if on_path:
        return [on_path]
    checkout, deno = _checkout(), _deno()
    if checkout and deno:
        return [deno, "run", "-A", "--quiet", "--no-lock", os.path.join(checkout, "cli.ts")]
    no_deno = "there is no Deno to run {}/cli.ts".format(checkout)
    state = no_deno if checkout else "no checkout is near"
    raise CommandNotFound(
        "Cannot find the command dl_jobs: it is not on PATH, and {}; install Deno, and dl_jobs "
        "with it, or add their folders to PATH".format(state)
    )


def environment() -> Dict[str, str]:
    """Returns variables with which the command runs Python functions in this interpreter."""
    return {"DL_JOBS_PYTHON": sys.executable, **os.environ}


def call(args: List[str]) -> int:
    """Runs the command with the output of this process, and returns its exit status.

    :raises CommandNotFound: when the command is not installed
    """
    # What the script has printed comes before the output of the command.
    for stream in (sys.stdout, sys.stderr):
        # The stream may be closed, or an object of the script with fewer methods.
        with contextlib.suppress(AttributeError, OSError, ValueError):
            stream.flush()
    with subprocess.Popen(command() + args, env=environment()) as process:
        while True:
            try:
                return process.wait()
            except KeyboardInterrupt:
                # The command has received the signal too, and ends the job.
                continue


def _on_path() -> Iterator[str]:
    for folder in os.environ.get("PATH", "").split(os.pathsep):
        path = shutil.which("dl_jobs", path=folder) if folder else None
        if path and not _is_own_script(path):
            yield path


def _is_own_script(path: str) -> bool:
    """Tests for the script of this package, which would only start itself again."""
    with open(path, "rb") as file:
        return b"dl_jobs.cli" in file.read(4096)


def _checkout() -> Optional[str]:
    try:
        from ._checkout import CHECKOUT as folder
    except ImportError:
        folder = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    return folder if os.path.isfile(os.path.join(folder, "cli.ts")) else None


def _deno() -> Optional[str]:
    home = os.path.join(os.path.expanduser("~"), ".deno", "bin")
    return shutil.which("deno") or shutil.which("deno", path=home)
