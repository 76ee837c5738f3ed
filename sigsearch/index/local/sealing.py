"""Which seal an index has: written in its manifest when it is created, opened with its key."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from sigsearch.errors import IndexLocked
from sigsearch.index.seals.checksum import Seal


def new_sealing(key: bytes | None, *, verify_only: bool) -> dict[str, Any]:
    """The manifest's words about a new index's seal."""
    salt = os.urandom(16)
    sealing = {"encrypted": key is not None, "verify_only": verify_only, "salt": salt.hex()}
    return sealing if key is None else {**sealing, "key_check": _key_check(key, salt)}


def seal_of(sealing: dict[str, Any], key: bytes | None, root: Path) -> Seal:
    """The seal that opens an index.

    Raises:
        IndexLocked: the index is encrypted and there is no key, or the other way round.
    """
    salt = bytes.fromhex(sealing["salt"])
    if sealing["encrypted"] != (key is not None):
        raise IndexLocked(
            f"{root} is encrypted; give its key"
            if key is None
            else f"{root} is not encrypted; open it without a key"
        )
    if key is None and not sealing["verify_only"]:
        return Seal()
    from sigsearch.index.seals.encrypted import EncryptedSeal, VerifyOnlySeal

    if key is not None and _key_check(key, salt) != sealing["key_check"]:
        raise IndexLocked(f"{root} is encrypted with a different key")
    outer = EncryptedSeal(key, salt) if key is not None else Seal()
    return VerifyOnlySeal(outer, salt) if sealing["verify_only"] else outer


def _key_check(key: bytes, salt: bytes) -> str:
    """Tells a wrong key from damage, and nothing about the key."""
    from sigsearch.index.seals.encrypted import KEY_SIZE, derived

    if len(key) != KEY_SIZE:
        raise IndexLocked(f"an encryption key has {KEY_SIZE} bytes, not {len(key)}")
    return derived(key, salt, 3)[2][:8].hex()
