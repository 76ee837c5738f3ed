"""Somebody at the desk, without a browser."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
from running_service import Running


class Clerk:
    """Somebody signed in, who sends forms as a browser would."""

    def __init__(self, running: Running, name: str, *roles: str, tenant: str = "default") -> None:
        key = running.new_key(name, *(roles or ("decide",)), tenant=tenant)  # type: ignore[arg-type]
        self.web = httpx.Client(base_url=running.address, timeout=120, verify=False)
        assert self.web.post("/desk/sign-in", data={"key": key}).status_code == 303
        home = next(one for one in ("/desk/", "/desk/enrol", "/desk/audit")
                    if self.web.get(one).status_code == 200)  # fmt: skip
        self.csrf = re.search(r'data-csrf="([^"]+)"', self.web.get(home).text)[1]  # type: ignore[index]

    def send(self, place: str, files: object = None, **fields: object) -> httpx.Response:
        return self.web.post(place, data={"csrf": self.csrf, **fields}, files=files)  # type: ignore[arg-type]

    def opens(self, image: Path, writer: str, name: str = "q.png") -> str:
        """A case; its address."""
        put = self.send("/desk/documents", {"image": (name, image.read_bytes(), "image/png")})
        assert put.status_code == 303, put.text
        case = self.send(put.headers["location"], what="case", writer=writer)
        assert case.status_code == 303, case.text
        return case.headers["location"]
