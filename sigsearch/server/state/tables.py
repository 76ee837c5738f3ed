"""The tables. Times are seconds since 1970; documents are JSON texts."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
)

VERSION = 1
meta = MetaData()

about = Table("about", meta, Column("version", Integer, nullable=False))

tenants = Table(
    "tenants",
    meta,
    Column("name", String, primary_key=True),
    Column("at", Float, nullable=False),
)

keys = Table(
    "keys",
    meta,
    Column("id", String, primary_key=True),
    Column("hash", String, nullable=False),
    Column("tenant", String, ForeignKey("tenants.name"), nullable=False),
    Column("person", String, nullable=False),
    Column("roles", String, nullable=False),
    Column("at", Float, nullable=False),
    Column("revoked_at", Float),
)

replies = Table(
    "replies",
    meta,
    Column("tenant", String, primary_key=True),
    Column("key", String, primary_key=True),
    Column("digest", String, nullable=False),
    Column("writer", String, nullable=False),
    Column("status", Integer),
    Column("body", JSON),
    Column("at", Float, nullable=False),
)
"""What was answered under an Idempotency-Key; no status: still at work."""

evidence = Table(
    "evidence",
    meta,
    Column("id", String, primary_key=True),
    Column("tenant", String, nullable=False, index=True),
    Column("at", Float, nullable=False, index=True),
    Column("person", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("asked", JSON),
    Column("answer", JSON),
    Column("references", JSON),
    Column("erased_at", Float),
)

named = Table(
    "named",
    meta,
    Column("evidence", String, ForeignKey("evidence.id"), primary_key=True),
    Column("tenant", String, nullable=False),
    Column("writer", String, primary_key=True),
    Index("by_writer", "tenant", "writer"),
)
"""Which writers a piece of evidence names, so that it goes with them."""

images = Table(
    "images",
    meta,
    Column("owner", String, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("name", String, nullable=False),
    Column("data", LargeBinary, nullable=False),
)
"""Images that evidence (or a job, or a case) needs; number 0 is the questioned one."""

jobs = Table(
    "jobs",
    meta,
    Column("id", String, primary_key=True),
    Column("tenant", String, nullable=False, index=True),
    Column("person", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("asked", JSON, nullable=False),
    Column("state", String, nullable=False, index=True),
    Column("done", Integer, nullable=False),
    Column("total", Integer),
    Column("report", JSON),
    Column("at", Float, nullable=False),
    Column("ended_at", Float),
)
