"""Instances of pydantic models and dataclasses, made from JSON values. Loaded on first use."""

import sys

from .arguments import decode
from .models import is_dataclass, is_model
from .sources import installed

with installed[0]:
    import enum
    import re
    import typing
    from collections import abc

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List


class ValidationError(ValueError):
    """An argument that does not fit the annotation. A later attempt would read the same argument."""

    dl_jobs_class = "invalid"


def read(model: "Any", value: "Any") -> "Any":
    """Returns an instance for an argument. Raises ValidationError when it does not fit."""
    try:
        return _read(model, value, "")
    except ValidationError:
        raise
    except Exception as error:
        raise ValidationError("%s: %s" % (type(error).__name__, error)) from None


def _read(kind: "Any", value: "Any", path: str) -> "Any":
    kind = named(kind)
    if is_model(kind):
        return _read_model(kind, value, path)
    if is_dataclass(kind):
        return _read_dataclass(kind, value, path)
    origin, parts = getattr(kind, "__origin__", kind), getattr(kind, "__args__", ())
    if origin is typing.Union or type(kind).__name__ == "UnionType":
        return _read_union(parts, value, path)
    if origin is typing.Literal:
        return _read_choice(parts, value, path)
    if is_dataclass(origin):
        # A generic class, such as Box[int].
        return _read_dataclass(origin, value, path, parts)
    if origin in _ABSTRACT and type(value) is _ABSTRACT[origin]:
        origin = _ABSTRACT[origin]
    if origin in (list, tuple, set, frozenset, dict):
        return _read_many(origin, parts, value, path)
    if hasattr(kind, "__members__"):
        return _read_member(kind, value, path)
    if kind in _PLAIN:
        return _read_plain(kind, value, path)
    if isinstance(kind, type) and issubclass(kind, tuple) and hasattr(kind, "_fields"):
        return _read_named_tuple(kind, value, path)
    if isinstance(kind, type):
        return _read_other(kind, value, path)
    # Other generics of typing.
    return value


# The classes of JSON values that are instances of these classes. A text is an iterable, too.
_ABSTRACT = {
    **dict.fromkeys((abc.Sequence, abc.MutableSequence, abc.Collection, abc.Iterable), list),
    **dict.fromkeys((abc.Mapping, abc.MutableMapping), dict),
}


def _read_model(kind: "Any", value: "Any", path: str) -> "Any":
    validate = getattr(kind, "model_validate", None) or kind.parse_obj
    return _made(validate, (value,), {}, path)


def _made(kind: "Any", args: "Any", fields: "Dict[str, Any]", path: str) -> "Any":
    """Calls a class. The errors of pydantic list their reasons."""
    try:
        return kind(*args, **fields)
    except Exception as error:
        if callable(getattr(error, "errors", None)):
            raise _refusal([_issue(path, one) for one in error.errors()]) from None  # type: ignore
        raise ValidationError(_at(path, "%s: %s" % (type(error).__name__, error))) from None


def _issue(path: str, issue: "Dict[str, Any]") -> str:
    at = path + "".join(_step(key) for key in issue["loc"] if key != "__root__")
    return _at(at, issue["msg"])


def _read_dataclass(kind: "Any", value: "Any", path: str, parts: "Any" = ()) -> "Any":
    if not isinstance(value, dict):
        raise ValidationError(_at(path, "must be an object, not %s" % _shown(value)))
    if hasattr(kind, "__pydantic_validator__") or hasattr(kind, "__pydantic_model__"):
        # A dataclass of pydantic converts its fields itself.
        return _made(kind, (), value, path)
    hints = hints_of(kind)
    variables = _variables_of(kind, parts)
    fields = {name: one for name, one in kind.__dataclass_fields__.items() if _is_argument(one)}
    others = [name for name in value if name not in fields]
    # An own __init__ decides which parameters it has.
    is_own = _has_own_init(kind)
    found: "Dict[str, Any]" = {name: value[name] for name in others} if is_own else {}
    reasons = [] if is_own else [_at(path + _step(name), "is not a field") for name in others]
    for name, field in fields.items():
        if name in value:
            try:
                known = variables.get(_class_of(kind, name, field))
                hint = hints.get(name, object)
                hint = _filled(hint, known) if known else hint
                found[name] = _read(hint, value[name], path + _step(name))
            except ValidationError as error:
                reasons.append(str(error))
        elif not is_own and not _has_default(field):
            reasons.append(_at(path + _step(name), "is missing"))
    if reasons:
        raise _refusal(reasons)
    return _made(kind, (), found, path)


