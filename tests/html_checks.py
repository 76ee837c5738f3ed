"""What must hold of every page."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser

HOSTILE = """'"><script>alert(1)</script><img src=x onerror='alert(2)'>{{ 7 * 7 }}"""
_VOID = {"meta", "img"}


class Outline(HTMLParser):
    """The tags of a page with the names of their attributes, checked to be closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, ...]] = []
        self.fetched: list[str] = []
        self.open: list[str] = []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, *sorted(name for name, _ in attrs)))
        self.fetched += [value or "" for name, value in attrs if name in ("src", "href")]
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in _VOID:
            assert self.open.pop() == tag


def check_page(text: str) -> Outline:
    """It is well-formed, fetches nothing, runs nothing, and its policy allows just that."""
    page = Outline(text)
    assert all(address.startswith("data:image/png;base64,") for address in page.fetched)
    assert not any(tag[0] in ("script", "link", "iframe", "object") for tag in page.tags)
    assert not any(
        name.startswith("on") or name == "style" for tag in page.tags for name in tag[1:]
    )
    assert "http" not in text.replace("http-equiv", "")
    style = re.findall(r"<style>(.*?)</style>", text, re.S)
    digest = base64.b64encode(hashlib.sha256(style[0].encode()).digest()).decode()
    assert len(style) == 1
    policy = f"default-src 'none'; img-src data:; style-src 'sha256-{digest}'"
    assert f'<meta http-equiv="Content-Security-Policy" content="{policy}">' in text
    return page


def check_escaped(harmless: str, hostile: str) -> None:
    """A page with HOSTILE where another has a harmless name has the same tags and attributes."""
    assert HOSTILE not in hostile
    assert "{{ 7 * 7 }}" in hostile
    assert check_page(hostile).tags == check_page(harmless).tags
