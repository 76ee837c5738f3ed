"""Protocols: which writers of which dataset train, validate and test, as named JSON files."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from sigsearch.datasets.samples import Dataset
from sigsearch.errors import DatasetError
from sigsearch.names import one_form

ROLES = ("train", "validation", "test")


@dataclass(frozen=True, slots=True)
class Protocol:
    """`roles[dataset][role]` is the set of hands (see `Sample.hand`), or of their identities, that
    play the role.

    'train' fits weights; 'validation' picks checkpoints, fits calibrations and fixes thresholds;
    'test' is only ever reported.
    """

    name: str
    about: str
    roles: Mapping[str, Mapping[str, frozenset[str]]]

    @classmethod
    def load(cls, name: str | Path) -> Protocol:
        """Read a protocol that ships with sigsearch, by name, or one's own JSON file, by path."""
        shipped = resources.files("sigsearch.datasets") / "protocols" / f"{name}.json"
        own = Path(name)
        if shipped.is_file():
            data = shipped.read_bytes()
        elif own.is_file():
            data = own.read_bytes()
        else:
            raise DatasetError(
                f"no protocol {str(name)!r}; shipped: {', '.join(protocol_names())}; "
                "or give the path of a JSON file"
            )
        try:
            return cls.from_dict(json.loads(data))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise DatasetError(f"{name}: not a protocol file ({error})") from error

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Protocol:
        roles = {
            dataset: {role: _hands(parts.get(role, ())) for role in ROLES}
            for dataset, parts in content["datasets"].items()
        }
        for dataset, parts in roles.items():
            seen: set[str] = set()
            for role in ROLES:
                if seen & parts[role]:
                    both = ", ".join(sorted(seen & parts[role]))
                    raise ValueError(f"{dataset}: writers in two roles: {both}")
                seen |= parts[role]
        return cls(content["name"], content.get("about", ""), roles)

    def select(self, dataset: Dataset, role: str) -> Dataset:
        """The samples of the writers that play `role`; empty when the protocol gives it to none.

        A manifest's own `split` column goes before the protocol. Raises DatasetError for a dataset
        that neither knows.
        """
        if role not in ROLES:
            raise DatasetError(f"no role {role!r}; the roles are {', '.join(ROLES)}")
        if any(sample.split for sample in dataset.samples):
            return dataset.only(lambda sample: sample.split == role)
        if dataset.name not in self.roles:
            raise DatasetError(
                f"protocol {self.name} does not name the dataset {dataset.name!r}; "
                f"it names {', '.join(self.roles)}"
            )
        hands = self.roles[dataset.name][role]
        return dataset.only(lambda sample: sample.hand in hands or sample.writer in hands)

    def knows(self, dataset: Dataset) -> bool:
        return dataset.name in self.roles or any(s.split for s in dataset.samples)


def protocol_names() -> tuple[str, ...]:
    """The protocols that ship with sigsearch."""
    folder = resources.files("sigsearch.datasets") / "protocols"
    return tuple(sorted(p.name[:-5] for p in folder.iterdir() if p.name.endswith(".json")))


def _hands(entries: Iterable[Any]) -> frozenset[str]:
    """Hands from numbers (`41`), names (`"anna"`) and ranges (`"41-55"`)."""
    if isinstance(entries, str):
        entries = [entries]
    hands: set[str] = set()
    for entry in entries:
        first, dash, last = str(entry).partition("-")
        if dash and first.isdecimal() and last.isdecimal():
            hands.update(map(str, range(int(first), int(last) + 1)))
        else:
            hands.add(one_form(str(entry)))
    return frozenset(hands)
