"""A bare client of both shapes, written from docs/simulator.md."""

from typing import Any

from aiohttp.test_utils import TestClient


class Caller:
    """Speaks to the simulator; keeps the session and token it was given."""

    def __init__(self, client: "TestClient[Any, Any]") -> None:
        self.http = client
        self.session = ""
        self.token = ""

    async def login(self, **changed: str) -> dict[str, Any]:
        """`POST /api/login`."""
        given = {"username": "connector", "password": "simulator", **changed}
        response = await self.http.post("/api/login", json=given, headers={"dstcode": "H12"})
        answer: dict[str, Any] = await response.json()
        self.session = answer["session"]
        return answer

    async def call(self, service: str, **data: object) -> dict[str, Any]:
        """`POST /api/service`, after a login where there was none."""
        if not self.session:
            await self.login()
        response = await self.post(service, **data)
        answer: dict[str, Any] = await response.json()
        return answer

    async def post(self, service: str, **data: object) -> Any:
        """As `call`, the bare response."""
        asked = {
            "session": self.session,
            "madonvi": "000.00.00.H12",
            "service": service,
            "isUpdating": "False",
            "data": [data],
        }
        return await self.http.post("/api/service", json=asked)

    async def all_pages(self, service: str, size: int = 100, **window: object) -> list[dict[str, Any]]:
        """Every record of a window of a service."""
        records: list[dict[str, Any]] = []
        page = 1
        while True:
            answer = await self.call(service, Trang=page, SoLuong=size, **window)
            assert answer["error_code"] == "00", answer
            records += answer["data"]
            if page * size >= answer["TongSo"]:
                return records
            page += 1

    async def get_token(self) -> None:
        """`POST /oauth/token`."""
        form = {"grant_type": "client_credentials", "client_id": "connector", "client_secret": "simulator"}
        self.token = (await (await self.http.post("/oauth/token", data=form)).json())["access_token"]

    async def get(self, path: str, **query: object) -> Any:
        """A bare REST request."""
        if not self.token:
            await self.get_token()
        params = {name.replace("_", "-"): str(value) for name, value in query.items()}
        return await self.http.get(path, params=params, headers={"Authorization": f"bearer {self.token}"})

    async def search(self, path: str = "/pa/dossier/search", **query: object) -> dict[str, Any]:
        """A REST slice."""
        answer: dict[str, Any] = await (await self.get(path, **query)).json()
        return answer

    async def all_slices(
        self, path: str = "/pa/dossier/search", size: int = 100, **query: object
    ) -> list[dict[str, Any]]:
        """Every record of a REST search."""
        records: list[dict[str, Any]] = []
        page = 0
        while True:
            found = await self.search(path, page=page, size=size, **query)
            records += found["content"]
            if found["last"]:
                return records
            page += 1

    async def set_faults(self, **faults: object) -> None:
        """`POST /control/faults`."""
        response = await self.http.post("/control/faults", json=faults)
        assert response.status == 200, await response.text()

    async def fired(self) -> dict[str, int]:
        """How often each fault has fired."""
        counts: dict[str, int] = (await (await self.http.get("/control/state")).json())["faults"]
        return counts
