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
    Table,
)

from sigsearch.server.state.words import Words

VERSION = 2
meta = MetaData()

about = Table("about", meta, Column("version", Integer, nullable=False))

tenants = Table(
    "tenants",
    meta,
    Column("name", Words, primary_key=True),
    Column("at", Float, nullable=False),
    Column("desk", Words),
)
"""desk: when it shows the machine's answer; where it says nothing, as the service has it."""

services = Table(
    "services",
    meta,
    Column("id", Words, primary_key=True),
    Column("until", Float, nullable=False),
)
"""The processes that share this database, and until when each is taken to be alive."""

buckets = Table(
    "buckets",
    meta,
    Column("key", Words, primary_key=True),
    Column("held", Float, nullable=False),
    Column("at", Float, nullable=False),
)
"""How many requests each key may still send, where several services count together."""

keys = Table(
    "keys",
    meta,
    Column("id", Words, primary_key=True),
    Column("hash", Words, nullable=False),
    Column("tenant", Words, ForeignKey("tenants.name"), nullable=False),
    Column("person", Words, nullable=False),
    Column("roles", Words, nullable=False),
    Column("at", Float, nullable=False),
    Column("revoked_at", Float),
)

replies = Table(
    "replies",
    meta,
    Column("tenant", Words, primary_key=True),
    Column("key", Words, primary_key=True),
    Column("digest", Words, nullable=False),
    Column("writer", Words, nullable=False),
    Column("status", Integer),
    Column("body", JSON),
    Column("at", Float, nullable=False),
    Column("holder", Words),
)
"""What was answered under an Idempotency-Key; no status: still at work."""

evidence = Table(
    "evidence",
    meta,
    Column("id", Words, primary_key=True),
    Column("tenant", Words, nullable=False, index=True),
    Column("at", Float, nullable=False, index=True),
    Column("person", Words, nullable=False),
    Column("kind", Words, nullable=False),
    Column("asked", JSON),
    Column("answer", JSON),
    Column("references", JSON),
    Column("erased_at", Float),
)

named = Table(
    "named",
    meta,
    Column("evidence", Words, ForeignKey("evidence.id"), primary_key=True),
    Column("tenant", Words, nullable=False),
    Column("writer", Words, primary_key=True),
    Index("by_writer", "tenant", "writer"),
)
"""Which writers a piece of evidence names, so that it goes with them."""

images = Table(
    "images",
    meta,
    Column("owner", Words, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("name", Words, nullable=False),
    Column("data", LargeBinary, nullable=False),
)
"""Images that evidence (or a job, or a case) needs; number 0 is the questioned one."""

jobs = Table(
    "jobs",
    meta,
    Column("id", Words, primary_key=True),
    Column("tenant", Words, nullable=False, index=True),
    Column("person", Words, nullable=False),
    Column("kind", Words, nullable=False),
    Column("asked", JSON, nullable=False),
    Column("state", Words, nullable=False, index=True),
    Column("done", Integer, nullable=False),
    Column("total", Integer),
    Column("report", JSON),
    Column("at", Float, nullable=False),
    Column("ended_at", Float),
    Column("holder", Words),
)

archives = Table(
    "archives",
    meta,
    Column("job", Words, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("at", Float, nullable=False),
    Column("data", LargeBinary, nullable=False),
)
"""The uploads of jobs, in parts, where any of several services may do the job."""

sessions = Table(
    "sessions",
    meta,
    Column("hash", Words, primary_key=True),
    Column("key", Words, ForeignKey("keys.id"), nullable=False),
    Column("csrf", Words, nullable=False),
    Column("until", Float, nullable=False),
)

documents = Table(
    "documents",
    meta,
    Column("id", Words, primary_key=True),
    Column("tenant", Words, nullable=False, index=True),
    Column("person", Words, nullable=False),
    Column("name", Words, nullable=False),
    Column("found", JSON, nullable=False),
    Column("at", Float, nullable=False),
    Column("writer", Words),
)
"""What was put down at the desk; its images: 0 the file, n the n-th page as it is shown. writer:
whose it is said to be, if that was said."""

cases = Table(
    "cases",
    meta,
    Column("id", Words, primary_key=True),
    Column("tenant", Words, nullable=False, index=True),
    Column("person", Words, nullable=False),
    Column("name", Words, nullable=False),
    Column("writer", Words, nullable=False),
    Column("document", Words, nullable=False),
    Column("state", Words, nullable=False),
    Column("at", Float, nullable=False),
    Column("evidence", Words),
    Column("answer", JSON),
    Column("shown", JSON),
    Column("decision", Words),
    Column("decided_at", Float),
    Column("leased_by", Words),
    Column("leased_until", Float),
)

opinions = Table(
    "opinions",
    meta,
    Column("case", Words, ForeignKey("cases.id"), primary_key=True),
    Column("person", Words, primary_key=True),
    Column("opinion", Words, nullable=False),
    Column("reasons", JSON, nullable=False),
    Column("remark", Words, nullable=False),
    Column("saw_answer", Integer, nullable=False),
    Column("at", Float, nullable=False),
)
