"""Which seal an index has: written in its manifest when it is created, opened with its key."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sigsearch.errors import IndexCorrupt, IndexLocked
from sigsearch.index.seals.checksum import Seal

if TYPE_CHECKING:
    from sigsearch.index.seals.keys import Keys, Lasting


def new_sealing(key: bytes | None, *, verify_only: bool) -> dict[str, Any]:
    """The manifest's words about a new index's seal."""
    words = {"encrypted": key is not None, "verify_only": verify_only, "salt": os.urandom(16).hex()}
    if key is None:
        return words
    from sigsearch.index.seals.keys import Lasting

    return sealing_under(words, key, Lasting.fresh())


def sealing_under(words: dict[str, Any], key: bytes, lasting: Lasting) -> dict[str, Any]:
    """The manifest's words about the seal of an index that this key opens from now on."""
    from sigsearch.index.seals.keys import Derived

    must_be_a_key(key)
    derived = Derived.of(key, bytes.fromhex(words["salt"]))
    wrapped = derived.wrapped(lasting, _bound(words))
    return {**words, "key_check": derived.check, "wrapped": wrapped.hex()}


def seal_of(sealing: dict[str, Any], key: bytes | None, root: Path | str) -> Seal:
    """The seal that opens an index.

    Raises:
        IndexLocked: the index is encrypted and there is no key, or the other way round.
        IndexCorrupt: what the manifest says of the seal is not what was written with this key.
    """
    if sealing["encrypted"] != (key is not None):
        raise IndexLocked(
            f"{root} is encrypted; give its key"
            if key is None
            else f"{root} is not encrypted; open it without a key"
        )
    if key is None and not sealing["verify_only"]:
        return Seal()
    from sigsearch.index.seals.encrypted import EncryptedSeal, VerifyOnlySeal

    salt, outer = bytes.fromhex(sealing["salt"]), Seal()
    if key is not None:
        must_be_a_key(key)
        outer = EncryptedSeal(_keys(sealing, key, salt, root), (key, salt))
    return VerifyOnlySeal(outer, salt) if sealing["verify_only"] else outer


def _keys(sealing: dict[str, Any], key: bytes, salt: bytes, root: Path | str) -> Keys:
    from cryptography.exceptions import InvalidTag

    from sigsearch.index.seals.keys import Derived, Keys

    is_older = "wrapped" not in sealing
    derived = Keys.of_format_1(key, salt) if is_older else Derived.of(key, salt)
    if derived.check != sealing["key_check"]:
        raise IndexLocked(f"{root} is encrypted with a different key")
    if isinstance(derived, Keys):
        return derived
    try:
        return derived.keys(bytes.fromhex(sealing["wrapped"]), _bound(sealing))
    except (InvalidTag, ValueError) as error:
        raise IndexCorrupt(
            f"what {root} says of its seal was altered without its key; put index.json back from a "
            "copy of the index"
        ) from error


def _bound(words: dict[str, Any]) -> bytes:
    """What nobody changes in the manifest without the key."""
    return json.dumps([2, words["salt"], words["verify_only"]]).encode()


def must_be_a_key(key: bytes) -> None:
    """Raises IndexLocked."""
    from sigsearch.index.seals.keys import KEY_SIZE

    if len(key) != KEY_SIZE:
        raise IndexLocked(f"an encryption key has {KEY_SIZE} bytes, not {len(key)}")
