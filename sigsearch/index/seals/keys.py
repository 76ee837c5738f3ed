"""The keys of an encrypted index, all from the one key (32 bytes) that its owner keeps elsewhere.

Since format 2 two of them outlast it: the key of digests, where no writer's name can be read to
make digests anew, and that of the decision log. The manifest holds them, wrapped, and bound to what
it says beside them.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sigsearch.errors import IndexFault

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_SIZE = 32
NONCE = 12


@dataclass(frozen=True, slots=True, repr=False)
class Lasting:
    """Keys that can outlast the one they are wrapped with."""

    digests: bytes
    log: bytes

    @classmethod
    def fresh(cls) -> Lasting:
        return cls(os.urandom(KEY_SIZE), os.urandom(KEY_SIZE))

    def with_fresh_digests(self) -> Lasting:
        return Lasting(os.urandom(KEY_SIZE), self.log)


@dataclass(frozen=True, slots=True, repr=False)
class Keys:
    """What records, digests, the state and the decision log are sealed with; of format 1 there are
    the first two only. `check` tells a wrong key from damage, and nothing about the key."""

    check: str
    records: bytes
    digests: bytes
    state: bytes = b""
    log: bytes = b""

    @classmethod
    def of_format_1(cls, master: bytes, salt: bytes) -> Keys:
        records, digests, check = derived(master, salt, 3)
        return cls(check[:8].hex(), records, digests)

    def lasting(self) -> Lasting:
        return Lasting(self.digests, self.log or os.urandom(KEY_SIZE))


@dataclass(frozen=True, slots=True, repr=False)
class Derived:
    """What comes from the owner's key; the lasting keys are wrapped with it."""

    check: str
    records: bytes
    state: bytes
    wrapping: bytes

    @classmethod
    def of(cls, master: bytes, salt: bytes) -> Derived:
        records, state, wrapping, check = derived(master, salt, 4, 2)
        return cls(check[:8].hex(), records, state, wrapping)

    def wrapped(self, lasting: Lasting, words: bytes) -> bytes:
        """Lasting keys, bound to these words."""
        nonce = os.urandom(NONCE)
        keys = lasting.digests + lasting.log
        return nonce + aes(self.wrapping).encrypt(nonce, keys, words)

    def keys(self, wrapped: bytes, words: bytes) -> Keys:
        """Raises cryptography's InvalidTag where these are not the words."""
        lasting = aes(self.wrapping).decrypt(wrapped[:NONCE], wrapped[NONCE:], words)
        digests, log = lasting[:KEY_SIZE], lasting[KEY_SIZE:]
        return Keys(self.check, self.records, digests, self.state, log)


def derived(master: bytes, salt: bytes, count: int, number: int = 1) -> list[bytes]:
    """Keys of 32 bytes from a master key (HKDF-SHA256, RFC 5869), other ones for each format."""
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    info = b"sigsearch index %d" % number
    wide = HKDF(SHA256(), length=32 * count, salt=salt, info=info).derive(master)
    return [wide[at : at + 32] for at in range(0, len(wide), 32)]


def aes(key: bytes) -> AESGCM:
    try:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    except ImportError as error:
        raise IndexFault(
            "an encrypted index needs the package `cryptography`: "
            "pip install 'sigsearch[encryption]'"
        ) from error
    return AESGCM(key)
