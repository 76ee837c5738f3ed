"""All commands of `sigsearch serve`."""

from __future__ import annotations

from sigsearch.cli.lazily import summarise
from sigsearch.cli.service import copying, keys, serve

app = serve.app
app.command()(copying.copy)
for name, group in (("keys", keys.keys), ("tenants", keys.tenants)):
    summarise(group)
    app.add_typer(group, name=name)
