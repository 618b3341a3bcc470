"""Every kind of event and its facets: the list that topics, tables, fold and catalogue are derived from."""

from dataclasses import dataclass
from typing import Any, get_args

from ioc.contracts.base import Contract
from ioc.contracts.document import (
    DocumentAcceptedEvent,
    DocumentArrivedEvent,
    DocumentAssignedEvent,
    DocumentEntryEvent,
    DocumentFinishedEvent,
    DocumentRecalledEvent,
    DocumentRejectedEvent,
    OfficeAccountEvent,
    StatusMessageEvent,
    WorkFileEvent,
)
from ioc.contracts.dossier import DossierCaseEvent, DossierRatingEvent
from ioc.contracts.event import Event
from ioc.contracts.health import (
    AppointmentEvent,
    EncounterCheckInEvent,
    EncounterEvent,
    HealthRecordEvent,
    ImmunizationEvent,
    ObservationEvent,
)
from ioc.contracts.hub import (
    FacilityEvent,
    FeedbackCaseEvent,
    SecurityAlertEvent,
    SensorReadingEvent,
    ServiceCallEvent,
    StatisticEvent,
    TrafficCountEvent,
    VesselLicenceEvent,
    VesselPositionEvent,
)


@dataclass(frozen=True)
class Facet:
    """One facet of a kind: its name, its event model and the model of its data."""

    name: str
    event: type[Event[Any]]
    data: type[Contract]


@dataclass(frozen=True)
class Kind:
    """A kind of entity. The first facet is the main one: its `unit` and `deleted` are the entity's.

    `system` is the one of the four systems that carries it; further connectors may carry it too.
    """

    name: str
    system: str
    facets: tuple[Facet, ...]

    @property
    def main(self) -> Facet:
        """The facet that says which unit answers for the entity and whether it still exists."""
        return self.facets[0]


def _literal(event: type[Event[Any]], field: str) -> str:
    (value,) = get_args(event.model_fields[field].annotation)
    return str(value)


def _facet(event: type[Event[Any]]) -> Facet:
    data = next(
        arg
        for base in event.__mro__
        for arg in getattr(base, "__pydantic_generic_metadata__", {}).get("args", ())
        if isinstance(arg, type)
    )
    return Facet(_literal(event, "facet"), event, data)


def _kind(system: str, *events: type[Event[Any]]) -> Kind:
    return Kind(_literal(events[0], "kind"), system, tuple(_facet(event) for event in events))


_ALL = (
    _kind("dossier", DossierCaseEvent, DossierRatingEvent),
    _kind(
        "ioffice",
        DocumentEntryEvent,
        DocumentArrivedEvent,
        DocumentAcceptedEvent,
        DocumentAssignedEvent,
        DocumentFinishedEvent,
        DocumentRejectedEvent,
        DocumentRecalledEvent,
    ),
    _kind("ioffice", StatusMessageEvent),
    _kind("ioffice", WorkFileEvent),
    _kind("ioffice", OfficeAccountEvent),
    _kind("health", EncounterEvent, EncounterCheckInEvent),
    _kind("health", HealthRecordEvent),
    _kind("health", AppointmentEvent),
    _kind("health", ImmunizationEvent),
    _kind("health", ObservationEvent),
    _kind("hub", FeedbackCaseEvent),
    _kind("hub", SecurityAlertEvent),
    _kind("hub", VesselLicenceEvent, VesselPositionEvent),
    _kind("hub", FacilityEvent),
    _kind("hub", StatisticEvent),
    _kind("hub", SensorReadingEvent),
    _kind("hub", TrafficCountEvent),
    _kind("hub", ServiceCallEvent),
)

KINDS: dict[str, Kind] = {kind.name: kind for kind in _ALL}
