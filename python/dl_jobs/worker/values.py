"""Values that json cannot write by itself, in their JSON form. This module is loaded on first use.

The rules are in docs/guides/python.md.
"""

import math
import sys
from enum import Enum

from .results import FLAT
from .sources import installed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, Iterator, List, Optional, Tuple

MAX_DEPTH = 1000

_MOST_STEPS = 10

# The classes whose instances are values of JSON, also those of their subclasses.
_BASES = (dict, list, tuple, str, int, float)

_BYTES = "write them to a file, such as one in ctx.dir, and use its path"
_ADVICE = {
    "bytes": _BYTES,
    "bytearray": _BYTES,
    "memoryview": _BYTES,
    "set": "use sorted(x) or list(x)",
    "frozenset": "use sorted(x) or list(x)",
    "generator": "use list(x)",
    "async_generator": "use [one async for one in x]",
    "coroutine": "await it",
    "map": "use list(x)",
    "filter": "use list(x)",
    "zip": "use list(x)",
    "dict_keys": "use list(x)",
    "dict_values": "use list(x)",
    "dict_items": "use dict(x)",
    "complex": "use [x.real, x.imag]",
    "Decimal": "use str(x) or float(x)",
    "Fraction": "use str(x) or float(x)",
    "timedelta": "use x.total_seconds()",
    "Pattern": "use x.pattern",
    "Match": "use x.groups()",
    "SimpleNamespace": "use vars(x)",
    "UserString": "use str(x)",
    "IPv4Address": "use str(x)",
    "IPv6Address": "use str(x)",
    "IPv4Network": "use str(x)",
    "IPv6Network": "use str(x)",
    "Period": "use str(x)",
    "Interval": "use str(x)",
    "module": "use one of its values",
    "type": "use its name",
}
# Attributes of classes, such as those of shapely, attrs, polars, pyarrow, torch, pandas, xarray,
# scipy and tensorflow. A class may have several.
_ATTRIBUTE_ADVICE = {
    "__geo_interface__": "use x.__geo_interface__",
    "__attrs_attrs__": "use attrs.asdict(x)",
    "to_dicts": "use x.to_dicts()",
    "tolist": "use x.tolist()",
    "to_list": "use x.to_list()",
    "to_pylist": "use x.to_pylist()",
    "as_py": "use x.as_py()",
    "to_records": 'use x.to_dict("records")',
    "to_numpy": "use x.to_numpy()",
    "toarray": "use x.toarray()",
    "numpy": "use x.numpy()",
}
_NUMPY_ADVICE = {
    "S": "use x.astype(str)",
    "m": 'divide it by a unit, such as np.timedelta64(1, "s")',
    "f": "use x.astype(float)",
    "c": "use x.real and x.imag",
    "V": "use x.tolist()",
}


class _Place:
    """A part of a value. The places above it lead to the whole value, which has a name, too."""

    __slots__ = ("above", "depth", "name", "value")

    def __init__(self, name: "Any", value: "Any", above: "Optional[_Place]") -> None:
        self.name, self.value, self.above = name, value, above
        self.depth: int = above.depth + 1 if above else 0

    def __str__(self) -> str:
        steps: "List[str]" = []
        place: "_Place" = self
        while place.above:
            steps.append(_step(place.name))
            place = place.above
        steps.reverse()
        return place.name + "".join(steps[:20]) + ("..." if len(steps) > 20 else "")


def _step(name: "Any") -> str:
    if isinstance(name, int):
        return "[%d]" % name
    return "." + name if name.isidentifier() else "[%s]" % _quoted(name[:100])


def _quoted(text: str) -> str:
    with installed[0]:
        import json

    return json.dumps(text, ensure_ascii=False)


def plain_copy(
    value: "Any", on_non_finite: "Callable[[str], None]", name: str = "result"
) -> "Any":
    """Copies a value so that json can write each part of it.

    Raises TypeError with the path of a part that JSON cannot represent. The path begins with the
    name of the value.
    """
    # A stack of generators instead of recursion: the depth of Python's stack is limited.
    root: "List[Any]" = []
    stack: "List[Iterator[None]]" = [_fill(root.append, _Place(name, value, None), on_non_finite)]
    while stack:
        deeper = next(stack[-1], None)
        if deeper is None:
            stack.pop()
        else:
            stack.append(deeper)  # type: ignore
    return root[0]


