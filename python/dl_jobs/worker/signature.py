"""The parameters of functions."""

from .sources import installed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from inspect import Signature
    from typing import Any, Callable


def signature_of(function: "Callable[..., Any]") -> "Signature":
    """Returns the parameters of a function, whose annotations may name what code does not have.

    :raises TypeError: when the function has no such parameters
    :raises ValueError: when its parameters are unknown, as those of some built-in functions
    """
    with installed[0]:
        import inspect

    try:
        return inspect.signature(function)
    except NameError:
        # Python 3.14 evaluates annotations here, and a name exists only for type checkers.
        with installed[0]:
            from annotationlib import Format  # type: ignore
        return inspect.signature(function, annotation_format=Format.STRING)  # type: ignore
