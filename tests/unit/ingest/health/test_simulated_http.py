"""The simulated FHIR server and REST of health records: believable, the same each time, and with a CANARY in each personal field."""

import json
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from ingest.drift import Drift
from ingest.simulator.clock import SimulatedClock
from ingest.simulator.faults import COMMON, Faults
from ingest.simulator.health import fhir_world as w
from ingest.simulator.health.fhir import FhirServer
from ingest.simulator.health.records import RecordServer
from ingest.simulator.health.system import HealthPart
from ingest.simulator.journal import Journal
from ingest.simulator.moments import from_ms, read_iso
from ingest.simulator.server import DossierServer
from ingest.simulator.system import World
from ingest.simulator.world import HOSPITAL
from ingest.sources.health.fhir_bundle import BundleReader
from ingest.sources.health.records import record_part
from ioc.settings.sources import HealthSourceSettings
from tests.unit.ingest.health.fhir_examples import stream_of

BASE_MS = read_iso("2025-11-20T15:00:00+07:00")
DAY_MS = 86_400_000


def world(tmp_path: Path, times: float = 0.02, now_ms: int = BASE_MS, seed: int = 3, **changed: Any) -> World:
    clock = SimulatedClock(0, 0, wall=lambda: now_ms)
    return World("health", seed, BASE_MS, clock, tmp_path / "kept", times, faults=Faults(names=COMMON), **changed)


def entries(server: FhirServer, name: str) -> list[dict[str, Any]]:
    server.advance()
    return [server.entry(name, version) for version in server.shelves[name].changes]


def body(found: list[dict[str, Any]]) -> bytes:
    return json.dumps({"resourceType": "Bundle", "type": "searchset", "entry": found}).encode()


@pytest.mark.parametrize("name", ["Encounter", "Appointment", "Immunization", "Observation"])
def test_every_resource_is_one_of_fhir_without_unknown_elements(tmp_path: Path, name: str) -> None:
    found = entries(FhirServer(world(tmp_path, 0.05 if name == "Appointment" else 0.01)), name)
    records = BundleReader(name).read(body(found)).records
    assert len(records) == len(found) > 10
    assert [str(record.fault) for record in records if record.fault is not None] == []
    counts: Counter[str] = Counter()
    drift = Drift(stream_of(name).known_fields)
    for record in records:
        drift.note(record.fields, counts)
    assert counts == {}


@pytest.mark.parametrize("name", ["Encounter", "Appointment", "Immunization", "Observation"])
def test_each_personal_element_has_its_canary(tmp_path: Path, name: str) -> None:
    resource = entries(FhirServer(world(tmp_path, 0.05)), name)[0]["resource"]
    patient = resource["contained"][0]
    persons = [patient["name"][0]["text"], patient["telecom"][0]["value"], patient["address"][0]["line"][0]]
    subject = resource.get("subject") or resource.get("patient") or resource["participant"][0]["actor"]
    persons += [resource["text"]["div"], subject["display"], subject["reference"], subject["identifier"]["value"]]
    assert all("CANARY" in text for text in persons)


def test_each_personal_field_has_its_canary(tmp_path: Path) -> None:
    server = RecordServer(world(tmp_path))
    server.advance()
    personal = ("citizenId", "fullName", "dateOfBirth", "phoneNumber", "email", "address", "insuranceCard")
    part = record_part(HealthSourceSettings())
    assert part is not None
    known = {stream.stream.replace("health_", "").replace("_", "-"): stream.known_fields for stream in part.streams}
    for name, shelf in server.shelves.items():
        record = server.record(name, next(iter(shelf.changes)))
        assert all("canary" in record[field].lower() for field in personal)
        assert {key.lower() for key in record} <= (known[name] or set())
    part.close()


def test_volumes_of_a_province(tmp_path: Path) -> None:
    own = world(tmp_path, times=1.0, history_days=14.0)
    days = 14
    visits = own.process(w.VISITS, w.VISITS_A_DAY, HOSPITAL).count(BASE_MS - days * DAY_MS, BASE_MS)
    assert 8_000 < visits / days < 11_000
    server, records = FhirServer(own), RecordServer(own)
    vaccinations = server.shelves["Immunization"].changes._process
    by_day = Counter(from_ms(event.at_ms).date() for event in vaccinations.events(BASE_MS - days * DAY_MS, BASE_MS))
    whole = [by_day[from_ms(BASE_MS).date() - timedelta(days=back)] for back in range(1, 13)]
    weekdays = [number for number in whole if number]
    assert 1_200 < sum(weekdays) / len(weekdays) < 2_000
    assert whole.count(0) in (3, 4), "nobody is vaccinated at weekends"
    bookings = [server.shelves["Appointment"].changes._process, records.shelves["bookings"].changes._process]
    a_day = sum(one.count(BASE_MS - days * DAY_MS, BASE_MS) for one in bookings) / days
    assert 1_000 < a_day < 1_400
    assert records.citizens == 800_000


def test_infectious_diseases_have_a_season(tmp_path: Path) -> None:
    def share(day: str) -> float:
        begin_ms = read_iso(f"{day}T00:00:00+07:00")
        own = World("health", 1, begin_ms + 7 * DAY_MS, SimulatedClock(0, 0), tmp_path, history_days=7)
        events = list(own.process("findings", 1_500, HOSPITAL).events(begin_ms, begin_ms + 7 * DAY_MS))
        return sum(bool(w.disease(event)) for event in events) / len(events)

    assert share("2025-08-04") > 3 * share("2025-03-03") > 0


