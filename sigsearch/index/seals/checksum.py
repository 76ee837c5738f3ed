"""Every stored value is closed with a checksum over its key and itself.

A value that was altered, or that lies under another key than the one it was written to, does
not open. Keys come here with the tag of their table.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import TYPE_CHECKING
from zlib import crc32

from sigsearch.errors import IndexCorrupt, IndexLocked

if TYPE_CHECKING:
    from sigsearch.index.seals.keys import Lasting

_CHECKSUM = 4
_WITH_ITS_OWN = 0x2144DF1C  # the CRC-32 of whatever ends in its own CRC-32, little-endian


class Seal:
    """Checksums only: finds damage, keeps no secret."""

    secret = False
    verify_only = False

    def close(self, key: bytes, payload: bytes) -> bytes:
        return payload + crc32(payload, crc32(key)).to_bytes(_CHECKSUM, "little")

    def open(self, key: bytes, stored: bytes) -> bytes:
        """The payload of a stored value.

        Raises:
            IndexCorrupt: the value is not what was written under this key.
        """
        payload = stored[:-_CHECKSUM]
        if stored[-_CHECKSUM:] != crc32(payload, crc32(key)).to_bytes(_CHECKSUM, "little"):
            raise IndexCorrupt(
                f"the record {key.hex()} does not match its checksum; `sigsearch index check` "
                "shows the extent, `index repair` rebuilds what can be rebuilt"
            )
        return payload

    def whole(self, key: bytes, stored: bytes) -> bytes:
        """What a value holds as far as this seal opens it; raises IndexCorrupt if altered."""
        return self.open(key, stored)

    def shut(self, key: bytes, payload: bytes) -> bytes:
        """The counterpart of `whole`."""
        return self.close(key, payload)

    def open_many(self, records: Iterable[tuple[bytes, bytes]]) -> list[bytes]:
        """The payloads of many records; raises IndexCorrupt at the first that does not open."""
        some = list(records)
        keys, values = [key for key, _ in some], [stored for _, stored in some]
        if any(map(_WITH_ITS_OWN.__ne__, map(crc32, values, map(crc32, keys)))):
            return [self.open(key, stored) for key, stored in some]  # says which
        return [stored[:-_CHECKSUM] for stored in values]

    def digest(self, data: bytes) -> bytes:
        """Sixteen bytes that stand for a content hash or a metadata value in a key."""
        return hashlib.blake2b(data, digest_size=16).digest()

    def name_key(self, name: str) -> bytes:
        """Sixteen bytes that stand for a writer's name in a key."""
        return hashlib.blake2b(name.encode("utf-8"), digest_size=16).digest()

    def of(self, name: str) -> Seal:
        """The seal of a writer's own records."""
        return self

    def of_log(self) -> Seal:
        """The seal of the decision log's lines."""
        return self

    def mark(self, digest: str) -> bytes:
        """What the state, which lies open, says of a log entry with this hash."""
        return bytes.fromhex(digest)

    def lasting(self) -> Lasting:
        """What outlasts the index's key. Raises IndexLocked where there is none."""
        raise IndexLocked("the index is not encrypted, so it has no key to change")
