"""The function of a reduce, as lib/worker/reduce.ts: folds results into accumulators."""

from time import perf_counter

from .arguments import decode
from .responses import describe
from .results import FLAT, encode_value, is_exact

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, Optional

    from .responses import Responses

# The shortest time between two saves in seconds, and the share of the time that they may take.
_SAVE_S, _SAVE_SHARE = 1.0, 0.1
_ABSENT = object()
_VARARGS = 0x04
# Deeper parts of an accumulator are not described.
_MAX_DEPTH = 100
# JSON in JavaScript writes smaller whole numbers without an exponent.
_MOST_WHOLE = 1e21


class ReduceProblem(Exception):
    """Raised for a mistake that is not an error of the function."""


class SaveProblem(Exception):
    """Raised for an accumulator that cannot be saved."""


class Fold:
    """Holds the accumulators of a worker until they are saved."""

    def __init__(
        self, function: "Callable[..., Any]", options: "Dict[str, Any]", responses: "Responses"
    ) -> None:
        self._function, self._by = function, options.get("by")
        self._arity = arity_of(function)
        self._responses = responses
        self._groups: "Dict[str, Any]" = {}
        # The keys of groups by a text that equal keys have.
        self._keys: "Dict[str, str]" = {}
        self._count, self._next_save = 0, 0.0

    def __call__(self, line: "Dict[str, Any]") -> "Optional[Dict[str, Any]]":
        """Folds a line of results. Returns None when nothing is saved."""
        if "groups" in line:
            self._restore(line["from"], line["groups"])
            self._keys = {}
            for text in self._groups:
                self._same_key(decode(text), text)
        if line["from"] != self._count:
            return {"isLost": True}
        task = -1
        try:
            for task, result, args in line["rows"]:
                self._add(result, args)
            self._count += len(line["rows"])
            is_due = line.get("isLast") or perf_counter() >= self._next_save
            return self._save() if is_due else None
        except Exception as error:
            return {"error": {**describe(error), "task": task}}

    def _restore(self, count: int, groups: "Any") -> None:
        self._count = count
        self._groups = {key: decode(value) for key, value in groups}

    def _add(self, result: "Any", args: "Any") -> None:
        key = self._key_of(result, args)
        given = (self._groups.get(key), result, args)[: self._arity]
        value = self._responses.settle(self._function(*given))
        if value is None:
            raise ReduceProblem("it returned None, not the accumulator")
        self._groups[key] = value

    def _key_of(self, result: "Any", args: "Any") -> str:
        if self._by is None:
            return "null"
        key = value_at(result, self._by)
        if key is _ABSENT:
            key = value_at(args, self._by)
        if key is _ABSENT:
            text = "neither the result nor the arguments have the key %s"
            raise ReduceProblem(text % self._by)
        return self._same_key(key, encode_value(key))

    def _same_key(self, key: "Any", text: str) -> str:
        """Returns the text of the first key that is equal: order and 1.0 for 1 have no meaning."""
        return text if type(key) is str else self._keys.setdefault(canonical(key), text)

    def _save(self) -> "Dict[str, Any]":
        """Returns the accumulators as JSON, and continues with the parsed JSON."""
        began = perf_counter()
        groups = [[key, saved_text(value)] for key, value in self._groups.items()]
        self._restore(self._count, groups)
        now = perf_counter()
        self._next_save = now + max(_SAVE_S, (now - began) / _SAVE_SHARE)
        return {"groups": groups}


def canonical(key: "Any") -> str:
    """Returns the same text for equal keys."""
    if isinstance(key, (list, tuple)):
        return "[%s]" % ",".join(map(canonical, key))
    if isinstance(key, dict):
        parts = ("%s:%s" % (encode_value(name), canonical(key[name])) for name in sorted(key))
        return "{%s}" % ",".join(parts)
    is_whole = type(key) is float and abs(key) < _MOST_WHOLE and key == int(key)
    return encode_value(int(key) if is_whole else key)


def saved_text(value: "Any") -> str:
    """Returns the JSON text of an accumulator.

    What JSON would change is an error at every save: a Counter would become a dict, and the key 2020
    would become a text.
    """
    try:
        if is_exact(value):
            return encode_value(value)
    except (ValueError, RecursionError):
        pass
    found = changed_part(value) or " is nested too deeply"
    advice = "use str, finite numbers, bool, None, lists, and dicts whose keys are str"
    raise SaveProblem("accumulator%s: %s" % (found, advice))


def changed_part(value: "Any", depth: int = 0) -> "Optional[str]":
    """Returns the path and the type of the first part of a value that becomes another in JSON."""
    kind = type(value)
    if kind is float and value - value != 0:
        return " is %s" % value
    if kind in FLAT or depth > _MAX_DEPTH:
        return None
    if kind not in (dict, list, tuple):
        return " is an instance of %s" % kind.__name__
    for name, part in value.items() if kind is dict else enumerate(value):
        if kind is dict and type(name) is not str:
            return " has the key %r" % (name,)
        found = changed_part(part, depth + 1)
        if found:
            return ("[%r]" % name) + found
    return None


def arity_of(function: "Callable[..., Any]") -> int:
    """Returns the number of arguments of a function, at most three."""
    code = getattr(function, "__code__", None)
    is_open = code is None or code.co_flags & _VARARGS or hasattr(function, "__wrapped__")
    return 3 if is_open else min(code.co_argcount, 3)


def value_at(value: "Any", path: str) -> "Any":
    """Returns the value of a key, or of a path of keys such as ``place.id``, as lib/values/value_at.ts.

    A key may contain dots: the whole path is tried as one key, then each part of it as the first
    key, the shortest first.
    """
    found = _own_value(value, path)
    dot = path.find(".")
    while found is _ABSENT and dot >= 0:
        found = value_at(_own_value(value, path[:dot]), path[dot + 1 :])
        dot = path.find(".", dot + 1)
    return found


def _own_value(value: "Any", key: str) -> "Any":
    if isinstance(value, list):
        index = int(key) if key.isdecimal() else len(value)
        return value[index] if index < len(value) and str(index) == key else _ABSENT
    return value.get(key, _ABSENT) if isinstance(value, dict) else _ABSENT
