"""What an index must hold after operations of known and of unknown end."""

from __future__ import annotations

from handle import Stored


class Truth:
    """What each writer may have: one thing, or two after an operation of unknown end."""

    def __init__(self, sure: dict[str, Stored]) -> None:
        self._may: dict[str, list[Stored]] = {name: [has] for name, has in sure.items()}

    def sure(self) -> list[str]:
        """Writers who are enrolled for certain."""
        return [name for name, may in self._may.items() if len(may) == 1 and may[0]]

    def change(self, name: str, has: Stored, certain: bool) -> None:
        may = [has] if certain else [*self._may.get(name, [{}]), has]
        self._may[name] = may

    def compare(self, found: dict[str, Stored], who: str) -> None:
        for name in {*self._may, *found}:
            has, may = found.get(name, {}), self._may.get(name, [{}])
            assert has in may, (
                f"{who}: {name} has {len(has)} references, and should have "
                f"{' or '.join(str(len(one)) for one in may)}"
            )

    def settle(self, found: dict[str, Stored]) -> None:
        """From now on it is known how the operations of unknown end came out."""
        self._may = {name: [found.get(name, {})] for name in self._may}
