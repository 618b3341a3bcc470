"""The series of figures that the hub carries: what is reported, how often, by whom, and within which range.

A share is reported with its numerator and denominator; its range is that of the percentage. Codes, names, reporters and ranges are
made up after the sectors that FACTS and the public plans name.
"""

from typing import Literal, NamedTuple

from ingest.simulator.population import UNITS

Grain = Literal["day", "week", "month", "quarter", "year"]


class Series(NamedTuple):
    """One series.

    Attributes:
        code: as reports and tables write it.
        name: in Vietnamese.
        measure: unit of measure, as a report shows it.
        grain: length of its periods.
        low, high: plausible range of one unit's figure.
        decimals: that it is reported with.
        units: who reports it.
        share: a percentage, reported with numerator and denominator.
        portal: it is read from the open-data portal; otherwise units drop it in their reports.
    """

    code: str
    name: str
    measure: str
    grain: Grain
    low: float
    high: float
    decimals: int
    units: tuple[str, ...]
    share: bool = False
    portal: bool = False


def _department(number: int) -> tuple[str, ...]:
    return (f"000.00.{number:02d}.H12",)


_DISTRICTS = UNITS["district"]
_NATURE, _FARMING, _ICT, _HOME, _PLANNING, _FINANCE = map(_department, (2, 3, 5, 6, 7, 8))
_SCHOOLS, _TRADE, _CULTURE = map(_department, (11, 12, 16))

