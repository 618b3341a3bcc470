"""What the hotline 1022 and CaMau-G push: citizens' reports, and each step of their handling."""

from collections.abc import Iterator
from typing import Any

from ingest.simulator.hub.push_timeline import Pushed, Timeline
from ingest.simulator.moments import DAY_MS, from_ms, iso_ms
from ingest.simulator.population import DEPARTMENTS, ODD_UNITS, ODD_UNITS_SHARE, standing, units_on
from ingest.simulator.system import World
from ingest.simulator.world import CITIZENS, HOUR_MS, Event

PER_DAY = 120.0
LONGEST_MS = 40 * DAY_MS

CHANNELS = ("1022", "camau-g", "web", "khac")
CHANNEL_WEIGHTS = (38, 48, 10, 4)
TOPICS = ("giao_thong", "moi_truong", "do_thi", "an_ninh", "dien_nuoc", "thu_tuc", "y_te", "giao_duc")
TOPIC_WEIGHTS = (24, 22, 18, 10, 10, 8, 4, 4)
RATINGS = (5, 4, 3, 2, 1)
RATING_WEIGHTS = (48, 27, 12, 7, 6)

_REFUSED_SHARE = 0.04
_RATED_SHARE = 0.55
_DUE_MS = 7 * DAY_MS
_MEAN_ANSWER_MS = 2.8 * DAY_MS


def timeline(world: World) -> Timeline:
    """All reports of a world."""
    return Timeline(world.process("feedback", PER_DAY, CITIZENS), states, LONGEST_MS)


def states(event: Event) -> Iterator[Pushed]:
    """A report as it comes in, is assigned, answered and closed; or refused."""
    draws = event.draws("case")
    channel = draws.choices(CHANNELS, CHANNEL_WEIGHTS)[0]
    number = f"PA{event.number}"
    day = from_ms(event.at_ms).date()
    unit = draws.choice(sorted({*units_on("commune", day), *units_on("district", day), *DEPARTMENTS}))
    record: dict[str, Any] = {
        "maPhanAnh": number,
        "heThong": "CaMau-G" if channel == "camau-g" else "1022",
        "kenh": channel,
        "linhVuc": draws.choices(TOPICS, TOPIC_WEIGHTS)[0],
        "trangThai": "moi",
        "ngayTiepNhan": iso_ms(event.at_ms),
        "hanXuLy": iso_ms(event.at_ms + _DUE_MS),
        "ngayTraLoi": None,
        "danhGia": None,
        "donViXuLy": "000.00.01.H12",
        "capNhatLuc": iso_ms(event.at_ms),
        "nguoiPhanAnh": f"CANARY-TEN {number}",
        "sdt": f"CANARY-SDT-{number}",
        "diaChi": f"CANARY-DIACHI {number}",
        "noiDung": f"CANARY-NOIDUNG {number}: ổ gà trước nhà",
    }
    yield Pushed(event.at_ms, event.number, dict(record))

    def step(at_ms: int, **changes: object) -> Pushed:
        record.update(changes, capNhatLuc=iso_ms(at_ms))
        record["donViXuLy"] = standing(record["donViXuLy"], from_ms(at_ms).date())
        return Pushed(at_ms, event.number, dict(record))

    assigned_ms = event.at_ms + int(draws.expovariate(1 / (1.5 * HOUR_MS))) + 60_000
    if draws.random() < _REFUSED_SHARE:
        yield step(assigned_ms, trangThai="tu_choi")
        return
    if draws.random() < ODD_UNITS_SHARE:
        unit = draws.choice(ODD_UNITS)
    yield step(assigned_ms, trangThai="da_phan_cong", donViXuLy=unit)
    answered_ms = assigned_ms + min(int(draws.gammavariate(2, _MEAN_ANSWER_MS / 2)) + 600_000, LONGEST_MS // 2)
    yield step(
        answered_ms,
        trangThai="da_tra_loi",
        ngayTraLoi=iso_ms(answered_ms),
        noiDungTraLoi=f"CANARY-TRALOI {number}",
    )
    rating = draws.choices(RATINGS, RATING_WEIGHTS)[0] if draws.random() < _RATED_SHARE else None
    yield step(answered_ms + int(draws.uniform(0.1, 2) * DAY_MS), trangThai="da_dong", danhGia=rating)
