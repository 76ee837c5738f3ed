"""Accounts: who may sign for each."""

from __future__ import annotations

from typing import Annotated

from fastapi import Body
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from sigsearch.engine.accounts import accounts_of, remove_account, rules_of, set_account
from sigsearch.engine.mandates import Rule
from sigsearch.server.access import Caller, needs
from sigsearch.server.answers import Account
from sigsearch.server.api.documented import Segment, problems, router, told
from sigsearch.server.service import Ours, Served
from sigsearch.server.tenants import Tenant

accounts = router()
_NO_ACCOUNT = "No such account or writer."


class Rules(BaseModel):
    """Rules such as `any two of Anna, Bernd`. At least one must be satisfied."""

    model_config = ConfigDict(extra="forbid")
    rules: Annotated[list[Annotated[str, Field(max_length=4000)]], Field(max_length=100)]


@accounts.get("/accounts", response_model=list[Account], responses=problems())
@needs("enrol", "ask", "decide", "audit")
def list_accounts(tenant: Ours, caller: Caller) -> Response:
    """All accounts and their rules."""
    return told([
        Account(name, tuple(map(str, rules))).to_dict()
        for name, rules in accounts_of(tenant.index).items()
    ])  # fmt: skip


@accounts.put("/accounts/{name}", response_model=Account,
              responses=problems(not_found=_NO_ACCOUNT))  # fmt: skip
@needs("enrol")
async def put_account(
    name: Segment, rules: Annotated[Rules, Body()], service: Served, tenant: Ours, caller: Caller
) -> Response:
    """Store the rules of an account. Every writer they name must be enrolled."""
    return told(await service.work.run(_kept, tenant, name, rules.rules))


def _kept(tenant: Tenant, name: str, rules: list[str]) -> Account:
    with tenant.changing():
        set_account(tenant.index, name, [Rule.parse(one) for one in rules])
        return Account(name, tuple(map(str, rules_of(tenant.index, name))))


@accounts.delete("/accounts/{name}", status_code=204, responses=problems(not_found=_NO_ACCOUNT))
@needs("enrol")
async def delete_account(name: Segment, service: Served, tenant: Ours, caller: Caller) -> Response:
    """Remove an account and its rules."""

    def removed() -> None:
        with tenant.changing():
            remove_account(tenant.index, name)

    await service.work.run(removed)
    return Response(status_code=204)
