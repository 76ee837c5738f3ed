"""The templates of the service's pages."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from sigsearch.report.page import stylesheet, templates_of

if TYPE_CHECKING:
    from jinja2 import Environment


@lru_cache(maxsize=1)
def environment() -> Environment:
    """With the style of the reports."""
    from markupsafe import Markup

    made = templates_of("sigsearch.server")
    made.globals["report_style"] = Markup(stylesheet())
    return made
