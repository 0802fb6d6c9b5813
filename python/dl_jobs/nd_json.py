"""Files with one JSON text per line."""

from __future__ import annotations

import json
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
    already and is written unchanged.

    :param overwrite: true to replace the content of the file
    :param func: returns what is written of each value, called with ``kwargs`` too
    """
    is_many = isinstance(ndjsn, Iterator) or (func is None and isinstance(ndjsn, (list, tuple)))
    with open(path, "w" if overwrite else "a", encoding="utf-8") as file:
        for value in ndjsn if is_many else [ndjsn]:
            line = func(value, **kwargs) if func else value
            file.write((line if isinstance(line, str) else json.dumps(line)) + "\n")


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
