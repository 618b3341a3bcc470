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
    "RETAIL_SALES": (40, 260),
    "EXPORT_VALUE": (75, 130),
    "SHRIMP_EXPORT": (60, 110),
    "PRICE_INDEX": (98.5, 105),
    "NEW_FIRMS": (0, 5),
    "DIGITAL_ECONOMY": (6, 12),
    "E_COMMERCE_SHARE": (7, 12),
    "TOURISTS": (18_000, 62_000),
    "TOURISM_LODGINGS": (48, 70),
    "TOURISM_PORTAL_VISITS": (8_000, 20_000),
    "SOCIAL_PAYMENTS": (12, 30),
    "MERIT_RECORDS": (98.5, 100),
    "E_INVOICE_FIRMS": (99, 100),
    "E_TAX_FIRMS": (97, 99.9),
    "E_CONTRACT_FIRMS": (70, 100),
    "SME_PLATFORM": (45, 85),
    "DIGITAL_FIRMS": (4, 10),
    "OCOP_ONLINE": (138, 160),
    "PLATFORM_SALES": (500, 1_500),
    "SELLER_HOUSEHOLDS": (40, 160),
    "SELLER_ACCOUNTS": (125_000, 131_000),
    "BANK_ACCOUNTS": (70, 84),
    "SMARTPHONES": (85, 92),
    "DIGITAL_TEAMS": (98, 100),
    "CASHLESS_STREETS": (0, 3),
    "CASHLESS_SHOPS": (5, 60),
    "VNEID_PEOPLE": (76, 86),
    "TEAM_HOUSEHOLDS": (55, 82),
    "E_NEIGHBOURHOODS": (1, 9),
    # Nature and farming.
    "WASTE_TONNES": (2, 26),
    "SHRIMP_AREA": (300, 9_000),
    "SHRIMP_OUTPUT": (40, 1_100),
    "RICE_OUTPUT": (200, 12_000),
    "FOREST_COVER": (25, 27),
    "SHRIMP_PRICE": (150_000, 260_000),
    "RAINFALL": (0, 60),
    "SHRIMP_INTENSIVE_AREA": (10, 400),
    "SHRIMP_DAMAGE": (0, 60),
    "CATCH_OUTPUT": (20, 1_200),
    "RICE_AREA": (0, 3_500),
    "RICE_DAMAGE": (0, 40),
    "NEW_FOREST": (0, 60),
    "FOREST_FIRES": (0, 1),
    "AQUATIC_OUTBREAKS": (0, 3),
    "LIVESTOCK_OUTBREAKS": (0, 2),
    "LIVESTOCK_VACCINATED": (60, 92),
    "TRACEABILITY": (5, 60),
    "FARM_PRODUCTS_ONLINE": (734, 820),
    "NEW_RURAL_COMMUNES": (70, 90),
    "MEDICAL_WASTE": (97, 100),
    "WASTEWATER_PARKS": (50, 100),
    "CLEAN_WATER": (60, 90),
    "LAND_DATABASES": (77, 100),
    "LAND_COMMUNES": (80, 97),
    "LAND_PARCELS": (6_000, 18_000),
    "WATER_SHORTAGE": (0, 120),
    "EROSION": (0, 160),
    "WATER_LICENCES": (180, 260),
    # At sea and on the road.
    "VESSELS_LOST_6H": (5, 40),
    "PORT_CALLS": (60, 180),
    "LANDED_CATCH": (90, 420),
    "TRAFFIC_ACCIDENTS": (0, 2),
    "TRAFFIC_DEATHS": (0, 1),
    "TRAFFIC_INJURIES": (0, 2),
    "TRAFFIC_VIOLATIONS": (10, 180),
    "PASSENGERS": (1_200_000, 2_100_000),
    # Infrastructure.
    "OPEN_DATASETS": (86, 160),
    "FIBRE_HOMES": (70, 96),
    "OPEN_DATA_AGENCIES": (80, 100),
    "COVERED_HAMLETS": (70, 100),
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
    "OPEN_DATA_AGENCIES": (17, 17),
    "COVERED_HAMLETS": (1, 8),
    "SOCIAL_PAYMENTS": (250, 1_500),
    "MERIT_RECORDS": (60, 400),
    "E_INVOICE_FIRMS": (4_700, 4_800),
    "E_TAX_FIRMS": (4_700, 4_800),
    "E_CONTRACT_FIRMS": (300, 400),
    "SME_PLATFORM": (20, 160),
    "DIGITAL_TEAMS": (6, 24),
    "VNEID_PEOPLE": (8_000, 26_000),
    "TEAM_HOUSEHOLDS": (2_500, 8_000),
    "TRACEABILITY": (200, 2_500),
    "NEW_RURAL_COMMUNES": (82, 82),
    "WASTEWATER_PARKS": (6, 6),
    "CLEAN_WATER": (2_000, 6_000),
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
        *("COVERED_HAMLETS", "FIBRE_HOMES", "GD_CASHLESS_SCHOOLS", "CC_RECORDS", "E_COMMERCE_SHARE", "SME_PLATFORM"),
        *("SMARTPHONES", "BANK_ACCOUNTS", "DIGITAL_FIRMS", "OPEN_DATA_AGENCIES", "PASSENGERS", "WATER_LICENCES"),
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
