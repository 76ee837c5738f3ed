"""What can be set of a service."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sigsearch.server.oidc.settings import OidcSettings

from sigsearch.index.postgres.address import Address, is_address, named

STATE_SUFFIX = ".service"
MIB = 2**20


def cores() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(frozen=True, slots=True)
class Settings:
    """index: the index of the default tenant; key: of encrypted indexes. keep_days: how long
    questioned images are kept for evidence, 0 for not at all. rate: requests a second by one key,
    burst: so many at once. waiting: requests that may wait for a worker. most_body, most_upload:
    bytes of a request, and of a bulk job. body_seconds, head_seconds: in which a client must have
    sent them. names_in_logs: write paths and people to the log as well. own_opinion_first: the desk
    hides the machine's answer until a person has given theirs. state: where keys, evidence and
    cases are kept, a folder or the address of a database; None: beside the index."""

    index: Path | str
    key: bytes | None = None
    encoder: Path | None = None
    log: bool = True
    keep_days: float = 30
    keep_references: bool = True
    rate: float = 50
    burst: int = 100
    waiting: int = 64
    workers: int = field(default_factory=lambda: 2 * cores())
    most_body: int = 64 * MIB
    most_upload: int = 1024 * MIB
    body_seconds: float = 60
    head_seconds: float = 10
    names_in_logs: bool = False
    own_opinion_first: bool = True
    oidc: OidcSettings | None = None
    state: Path | str | None = None

    @property
    def state_place(self) -> Path | Address:
        """Where keys, evidence and cases are kept."""
        place = self.state_folder if self.state is None else self.state
        if self.state is None and is_address(self.index):
            place = self.index
        return Address.parse(str(place)) if is_address(place) else Path(place)

    @property
    def state_folder(self) -> Path:
        """For files: beside the index, which wants its own folder to itself; in `indexes` where the
        index is in a database."""
        if self.state is not None and not is_address(self.state):
            return Path(self.state)
        place = self.index
        if is_address(place):
            place = Path("indexes") / Address.parse(str(place)).name
        return Path(place).with_name(Path(place).name + STATE_SUFFIX)

    def index_of(self, tenant: str) -> Path | str:
        """Where the index of a tenant lies."""
        if tenant == DEFAULT_TENANT:
            return self.index
        if not is_address(self.index):
            return self.state_folder / "tenants" / tenant
        own = Address.parse(str(self.index)).name
        return named(str(self.index), f"{own}_{tenant.replace('_', '__').replace('-', '_h')}")


DEFAULT_TENANT = "default"
