"""The door over PostgreSQL: an index in a schema of its own, for many machines."""
