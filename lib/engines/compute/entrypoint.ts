/**
 * The Python module that the platform calls.
 *
 * @module
 */

/**
 * The source of the module, which starts Deno with the slice of one platform job.
 *
 * The platform decides how it loads the module and where it unpacks the other files. The module
 * therefore does not rely on `__file__`. It copies the output of Deno to `sys.stdout`, because the
 * platform may capture that object instead of the process's output.
 */
export const ENTRYPOINT = `import codecs
import json
import os
import pkgutil
import select
import shutil
import subprocess
import sys
import tempfile

PROGRAMS = ["bundle.js", "on_platform.js"]
FLAGS = ["-A", "--quiet", "--no-lock", "--no-prompt", "--node-modules-dir=none"]


def find_deno():
    try:
        from deno import find_deno_bin

        return find_deno_bin()
    except ImportError:
        return shutil.which("deno") or sys.exit("There is no deno: the requirement is missing")


def find_home(folder):
    """Returns the folder of the files in the zip, which are unpacked when they are in none."""
    own = [os.path.dirname(globals()["__file__"])] if globals().get("__file__") else []
    for path in [*own, os.getcwd(), *sys.path]:
        if all(os.path.isfile(os.path.join(path, "dl_jobs", name)) for name in PROGRAMS):
            return os.path.abspath(path)
    os.mkdir(os.path.join(folder, "dl_jobs"))
    for name in PROGRAMS:
        with open(os.path.join(folder, "dl_jobs", name), "wb") as file:
            file.write(pkgutil.get_data("dl_jobs", name))
    return folder


def set_permissions(home):
    """Makes data files executable again, because the platform may unpack them without that."""
    try:
        with open(os.path.join(home, "dl_jobs", "executables.json"), encoding="utf-8") as file:
            names = json.load(file)
        for name in names:
            path = os.path.join(home, name)
            os.chmod(path, os.stat(path).st_mode | 0o111)
    except OSError:
        # There is none, or the files belong to another user.
        pass


def copy_output(child):
    """Copies output until the child has ended, although its own children may keep the pipe open."""
    decode = codecs.getincrementaldecoder("utf-8")("replace").decode
    while True:
        has_ended = child.poll() is not None
        ready = select.select([child.stdout], [], [], 0.1)[0]
        chunk = os.read(child.stdout.fileno(), 65536) if ready else b""
        if chunk:
            say(decode(chunk))
        elif ready or has_ended:
            return child.wait()


def say(text):
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except UnicodeEncodeError:
        sys.stdout.write(text.encode("ascii", "backslashreplace").decode())
        sys.stdout.flush()
    except (AttributeError, OSError, ValueError):
        # The output is lost, but the results are not.
        pass


def run(index, settings, ranges, packed):
    with tempfile.TemporaryDirectory() as folder:
        home = find_home(folder)
        set_permissions(home)
        request = {
            "settings": settings,
            "ranges": ranges,
            "packed": packed,
            "bundle": os.path.join(home, "dl_jobs", "bundle.js"),
            "answers": os.path.join(folder, "answers"),
        }
        with open(os.path.join(folder, "request"), "w", encoding="utf-8") as file:
            json.dump(request, file)
        program = os.path.join(home, "dl_jobs", "on_platform.js")
        with open(os.path.join(folder, "request"), "rb") as stdin:
            child = subprocess.Popen(
                [find_deno(), "run", *FLAGS, program],
                stdin=stdin,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                cwd=home,
            )
        code = copy_output(child)
        if code < 0:
            # A signal has ended it: the exit code is the one of a shell.
            sys.exit(128 - code)
        if code > 0:
            raise RuntimeError(f"deno ended with exit code {code}")
        with open(request["answers"], "rb") as file:
            return file.read()


main = run
`;
