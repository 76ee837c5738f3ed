"""Seals that keep secrets: AES-256-GCM over every record, and per writer in verify-only indexes.

All keys come from one master key (32 bytes) by HKDF with the index's own salt. The state
record stays readable: it holds counters only, and is looked at before LMDB is trusted.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from sigsearch.errors import IndexCorrupt, IndexFault, VerifyOnly
from sigsearch.index.seals.checksum import Seal

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_SIZE = 32
_NONCE = 12
_PERSONAL = b"WRVL"  # tables whose records only the writer's name opens in a verify-only index
_STATE = b"Mstate"


class EncryptedSeal(Seal):
    """AES-256-GCM with a random nonce; the record's key is authenticated with it."""

    secret = True

    def __init__(self, master: bytes, salt: bytes) -> None:
        self._keys = derived(master, salt, 2)

    def close(self, key: bytes, payload: bytes) -> bytes:
        if key == _STATE:
            return super().close(key, payload)
        nonce = os.urandom(_NONCE)
        return nonce + self._cipher.encrypt(nonce, payload, key)

    def open(self, key: bytes, stored: bytes) -> bytes:
        if key == _STATE:
            return super().open(key, stored)
        return _decrypted(self._cipher, key, stored)

    def open_many(self, records: Iterable[tuple[bytes, bytes]]) -> list[bytes]:
        return [self.open(key, stored) for key, stored in records]

    def digest(self, data: bytes) -> bytes:
        return hashlib.blake2b(data, digest_size=16, key=self._keys[1]).digest()

    def name_key(self, name: str) -> bytes:
        return self.digest(name.encode("utf-8"))

    @cached_property
    def _cipher(self) -> AESGCM:
        return _aes(self._keys[0])


class VerifyOnlySeal(Seal):
    """Templates and names open by the writer's name alone; nobody can go through them all.

    The name is stretched by scrypt, so that trying many names takes long as well.
    """

    verify_only = True

    def __init__(self, outer: Seal, salt: bytes) -> None:
        self._outer = outer
        self.secret = outer.secret
        self._salt = salt

    def close(self, key: bytes, payload: bytes) -> bytes:
        _not_personal(key)
        return self._outer.close(key, payload)

    def open(self, key: bytes, stored: bytes) -> bytes:
        _not_personal(key)
        return self._outer.open(key, stored)

    def whole(self, key: bytes, stored: bytes) -> bytes:
        return self._outer.open(key, stored)

    def open_many(self, records: Iterable[tuple[bytes, bytes]]) -> list[bytes]:
        return [self.open(key, stored) for key, stored in records]

    def digest(self, data: bytes) -> bytes:
        return self._outer.digest(self._salt + data)

    def name_key(self, name: str) -> bytes:
        return self._stretched(name)[:16]

    def of(self, name: str) -> Seal:
        return _PersonalSeal(self, self._stretched(name)[16:])

    def _stretched(self, name: str) -> bytes:
        return _stretched(name, self._salt)


class _PersonalSeal(VerifyOnlySeal):
    """A verify-only seal with one writer's key in hand."""

    def __init__(self, general: VerifyOnlySeal, key: bytes) -> None:
        super().__init__(general._outer, general._salt)
        self._cipher = _aes(key)

    def close(self, key: bytes, payload: bytes) -> bytes:
        if key[:1] in _PERSONAL:
            nonce = os.urandom(_NONCE)
            payload = nonce + self._cipher.encrypt(nonce, payload, key)
        return self._outer.close(key, payload)

    def open(self, key: bytes, stored: bytes) -> bytes:
        payload = self._outer.open(key, stored)
        return _decrypted(self._cipher, key, payload) if key[:1] in _PERSONAL else payload


@lru_cache(maxsize=256)
def _stretched(name: str, salt: bytes) -> bytes:
    return hashlib.scrypt(name.encode("utf-8"), salt=salt, n=1 << 13, r=8, p=1, dklen=48)


def derived(master: bytes, salt: bytes, count: int) -> list[bytes]:
    """Keys of 32 bytes from a master key (HKDF-SHA256, RFC 5869)."""
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    wide = HKDF(SHA256(), length=32 * count, salt=salt, info=b"sigsearch index 1").derive(master)
    return [wide[at : at + 32] for at in range(0, len(wide), 32)]


def _aes(key: bytes) -> AESGCM:
    try:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    except ImportError as error:
        raise IndexFault(
            "an encrypted index needs the package `cryptography`: "
            "pip install 'sigsearch[encryption]'"
        ) from error
    return AESGCM(key)


def _decrypted(cipher: AESGCM, key: bytes, stored: bytes) -> bytes:
    from cryptography.exceptions import InvalidTag

    try:
        return cipher.decrypt(stored[:_NONCE], stored[_NONCE:], key)
    except (InvalidTag, ValueError) as error:
        raise IndexCorrupt(
            f"the record {key.hex()} cannot be opened: it was altered, or the key is wrong"
        ) from error


def _not_personal(key: bytes) -> None:
    if key[:1] in _PERSONAL:
        raise VerifyOnly(
            "in a verify-only index, a writer's records can only be opened with the name"
        )
