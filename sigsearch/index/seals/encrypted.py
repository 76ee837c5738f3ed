"""Seals that keep secrets: AES-256-GCM over every record, and per writer in verify-only indexes.

The state record stays readable: it holds counters only, and is looked at before LMDB is trusted.
Since format 2 it bears a code that nobody makes without the key.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Iterable
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from sigsearch.errors import IndexCorrupt, VerifyOnly
from sigsearch.index.seals.checksum import Seal
from sigsearch.index.seals.keys import NONCE, Keys, Lasting, aes

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_CODE = 16
_PERSONAL = b"WRVL"  # tables whose records only the writer's name opens in a verify-only index
_STATE = b"Mstate"


class EncryptedSeal(Seal):
    """AES-256-GCM with a random nonce; the record's key is authenticated with it."""

    secret = True

    def __init__(self, keys: Keys, origin: tuple[bytes, bytes]) -> None:
        """`origin`: the owner's key and the salt."""
        self.keys = keys
        self._origin = origin

    def close(self, key: bytes, payload: bytes) -> bytes:
        if key == _STATE:
            return payload + self._code(payload) if self.keys.state else super().close(key, payload)
        return _encrypted(self._cipher, key, payload)

    def open(self, key: bytes, stored: bytes) -> bytes:
        if key == _STATE:
            return self._state(stored) if self.keys.state else super().open(key, stored)
        return _decrypted(self._cipher, key, stored)

    def open_many(self, records: Iterable[tuple[bytes, bytes]]) -> list[bytes]:
        return [self.open(key, stored) for key, stored in records]

    def digest(self, data: bytes) -> bytes:
        return hashlib.blake2b(data, digest_size=16, key=self.keys.digests).digest()

    def name_key(self, name: str) -> bytes:
        return self.digest(name.encode("utf-8"))

    def of_log(self) -> Seal:
        return self._log

    def lasting(self) -> Lasting:
        return self.keys.lasting()

    def _code(self, payload: bytes) -> bytes:
        return hashlib.blake2b(payload, digest_size=_CODE, key=self.keys.state).digest()

    def _state(self, stored: bytes) -> bytes:
        payload = stored[:-_CODE]
        if not hmac.compare_digest(stored[-_CODE:], self._code(payload)):
            raise IndexCorrupt("the state was altered, or written without the key")
        return payload

    @cached_property
    def _cipher(self) -> AESGCM:
        return aes(self.keys.records)

    @cached_property
    def _log(self) -> Seal:
        return LogSeal(self.keys.log, self._origin) if self.keys.log else self


class LogSeal(Seal):
    """The seal of the decision log's lines, which stay as they are when the index gets a new key.
    Lines of format 1, which a migration did not come to, open as well."""

    secret = True

    def __init__(self, key: bytes, origin: tuple[bytes, bytes]) -> None:
        self._key, self._origin = key, origin
        self._cipher = aes(key)

    def close(self, key: bytes, payload: bytes) -> bytes:
        return _encrypted(self._cipher, key, payload)

    def open(self, key: bytes, stored: bytes) -> bytes:
        try:
            return self.whole(key, stored)
        except IndexCorrupt:
            return _decrypted(aes(Keys.of_format_1(*self._origin).records), key, stored)

    def whole(self, key: bytes, stored: bytes) -> bytes:
        """As `open`, but no line of format 1."""
        return _decrypted(self._cipher, key, stored)

    def mark(self, digest: str) -> bytes:
        return hmac.digest(self._key, bytes.fromhex(digest), "sha256")


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

    def shut(self, key: bytes, payload: bytes) -> bytes:
        return self._outer.close(key, payload)

    def of_log(self) -> Seal:
        return self._outer.of_log()

    def lasting(self) -> Lasting:
        return self._outer.lasting()

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
        self._cipher = aes(key)

    def close(self, key: bytes, payload: bytes) -> bytes:
        if key[:1] in _PERSONAL:
            payload = _encrypted(self._cipher, key, payload)
        return self._outer.close(key, payload)

    def open(self, key: bytes, stored: bytes) -> bytes:
        payload = self._outer.open(key, stored)
        return _decrypted(self._cipher, key, payload) if key[:1] in _PERSONAL else payload


@lru_cache(maxsize=256)
def _stretched(name: str, salt: bytes) -> bytes:
    return hashlib.scrypt(name.encode("utf-8"), salt=salt, n=1 << 13, r=8, p=1, dklen=48)


def _encrypted(cipher: AESGCM, key: bytes, payload: bytes) -> bytes:
    nonce = os.urandom(NONCE)
    return nonce + cipher.encrypt(nonce, payload, key)


def _decrypted(cipher: AESGCM, key: bytes, stored: bytes) -> bytes:
    from cryptography.exceptions import InvalidTag

    try:
        return cipher.decrypt(stored[:NONCE], stored[NONCE:], key)
    except (InvalidTag, ValueError) as error:
        raise IndexCorrupt(
            f"the record {key.hex()} cannot be opened: it was altered, or the key is wrong"
        ) from error


def _not_personal(key: bytes) -> None:
    if key[:1] in _PERSONAL:
        raise VerifyOnly(
            "in a verify-only index, a writer's records can only be opened with the name"
        )
