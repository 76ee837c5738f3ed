"""Every stored value is closed with a checksum over its table, its key and itself.

A value that was altered, or that lies under another key or in another table than the one it
was written to, does not open.
"""

from __future__ import annotations

import hashlib
import zlib

from sigsearch.errors import IndexCorrupt

_CHECKSUM = 4


class Seal:
    """Checksums only: finds damage, keeps no secret."""

    def close(self, table: str, key: bytes, payload: bytes) -> bytes:
        return payload + _checksum(table, key, payload)

    def open(self, table: str, key: bytes, stored: bytes) -> bytes:
        """The payload of a stored value.

        Raises:
            IndexCorrupt: the value is not what was written under this key.
        """
        payload = stored[:-_CHECKSUM]
        if stored[-_CHECKSUM:] != _checksum(table, key, payload):
            raise IndexCorrupt(
                f"a record of table {table!r} (key {key.hex()}) does not match its checksum; "
                "run `sigsearch index verify` to see the extent, `index repair` to mend"
            )
        return payload

    def digest(self, data: bytes) -> bytes:
        """Sixteen bytes that stand for a name or a content hash in a key."""
        return hashlib.blake2b(data, digest_size=16).digest()


def _checksum(table: str, key: bytes, payload: bytes) -> bytes:
    return zlib.crc32(payload, zlib.crc32(key, zlib.crc32(table.encode()))).to_bytes(4, "little")
