"""Helpers that create lists of arguments and read words that mean yes or no."""

from __future__ import annotations

from copy import deepcopy
from typing import Any, Dict, Iterable, List

FALSEY = ["false", "none", "no", "null", "f", "n", "0", "off"]
TRUE_STRS = ["true", "t", "yes", "y", "1", "on"]

_MISSING = object()


def copy_update(data: Dict, update: Any, value: Any = _MISSING) -> Dict:
    """Returns a deep copy of a dict with changes.

    :param update: a dict to merge into the copy, or a key that is set to ``value``
    :raises TypeError: when ``update`` is a key and ``value`` is missing
    """
    if update is None:
        return deepcopy(data)
    if isinstance(update, dict):
        return deepcopy({**data, **update})
    if value is _MISSING:
        raise TypeError(
            "Cannot update with {0!r}: it is a key without a value, pass the value too: "
            "copy_update(data, {0!r}, value)".format(update)
        )
    return deepcopy({**data, update: value})


def update_list(data: Dict, value_list: Iterable[Any], key: Any = None) -> List[Dict]:
    """Returns one changed copy of a dict for each value.

    :param value_list: the values of ``key``; without a key, dicts to merge into the copies
    :raises TypeError: when there is no key, and a value is not a dict
    """
    if is_str(value_list):
        raise TypeError("Cannot update over {0!r}: pass a list, [{0!r}]".format(value_list))
    if key is not None:
        return [copy_update(data, {key: value}) for value in value_list]
    return [copy_update(data, _as_dict(value, i)) for i, value in enumerate(value_list)]


def _as_dict(value: Any, index: int) -> Dict:
    if isinstance(value, dict):
        return value
    raise TypeError(
        "Cannot update with value {}, {!r}: it is not a dict, pass the key to set: "
        'update_list(data, values, "key")'.format(index, value)
    )


def is_str(value: Any) -> bool:
    """Returns true for a text."""
    return isinstance(value, str)


def bool_str(value: Any) -> Any:
    """Returns the boolean that a word means, and any other value unchanged."""
    word = value.strip().lower() if is_str(value) else None
    if word in FALSEY:
        return False
    return True if word in TRUE_STRS else value


def truthy(value: Any) -> Any:
    """Returns a boolean, an integer or None unchanged, and false for a text that means no.

    :raises ValueError: when the value has another type
    """
    if value is None or isinstance(value, (bool, int)):
        return value
    if is_str(value):
        return value.strip() != "" and bool_str(value) is not False
    raise ValueError("truthy: value must be str, int or bool, not {!r}".format(value))
