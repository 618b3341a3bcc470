"""Random logs of dossiers: few entities and units, so that everything that can meet does meet."""

from datetime import UTC, datetime, timedelta
from typing import Any, Literal, get_args

import msgspec
from hypothesis import strategies as st

from ioc.catalogue.expr import (
    Compare,
    CompareFields,
    Comparison,
    Condition,
    Duration,
    FieldValue,
    In,
    IsNull,
    Measure,
    One,
    WorkingDays,
)
from ioc.catalogue.fields import fields_of
from ioc.catalogue.rollup import Mode, Rollup
from ioc.contracts.decoder import decoder

FIELDS = fields_of("dossier")
BASE = datetime(2026, 11, 1, 16, 30, tzinfo=UTC)
"""Half an hour before midnight in Vietnam: small steps cross hours and days."""

moments = st.integers(-7200, 90_000).map(lambda s: BASE + timedelta(seconds=s, microseconds=s % 7 * 142_857))
maybe_moments = st.none() | moments
small = st.integers(0, 3)


@st.composite
def cases(draw: st.DrawFn) -> dict[str, Any]:
    received, due = draw(maybe_moments), draw(maybe_moments)
    if received and due and due < received:
        received, due = due, received
    return {
        "procedure": draw(st.sampled_from(["1.000001", "1.000002"])),
        "field": draw(st.sampled_from(["MT01", "ĐĐ02", "X"])),
        "applicant_type": draw(st.sampled_from(FIELDS["applicant_type"].values)),
        "channel": draw(st.sampled_from(FIELDS["channel"].values)),
        "status": draw(st.sampled_from(FIELDS["status"].values)),
        "received_at": received,
        "due_at": due,
        "finished_at": draw(maybe_moments),
        "returned_at": draw(maybe_moments),
        "supplements": draw(small),
        "extensions": draw(small),
        "fee_vnd": draw(st.none() | st.integers(0, 10**15)),
        "paid_online": draw(st.none() | st.booleans()),
        "components": draw(st.none() | small),
        "components_digitised": draw(st.none() | small),
        "components_reused": draw(st.none() | small),
        "result_digitised": draw(st.none() | st.booleans()),
        "vneid": draw(st.none() | st.booleans()),
    }


@st.composite
def events(draw: st.DrawFn) -> dict[str, Any]:
    facet = draw(st.sampled_from(["case", "case", "case", "rating"]))
    deleted = draw(st.sampled_from([False, False, False, True]))
    data: dict[str, Any] | None = None
    if not deleted or draw(st.booleans()):
        data = draw(cases()) if facet == "case" else {"rating": draw(st.integers(1, 5)), "rated_at": draw(moments)}
    return {
        "source": "test",
        "kind": "dossier",
        "entity": f"H12-{draw(st.integers(0, 4))}",
        "facet": facet,
        "version": draw(st.integers(0, 12)),
        "deleted": deleted,
        "unit": draw(st.sampled_from(["H12.1", "H12.2", ""])),
        "occurred_at": BASE,
        "observed_at": BASE,
        "data": data,
    }


def decoded(listed: list[dict[str, Any]]) -> list[Any]:
    """The events as the worker reads them."""
    return decoder("dossier")(msgspec.json.encode(listed))


logs = st.lists(events(), max_size=40).map(decoded)


def _constants(name: str) -> st.SearchStrategy[Any]:
    spec = FIELDS[name]
    if spec.type == "enum":
        return st.sampled_from(spec.values)
    if spec.type == "bool":
        return st.booleans()
    if spec.type == "text":
        return st.sampled_from(["MT01", "ĐĐ02", "1.000001", "nowhere"])
    return st.integers(-1, 5) | st.sampled_from([-(2**63), 2**63 - 1, 2**70, 10**15])


@st.composite
def conditions(draw: st.DrawFn) -> Condition:
    spec = draw(st.sampled_from(sorted(FIELDS.values(), key=lambda s: s.name)))
    shapes = ["null"]
    if spec.type in ("enum", "text", "int", "bool"):
        shapes += ["compare", "in"]
    twins = sorted(s.name for s in FIELDS.values() if s.type == spec.type)
    if spec.type in ("int", "time"):
        shapes += ["fields", "fields"]
    match draw(st.sampled_from(shapes)):
        case "compare":
            ops = ["eq", "ne", "lt", "le", "gt", "ge"] if spec.type == "int" else ["eq", "ne"]
            return Compare(spec.name, draw(st.sampled_from(ops)), draw(_constants(spec.name)))
        case "in":
            values = draw(st.lists(_constants(spec.name), min_size=1, max_size=3, unique=True))
            return In(spec.name, tuple(values), draw(st.booleans()))
        case "fields":
            op: Comparison = draw(st.sampled_from(get_args(Comparison)))
            by: Literal["value", "day"] = draw(st.sampled_from(["day", "value"])) if spec.type == "time" else "value"
            return CompareFields(spec.name, op, draw(st.sampled_from(twins)), by)
        case _:
            return IsNull(spec.name, draw(st.booleans()))


times = st.sampled_from(sorted(s.name for s in FIELDS.values() if s.type == "time"))
values = (
    st.just(One())
    | st.sampled_from(sorted(s.name for s in FIELDS.values() if s.type == "int")).map(FieldValue)
    | st.builds(Duration, times, times)
    | st.builds(WorkingDays, times, times)
)
measures = st.builds(Measure, st.lists(conditions(), max_size=3).map(tuple), values)
vectors = st.lists(measures, min_size=1, max_size=5).map(tuple)


@st.composite
def rollup_sets(draw: st.DrawFn) -> list[Rollup]:
    """Rollups of every mode, some of which share their time."""
    places: list[tuple[Mode, str | None]] = draw(
        st.lists(
            st.just(("now", None)) | st.tuples(st.sampled_from(["flow", "age", "report"]), times),
            min_size=1,
            max_size=5,
            unique=True,
        )
    )
    gates = st.just(()) | st.lists(conditions(), min_size=1, max_size=2).map(tuple)
    return [Rollup(f"{mode}_{time}", "dossier", mode, time, draw(vectors), draw(gates)) for mode, time in places]
