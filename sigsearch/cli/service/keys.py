"""`sigsearch serve keys`, `sigsearch serve tenants`: who is let in, and to which index."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Annotated, Any

import typer

from sigsearch.cli.options import DEFAULT_INDEX, IndexOption, JsonOption
from sigsearch.cli.output import line, sink, table
from sigsearch.cli.service.serve import StateOption, state_of

KEYS_HELP = """Make, list and revoke keys: who may use the service, and for what.

Roles: enrol (change who is enrolled), ask (identify, verify, find), decide (the
desk) and audit (evidence, decision log, metrics).

\b
  sigsearch serve keys add "mail room scanner" --role ask
  sigsearch serve keys list
  sigsearch serve keys revoke 3f2a9c01d4be
"""
TENANTS_HELP = """Add, change and list tenants. Each tenant has its own index.

It also has its own keys and evidence. A tenant sees nothing of the others.

\b
  sigsearch serve tenants add branch-hanoi
  sigsearch serve keys add "Tran Van An" --role decide --tenant branch-hanoi
"""

DESK = typer.Option(
    "--desk",
    metavar="ORDER",
    help="own-opinion-first: hide the machine's answer until a person has given an opinion; "
    "answer-first: show it at once; as-service: use the setting of `sigsearch serve`.",
)

keys = typer.Typer(help=KEYS_HELP, no_args_is_help=True, rich_markup_mode=None)
tenants = typer.Typer(help=TENANTS_HELP, no_args_is_help=True, rich_markup_mode=None)


@keys.command("add")
def add_key(
    person: Annotated[str, typer.Argument(help="The person or program that the key is for.")],
    role: Annotated[
        list[str], typer.Option("--role", help="enrol, ask, decide or audit. May be repeated.")
    ],
    tenant: Annotated[str, typer.Option(help="The tenant whose index it opens.")] = "default",
    index: IndexOption = DEFAULT_INDEX,
    state: StateOption = None,
    json: JsonOption = False,
) -> None:
    """Make a key for PERSON, and print it. It is not shown again.

    \b
      sigsearch serve keys add "Anna Schmidt" --role ask --role decide
    """
    with state_of(index, state) as held:
        held.tenants.find(tenant)
        entry, whole = held.keys.add(tenant, person, role)  # type: ignore[arg-type]
    sink.answer({**entry.to_dict(), "key": whole}, lambda: line(whole))


@keys.command("list")
def list_keys(
    index: IndexOption = DEFAULT_INDEX, state: StateOption = None, json: JsonOption = False
) -> None:
    """List all keys, including revoked ones, without their secrets.

    \b
      sigsearch serve keys list
    """
    with state_of(index, state) as held:
        entries = held.keys.all()
    rows = [
        (one.id, one.person, one.tenant, ", ".join(one.roles), _date(one.at), _date(one.revoked_at))
        for one in entries
    ]
    heads = ("id", "person", "tenant", "roles", "made", "revoked")
    sink.answer([one.to_dict() for one in entries], lambda: table(heads, rows))


@keys.command("revoke")
def revoke_key(
    id: Annotated[str, typer.Argument(help="The key's id, as `list` shows it.")],
    index: IndexOption = DEFAULT_INDEX,
    state: StateOption = None,
    json: JsonOption = False,
) -> None:
    """Revoke a key. A running service refuses it within a second.

    \b
      sigsearch serve keys revoke 3f2a9c01d4be
    """
    with state_of(index, state) as held:
        entry = held.keys.revoke(id)
    sink.answer(entry, lambda: line(f"revoked {entry.id} of {entry.person}"))


@tenants.command("add")
def add_tenant(
    name: Annotated[str, typer.Argument(help="The tenant's name, made of a-z, 0-9, - and _.")],
    desk: Annotated[str, DESK] = "as-service",
    index: IndexOption = DEFAULT_INDEX,
    state: StateOption = None,
    json: JsonOption = False,
) -> None:
    """Add a tenant. Its index is created when it is first used.

    \b
      sigsearch serve tenants add branch-hanoi
    """
    with state_of(index, state) as held:
        entry = held.tenants.add(name, desk)  # type: ignore[arg-type]
    sink.answer(entry, lambda: line(f"added {entry.name}"))


@tenants.command("change")
def change_tenant(
    name: Annotated[str, typer.Argument(help="The tenant's name, as `list` shows it.")],
    desk: Annotated[str, DESK],
    index: IndexOption = DEFAULT_INDEX,
    state: StateOption = None,
    json: JsonOption = False,
) -> None:
    """Set when a tenant's desk shows the machine's answer. A running service obeys at once.

    \b
      sigsearch serve tenants change branch-hanoi --desk answer-first
    """
    with state_of(index, state) as held:
        entry = held.tenants.change(name, desk)  # type: ignore[arg-type]
    sink.answer(entry, lambda: line(f"{entry.name}: {entry.desk}"))


@tenants.command("list")
def list_tenants(
    index: IndexOption = DEFAULT_INDEX, state: StateOption = None, json: JsonOption = False
) -> None:
    """List the tenants.

    \b
      sigsearch serve tenants list
    """
    with state_of(index, state) as held:
        entries = held.tenants.all()
    rows: list[tuple[Any, ...]] = [(one.name, _date(one.at), one.desk) for one in entries]
    sink.answer(
        [one.to_dict() for one in entries], lambda: table(("tenant", "added", "desk"), rows)
    )


def _date(at: float | None) -> str:
    return "" if at is None else datetime.fromtimestamp(at, timezone.utc).strftime("%Y-%m-%d %H:%M")
