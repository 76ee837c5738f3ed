"""Text as both databases hold it."""

from __future__ import annotations

import re

from sqlalchemy import String
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


class Words(TypeDecorator[str]):
    """Any text. PostgreSQL's may hold no NUL, so there one is spelt out."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        if value is None or dialect.name == "sqlite":
            return value
        return value.replace("\\", "\\\\").replace("\0", "\\0")

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        if value is None or dialect.name == "sqlite":
            return value
        return _ESCAPED.sub(lambda found: "\0" if found[1] == "0" else found[1], value)
