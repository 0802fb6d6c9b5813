/**
 * The Python module that the platform calls.
 *
 * @module
 */

/** The source of the module, which starts Deno with the slice of one platform job. */
export const ENTRYPOINT = `import json
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
FLAGS = ["-A", "--quiet", "--no-lock", "--no-prompt", "--node-modules-dir=none"]


def find_deno():
    try:
        from deno import find_deno_bin

        return find_deno_bin()
    except ImportError:
        return shutil.which("deno") or sys.exit("There is no deno: the requirement is missing")


def run(index, settings, ranges, packed):
    with tempfile.TemporaryDirectory() as folder:
        request = {
            "settings": settings,
            "ranges": ranges,
            "packed": packed,
            "bundle": os.path.join(HERE, "dl_jobs", "bundle.js"),
            "answers": os.path.join(folder, "answers"),
        }
        program = os.path.join(HERE, "dl_jobs", "on_platform.js")
        child = [find_deno(), "run", *FLAGS, program]
        code = subprocess.run(child, input=json.dumps(request).encode(), cwd=HERE).returncode
        if code < 0:
            # A signal has ended it: the exit code is the one of a shell.
            sys.exit(128 - code)
        if code > 0:
            raise RuntimeError(f"deno ended with exit code {code}")
        with open(request["answers"], "rb") as file:
            return file.read()


main = run
`;
