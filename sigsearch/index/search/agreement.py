"""How well a search structure agrees with exact search, as far as that is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Agreement:
    """With exact search, as measured when clusters were built; by which code, and how long codes
    took by kind of processor."""

    recall: float | None = None
    code: str | None = None
    times: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    @classmethod
    def told(cls, facts: Mapping[str, Any]) -> Agreement:
        """By what lies on disk; nothing where that says nothing that can be understood."""
        try:
            times = {
                str(level): {str(code): float(spent) for code, spent in by_code.items()}
                for level, by_code in facts.get("times", {}).items()
            }
            return cls(float(facts["recall"]), str(facts.get("code", "rabitq")), times)
        except (KeyError, TypeError, ValueError, AttributeError):
            return cls()

    def faster_code(self) -> str | None:
        """One that would be faster on this processor, as far as that is known."""
        if not self.times or self.code is None:
            return None
        from sigsearch.index.search.structures.contest import faster

        return faster(self.code, self.times)
