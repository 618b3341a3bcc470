"""How large the simulated figures are: a range within the domain that the catalogue declares for each series.

Codes are the catalogue's; a series that is not named here gets a range from its domain. All figures are made up.
"""

from ioc.catalogue.series import Series

Range = tuple[float, float]

RANGES: dict[str, Range] = {
    # Health: of the whole province, as the department of health reports it.
    "YT_ID_CARD_FACILITIES": (97, 100),
    "YT_RECORD_COVERAGE": (96, 100),
    "YT_VNCARE_FACILITIES": (14, 40),
    "YT_VNCARE_HEALTH_BOOKS": (248_000, 420_000),
    "YT_HEALTH_BOOK_FACILITIES": (55, 100),
    "YT_CASHLESS_FACILITIES": (19, 60),
    "YT_CASHLESS_TRANSACTIONS": (600, 9_000),
    "YT_LINKED_BANKS": (5, 12),
    "YT_RECORD_SIGNATURES": (890, 2_400),
    # Citizens' feedback.
    "PA_APP_INSTALLS": (27_000, 90_000),
    "PA_APP_SERVICES": (50, 80),
    # Education: of a district or a commune.
    "GD_CASHLESS_SCHOOLS": (85, 100),
    "GD_CASHLESS_PAYMENTS": (55, 98),
    "GD_CASHLESS_VALUE": (55, 98),
    "GD_SCHOOL_APPS": (80, 100),
    "GD_DIGITAL_MODEL": (50, 80),
    "GD_DIGITAL_MODEL_HIGHER": (50, 90),
    "GD_ID_CODES": (95, 100),
    "GD_ID_CODES_LEFT": (0, 260),
    "GD_RECORD_SIGNATURES": (11_300, 16_000),
    "GD_ATTENDANCE": (93, 99.8),
    "GD_STUDENTS": (1_800, 9_000),
    "GD_DROPOUTS": (0, 14),
    # Civil servants.
    "CC_RECORDS": (97, 100),
    "CC_BASIC_SKILLS": (85, 100),
    "CC_TRAINED": (40, 900),
    "CC_ONLINE_LEARNERS": (300, 2_400),
    "CC_ONLINE_COMPLETED": (40, 75),
    "CC_MOOC_LEARNERS": (500, 5_000),
    "CC_DIGITAL_IDENTITY": (98, 100),
    "CC_COMPUTERS": (97, 100),
    "CC_RECORD_SIGNATURES": (27_300, 29_000),
    "CC_ADULT_SIGNATURES": (5, 48),
    "CC_WORKING_AGE_SKILLS": (45, 75),
    # Economy.
    "GRDP": (18_000, 32_000),
    "GRDP_GROWTH": (4.5, 9.5),
    "LABOUR_PRODUCTIVITY": (4, 9),
    "BUDGET_REVENUE": (320, 760),
    "BUDGET_SPENDING": (700, 1_900),
    "PUBLIC_INVESTMENT": (5, 95),
    "INDUSTRY_INDEX": (92, 118),
    "RETAIL_SALES": (60, 1_400),
    "EXPORT_VALUE": (75, 130),
    "SHRIMP_EXPORT": (60, 110),
    "PRICE_INDEX": (98.5, 105),
    "NEW_FIRMS": (0, 18),
    "DIGITAL_ECONOMY": (6, 12),
    "E_COMMERCE_SHARE": (7, 12),
    "TOURISTS": (18_000, 62_000),
    # Nature and farming.
    "WASTE_TONNES": (4, 180),
    "SHRIMP_AREA": (400, 42_000),
    "SHRIMP_OUTPUT": (50, 3_800),
    "RICE_OUTPUT": (300, 98_000),
    "FOREST_COVER": (25, 27),
    "SHRIMP_PRICE": (150_000, 260_000),
    "RAINFALL": (0, 60),
    # Infrastructure.
    "OPEN_DATASETS": (86, 160),
    "FIBRE_HOMES": (70, 96),
}
"""Least and greatest figure that one unit reports, by series."""

WHOLES: dict[str, Range] = {
    "YT_ID_CARD_FACILITIES": (125, 125),
    "YT_RECORD_COVERAGE": (1_190_000, 1_210_000),
    "YT_HEALTH_BOOK_FACILITIES": (125, 125),
    "GD_CASHLESS_SCHOOLS": (4, 56),
    "GD_SCHOOL_APPS": (4, 56),
    "GD_E_GRADEBOOKS": (4, 56),
    "GD_DIGITAL_MODEL": (372, 380),
    "GD_DIGITAL_MODEL_HIGHER": (10, 10),
    "CC_RECORDS": (27_400, 27_500),
    "CC_BASIC_SKILLS": (27_400, 27_500),
    "CC_DIGITAL_IDENTITY": (10_900, 11_000),
    "CC_COMPUTERS": (27_400, 27_500),
    "LAND_DATABASES": (9, 9),
    "LAND_COMMUNES": (101, 101),
    "FOREST_COVER": (520_000, 530_000),
}
"""Least and greatest denominator that one unit reports of a share, by series."""
_WHOLE: Range = (2_000, 40_000)

_SHARE: Range = (62, 99)
_OF_DOMAIN: Range = (0.001, 0.02)
"""A domain is wide, so that only what cannot be lies outside: what units report is far from its upper end."""

PORTAL = frozenset(
    (
        *("GRDP", "GRDP_GROWTH", "BUDGET_REVENUE", "BUDGET_SPENDING", "INDUSTRY_INDEX", "RETAIL_SALES", "EXPORT_VALUE"),
        *("SHRIMP_EXPORT", "PRICE_INDEX", "NEW_FIRMS", "SHRIMP_AREA", "SHRIMP_OUTPUT", "RICE_OUTPUT", "OPEN_DATASETS"),
        *("COVERED_HAMLETS", "FIBRE_HOMES", "GD_CASHLESS_SCHOOLS", "CC_RECORDS"),
    )
)
"""Series that are read from the open-data portal; the others are dropped as reports, but for yearly ones, which no unit drops."""


def plausible(series: Series) -> Range:
    """The range of one unit's figure, within the domain of the series."""
    if series.code in RANGES:
        low, high = RANGES[series.code]
    elif series.unit == "percent":
        low, high = _SHARE
    else:
        low, high = (series.low + share * (series.high - series.low) for share in _OF_DOMAIN)
    return max(low, series.low), min(high, series.high)


def whole(series: Series) -> Range:
    """The range of the denominator that one unit reports of a share; it hardly changes from period to period."""
    return WHOLES.get(series.code, _WHOLE)
