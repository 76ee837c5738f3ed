"""A question for its answer alone, from the same question that also gives the evidence's id."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, Protocol, TypeVar

Given = ParamSpec("Given")
T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Kept(Protocol[T_co]):
    """An answer and where its evidence is."""

    @property
    def answer(self) -> T_co: ...


def alone(kept: Callable[Given, Kept[T]], about: str) -> Callable[Given, T]:
    """`kept` without the evidence; `about`: its docstring."""

    @wraps(kept)
    def asked(*args: Given.args, **kwargs: Given.kwargs) -> T:
        return kept(*args, **kwargs).answer

    asked.__name__ = kept.__name__.removesuffix("_kept")
    asked.__qualname__ = kept.__qualname__.removesuffix("_kept")
    asked.__doc__ = about
    return asked
