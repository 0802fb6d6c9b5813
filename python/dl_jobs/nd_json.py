"""Files with one JSON text per line."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any, Callable, Dict, List, Optional


def read(path: str) -> List[Any]:
    """Returns the values of a file. Blank lines are skipped."""
    return list(_values(path))


def write(
    ndjsn: Any,
    path: str,
    overwrite: bool = False,
    func: Optional[Callable[..., Any]] = None,
    **kwargs: Any,
) -> None:
    """Adds lines to a file.

    An iterator, and a list without ``func``, is written as one line per element. A text is JSON
    already and is written unchanged. Other values have the form of results, so NaN becomes null,
    with one warning.

    :param overwrite: true to replace the content of the file
    :param func: returns what is written of each value, called with ``kwargs`` too
    :raises TypeError: when JSON cannot represent a value
    """
    is_many = isinstance(ndjsn, Iterator) or (func is None and isinstance(ndjsn, (list, tuple)))
    changed = _Changed()
    with open(path, "w" if overwrite else "a", encoding="utf-8") as file:
        for index, value in enumerate(ndjsn if is_many else [ndjsn]):
            line = func(value, **kwargs) if func else value
            if not isinstance(line, str):
                line = _text_of(line, "value {}".format(index), changed)
            file.write(line + "\n")
    if changed.count > 0:
        count = "1 value was" if changed.count == 1 else "{} values were".format(changed.count)
        text = "Warning: nd_json.write: {} NaN or infinite and became null, first {}"
        print(text.format(count, changed.first), file=sys.stderr)


class _Changed:
    """Counts numbers that become null, and keeps the place of the first."""

    count = 0
    first = ""

    def add(self, place: str) -> None:
        """Counts a number."""
        self.count += 1
        self.first = self.first or place


def _text_of(value: Any, name: str, changed: _Changed) -> str:
    # A program that only reads files does not need the rules.
    from .worker.results import is_exact

    if is_exact(value):
        try:
            return json.dumps(value, allow_nan=False)
        except (ValueError, RecursionError):
            # A number is not finite, or the value is nested too deeply.
            pass
    from .worker.values import plain_copy

    return json.dumps(plain_copy(value, changed.add, name), allow_nan=False)


def apply(
    path: str,
    func: Callable[..., Any],
    postprocess: Optional[Callable[..., Any]] = None,
    postprocess_kwargs: Optional[Dict[str, Any]] = None,
    **kwargs: Any,
) -> Any:
    """Calls a function with each value of a file.

    :param postprocess: receives the list of returned values; its result is returned
    """
    out = [func(value, **kwargs) for value in _values(path)]
    return postprocess(out, **(postprocess_kwargs or {})) if postprocess else out


def _values(path: str) -> Iterator:
    with open(path, encoding="utf-8-sig") as file:
        for line in file:
            if line.strip():
                yield json.loads(line)
