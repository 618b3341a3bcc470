"""Whom alerts are told to, and when: contact points, notification policy and mute timings of Grafana's file provisioning.

Addresses are variables of Grafana's environment, since they are an installation's own.
"""

from dashboards.boards.world import YEAR
from ioc.calendar import load_calendar
from ioc.clock import LOCAL

OPERATORS = "IOC – Vận hành"
FIGURES = "IOC – Số liệu"
OFF_HOURS = "IOC – Ngoài giờ làm việc"

_SUBJECT = "[IOC] {{ if .Alerts.Firing }}CẢNH BÁO{{ else }}ĐÃ HẾT{{ end }}: {{ .CommonLabels.alertname }}"
_MESSAGE = """{{ range .Alerts }}
{{ if eq .Status "firing" }}●{{ else }}○ Đã hết:{{ end }} {{ .Annotations.description }}
Từ {{ .StartsAt.Format "02/01/2006 15:04 MST" }}. {{ .Annotations.dashboard }}
{{ end }}"""

_OPENS, _CLOSES = "07:00", "17:30"
"""Office hours within which leaders and units are told of figures."""


def contact_points() -> list[dict[str, object]]:
    """The two by e-mail."""
    return [
        _by_email(OPERATORS, "ioc-operators-email", "${ALERT_OPERATORS_EMAIL}"),
        _by_email(FIGURES, "ioc-figures-email", "${ALERT_FIGURES_EMAIL}"),
    ]


def _by_email(name: str, uid: str, addresses: str) -> dict[str, object]:
    settings = {"addresses": addresses, "singleEmail": True, "subject": _SUBJECT, "message": _MESSAGE}
    receiver = {"uid": uid, "type": "email", "disableResolveMessage": False, "settings": settings}
    return {"orgId": 1, "name": name, "receivers": [receiver]}


def webhooks() -> list[dict[str, object]]:
    """Further receivers of the same contact points, for those who want them: Grafana does not start with an empty address."""
    return [
        {
            "orgId": 1,
            "name": name,
            "receivers": [
                {
                    "uid": uid,
                    "type": "webhook",
                    "disableResolveMessage": False,
                    "settings": {"url": "${ALERT_WEBHOOK_URL}", "httpMethod": "POST"},
                }
            ],
        }
        for name, uid in ((OPERATORS, "ioc-operators-webhook"), (FIGURES, "ioc-figures-webhook"))
    ]


def policies() -> list[dict[str, object]]:
    """One tree: the pipeline's alerts at once at any hour, those of figures together and in office hours."""
    return [
        {
            "orgId": 1,
            "receiver": OPERATORS,
            "group_by": ["grafana_folder", "alertname"],
            "group_wait": "30s",
            "group_interval": "5m",
            "repeat_interval": "4h",
            "routes": [
                {
                    "receiver": FIGURES,
                    "object_matchers": [["audience", "=", "figures"]],
                    "group_by": ["grafana_folder", "alertname"],
                    "group_wait": "5m",
                    "group_interval": "1h",
                    "repeat_interval": "1d",
                    "mute_time_intervals": [OFF_HOURS],
                }
            ],
        }
    ]


def mute_timings() -> list[dict[str, object]]:
    """Nights, weekends, and the public holidays of the targets' year and the next as the calendar has them."""
    zone = str(LOCAL)
    nights = {
        "times": [{"start_time": "00:00", "end_time": _OPENS}, {"start_time": _CLOSES, "end_time": "24:00"}],
        "location": zone,
    }
    weekends = {"weekdays": ["saturday", "sunday"], "location": zone}
    calendar = load_calendar()
    months: dict[tuple[int, int], list[str]] = {}
    for day, working, _name, _before in calendar.rows():
        if day.year in (YEAR, YEAR + 1) and day.weekday() < 5 and not working:
            months.setdefault((day.year, day.month), []).append(str(day.day))
    holidays = [
        {"years": [str(year)], "months": [str(month)], "days_of_month": days, "location": zone}
        for (year, month), days in months.items()
    ]
    return [{"orgId": 1, "name": OFF_HOURS, "time_intervals": [nights, weekends, *holidays]}]
