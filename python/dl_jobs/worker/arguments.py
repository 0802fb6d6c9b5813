"""The arguments of tasks, parsed from lines of JSON."""

from .sources import installed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, List, NoReturn, Optional, Tuple


class _Rules:
    """The rules of the scanner: JSON without NaN and infinities."""

    strict = True
    object_hook = object_pairs_hook = None
    parse_float, parse_int = float, int
    memo: "Any" = None

    @staticmethod
    def parse_constant(name: str) -> "NoReturn":
        with installed[0]:
            import json

        raise json.JSONDecodeError("%s is not JSON" % name, name, 0)


def _make_scanner() -> "Callable[[str, int], Tuple[Any, int]]":
    try:
        # The module "json" takes several milliseconds to load.
        from _json import make_scanner

        return make_scanner(_Rules)
    except ImportError:
        import json

        return json.JSONDecoder(parse_constant=_Rules.parse_constant).scan_once  # type: ignore


_scan = _make_scanner()


def decode(text: str) -> "Any":
    """Parses a JSON text.

    Raises ValueError for any other text, and RecursionError for one that is nested deeply.
    """
    whole = text.strip(" \t\r\n")
    try:
        value, end = _scan(whole, 0)
        if end == len(whole):
            return value
    except (StopIteration, SystemError):
        # The scanner cannot describe an error before the module "json" is loaded.
        pass
    with installed[0]:
        import json

    # This parser explains what is wrong.
    return json.loads(text, parse_constant=_Rules.parse_constant)


def parse_line(line: bytes) -> "Any":
    """Parses the arguments of one task.

    Raises ValueError for a line that is not JSON, and RecursionError for one that is nested deeply.
    """
    try:
        text = line.decode()
    except UnicodeDecodeError:
        message = "its arguments are not UTF-8; convert the list to UTF-8"
        raise TypeError(message) from None
    return decode(text)


def parse_lines(body: bytes, count: int) -> "Optional[List[Any]]":
    """Parses the arguments of several tasks; returns None when a line needs a closer look.

    Lines without lists and objects are parsed at once: the number of values is then that of the
    lines only when each line is one value, because JSON allows no line break in a string.
    """
    try:
        text = body.decode()
        if "[" in text or "{" in text:
            return _parse_each(text, count)
        whole = "[" + text[:-1].replace("\n", ",\n") + "]"
        values, end = _scan(whole, 0)
        return values if len(values) == count and end == len(whole) else None
    except (ValueError, RecursionError, StopIteration, SystemError):
        return None


def _parse_each(text: str, count: int) -> "Optional[List[Any]]":
    values: "List[Any]" = []
    at = 0
    for _ in range(count):
        value, at = _scan(text, at)
        if text[at] != "\n":
            return None
        at += 1
        values.append(value)
    return values
