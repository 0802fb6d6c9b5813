"""The Python module that the platform calls for a job whose function is in Python.

The platform decides how it loads the module and where it unpacks the other files.
"""

import json
import os
import pkgutil
import sys
import tempfile

PROGRAM = ("dl_jobs_far_side", "bundle.py")


def find_home(folder):
    """Returns the folder of the files in the zip; `folder` gets the program when there is none."""
    own = [os.path.dirname(globals()["__file__"])] if globals().get("__file__") else []
    for path in own + [os.getcwd()] + sys.path:
        if os.path.isfile(os.path.join(path, *PROGRAM)):
            return os.path.abspath(path)
    os.mkdir(os.path.join(folder, PROGRAM[0]))
    with open(os.path.join(folder, *PROGRAM), "wb") as file:
        file.write(pkgutil.get_data(*PROGRAM))
    return folder


def set_permissions(home):
    """Makes data files executable again, because the platform may unpack them without that."""
    try:
        path = os.path.join(home, "dl_jobs_far_side", "executables.json")
        with open(path, encoding="utf-8") as file:
            names = json.load(file)
        for name in names:
            path = os.path.join(home, name)
            os.chmod(path, os.stat(path).st_mode | 0o111)
    except OSError:
        # There is none, or the files belong to another user.
        pass


def run(index, settings, ranges, packed):
    with tempfile.TemporaryDirectory() as folder:
        home = find_home(folder)
        set_permissions(home)
        if home != folder and home not in sys.path:
            sys.path.insert(0, home)
        from dl_jobs_far_side.on_platform import run_slice

        return run_slice(settings, ranges, packed, home, folder)


main = run
