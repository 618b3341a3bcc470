"""What facilities tell social insurance of a visit: made up, and with the word CANARY in all that is personal."""

import random
from collections.abc import Mapping

from ingest.simulator.health import fhir_world
from ingest.simulator.health.insurance_xml import XML1_FIELDS, Visit
from ingest.simulator.moments import compact, from_ms
from ingest.simulator.world import Event

MINUTE_MS = 60_000
SETTLED_SHARE = 0.93
UNINSURED_SHARE = 0.03
"""Of the visits in files: those that are not treated on insurance are sent too."""

DISEASES = (
    *(
        "J06.9",
        "J20.9",
        "J18.9",
        "I10",
        "I25.1",
        "I63.9",
        "E11.9",
        "E78.5",
        "K29.7",
        "K21.0",
        "K35.8",
        "M54.5",
        "M17.0",
    ),
    *("N39.0", "N18.5", "A91", "A09", "B01.9", "A15.0", "H10.9", "H66.9", "L30.9", "S61.9", "S72.0", "T14.9", "V23.4"),
    *("O80.9", "O82", "P59.9", "Q21.0", "R50.9", "Z00.0", "F41.1", "G40.9", "C34.9", "D50.9", "U07.1"),
)
_FREQUENT = (20, 12, 6, 18, 5, 3, 12, 7, 9, 7, 1, 9, 4)
_WEIGHTS = (*_FREQUENT, *(4, 2, 5, 4, 2, 1, 4, 3, 4, 5, 1, 2, 1), *(3, 2, 1, 0.3, 5, 4, 2, 1, 1, 1, 0.5))

_ENTITLED = ("1.1", "1.3", "1.7", "2", "3.2")
_ENTITLED_WEIGHTS = (70, 10, 8, 6, 6)
_CARDS = ("DN4", "HC4", "GD4", "TE1", "HT3", "HN2", "BT2", "CN6")
_PLACES = {"AMB": ("01", "05", "02", "07"), "IMP": ("03",), "EMER": ("01",), "SS": ("04",)}
"""MA_LOAI_KCB by the class that a visit has in FHIR."""


def insurance_visit(event: Event, revision: int = 0) -> Visit | None:
    """What is sent of the visit of an event; None for one that no insurance file tells of.

    A later revision has the bill settled and its drugs corrected.
    """
    seen = fhir_world.visit(event)
    if not seen.link_key or seen.ends != "finished":
        return None
    draws = event.draws("insurance")
    arrived_ms, called_ms, ended_ms = seen.steps_ms
    setting = draws.choices(_PLACES[seen.setting], (60, 25, 10, 5)[: len(_PLACES[seen.setting])])[0]
    inpatient = setting in {"03", "04"}
    insured = draws.random() >= UNINSURED_SHARE
    settled = draws.random() < SETTLED_SHARE or revision > 0
    outcome, leaving = _end(draws, inpatient=inpatient)
    entitled = "2" if seen.setting == "EMER" else draws.choices(_ENTITLED, _ENTITLED_WEIGHTS)[0]
    disease = draws.choices(DISEASES, _WEIGHTS)[0]
    general = dict.fromkeys(XML1_FIELDS, "")
    general |= _person(draws, event, insured=insured)
    general |= _money(draws, inpatient=inpatient, insured=insured, revision=revision)
    general |= {
        "MA_LK": seen.link_key,
        "STT": "1",
        "LY_DO_VV": f"CANARY-LYDO {event.number}",
        "CHAN_DOAN_VAO": f"CANARY-CHANDOAN {event.number}",
        "CHAN_DOAN_RV": f"CANARY-CHANDOAN {event.number}",
        "MA_BENH_CHINH": disease,
        "MA_BENH_KT": draws.choice(("", "", "I10", "E11.9;I10")),
        "MA_DOITUONG_KCB": entitled if insured else "9",
        "MA_NOI_DEN": "79415" if leaving == "2" else "",
        "NGAY_VAO": _minute(arrived_ms),
        "NGAY_VAO_NOI_TRU": _minute(called_ms) if inpatient else "",
        "NGAY_RA": _minute(ended_ms),
        "SO_NGAY_DTRI": str((from_ms(ended_ms).date() - from_ms(arrived_ms).date()).days + 1 if inpatient else 0),
        "PP_DIEU_TRI": "Nội khoa",
        "KET_QUA_DTRI": outcome,
        "MA_LOAI_RV": leaving,
        "GHI_CHU": f"CANARY-GHICHU {event.number}",
        "NGAY_TTOAN": _minute(ended_ms + draws.randrange(5, 60) * MINUTE_MS) if settled else "",
        "NAM_QT": _minute(ended_ms)[:4],
        "THANG_QT": _minute(ended_ms)[4:6],
        "MA_LOAI_KCB": setting,
        "MA_KHOA": draws.choice(("K01", "K02", "K03", "K18", "K19", "K26")),
        "MA_CSKCB": seen.facility,
        "MA_KHUVUC": draws.choice(("", "K3")),
        "NGAY_TAI_KHAM": _minute(ended_ms + 28 * 86_400_000)[:8] if draws.random() < 0.2 else "",
        "MA_HSBA": f"HS{event.number}",
        "MA_TTDV": f"CANARY-TTDV{event.number % 10}",
    }
    return Visit(general, _drugs(draws, general), _services(general), _tables(general, leaving))