def test_a_check_in_is_told_by_the_encounter_or_by_the_rest_and_the_entity_is_the_same(tmp_path: Path) -> None:
    own = world(tmp_path, times=0.1)
    fhir, rest = FhirServer(own), RecordServer(own)
    rest.advance()
    by_fhir, insured = set(), set()
    for entry in entries(fhir, "Encounter"):
        resource = entry["resource"]
        link_key = [one["value"] for one in resource["identifier"] if one["system"].endswith("ma-lk")]
        insured |= set(link_key)
        if any(one["url"].endswith("check-in") for one in resource["extension"]):
            by_fhir |= set(link_key)
    shelf = rest.shelves["check-ins"].changes
    by_rest = {rest.record("check-ins", version)["linkKey"] for version in shelf}
    assert by_rest
    assert by_rest <= insured
    assert not by_rest & by_fhir
    assert len(by_fhir) > 2 * len(by_rest)


def test_a_later_version_replaces_the_earlier_one(tmp_path: Path) -> None:
    early, late = FhirServer(world(tmp_path)), FhirServer(world(tmp_path, now_ms=BASE_MS + DAY_MS))
    statuses = [Counter(entry["resource"]["status"] for entry in entries(one, "Encounter")) for one in (early, late)]
    assert all(count["arrived"] + count["in-progress"] > 0 for count in statuses)
    before = {entry["resource"]["id"]: entry["resource"] for entry in entries(early, "Encounter")}
    after = {entry["resource"]["id"]: entry["resource"] for entry in entries(late, "Encounter")}
    assert before.keys() <= after.keys()
    changed = [one for one in before if before[one] != after[one]]
    assert changed
    assert all(before[one]["meta"]["lastUpdated"] < after[one]["meta"]["lastUpdated"] for one in changed)


@pytest.fixture
async def http(tmp_path: Path) -> AsyncIterator["TestClient[Any, Any]"]:
    own = world(tmp_path)
    parts: list[HealthPart] = [FhirServer(own), RecordServer(own)]

    class Both:
        name = "health"

        def routes(self) -> Any:
            return [route for part in parts for route in part.routes()]

        async def run(self, stop: Any) -> None:
            """Nothing to do."""

        def state(self) -> dict[str, object]:
            return {part.name: part.state() for part in parts}

    server = DossierServer(Journal([], None), own.clock, Faults(), beside=[(own, Both())])
    async with TestClient(TestServer(server.app())) as client:
        form = {"grant_type": "client_credentials", "client_id": "connector", "client_secret": "simulator"}
        for base in ("/fhir", "/health"):
            token = (await (await client.post(f"{base}/oauth/token", data=form)).json())["access_token"]
            client.session.headers[f"x-{base[1:]}"] = f"Bearer {token}"
        yield client


async def get(http: "TestClient[Any, Any]", path: str) -> Any:
    token = http.session.headers[f"x-{path.split('/')[1].partition('?')[0]}"]
    response = await http.get(path, headers={"Authorization": token})
    return response.status, await response.json()


async def test_searches_are_refused_where_they_cannot_be_answered(http: "TestClient[Any, Any]") -> None:
    assert (await http.get("/fhir/Encounter")).status == 401
    for path in ("/fhir/Encounter?_sort=date", "/fhir/Encounter?_lastUpdated=2025", "/fhir/Encounter?_count=-1",
                 "/health/records?page=x", "/health/records?updated-from=soon"):  # fmt: skip
        assert (await get(http, path))[0] == 400, path


async def test_pages_are_linked_and_sorted_and_have_everything_once(http: "TestClient[Any, Any]") -> None:
    path, ids, times = "/fhir/Encounter?_count=40", [], []
    while path:
        _, bundle = await get(http, path)
        ids += [entry["resource"]["id"] for entry in bundle["entry"]]
        times += [entry["resource"]["meta"]["lastUpdated"] for entry in bundle["entry"]]
        links = [link["url"] for link in bundle["link"] if link["relation"] == "next"]
        path = links[0][links[0].index("/fhir") :] if links else ""
    assert len(ids) == len(set(ids)) == bundle["total"]
    assert times == sorted(times)
    moment = from_ms(read_iso(times[-30])).isoformat(timespec="milliseconds").replace("+", "%2B")
    _, rest = await get(http, f"/fhir/Encounter?_lastUpdated=ge{moment}&_sort=_lastUpdated")
    assert [entry["resource"]["id"] for entry in rest["entry"]] == ids[-30:]


async def test_slices_and_the_list_of_numbers(http: "TestClient[Any, Any]") -> None:
    numbers: list[str] = []
    for page in range(1_000):
        _, found = await get(http, f"/health/records?page={page}&size=100")
        numbers += [record["citizenId"] for record in found["content"]]
        if found["last"]:
            break
    assert len(numbers) == len(set(numbers)) == found["totalElements"]
    _, first = await get(http, "/health/records/ids?size=10000")
    _, second = await get(http, f"/health/records/ids?size=10000&after={first['content'][-1]}")
    ids = first["content"] + second["content"]
    assert (len(ids), second["last"]) == (16_000, True)
    assert set(numbers) <= set(ids)
