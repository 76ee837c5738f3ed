"""The shell of a page, and the few pieces of HTML that pages are made of. All text is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from importlib import resources
from typing import Any


def page(title: str, body: Iterable[str]) -> str:
    """A whole document. `body` is HTML; `title` is text."""
    style = (resources.files("sigsearch.report") / "page.css").read_text(encoding="utf-8")
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)}</title><style>{style}</style></head>\n"
        f"<body>{''.join(body)}</body></html>\n"
    )


def heading(text: str) -> str:
    return f"<h2>{escape(text)}</h2>"


def paragraph(text: str, kind: str = "") -> str:
    attribute = f' class="{kind}"' if kind else ""
    return f"<p{attribute}>{escape(text)}</p>"


def alarm(text: str) -> str:
    return f'<div class="alarm" role="alert">{escape(text)}</div>'


def figure(uri: str, caption: str, described: str = "") -> str:
    """A picture with its caption; `described` is for those who cannot see it."""
    return (
        f'<figure><img src="{uri}" alt="{escape(described or caption)}">'
        f"<figcaption>{escape(caption)}</figcaption></figure>"
    )


def no_figure(reason: str, caption: str) -> str:
    """The place of a picture that cannot be shown."""
    return (
        f'<figure><p class="quiet">{escape(reason)}</p>'
        f"<figcaption>{escape(caption)}</figcaption></figure>"
    )


def table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Numbers are set right; other values are shown as text."""
    head = "".join(f"<th>{escape(name)}</th>" for name in columns)
    body = "".join(f"<tr>{''.join(_cell(value) for value in row)}</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _cell(value: Any) -> str:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        text = f"{value:.2f}" if isinstance(value, float) else str(value)
        return f'<td class="number">{text}</td>'
    return f"<td>{escape(str(value))}</td>"
