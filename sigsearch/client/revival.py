"""Answers as the results and errors of the library."""

from __future__ import annotations

import types
import typing
from collections.abc import Sequence
from dataclasses import fields, is_dataclass
from typing import Any, TypeVar

from sigsearch import errors

T = TypeVar("T")


def fault_of(problem: Any) -> errors.SigsearchError:
    """The error that the service met, as the library would raise it."""
    kinds = {
        kind.code: kind
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, errors.SigsearchError)
    }
    code = problem.get("code") if isinstance(problem, dict) else None
    kind = kinds.get(str(code), errors.ServiceFault)
    told = str(problem.get("detail", problem)) if isinstance(problem, dict) else str(problem)
    if kind is errors.ErasureIncomplete:
        return errors.ErasureIncomplete(told, problem.get("receipt") or {})
    return kind(told)


def revived(kind: type[T], document: Any) -> T:
    """A result from its JSON, field by field."""
    found: T = _value(kind, document)
    return found


def _value(kind: Any, document: Any) -> Any:
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        if document is None:
            return None
        return _value(next(one for one in inner if one is not type(None)), document)
    if is_dataclass(kind) and isinstance(kind, type):
        hints = typing.get_type_hints(kind)
        named = {f.name: _value(hints[f.name], document[f.name]) for f in fields(kind)}
        return kind(**named)
    if origin is tuple and isinstance(document, Sequence):
        each = [inner[0]] * len(document) if inner[1:] == (...,) else list(inner)
        return tuple(map(_value, each, document))
    return document
