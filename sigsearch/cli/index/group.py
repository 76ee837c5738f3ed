"""All commands of `sigsearch index`."""

from __future__ import annotations

from sigsearch.cli.index import audit, care, enrol, reencode, references, transfer

app = enrol.app
app.command("audit")(audit.audit)
references.register(app)
care.register(app)
transfer.register(app)
reencode.register(app)
