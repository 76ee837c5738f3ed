"""The desk's words in the languages that it speaks: English is the key, a file holds each other."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from importlib import resources

LANGUAGES = {
    "en": "English", "de": "Deutsch", "fr": "Français", "es": "Español", "vi": "Tiếng Việt",
}  # fmt: skip


@lru_cache
def catalogue(language: str) -> Mapping[str, str]:
    """What is said for each English text; in English for the words of programs alone."""
    if language == "en" or language not in LANGUAGES:
        return {"non_match": "non-match"}
    file = resources.files("sigsearch.server.desk") / "messages" / f"{language}.json"
    found: dict[str, str] = json.loads(file.read_text(encoding="utf-8"))
    return found


def preferred(cookie: str | None, accepted: str) -> str:
    """The language that was chosen, or the first accepted that the desk speaks."""
    if cookie in LANGUAGES:
        return str(cookie)
    tags = [tag.partition(";")[0].strip()[:2].lower() for tag in accepted.split(",")]
    return next((tag for tag in tags if tag in LANGUAGES), "en")


def said(language: str, text: str) -> str:
    """`text` in that language; as it is where nobody has said it yet."""
    return catalogue(language).get(text, text)
