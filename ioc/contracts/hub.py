"""Kinds of the data hub: citizens' feedback, security, vessels, facilities, reported statistics, and immutable readings."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from ioc.contracts.base import Code, Contract, Count, UtcTime
from ioc.contracts.event import Event

Scaled = Annotated[int, Field(ge=-(10**15), le=10**15)]
"""A decimal as an integer of thousandths: sums and retractions are exact."""

MicroDegrees = Annotated[int, Field(ge=-180_000_000, le=180_000_000)]


class FeedbackCase(Contract):
    """A citizen's report (1022, CaMau-G phản ánh hiện trường); entity: `<system>/<number>`."""

    channel: Literal["hotline_1022", "camau_g", "web", "other"] = Field(description="How it came in")
    topic: Code = Field(description="Field that it is about, as the system codes it")
    state: Literal["received", "assigned", "answered", "closed", "refused"] = Field(description="State")
    reported_at: UtcTime = Field(description="Came in")
    due_at: UtcTime | None = Field(description="To be answered by")
    answered_at: UtcTime | None = Field(description="Answered")
    rating: Annotated[int, Field(ge=1, le=5)] | None = Field(description="1 very dissatisfied … 5 very satisfied")


class FeedbackCaseEvent(Event[FeedbackCase]):
    """A version of a report."""

    kind: Literal["feedback_case"]
    facet: Literal["case"]


class SecurityAlert(Contract):
    """An alert of the security operations centre; entity: its number."""

    severity: Literal["critical", "high", "medium", "low"] = Field(description="Severity")
    category: Literal["attack", "malware", "leak", "availability", "other"] = Field(description="What it is about")
    state: Literal["open", "blocked", "handled", "false_alarm"] = Field(description="State")
    detected_at: UtcTime = Field(description="Detected")
    handled_at: UtcTime | None = Field(description="Blocked or handled")
    machines: Count = Field(description="Machines concerned")


class SecurityAlertEvent(Event[SecurityAlert]):
    """A version of an alert."""

    kind: Literal["security_alert"]
    facet: Literal["alert"]


class VesselLicence(Contract):
    """A fishing vessel and its licence; entity: registration number."""

    length_mm: Annotated[int, Field(ge=0, le=200_000)] = Field(description="Greatest length, millimetres")
    licensed_until: UtcTime | None = Field(description="Fishing licence valid until")
    tracked: bool = Field(description="Has a tracking device (Decree 26/2019/NĐ-CP)")


class VesselPosition(Contract):
    """Where a vessel was last seen."""

    last_seen_at: UtcTime = Field(description="Time of the last position")
    latitude_udeg: Annotated[int, Field(ge=-90_000_000, le=90_000_000)] = Field(
        description="Latitude, millionths of a degree"
    )
    longitude_udeg: MicroDegrees = Field(description="Longitude, millionths of a degree")
    at_sea: bool = Field(description="Out of port")
    beyond_border: bool = Field(description="Beyond the border of permitted waters")


class VesselLicenceEvent(Event[VesselLicence]):
    """A version of a vessel's papers."""

    kind: Literal["vessel"]
    facet: Literal["licence"]


class VesselPositionEvent(Event[VesselPosition]):
    """A version of a vessel's position."""

    kind: Literal["vessel"]
    facet: Literal["position"]


class Facility(Contract):
    """A school, hospital, station, camera, information system…; entity: `<type>/<code>`."""

    type: Code = Field(description="What it is: school, hospital, air_station, water_station, camera, bts, info_system")
    category: Code = Field(description="Its class within the type: level of school, security level of a system")
    online: bool = Field(description="Connected, reporting or in use")
    approved: bool | None = Field(description="What the law asks of it is approved; null when nothing is asked")
    complete: bool | None = Field(description="What was approved is carried out in full")
    last_seen_at: UtcTime | None = Field(description="Last heard of")


class FacilityEvent(Event[Facility]):
    """A version of a facility."""

    kind: Literal["facility"]
    facet: Literal["facility"]


class Statistic(Contract):
    """A reported figure; entity: `<series>/<unit>/<period>`.

    A percentage that contradicts its own numerator and denominator is kept as it was reported and flagged.
    """

    series: Code = Field(description="Series, for example GRDP_GROWTH; it declares who reports and whether it adds up")
    period_grain: Literal["day", "week", "month", "quarter", "year"] = Field(description="Length of the period")
    period_start: UtcTime = Field(description="First moment of the period")
    value_milli: Scaled = Field(description="Reported value, thousandths")
    numerator_milli: Scaled | None = Field(description="Reported numerator, thousandths")
    denominator_milli: Scaled | None = Field(description="Reported denominator, thousandths")
    contradictory: bool = Field(description="The value is not its own numerator over denominator")


class StatisticEvent(Event[Statistic]):
    """A version of a reported figure."""

    kind: Literal["statistic"]
    facet: Literal["figure"]


class SensorReading(Contract):
    """One reading, an immutable fact; entity: `<station>/<quantity>/<time>`."""

    IMMUTABLE: ClassVar[bool] = True

    station: Code = Field(description="Station")
    quantity: Code = Field(description="What was measured, with its unit: pm25_ugm3, salinity_gl, level_mm, rain_um")
    measured_at: UtcTime = Field(description="When")
    value_milli: Scaled = Field(description="Value in thousandths of that unit")
    breach: bool = Field(description="Beyond the threshold that the station reports against")


class SensorReadingEvent(Event[SensorReading]):
    """A reading."""

    kind: Literal["sensor_reading"]
    facet: Literal["reading"]


class TrafficCount(Contract):
    """Vehicles that a camera counted in an interval, an immutable fact; entity: `<camera>/<start>`."""

    IMMUTABLE: ClassVar[bool] = True

    camera: Code = Field(description="Camera")
    started_at: UtcTime = Field(description="Begin of the interval")
    vehicles: Count = Field(description="Vehicles")
    speed_kmh_milli: Scaled | None = Field(description="Mean speed, thousandths of km/h")
    incidents: Count = Field(description="Incidents seen")


class TrafficCountEvent(Event[TrafficCount]):
    """A count."""

    kind: Literal["traffic_count"]
    facet: Literal["count"]


class ServiceCall(Contract):
    """Calls of one shared service (LGSP, NDXP) in an interval, an immutable fact; entity: `<service>/<start>`."""

    IMMUTABLE: ClassVar[bool] = True

    service: Code = Field(description="Service")
    started_at: UtcTime = Field(description="Begin of the interval")
    calls: Count = Field(description="Calls")
    failures: Count = Field(description="… that failed")


class ServiceCallEvent(Event[ServiceCall]):
    """A count of calls."""

    kind: Literal["service_call"]
    facet: Literal["calls"]