SERIES: tuple[Series, ...] = (
    # Education
    Series("GD_ATTENDANCE", "Tỷ lệ học sinh đi học", "%", "day", 93, 99.8, 2, _DISTRICTS, share=True),
    Series(
        "GD_CASHLESS_FEES", "Tỷ lệ thu học phí không dùng tiền mặt", "%", "month", 55, 98, 2, _DISTRICTS, share=True
    ),
    Series("GD_E_RECORDS", "Tỷ lệ học bạ số", "%", "month", 60, 99, 2, _DISTRICTS, share=True),
    Series("GD_ID_CODES", "Tỷ lệ học sinh đã làm sạch mã định danh", "%", "month", 90, 100, 2, _DISTRICTS, share=True),
    Series("GD_DIGITAL_MODEL", "Tỷ lệ trường hoàn thành mô hình số", "%", "quarter", 20, 80, 1, _SCHOOLS, share=True),
    # Socio-economy
    Series("GRDP_GROWTH", "Tốc độ tăng GRDP", "%", "quarter", 4.5, 9.5, 2, _PLANNING, portal=True),
    Series("BUDGET_REVENUE", "Thu ngân sách nhà nước", "tỷ đồng", "month", 320, 760, 3, _FINANCE, portal=True),
    Series("BUDGET_SPENDING", "Chi ngân sách nhà nước", "tỷ đồng", "month", 700, 1900, 3, _FINANCE, portal=True),
    Series("PUBLIC_INVESTMENT", "Tỷ lệ giải ngân vốn đầu tư công", "%", "month", 5, 95, 2, _DISTRICTS, share=True),
    Series("INDUSTRY_INDEX", "Chỉ số sản xuất công nghiệp", "%", "month", 92, 118, 2, _TRADE, portal=True),
    Series("RETAIL_SALES", "Tổng mức bán lẻ hàng hóa", "tỷ đồng", "month", 380, 1400, 2, _DISTRICTS, portal=True),
    Series("EXPORT_VALUE", "Kim ngạch xuất khẩu", "triệu USD", "month", 75, 130, 3, _TRADE, portal=True),
    Series("SHRIMP_EXPORT", "Kim ngạch xuất khẩu tôm", "triệu USD", "month", 60, 110, 3, _TRADE, portal=True),
    Series("PRICE_INDEX", "Chỉ số giá tiêu dùng", "%", "month", 98.5, 105, 2, _PLANNING, portal=True),
    Series("NEW_FIRMS", "Doanh nghiệp thành lập mới", "doanh nghiệp", "month", 2, 18, 0, _DISTRICTS, portal=True),
    Series("DIGITAL_ECONOMY", "Tỷ trọng kinh tế số trong GRDP", "%", "year", 8, 20, 2, _ICT, portal=True),
    Series("E_COMMERCE", "Giá trị giao dịch thương mại điện tử", "tỷ đồng", "month", 90, 210, 2, _TRADE, portal=True),
    Series("E_INVOICES", "Hóa đơn điện tử", "hóa đơn", "day", 6000, 14000, 0, _FINANCE, portal=True),
    Series("E_TAX", "Tỷ lệ doanh nghiệp nộp thuế điện tử", "%", "month", 97, 99.9, 2, _FINANCE, share=True),
    Series("E_CONTRACTS", "Tỷ lệ doanh nghiệp dùng hợp đồng điện tử", "%", "quarter", 35, 85, 1, _TRADE, share=True),
    Series("OCOP_PRODUCTS", "Sản phẩm OCOP được công nhận", "sản phẩm", "quarter", 8, 30, 0, _DISTRICTS, portal=True),
    Series("TOURISTS", "Lượt khách du lịch", "lượt", "week", 18000, 62000, 0, _CULTURE),
    Series("TOURISM_REVENUE", "Doanh thu du lịch", "tỷ đồng", "month", 110, 420, 2, _CULTURE, portal=True),
    # Civil servants
    Series("CC_RECORDS", "Tỷ lệ hồ sơ cán bộ đầy đủ", "%", "month", 85, 100, 2, (*_HOME, *_DISTRICTS), share=True),
    Series("CC_TRAINED", "Cán bộ được bồi dưỡng kỹ năng số", "người", "month", 5, 60, 0, (*_HOME, *_DISTRICTS)),
    Series("CC_SIGNATURES", "Tỷ lệ cán bộ có chữ ký số", "%", "month", 70, 100, 2, (*_HOME, *_DISTRICTS), share=True),
    Series("CC_VNEID", "Tỷ lệ tài khoản đăng nhập bằng VNeID", "%", "month", 50, 99, 2, _HOME, share=True),
    # Environment and water
    Series("MT_WASTE_TONNES", "Chất thải rắn sinh hoạt thu gom", "tấn", "day", 22, 180, 1, _DISTRICTS),
    Series("MT_WASTE_SHARE", "Tỷ lệ thu gom chất thải rắn", "%", "month", 72, 96, 2, _DISTRICTS, share=True),
    Series("MT_STATIONS_ONLINE", "Tỷ lệ trạm quan trắc trực tuyến", "%", "day", 80, 100, 1, _NATURE, share=True),
    # Agriculture
    Series("SHRIMP_AREA", "Diện tích nuôi tôm", "ha", "month", 9500, 42000, 1, _DISTRICTS, portal=True),
    Series("SHRIMP_OUTPUT", "Sản lượng tôm", "tấn", "month", 900, 3800, 1, _DISTRICTS, portal=True),
    Series("RICE_OUTPUT", "Sản lượng lúa", "tấn", "quarter", 3000, 98000, 0, _DISTRICTS, portal=True),
    Series("FOREST_COVER", "Tỷ lệ che phủ rừng", "%", "year", 25, 27, 2, _FARMING, portal=True),
    Series("DISEASE_OUTBREAKS", "Ổ dịch bệnh thủy sản, gia súc", "ổ dịch", "week", 0, 6, 0, _DISTRICTS),
    Series("TRACEABILITY", "Tỷ lệ cơ sở truy xuất nguồn gốc", "%", "month", 30, 88, 2, _FARMING, share=True),
    # Digital infrastructure
    Series("COVERAGE_4G", "Tỷ lệ ấp phủ sóng 4G", "%", "month", 97, 100, 2, _DISTRICTS, share=True, portal=True),
    Series("COVERAGE_5G", "Tỷ lệ ấp phủ sóng 5G", "%", "month", 8, 60, 2, _DISTRICTS, share=True, portal=True),
    Series("FIBRE_HOMES", "Tỷ lệ hộ có cáp quang", "%", "month", 70, 96, 2, _DISTRICTS, share=True, portal=True),
    Series("OPEN_DATASETS", "Tập dữ liệu mở đã công bố", "tập", "month", 60, 140, 0, _ICT, portal=True),
)

BY_CODE = {series.code: series for series in SERIES}
