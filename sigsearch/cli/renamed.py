"""What a command or an option was called before the first release, and what it is called now."""

from __future__ import annotations

from collections.abc import Sequence

_AUDIT = (
    "the audit of the enrolled signatures is now `sigsearch index audit`; "
    "`sigsearch index check` checks the files"
)
_LOG = "`--audit` is now `--log`"
_NOW = {
    ("sigsearch index", "verify"): "`sigsearch index verify` is now `sigsearch index check`",
    ("sigsearch index check", "--report"): _AUDIT,
    ("sigsearch index check", "--encoder"): _AUDIT,
    ("sigsearch query", "--audit"): _LOG,
    ("sigsearch verify", "--audit"): _LOG,
}


def now_called(command: str, words: Sequence[str]) -> str | None:
    """What to say of `words` that `command` does not understand; None if they never were right."""
    given = {word.partition("=")[0] for word in words}
    return next((now for (at, old), now in _NOW.items() if at == command and old in given), None)