def _read_named_tuple(kind: "Any", value: "Any", path: str) -> "Any":
    """Reads a list of the fields, which is the form of a named tuple in a result."""
    if not isinstance(value, list):
        raise ValidationError(_at(path, "must be a list, not %s" % _shown(value)))
    names = kind._fields
    least = len(names) - len(getattr(kind, "_field_defaults", ()))
    if not least <= len(value) <= len(names):
        wanted = "%d" % least if least == len(names) else "%d to %d" % (least, len(names))
        raise ValidationError(_at(path, "must have %s elements, not %d" % (wanted, len(value))))
    hints = hints_of(kind)
    parts = enumerate(zip(names, value))
    return kind(*[_read(hints.get(n, object), one, "%s[%d]" % (path, i)) for i, (n, one) in parts])


def _filled(hint: "Any", variables: "Dict[Any, Any]") -> "Any":
    """Returns an annotation with the classes of type variables, such as ``List[int]``."""
    if isinstance(hint, typing.TypeVar):
        return variables.get(hint, hint)
    names = getattr(hint, "__parameters__", ()) if hasattr(hint, "__args__") else ()
    return hint[tuple(variables.get(name, name) for name in names)] if names else hint


def _variables_of(kind: "Any", parts: "Any") -> "Dict[Any, Dict[Any, Any]]":
    """Returns the classes of the type variables of a class and of each class above it."""
    own = dict(zip(getattr(kind, "__parameters__", ()), parts))
    found = {kind: own}
    for base in vars(kind).get("__orig_bases__", kind.__bases__):
        origin = getattr(base, "__origin__", base)
        if is_dataclass(origin):
            given = [_filled(part, own) for part in getattr(base, "__args__", ())]
            found.update(_variables_of(origin, given))
    return found


def _class_of(kind: "Any", name: str, field: "Any") -> "Any":
    """Returns the class that states a field. The classes below it have the same object."""
    fields = [(base, vars(base).get("__dataclass_fields__", {})) for base in kind.__mro__]
    return [base for base, own in fields if own.get(name) is field][-1]


def _has_own_init(kind: "Any") -> bool:
    """Returns True for a dataclass whose ``__init__`` is code of a user."""
    code = getattr(kind.__init__, "__code__", None)
    return code is not None and code.co_filename != "<string>"


def hints_of(kind: "Any") -> "Dict[str, Any]":
    """Returns the annotations of a class, without texts and ``Annotated``."""
    try:
        return typing.get_type_hints(kind)
    except Exception:
        # A name in one of them exists only for type checkers.
        return _hints_of_fields(kind)


def _hints_of_fields(kind: "Any") -> "Dict[str, Any]":
    hints: "Dict[str, Any]" = {}
    seen: "Dict[str, Any]" = {}
    for base in reversed(kind.__mro__):
        names = vars(sys.modules.get(base.__module__, sys))
        for name, field in vars(base).get("__dataclass_fields__", {}).items():
            # A class has the fields of the classes above it, whose modules know their names.
            if seen.get(name) is not field:
                seen[name], hints[name] = field, evaluated(field.type, names)
    return hints


def named(kind: "Any") -> "Any":
    """Returns the type that a ``NewType``, a statement ``type`` or ``Final`` contains."""
    while True:
        if hasattr(kind, "__supertype__"):
            kind = kind.__supertype__
        elif type(kind).__name__ == "TypeAliasType":
            kind = _value_of(kind)
        elif getattr(kind, "__origin__", None) is typing.Final:
            kind = kind.__args__[0]
        else:
            return kind


def _value_of(alias: "Any") -> "Any":
    try:
        return evaluated(alias.__value__, {})
    except Exception:
        # A name in the statement exists only for type checkers.
        return object


def evaluated(kind: "Any", names: "Dict[str, Any]") -> "Any":
    """Returns an annotation in which texts are replaced by the classes that they name.

    The result is ``object`` when one of the names exists only for type checkers.
    """

    def holder() -> None: ...

    holder.__annotations__ = {"kind": kind}
    try:
        return typing.get_type_hints(holder, names)["kind"]
    except Exception:
        return object


def _is_argument(field: "Any") -> bool:
    # A class variable is in the same dictionary.
    return field.init and field._field_type.name != "_FIELD_CLASSVAR"


def _has_default(field: "Any") -> bool:
    missing = sys.modules["dataclasses"].MISSING  # type: ignore
    return field.default is not missing or field.default_factory is not missing


def _read_union(kinds: "Any", value: "Any", path: str) -> "Any":
    reasons: "List[str]" = []
    for kind in kinds:
        try:
            return _read(kind, value, path)
        except ValidationError as error:
            reasons.append(str(error))
    raise _refusal(reasons[:1] if value is not None and len(kinds) == 2 else reasons)


def _read_choice(choices: "Any", value: "Any", path: str) -> "Any":
    for choice in choices:
        # 1 equals True.
        if type(choice) is type(value) and choice == value:
            return value
    shown = ", ".join(_shown(choice) for choice in choices)
    raise ValidationError(_at(path, "must be one of %s, not %s" % (shown, _shown(value))))