def _fill(put: "Callable[[Any], Any]", place: _Place, note: "Callable[[str], None]") -> "Any":
    """Puts the copy of a value into its place. Yields the copies of its parts that are pending."""
    value = _simplified(place)
    kind = type(value)
    if value is None or kind in (bool, int, str):
        put(value)
    elif kind is float:
        if not math.isfinite(value):
            note(str(place))
            value = None
        put(value)
    elif isinstance(value, dict):
        _check_nesting(place)
        copy: "Dict[str, Any]" = {}
        put(copy)
        for name, part in _fields(value, place):
            yield _fill(_setter(copy, name), _Place(name, part, place), note)
    elif _is_flat(value):
        put(list(value))
    else:
        _check_nesting(place)
        parts: "List[Any]" = []
        put(parts)
        for index, part in enumerate(value):
            yield _fill(parts.append, _Place(index, part, place), note)


def refuse_other_keys(value: "Any", name: str) -> None:
    """Raises TypeError when a part of a value is a dict with a key that is not a text.

    A later attempt would look for the key and find a text. ``plain_copy`` has accepted the value.
    """
    stack = [_Place(name, value, None)]
    while stack:
        place = stack.pop()
        value = place.value
        if isinstance(value, dict):
            others = [key for key in value if not isinstance(key, str)]
            if others:
                text = "it has the key %s, which is a text in the next attempt, use str(key)"
                raise _refuse(place, text % _shown(others[0]))
            stack.extend(_Place(key, part, place) for key, part in value.items())
        elif isinstance(value, (list, tuple)) and not _is_flat(value):
            stack.extend(_Place(index, part, place) for index, part in enumerate(value))


def _is_flat(values: "Any") -> bool:
    """Returns True for a list that json writes as it is, such as the numbers of an array."""
    kinds = set(map(type, values))
    if float not in kinds:
        return kinds <= FLAT
    try:
        return kinds <= {float, int, bool} and all(map(math.isfinite, values))
    except OverflowError:
        return False


def _setter(copy: "Dict[str, Any]", name: str) -> "Callable[[Any], None]":
    return lambda value: copy.__setitem__(name, value)


def _simplified(place: _Place) -> "Any":
    """Returns the nearest value that is None, a bool, int, float, str, dict, list or tuple."""
    value = place.value
    # An object may convert to an object, such as an array of numpy that contains a date. One that
    # has every attribute converts without an end.
    for _ in range(_MOST_STEPS):
        if isinstance(value, Enum):
            value = value.value
        if isinstance(value, _BASES) or value is None:
            return _base_value(value, place)
        found = _converted(value)
        if found is value:
            raise _refusal(place, value)
        value = found
    raise _refusal(place, place.value)


def _base_value(value: "Any", place: _Place) -> "Any":
    if hasattr(value, "__dataclass_fields__"):
        base = next(base.__name__ for base in _BASES if isinstance(value, base))
        reason = "it is a dataclass and a %s, and JSON keeps only one of them, use a dict" % base
        raise _refuse(place, reason)
    if isinstance(value, bool):
        return value
    for plain, read in READERS:
        if isinstance(value, plain):
            return read(value)
    return value


def _text_of(value: str) -> str:
    """Returns the characters of a text. ``str()`` of a member of an enumeration is its name."""
    return str.__str__(value)


# How the own value of an instance is read. A subclass may convert to another one.
READERS = ((int, int.__int__), (float, float.__float__), (str, _text_of))


def _converted(value: "Any") -> "Any":
    """Converts an object of a known class; returns any other object unchanged."""
    if _is_numpy(value):
        return _from_numpy(value)
    if isinstance(value, type):
        return value
    if isinstance(value, range):
        return list(value)
    if hasattr(type(value), "__dataclass_fields__"):
        # Among the attributes of the class are variables, which belong to no instance.
        fields = sys.modules["dataclasses"].fields(value)
        return {field.name: getattr(value, field.name) for field in fields}
    # Models of pydantic 2 and 1.
    for name, arguments in (("model_dump", {"mode": "json"}), ("__json__", {})):
        if _has_method(value, name):
            return getattr(value, name)(**arguments)
    if hasattr(type(value), "__fields__") and _has_method(value, "dict"):
        return value.dict()
    if _has_method(value, "isoformat"):
        text = value.isoformat()
        return math.nan if text == "NaT" else text
    if _has_method(value, "__fspath__"):
        path = value.__fspath__()
        return path if isinstance(path, str) else value
    kind = type(value).__name__
    if kind == "UUID":
        return str(value)
    # The missing value of pandas in columns of integers, booleans and texts.
    return math.nan if kind == "NAType" else value


