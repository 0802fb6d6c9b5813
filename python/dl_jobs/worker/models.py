"""Functions whose argument is an instance of the class in their annotation.

The class is a pydantic model or a dataclass. This module is loaded when a function has annotations.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable


def with_model(method: "Callable[..., Any]") -> "Callable[..., Any]":
    """Returns a function that reads its argument as the class in the annotation, if there is one."""
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
    """Returns the class in the annotation of the first parameter; None for any other annotation."""
    while hasattr(method, "__wrapped__"):
        method = method.__wrapped__
    code = getattr(method, "__code__", None)
    first = 1 if hasattr(method, "__self__") else 0
    if code is None or code.co_argcount <= first:
        return None
    kind = getattr(method, "__annotations__", {}).get(code.co_varnames[first])
    if isinstance(kind, str):
        try:
            kind = eval(kind, method.__globals__)  # type: ignore
        except Exception:
            # The name exists only for type checkers.
            return None
    return kind if is_model(kind) or is_dataclass(kind) else None


def is_model(kind: "Any") -> bool:
    """Returns True for a model of pydantic 2 or 1."""
    names = ("model_validate", "parse_obj")
    return isinstance(kind, type) and any(callable(getattr(kind, name, None)) for name in names)


def is_dataclass(kind: "Any") -> bool:
    """Returns True for a dataclass."""
    return isinstance(kind, type) and hasattr(kind, "__dataclass_fields__")
