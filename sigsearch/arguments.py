"""Arguments looked at where they come in, so that a wrong one is named before anything is done."""

from __future__ import annotations

import inspect
import numbers
import os
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from sigsearch.errors import ArgumentRefused

Given = ParamSpec("Given")
T = TypeVar("T")
Check = Callable[[Any], bool]
"""Whether a value is what its name says it is."""


def takes(**expected: tuple[Check, str]) -> Callable[[Callable[Given, T]], Callable[Given, T]]:
    """A function whose arguments of these names are as expected, or the default.

    Raises:
        ArgumentRefused: names the argument, what it is, and what it should be.
    """

    def look(function: Callable[Given, T]) -> Callable[Given, T]:
        shape = list(inspect.signature(function).parameters.values())
        known = [
            (place, one.name, one.default, *expected[one.name])
            for place, one in enumerate(shape)
            if one.name in expected
        ]

        @wraps(function)
        def looked(*args: Given.args, **kwargs: Given.kwargs) -> T:
            for place, name, default, holds, what in known:
                value = args[place] if place < len(args) else kwargs.get(name, default)
                if value is not default and not holds(value):
                    told = f"{value!r}"[:80]
                    raise ArgumentRefused(f"{function.__name__}: {name} is {what}, not {told}")
            return function(*args, **kwargs)

        return looked

    return look


def of_kind(kind: type) -> tuple[Check, str]:
    def holds(value: Any) -> bool:
        return isinstance(value, kind)

    return holds, f"{'an' if kind.__name__[0] in 'AEIOU' else 'a'} {kind.__name__}"


def list_of(kind: type) -> tuple[Check, str]:
    def holds(value: Any) -> bool:
        return isinstance(value, (list, tuple)) and all(isinstance(one, kind) for one in value)

    return holds, f"a list of {kind.__name__}"


def _is_name(value: Any) -> bool:
    return isinstance(value, str)


def is_unicode(value: Any) -> bool:
    """Whether a value is a text that UTF-8 can keep."""
    try:
        return isinstance(value, str) and value.encode("utf-8") is not None
    except UnicodeEncodeError:
        return False


def _is_short(value: Any) -> bool:
    return is_unicode(value) and 0 < len(value.encode()) <= 400


def _is_texts(value: Any) -> bool:
    return isinstance(value, Mapping) and _is_names([*value, *value.values()])


def _is_names(value: Any) -> bool:
    listed = isinstance(value, (list, tuple)) and all(isinstance(one, str) for one in value)
    return listed and is_unicode("".join(value))


def _is_place(value: Any) -> bool:
    try:
        return isinstance(value, (str, os.PathLike)) and b"\0" not in os.fsencode(value)
    except (TypeError, UnicodeEncodeError):
        return False


def _is_count(value: Any) -> bool:
    return isinstance(value, numbers.Integral) and not isinstance(value, bool)


def _is_positive(value: Any) -> bool:
    whole = isinstance(value, numbers.Integral) and not isinstance(value, bool)
    return whole and int(value) >= 1


def _is_number(value: Any) -> bool:
    return isinstance(value, numbers.Real) and not isinstance(value, bool)


def _is_digest(value: Any) -> bool:
    return isinstance(value, str) and len(value) == 64 and not value.strip("0123456789abcdef")


NAME = _is_name, "a text"
TEXT = is_unicode, "a text of Unicode"
SHORT = _is_short, "a text of 1 to 400 bytes"
TEXTS = _is_texts, "a mapping of texts to texts"
NAMES = _is_names, "a list of texts"
PLACE = _is_place, "the path of a file or folder"
COUNT = _is_count, "a whole number"
POSITIVE = _is_positive, "a whole number of 1 or more"
NUMBER = _is_number, "a number"
BYTES = of_kind(bytes)
DIGEST = _is_digest, "a SHA-256 of 64 hex digits"