def _has_method(value: "Any", name: str) -> bool:
    """Returns True for an object with a method. Others may have data of its name."""
    try:
        return callable(getattr(value, name, None))
    except Exception:
        return False


def _is_numpy(value: "Any") -> bool:
    numpy = sys.modules.get("numpy")
    return numpy is not None and isinstance(value, (numpy.generic, numpy.ndarray))


def _from_numpy(value: "Any") -> "Any":
    """Converts numbers, texts and dates. Other kinds, such as bytes, are returned unchanged."""
    kind = value.dtype.kind
    # Python has no numbers with the digits of a longdouble.
    if kind in "biuUTO" or kind == "f" and value.dtype.itemsize <= 8:
        return _listed(value)
    return _dates(_listed(value.astype(str))) if kind == "M" else value


def _listed(value: "Any") -> "Any":
    """Returns the list of an array. A masked value is missing, as NaN is, and not None."""
    is_masked = _has_method(value, "filled")
    return (value.astype(object).filled(math.nan) if is_masked else value).tolist()


def _dates(texts: "Any") -> "Any":
    if isinstance(texts, list):
        return [_dates(one) for one in texts]
    return math.nan if texts == "NaT" else texts


def _fields(value: "Dict[Any, Any]", place: _Place) -> "Iterator[Tuple[str, Any]]":
    keys: "Dict[str, Any]" = {}
    for key, part in value.items():
        name = _text_of(key) if isinstance(key, str) else _key_text(key, place)
        # Only keys of different kinds have the same text.
        if name in keys:
            shown = "it has the keys %s and %s, which JSON cannot tell apart"
            raise _refuse(place, shown % (_shown(keys[name]), _shown(key)))
        keys[name] = key
        yield name, part


def _key_text(key: "Any", place: _Place) -> str:
    """Returns the text of a key that is not a text: a whole number, or what converts to a text."""
    if isinstance(key, Enum):
        key = key.value
    if not isinstance(key, (bool, int, float, str)) and key is not None:
        key = _converted(key)
    if isinstance(key, str):
        return key
    if isinstance(key, int) and not isinstance(key, bool):
        return str(int.__int__(key))
    reason = "it has the key %s, and JSON has only texts as keys, use str(key)" % _shown(key)
    raise _refuse(place, reason)


def _shown(key: "Any") -> str:
    try:
        text = repr(key)
    except Exception:
        text = type(key).__name__
    return text[:100]


def _check_nesting(place: _Place) -> None:
    if place.depth > MAX_DEPTH:
        raise _refuse(place, "it is nested more than %d levels deep, use a flat list" % MAX_DEPTH)
    above = place.above
    while above:
        if above.value is place.value:
            raise _refuse(place, "it contains itself, use a copy without the cycle")
        above = above.above


def _refusal(place: _Place, value: "Any") -> TypeError:
    name = type(value).__name__
    if isinstance(value, BaseException):
        return _refuse(place, "JSON has no %s, raise it or use str(x)" % name)
    if _is_numpy(value):
        advice = _NUMPY_ADVICE.get(value.dtype.kind, "convert it to numbers")
        return _refuse(place, "JSON has no numpy %s, %s" % (value.dtype, advice))
    return _refuse(place, "JSON has no %s, %s" % (name, _ADVICE.get(name) or _advice(value)))


def _advice(value: "Any") -> str:
    if isinstance(value, type):
        return _ADVICE["type"]
    for name, advice in _ATTRIBUTE_ADVICE.items():
        if hasattr(type(value), name):
            return advice
    if _has_method(value, "__iter__"):
        return "use dict(x)" if _has_method(value, "keys") else "use list(x)"
    return "use its return value" if callable(value) else "use a dict with its data"


def _refuse(place: _Place, reason: str) -> TypeError:
    return TypeError("Cannot write %s: %s" % (place, reason))
