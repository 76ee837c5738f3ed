"""Everything that the endpoints share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from sigsearch.encoder import Encoder
from sigsearch.server.access import Caller, KeyRing
from sigsearch.server.oidc.guests import Guests
from sigsearch.server.pulse import Pulse
from sigsearch.server.rate import Limit, OwnLimit, SharedLimit
from sigsearch.server.settings import Settings, cores
from sigsearch.server.shared_encoder import SharedEncoder
from sigsearch.server.state.keys import KeyEntry
from sigsearch.server.state.state import State
from sigsearch.server.state.tenants import AS_SERVICE
from sigsearch.server.telemetry import Log, Metrics
from sigsearch.server.tenants import Tenant, Tenants
from sigsearch.server.work import Work


@dataclass(frozen=True, slots=True)
class Service:
    settings: Settings
    state: State
    encoder: SharedEncoder
    tenants: Tenants
    work: Work
    ring: KeyRing
    limit: Limit
    guests: Guests | None
    metrics: Metrics
    log: Log
    pulse: Pulse

    @classmethod
    def start(cls, settings: Settings, log: Log) -> Service:
        """Open all that is needed. Raises what opening an index, an encoder or the state does."""
        metrics = Metrics()
        encoder = SharedEncoder(
            Encoder.load(settings.encoder, threads=1), cores(), metrics.batches.observe
        )
        state = State(settings.state_place)
        guests = None if settings.oidc is None else Guests(settings.oidc, state)
        return cls(
            settings, state, encoder, Tenants(settings, state, encoder),
            Work(settings.workers, settings.waiting), KeyRing(state.keys, guests),
            limit_of(settings, state), guests, metrics, log, Pulse(state.services, log),
        )  # fmt: skip

    def of(self, caller: KeyEntry) -> Tenant:
        """The index of the caller's tenant."""
        return self.tenants.open(caller.tenant)

    def own_opinion_first(self, tenant: str) -> bool:
        """Whether the desk of a tenant hides the machine's answer until an opinion is given."""
        order = self.state.tenants.find(tenant).desk
        return self.settings.own_opinion_first if order == AS_SERVICE else order != "answer-first"

    def stop(self) -> None:
        """When no request is left."""
        self.pulse.stop()
        self.work.close()
        self.tenants.close()
        self.encoder.close()
        self.state.close()


def limit_of(settings: Settings, state: State) -> Limit:
    """How often a key may ask, at all services that share the state."""
    if state.is_shared:
        return SharedLimit(state.buckets, settings.rate, settings.burst)
    return OwnLimit(settings.rate, settings.burst)


def service_of(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


async def _service(request: Request) -> Service:
    return service_of(request)


def _tenant(request: Request, caller: Caller) -> Tenant:
    return service_of(request).of(caller)


Served = Annotated[Service, Depends(_service)]
Ours = Annotated[Tenant, Depends(_tenant)]
"""The index of the one who asks; no endpoint comes to another."""
