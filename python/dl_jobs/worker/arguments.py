"""The arguments of tasks, parsed from lines of JSON."""

import json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, NoReturn, Optional


def _refuse(name: str) -> "NoReturn":
    raise ValueError("%s is not JSON" % name)


_DECODER = json.JSONDecoder(parse_constant=_refuse)
_decode, _scan = _DECODER.decode, _DECODER.scan_once


def parse_line(line: bytes) -> "Any":
    """Parses the arguments of one task.

    Raises ValueError for a line that is not JSON, and RecursionError for one that is nested deeply.
    """
    try:
        text = line.decode()
    except UnicodeDecodeError:
        message = "its arguments are not UTF-8; convert the list to UTF-8"
        raise TypeError(message) from None
    return _decode(text)


def parse_lines(body: bytes, count: int) -> "Optional[List[Any]]":
    """Parses the arguments of several tasks; returns None when a line needs a closer look.

    Lines without lists and objects are parsed at once: the number of values is then that of the
    lines only when each line is one value, because JSON allows no line break in a string.
    """
    try:
        text = body.decode()
        if "[" in text or "{" in text:
            return _parse_each(text, count)
        values = _decode("[" + text[:-1].replace("\n", ",\n") + "]")
        return values if len(values) == count else None
    except (ValueError, RecursionError):
        return None


def _parse_each(text: str, count: int) -> "Optional[List[Any]]":
    values: "List[Any]" = []
    at = 0
    try:
        for _ in range(count):
            value, at = _scan(text, at)
            if text[at] != "\n":
                return None
            at += 1
            values.append(value)
    except StopIteration:
        # A line may begin with a blank.
        return None
    return values
