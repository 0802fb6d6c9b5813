"""Builds the distributions of the package, with the standard library only.

See https://peps.python.org/pep-0517/ and https://peps.python.org/pep-0660/.
"""

from __future__ import annotations

import base64
import hashlib
import io
import os
import re
import tarfile
import zipfile
from typing import Any, Dict, List, Optional

_HERE = os.path.dirname(os.path.abspath(__file__))
_PACKAGE = os.path.join(_HERE, "dl_jobs")
_TAG = "py3-none-any"

_SCRIPTS = "[console_scripts]\ndl_jobs = dl_jobs.cli:main\n"
_WHEEL = "Wheel-Version: 1.0\nGenerator: dl_jobs\nRoot-Is-Purelib: true\nTag: {}\n".format(_TAG)


def build_wheel(
    wheel_directory: str, config_settings: Any = None, metadata_directory: Optional[str] = None
) -> str:
    """Builds a wheel that contains the package, and remembers the checkout it comes from."""
    checkout = "CHECKOUT = {!r}\n".format(os.path.dirname(_HERE))
    return _write_wheel(wheel_directory, {**_modules(), "dl_jobs/_checkout.py": checkout.encode()})


def build_editable(
    wheel_directory: str, config_settings: Any = None, metadata_directory: Optional[str] = None
) -> str:
    """Builds a wheel that only refers to this folder."""
    return _write_wheel(wheel_directory, {"dl_jobs.pth": (_HERE + "\n").encode()})


def build_sdist(sdist_directory: str, config_settings: Any = None) -> str:
    """Builds an archive of this folder."""
    stem = "dl_jobs-" + _version()
    with tarfile.open(os.path.join(sdist_directory, stem + ".tar.gz"), "w:gz") as archive:
        for name, content in {**_own_files(), **_modules(), "PKG-INFO": _metadata()}.items():
            entry = tarfile.TarInfo("{}/{}".format(stem, name))
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return stem + ".tar.gz"


def _own_files() -> Dict[str, bytes]:
    return {name: _read(os.path.join(_HERE, name)) for name in ("_build.py", "pyproject.toml")}


def _modules() -> Dict[str, bytes]:
    """Returns the files of the package by their paths in an archive."""
    found = {}
    for folder, _, names in sorted(os.walk(_PACKAGE)):
        for name in sorted(names):
            path = os.path.join(folder, name)
            if name.endswith((".py", ".typed")):
                found[os.path.relpath(path, _HERE).replace(os.sep, "/")] = _read(path)
    return found


def _write_wheel(directory: str, files: Dict[str, bytes]) -> str:
    info = "dl_jobs-{}.dist-info".format(_version())
    files = {
        **files,
        info + "/METADATA": _metadata(),
        info + "/WHEEL": _WHEEL.encode(),
        info + "/entry_points.txt": _SCRIPTS.encode(),
    }
    record = [_record_line(name, content) for name, content in files.items()]
    files[info + "/RECORD"] = "".join(record + [info + "/RECORD,,\n"]).encode()
    name = "dl_jobs-{}-{}.whl".format(_version(), _TAG)
    with zipfile.ZipFile(os.path.join(directory, name), "w", zipfile.ZIP_DEFLATED) as wheel:
        for path, content in files.items():
            # A fixed time makes the same files the same wheel.
            entry = zipfile.ZipInfo(path, (1980, 1, 1, 0, 0, 0))
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            wheel.writestr(entry, content)
    return name


def _record_line(name: str, content: bytes) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
    return "{},sha256={},{}\n".format(name, digest, len(content))


def _metadata() -> bytes:
    fields: List[str] = [
        "Metadata-Version: 2.1",
        "Name: dl_jobs",
        "Version: " + _version(),
        "Summary: Jobs over long lists of arguments, on this machine, on Slurm or on Compute",
        "License: MIT",
        "Requires-Python: >=3.8",
    ]
    return ("\n".join(fields) + "\n").encode()


def _version() -> str:
    text = _read(os.path.join(_PACKAGE, "__init__.py")).decode()
    return re.findall(r'^__version__ = "(.+)"$', text, re.M)[0]


def _read(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()
