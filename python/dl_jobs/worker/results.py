"""The JSON text of results."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, List, Optional

# Values of these types cannot change after the return of a function.
FLAT = frozenset((int, float, str, bool, type(None)))


def _encoder(separator: str) -> "Callable[[Any], str]":
    try:
        # The module "json" takes several milliseconds to load.
        from _json import encode_basestring, make_encoder
    except ImportError:
        from json import JSONEncoder

        return JSONEncoder(
            ensure_ascii=False, check_circular=False, allow_nan=False, separators=(separator, ":")
        ).encode
    encode = make_encoder(None, None, encode_basestring, None, ":", separator, False, False, False)
    join = "".join
    return lambda value: join(encode(value, 0))


encode_value = _encoder(",")
_encode_lines = _encoder("\n")


def encode_flat(values: "List[Any]") -> "Optional[str]":
    """Returns the lines of values whose types are in FLAT, without the last newline.

    Returns None when a value needs a closer look: a returned error, or a number that is not finite.
    """
    try:
        text = _encode_lines(values)[1:-1]
    except ValueError:
        return None
    return None if '"ERROR' in text else text


class TooLong(ValueError):
    """A result that exceeds the limit of the job."""


def check_length(text: str, most: float) -> None:
    """Raises TooLong when the JSON text of a result has more bytes than the limit."""
    size = len(to_bytes(text))
    if size > most:
        advice = "write it to a file in ctx.dir and return its path"
        limit = "Cannot return a result of %s: max_result is %s, %s"
        raise TooLong(limit % (_megabytes(size), _megabytes(most), advice))


def _megabytes(size: float) -> str:
    return "%.10g MB" % round(size / 1e6, 1)


def to_bytes(text: str) -> bytes:
    """Encodes JSON text. A half of a surrogate pair becomes an escape, as in JavaScript."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        return _escape(text).encode()


def _escape(text: str) -> str:
    return "".join("\\u%04x" % ord(c) if "\ud800" <= c <= "\udfff" else c for c in text)


def is_exact(value: "Any") -> bool:
    """Returns True when json keeps all of a value. False also means that it is unknown."""
    kind = type(value)
    if kind is dict:
        for key in value:
            if type(key) is not str:
                return False
        value = value.values()
    elif kind is not list and kind is not tuple:
        return kind in FLAT
    for part in value:
        if type(part) not in FLAT and not is_exact(part):
            return False
    return True


def is_error(value: "Any") -> bool:
    """Returns True for a returned error: a text or a dict that begins with ERROR."""
    if isinstance(value, str):
        return value.startswith("ERROR")
    return isinstance(value, dict) and bool(value.get("ERROR"))
