"""A task whose children read stdin and write hostile bytes to every file that they find."""

import base64
import os
import subprocess
import tempfile

# The child writes to stdout, to stderr, and to all files that its parent has opened.
SCRIPT = """
head -c "$1" > %s/read
printf %%s "$2" | base64 -d
printf %%s "$2" | base64 -d >&2
for file in /proc/self/fd/* /proc/$PPID/fd/*; do
  case $(readlink "$file") in pipe:*|socket:*) printf %%s "$2" | base64 -d > "$file" ;; esac
done 2>/dev/null
exit 0"""


def square(task):
    """Returns the square of a number, after a child has tried to change it."""
    child = task.get("child")
    if child:
        # A child that is left may write later, so the folder is removed with the whole round.
        folder = tempfile.mkdtemp(prefix="child_", dir=".")
        args = ["sh", "-c", SCRIPT % folder, "sh", str(child["read"]), child["write"]]
        try:
            WAYS[child["way"]](args)
        except subprocess.SubprocessError:
            # Python reads from a pipe whether a child has started, and a child of another thread
            # has written to it.
            return task["x"] ** 2
        if child["way"] != "left":
            with open(folder + "/read", "rb") as file:
                content = file.read()
            if content:
                raise ValueError("stdin contains %r" % base64.b64encode(content))
    return task["x"] ** 2


def _fork(args):
    """Runs a program in a child that is forked, and in which the worker lives on until then."""
    pid = os.fork()
    if pid == 0:
        os.execvp(args[0], args)
    os.waitpid(pid, 0)


def _fork_only(args):
    """Returns from the task in a forked child, too, which must not respond."""
    _fork(args)
    pid = os.fork()
    if pid:
        os.waitpid(pid, 0)


def _write_self(args):
    """Writes to the descriptors of the worker itself that lead to its controller."""
    _fork(args)
    for fd in (1, 2):
        os.write(fd, base64.b64decode(args[-1]))


WAYS = {
    "spawn": lambda args: subprocess.run(args),
    "output": lambda args: subprocess.run(args, stdin=None, capture_output=True),
    "all_files": lambda args: subprocess.run(args, close_fds=False),
    "left": lambda args: subprocess.Popen(args),
    "detached": lambda args: subprocess.run(args, start_new_session=True),
    "spawnp": lambda args: os.waitpid(os.posix_spawnp(args[0], args, os.environ), 0),
    "fork": _fork,
    "fork_only": _fork_only,
    "write_self": _write_self,
}
