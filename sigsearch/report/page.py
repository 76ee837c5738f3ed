"""A page: a template filled in, every value escaped, the stylesheet inside, nothing fetched.

The Content-Security-Policy of a page allows its own stylesheet and embedded pictures alone, so that
a browser would run nothing even if a name were not escaped.
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jinja2 import Environment


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture with its caption. `uri` is a data URI, or empty where the image is gone."""

    caption: str
    uri: str = ""


def render(template: str, **values: Any) -> str:
    """The page that `template`, a file under `templates/`, makes of `values`."""
    return environment().get_template(template).render(**values)


@lru_cache(maxsize=1)
def environment() -> Environment:
    """The templates, with what all of them may use."""
    from markupsafe import Markup

    made, style = templates_of("sigsearch.report"), stylesheet()
    made.globals["stylesheet"] = Markup(style)
    made.globals["policy"] = Markup(_policy(style))
    made.filters["with_units"] = with_units
    return made


def templates_of(package: str) -> Environment:
    """The templates of a package, in which every value is escaped."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader(package),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def stylesheet() -> str:
    """That of all pages."""
    return (resources.files("sigsearch.report") / "page.css").read_text(encoding="utf-8")


def with_units(text: Any) -> str:
    """A number stays on one line with its unit. For plain text: what is escaped already would be
    escaped again."""
    return re.sub(r"(?<=\d) (?=(?:%|s|ms|MB|kB)(?:\W|$))", "\u00a0", str(text))


def _policy(style: str) -> str:
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode("ascii")
    return f"default-src 'none'; img-src data:; style-src 'sha256-{digest}'"