def _person(draws: random.Random, event: Event, *, insured: bool) -> Mapping[str, str]:
    """One of 400,000 made-up people."""
    number = draws.randrange(400_000)
    person = random.Random(f"person:{number}")
    year = person.choices((2022, 2010, 1990, 1975, 1960, 1945), (14, 8, 22, 20, 22, 14))[0] - person.randrange(4)
    known = person.random()
    born = f"{year}{person.randrange(1, 13):02}{person.randrange(1, 29):02}0000" if known < 0.8 else f"{year}00000000"
    return {
        "MA_BN": f"CANARY-BN-{number}",
        "HO_TEN": f"CANARY-TEN Nguyễn Thị {number}",
        "SO_CCCD": f"CANARY-CCCD-{number:06}",
        "NGAY_SINH": born,
        "GIOI_TINH": person.choices("123", (46, 53, 1))[0],
        "MA_QUOCTICH": "000",
        "MA_DANTOC": "01",
        "MA_NGHE_NGHIEP": "00000",
        "DIA_CHI": f"CANARY-DIACHI số {event.number % 900}, ấp 3",
        "MATINH_CU_TRU": "96",
        "MAHUYEN_CU_TRU": "964",
        "MAXA_CU_TRU": person.choice(fhir_world.COMMUNES),
        "DIEN_THOAI": f"CANARY-SDT-{number}",
        "MA_THE_BHYT": f"{person.choice(_CARDS)}96CANARY{number:06}" if insured else "",
        "MA_DKBD": "96001" if insured else "",
        "GT_THE_TU": "20260101" if insured else "",
        "GT_THE_DEN": "20261231" if insured else "",
    }


def _money(draws: random.Random, *, inpatient: bool, insured: bool, revision: int) -> Mapping[str, str]:
    scale = draws.lognormvariate(0, 0.6) * (12 if inpatient else 1)
    hundredths = {
        "T_THUOC": int(11_000_000 * scale) + 150_000 * revision,
        "T_VTYT": int(1_500_000 * scale) if inpatient else 0,
        "services": int(9_000_000 * scale),
    }
    total = sum(hundredths.values())
    covered = total * 9 // 10 if insured else 0
    shared = covered // 5
    told = {
        "T_THUOC": hundredths["T_THUOC"],
        "T_VTYT": hundredths["T_VTYT"],
        "T_TONGCHI_BV": total,
        "T_TONGCHI_BH": covered,
        "T_BNTT": total - covered,
        "T_BNCCT": shared,
        "T_BHTT": covered - shared,
        "T_NGUONKHAC": 0,
        "T_BHTT_GDV": 0,
    }
    return {name: f"{amount // 100}.{amount % 100:02}" for name, amount in told.items()}


def _end(draws: random.Random, *, inpatient: bool) -> tuple[str, str]:
    if inpatient:
        return draws.choices(("1", "2", "3", "4", "5", "6"), (30, 60, 5, 2, 1, 2))[0], draws.choices(
            "12345", (88, 5, 1, 4, 2)
        )[0]
    return draws.choices(("1", "2", "7"), (10, 75, 15))[0], draws.choices("12", (96, 4))[0]


def _drugs(draws: random.Random, general: Mapping[str, str]) -> list[Mapping[str, str]]:
    return [
        {
            "MA_LK": general["MA_LK"],
            "STT": str(place),
            "MA_THUOC": draws.choice(("40.48", "40.30.501", "40.163", "40.559")),
            "TEN_THUOC": draws.choice(("Paracetamol", "Amlodipin", "Amoxicilin", "Metformin")),
            "DON_VI_TINH": "Viên",
            "LIEU_DUNG": "1 viên/lần * 2 lần/ngày * 5 ngày [2 viên/ngày]",
            "SO_LUONG": "10",
            "DON_GIA": "1250.5",
            "THANH_TIEN_BV": "12505.00",
            "MA_BAC_SI": "CANARY-BACSI",
            "NGAY_YL": general["NGAY_VAO"],
        }
        for place in range(1, draws.randrange(2, 5))
    ]


def _services(general: Mapping[str, str]) -> list[Mapping[str, str]]:
    return [
        {
            "MA_LK": general["MA_LK"],
            "STT": "1",
            "MA_DICH_VU": "02.1896",
            "TEN_DICH_VU": "Khám Nội",
            "SO_LUONG": "1",
            "DON_GIA_BV": "45000",
            "THANH_TIEN_BV": "45000.00",
            "MA_BAC_SI": "CANARY-BACSI",
            "NGAY_KQ": general["NGAY_RA"],
        }
    ]


def _tables(general: Mapping[str, str], leaving: str) -> Mapping[str, Mapping[str, str]]:
    """Course of illness; transfer and revisit where there are any."""
    link = general["MA_LK"]
    tables = {"XML5": {"MA_LK": link, "DIEN_BIEN_LS": f"CANARY-DIENBIEN {link}", "NGUOI_THUC_HIEN": "CANARY-BACSI"}}
    if leaving in {"2", "5"}:
        tables["XML13"] = {"MA_LK": link, "HO_TEN": general["HO_TEN"], "MA_NOI_DEN": "79415", "MA_LYDO_CT": "1"}
    if general["NGAY_TAI_KHAM"]:
        tables["XML14"] = {"MA_LK": link, "HO_TEN": general["HO_TEN"], "NGAY_HEN_KL": general["NGAY_TAI_KHAM"]}
    return tables


def _minute(at_ms: int) -> str:
    return compact(at_ms // 1000)[:12]
