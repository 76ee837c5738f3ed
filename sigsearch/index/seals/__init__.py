"""How records are closed: with a checksum, or encrypted."""
