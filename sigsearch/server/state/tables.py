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

sessions = Table(
    "sessions",
    meta,
    Column("hash", String, primary_key=True),
    Column("key", String, ForeignKey("keys.id"), nullable=False),
    Column("csrf", String, nullable=False),
    Column("until", Float, nullable=False),
)

documents = Table(
    "documents",
    meta,
    Column("id", String, primary_key=True),
    Column("tenant", String, nullable=False, index=True),
    Column("person", String, nullable=False),
    Column("name", String, nullable=False),
    Column("found", JSON, nullable=False),
    Column("at", Float, nullable=False),
)
"""What was put down at the desk; its images: 0 the file, n the n-th page as it is shown."""

cases = Table(
    "cases",
    meta,
    Column("id", String, primary_key=True),
    Column("tenant", String, nullable=False, index=True),
    Column("person", String, nullable=False),
    Column("name", String, nullable=False),
    Column("writer", String, nullable=False),
    Column("document", String, nullable=False),
    Column("state", String, nullable=False),
    Column("at", Float, nullable=False),
    Column("evidence", String),
    Column("answer", JSON),
    Column("shown", JSON),
    Column("decision", String),
    Column("decided_at", Float),
    Column("leased_by", String),
    Column("leased_until", Float),
)

opinions = Table(
    "opinions",
    meta,
    Column("case", String, ForeignKey("cases.id"), primary_key=True),
    Column("person", String, primary_key=True),
    Column("opinion", String, nullable=False),
    Column("reasons", JSON, nullable=False),
    Column("remark", String, nullable=False),
    Column("saw_answer", Integer, nullable=False),
    Column("at", Float, nullable=False),
)
