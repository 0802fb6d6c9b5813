"""The options in the config file of the working directory, with their defaults."""

from __future__ import annotations

import os
import re
from copy import deepcopy
from typing import Any, Dict, Iterator, Optional

from . import constants
from ._command import call
from .helpers import bool_str

_NAMES = (
    "cpus gpus cpu_job cpu_image gpu_image dls_root is_dev module_dir print_logs default_method "
    "noisy suppress save_results save_errors results_dir errors_dir log log_dir"
).split()
_DEFAULTS = {
    **{name: getattr(constants, name.upper()) for name in _NAMES},
    # Only jobs had these in the original package.
    "grouped_results": False,
    "results_timestamp": True,
}

_config: Optional[Dict[str, Any]] = None


def get(key: str) -> Any:
    """Returns the value of an option.

    :raises KeyError: when the option is unknown
    """
    return _load()[key]


def generate(force: bool = False, **kwargs: Any) -> None:
    """Writes the config file with the command ``dl_jobs config``.

    :param force: true to replace a file that exists
    :param kwargs: values that replace the defaults
    """
    given = ["{}={}".format(name, _as_word(value)) for name, value in kwargs.items()]
    call(["config"] + given + ["--force"] * bool(force))


def _as_word(value: Any) -> str:
    return ",".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)


def __getattr__(name: str) -> Any:
    # Most modules that import this one do not need the file.
    if name == "CONFIG":
        return _load()
    raise AttributeError("module {!r} has no attribute {!r}".format(__name__, name))


def _load() -> Dict[str, Any]:
    global _config
    if _config is None:
        path = find_file(os.getcwd())
        given = read_file(path) if path else {}
        _config = {**deepcopy(_DEFAULTS), **given}
    return _config


def find_file(directory: str) -> Optional[str]:
    """Returns the path of the config file that the command uses, if any.

    The search ends in the root of the project or in the home folder. Without both, only the
    directory itself is searched.
    """
    searched = list(_upward(directory))
    roots = [i for i, one in enumerate(searched) if _is_root(one)]
    paths = [os.path.join(one, constants.DL_JOBS_CONFIG_PATH) for one in searched]
    return next(filter(os.path.isfile, paths[: roots[0] + 1 if roots else 1]), None)


def _upward(directory: str) -> Iterator[str]:
    yield directory
    parent = os.path.dirname(directory)
    if parent != directory:
        yield from _upward(parent)


def _is_root(directory: str) -> bool:
    marks = (".git", "deno.json", "deno.jsonc")
    is_project = any(os.path.exists(os.path.join(directory, mark)) for mark in marks)
    return is_project or directory == os.path.realpath(os.path.expanduser("~"))


def read_file(path: str) -> Dict[str, Any]:
    """Reads the options of the original package, and other plain values, from a config file.

    The command itself reads the file as YAML, and reports what is wrong with it.
    """
    values: Dict[str, Any] = {}
    name = ""
    with open(path, encoding="utf-8-sig") as file:
        for line in map(_without_comment, file):
            key = re.match(r"""["']?([A-Za-z_]\w*)["']?\s*:(?:\s+(.*))?$""", line)
            item = re.match(r"\s*-\s+(.*)$", line)
            if key:
                name = key.group(1)
                values[name] = _parse(name, key.group(2) or "")
            elif item and name:
                values[name] = (values[name] or []) + [_unquoted(item.group(1))]
    return values


def _without_comment(line: str) -> str:
    return _CONTENT.match(line).group().rstrip()  # type: ignore[union-attr]


#: A line up to its comment. In quotes, and after another character, a # begins no comment.
_CONTENT = re.compile(r"""(?:"[^"]*"|'[^']*'|(?<=\S)#|[^#])*""")


def _parse(name: str, text: str) -> Any:
    default = _DEFAULTS.get(name)
    if text in ("", "null", "~"):
        return None
    if text.startswith("["):
        return [_unquoted(part) for part in text.strip("[] ").split(",") if part.strip()]
    value = _unquoted(text)
    if isinstance(default, list):
        return value.split(",")
    if isinstance(default, int) and not isinstance(default, bool):
        return _as_number(value)
    return bool_str(value) if default is None or isinstance(default, bool) else value


def _as_number(text: str) -> Any:
    try:
        return int(text)
    except ValueError:
        return float(text)


def _unquoted(text: str) -> str:
    text = text.strip()
    is_quoted = len(text) > 1 and text[0] == text[-1] and text[0] in "\"'"
    return text[1:-1] if is_quoted else text