def _read_member(kind: "Any", value: "Any", path: str) -> "Any":
    """Reads the value of a member of an enumeration."""
    values = [one.value for one in kind]
    if value not in values:
        try:
            # Flags that are combined, or a value that the class converts with `_missing_`.
            member = kind(value)
            # Some versions of Python 3.11 drop unknown flags.
            if member.value == value or not isinstance(member, enum.Flag):
                return member
        except Exception:
            pass
    return kind(_read_choice(values, value, path))


def _read_many(kind: "Any", parts: "Any", value: "Any", path: str) -> "Any":
    if kind is dict:
        if not isinstance(value, dict):
            raise ValidationError(_at(path, "must be an object, not %s" % _shown(value)))
        name, part = parts if len(parts) == 2 else (object, object)
        found: "Dict[Any, Any]" = {}
        for text, one in value.items():
            where = path + _step(text)
            key = _read_key(name, text, where)
            if key in found:
                raise ValidationError(_at(where, "is the same key as another one"))
            found[key] = _read(part, one, where)
        return found
    if not isinstance(value, list):
        raise ValidationError(_at(path, "must be a list, not %s" % _shown(value)))
    is_fixed = kind is tuple and parts and Ellipsis not in parts
    kinds = parts if is_fixed else (parts[:1] or (object,)) * len(value)
    if len(kinds) != len(value):
        raise ValidationError(_at(path, "must have %d elements, not %d" % (len(kinds), len(value))))
    pairs = enumerate(zip(kinds, value))
    return kind(_read(part, one, "%s[%d]" % (path, index)) for index, (part, one) in pairs)


def _read_key(kind: "Any", key: str, path: str) -> "Any":
    """Reads a key of a dict. JSON has only texts as keys, so a number is written as one."""
    if kind in (int, float):
        try:
            number = decode(key)
        except ValueError:
            number = key
        return _read(kind, number, path)
    return _read(kind, key, path)


# The classes of JSON values, with their names in JSON.
_PLAIN = {
    str: "a text",
    int: "an integer",
    float: "a number",
    bool: "true or false",
    type(None): "null",
}


def _read_plain(kind: "Any", value: "Any", path: str) -> "Any":
    # A bool is an int in Python, and an int fits an annotation float.
    is_number = kind in (int, float) and isinstance(value, int) and not isinstance(value, bool)
    if is_number or type(value) is kind:
        return value
    raise ValidationError(_at(path, "must be %s, not %s" % (_PLAIN[kind], _shown(value))))


def _read_other(kind: "Any", value: "Any", path: str) -> "Any":
    parse = _parser_of(kind)
    if parse is not None:
        return _read_text(kind, parse, value, path)
    try:
        if isinstance(value, kind):
            return value
    except TypeError:
        # Any, a TypedDict or a protocol.
        return value
    text = "must be %s, of which JSON has no values, not %s; use Any, and convert it"
    raise ValidationError(_at(path, text % (kind.__name__, _shown(value))))


def _parser_of(kind: "Any") -> "Any":
    """Returns the function that reads a date, a time, a path, a UUID or a Decimal from a text."""
    is_text = kind.__module__.startswith("pathlib") or kind.__name__ in ("UUID", "Decimal")
    return kind if is_text else getattr(kind, "fromisoformat", None)


# Python 3.11 and later would drop these digits of a time.
_BELOW_MICROSECONDS = re.compile(r"[.,]\d{6}\d*[1-9]")


def _read_text(kind: "Any", parse: "Any", value: "Any", path: str) -> "Any":
    if hasattr(kind, "microsecond") and isinstance(value, str):
        if _BELOW_MICROSECONDS.search(value):
            text = "must have no digits below a microsecond, not %s; use str to keep them"
            raise ValidationError(_at(path, text % _shown(value)))
    # A number with a fraction has lost digits that a Decimal keeps.
    is_exact = kind.__name__ == "Decimal" and type(value) is int
    try:
        if isinstance(value, str) or is_exact:
            return parse(value)
    except (ValueError, ArithmeticError):
        pass
    kinds = "%s as a text" % kind.__name__ if not isinstance(value, str) else kind.__name__
    raise ValidationError(_at(path, "must be %s, not %s" % (kinds, _shown(value))))


def _at(path: str, reason: str) -> str:
    path = path[1:] if path.startswith(".") else path
    return "%s: %s" % (path, reason) if path else reason


def _step(key: "Any") -> str:
    if isinstance(key, str) and key.isidentifier():
        return "." + key
    return "[%s]" % (_shown(key) if isinstance(key, str) else key)


def _shown(value: "Any") -> str:
    text = repr(value)
    return text if len(text) <= 40 else text[:40] + "..."


_MOST = 3


def _refusal(reasons: "List[str]") -> ValidationError:
    more = len(reasons) - _MOST
    shown = reasons[:_MOST] + (["%d more" % more] if more > 0 else [])
    return ValidationError("; ".join(shown))
