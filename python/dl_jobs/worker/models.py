"""Functions whose argument is made as their annotation says.

The annotation contains a pydantic model or a dataclass, such as ``Optional[Tile]`` or
``list[Tile]``. This module is loaded when a function has annotations.
"""

from .sources import installed

_MOST_STEPS = 100

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, Tuple


def with_model(method: "Callable[..., Any]") -> "Callable[..., Any]":
    """Returns a function that reads its argument as its annotation, if this has a class to make."""
    model = model_of(method)
    if model is None:
        return method
    from .instances import read

    def call(value: "Any", *context: "Any") -> "Any":
        return method(read(model, value), *context)

    return call


def check_of(method: "Callable[..., Any]") -> "Callable[[Any], Any]":
    """Returns a function that checks an argument: the result is True, or the reason as text.

    The result is None when the function has no such annotation.
    """
    model = model_of(method)
    if model is None:
        return lambda value: None
    from .instances import ValidationError, read

    def check(value: "Any") -> "Any":
        try:
            read(model, value)
        except ValidationError as error:
            return str(error)
        return True

    return check


def model_of(method: "Callable[..., Any]") -> "Any":
    """Returns the annotation of the first parameter if it contains a class to make, or None."""
    function, first = _function_of(method)
    code = getattr(function, "__code__", None)
    if code is None or code.co_argcount <= first:
        return None
    kind = annotations_of(function).get(code.co_varnames[first])
    if isinstance(kind, str):
        try:
            kind = eval(kind, function.__globals__)
        except Exception:
            # The name exists only for type checkers.
            return None
    if hasattr(kind, "__supertype__") or type(kind).__name__ == "TypeAliasType":
        from .instances import named

        kind = named(kind)
    if hasattr(kind, "__args__"):
        from .instances import evaluated

        kind = evaluated(kind, function.__globals__)
    return kind if _has_model(kind) else None


def annotations_of(function: "Callable[..., Any]") -> "Dict[str, Any]":
    """Returns the annotations of a function, also those with names only for type checkers."""
    try:
        return getattr(function, "__annotations__", {})
    except NameError:
        # Python 3.14 evaluates them here.
        with installed[0]:
            from annotationlib import Format, get_annotations  # type: ignore
        return get_annotations(function, format=Format.FORWARDREF)  # type: ignore


def _has_model(kind: "Any") -> bool:
    """Returns True for an annotation that contains a pydantic model or a dataclass."""
    if is_model(kind) or is_dataclass(kind) or is_dataclass(getattr(kind, "__origin__", None)):
        return True
    parts = getattr(kind, "__args__", None)
    return isinstance(parts, tuple) and any(map(_has_model, parts))


def _function_of(method: "Any") -> "Tuple[Any, int]":
    """Returns the function that any callable object calls, and the index of its first parameter.

    The parameters before it are filled by an object or by a partial.
    """
    first = 0
    # An object that has every attribute is unwrapped without an end.
    for _ in range(_MOST_STEPS):
        if hasattr(method, "__func__"):
            method, first = method.__func__, first + 1
        elif hasattr(method, "__wrapped__"):
            method = method.__wrapped__
        elif hasattr(method, "__dl_jobs_wraps__"):
            # The decorators of this package hide their function from everything else.
            method = method.__dl_jobs_wraps__
        elif hasattr(method, "func") and hasattr(method, "args"):
            method, first = method.func, first + len(method.args)
        elif hasattr(method, "__code__") or not hasattr(type(method).__call__, "__code__"):
            break
        else:
            method, first = type(method).__call__, first + 1
    return method, first


def is_model(kind: "Any") -> bool:
    """Returns True for a model of pydantic 2 or 1."""
    names = ("model_validate", "parse_obj")
    return isinstance(kind, type) and any(callable(getattr(kind, name, None)) for name in names)


def is_dataclass(kind: "Any") -> bool:
    """Returns True for a dataclass."""
    return isinstance(kind, type) and hasattr(kind, "__dataclass_fields__")
