"""`sigsearch serve`: the engine over HTTP."""

from __future__ import annotations

import gc
import socket
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sigsearch.cli.keys import KeyOption, key_from
from sigsearch.cli.options import DEFAULT_INDEX, EncoderOption, IndexOption
from sigsearch.cli.output import complain, line, say, sink
from sigsearch.errors import NotServed

if TYPE_CHECKING:
    from sigsearch.server.oidc.settings import OidcSettings
    from sigsearch.server.service import Service
    from sigsearch.server.state.state import State

HELP = """Serve an index over HTTP, with a desk where people decide.

Every request needs a key. The first start prints one, once; `serve keys add` makes more.
Keys, evidence and cases are kept beside the index: in INDEX.service, or in the same database.
Any number of services may share a database.

\b
  sigsearch serve --index indexes/mine
  curl -H "Authorization: Bearer $KEY" -F image=@cheque.png http://127.0.0.1:8470/v1/identify
  sigsearch serve keys add "Anna Schmidt" --role ask --role decide --index indexes/mine
"""

_BACKLOG = 256

StateOption = Annotated[
    str | None,
    typer.Option(
        "--state",
        metavar="PLACE",
        help="Where keys, evidence and cases are kept, if not beside the index: a folder or a "
        "database address.",
    ),
]

app = typer.Typer(help=HELP, rich_markup_mode=None, invoke_without_command=True)


@app.callback()
def serve(
    context: typer.Context,
    index: IndexOption = DEFAULT_INDEX,
    host: Annotated[
        str, typer.Option(help="The address to listen on; 0.0.0.0 lets other machines connect.")
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="The port to listen on; 0: any free port.")
    ] = 8470,
    keep_days: Annotated[
        float,
        typer.Option(
            min=0, help="Days to keep evidence and questioned images; 0: do not keep them."
        ),
    ] = 30,
    rate: Annotated[
        float, typer.Option(min=0.01, help="Requests that one key may send per second.")
    ] = 50,
    max_body: Annotated[
        int, typer.Option(min=1, max=4096, help="The largest request, in MiB.")
    ] = 64,
    body_seconds: Annotated[
        float, typer.Option(min=1, help="Seconds a client has to send a request.")
    ] = 60,
    head_seconds: Annotated[
        float, typer.Option(min=1, help="Seconds a client has to send the headers.")
    ] = 10,
    workers: Annotated[
        int | None,
        typer.Option(
            min=1, max=256, help="Questions to answer at the same time. Default: two per core."
        ),
    ] = None,
    decision_log: Annotated[
        bool,
        typer.Option(
            "--log/--no-log",
            help="Write each answer, and what is enrolled or removed, to the index's decision log.",
        ),
    ] = True,
    names_in_log: Annotated[
        bool,
        typer.Option("--log-names", help="Write names of writers and people to the request log."),
    ] = False,
    own_opinion: Annotated[
        bool,
        typer.Option(
            "--own-opinion-first/--answer-first",
            help="Hide the machine's answer at the desk until a person has given an opinion.",
        ),
    ] = True,
    oidc: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Also accept people who sign in with the OpenID Connect provider in FILE (JSON).",
        ),
    ] = None,
    state: StateOption = None,
    key_file: KeyOption = None,
    encoder: EncoderOption = None,
) -> None:
    """Serve an index over HTTP."""
    if context.invoked_subcommand is not None:
        return
    from sigsearch.cli.extras import require

    require("serve")
    gc.disable()  # while much is made that stays
    from sigsearch.index.postgres.address import is_address
    from sigsearch.server.memory import share_heaps
    from sigsearch.server.run import server
    from sigsearch.server.service import Service
    from sigsearch.server.settings import MIB, Settings
    from sigsearch.server.telemetry import Log

    share_heaps()
    settings = Settings(
        index if is_address(index) else Path(index), key=key_from(key_file), encoder=encoder,
        log=decision_log, keep_days=keep_days,
        rate=rate, burst=max(int(2 * rate), 1), most_body=max_body * MIB,
        body_seconds=body_seconds, head_seconds=head_seconds, names_in_logs=names_in_log,
        own_opinion_first=own_opinion, state=state,
    )  # fmt: skip
    if workers is not None:
        settings = replace(settings, workers=workers)
    if oidc is not None:
        settings = replace(settings, oidc=_provider(oidc))
    service = Service.start(settings, Log(names=names_in_log))
    listening = _listening(host, port)
    _tell(service, *listening.getsockname()[:2])
    if host not in ("127.0.0.1", "::1", "localhost"):
        say("note: keys and images are sent unencrypted; put a server with TLS in front")
    running = server(service, settings, host, port)
    gc.freeze()
    gc.enable()
    running.run(sockets=[listening])


def _provider(file: Path) -> OidcSettings:
    from sigsearch.cli.extras import require

    require("oidc")
    from sigsearch.server.oidc.settings import read_settings

    return read_settings(file)


def _listening(host: str, port: int) -> socket.socket:
    """Raises NotServed where the address is taken or not this machine's."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listening = socket.socket(family, socket.SOCK_STREAM)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(_BACKLOG)  # who comes from now on waits until it is ready
    except OSError as fault:
        raise NotServed(
            f"cannot listen on {host}:{port} ({fault.strerror}); choose another --port"
        ) from None
    return listening


def _tell(service: Service, host: str, port: int) -> None:
    """Where it is, and the first key, which nobody can be told again."""
    from sigsearch.server.settings import DEFAULT_TENANT
    from sigsearch.server.state.keys import ROLES

    service.tenants.open(DEFAULT_TENANT)
    whole = service.state.keys.first(DEFAULT_TENANT, "owner", ROLES)
    place = f"http://{host}:{port}"
    if whole:
        told = "the first key, with all roles, shown only once"
        sink.answer({"address": place, "key": whole}, lambda: line(f"{told}: {whole}"))
        sys.stdout.flush()  # a log must not wait for it until the service stops
    complain(f"listening at {place} (endpoints: {place}/docs)")


def state_of(index: str, place: str | None) -> State:
    """What the service of an index keeps."""
    from sigsearch.cli.extras import require

    require("serve")
    from sigsearch.server.settings import Settings
    from sigsearch.server.state.state import State

    return State(Settings(index, state=place).state_place)
