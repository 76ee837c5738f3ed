"""The pages of the desk as one application."""

from __future__ import annotations

from fastapi import FastAPI

from sigsearch.server.desk.enrolling import enrolling
from sigsearch.server.desk.files import files
from sigsearch.server.desk.judging import judging
from sigsearch.server.desk.put import put
from sigsearch.server.desk.sign_in import sign_in
from sigsearch.server.desk.vouched import vouched
from sigsearch.server.problems import tell_problems
from sigsearch.server.service import Service


def desk(service: Service) -> FastAPI:
    app = FastAPI(openapi_url=None, redirect_slashes=False)
    app.state.service = service
    for router in (sign_in, vouched, judging, put, enrolling, files):
        app.include_router(router)
    tell_problems(app)
    return app
