"""Which diseases facilities must notify (after Circular 54/2015/TT-BYT, appendix 1).

The circular names diseases, some with an ICD-10 code; the codes here were put together by name and not compared with the gazette. A
province that counts by another list changes it here: facts that were read before keep what they were judged by.
"""

_CATEGORIES = (
    *("A00", "A01", "A03", "A06", "A15", "A16", "A17", "A18", "A19", "A20", "A22", "A27", "A33", "A34", "A35", "A36", "A37"),
    *("A39", "A80", "A82", "A83", "A84", "A85", "A86", "A90", "A91", "A92", "A95", "A96", "A97", "A98", "B01", "B03", "B05"),
    *("B06", "B15", "B16", "B17", "B18", "B19", "B20", "B21", "B22", "B23", "B24", "B26", "B50", "B51", "B52", "B53", "B54"),
    *("J09", "J10", "J11", "U04"),
)  # fmt: skip
_LATER = ("B04", "U07")
"""Mpox and COVID-19, which later decisions of the ministry added."""
_SUBCATEGORIES = ("B084",)
"""Hand, foot and mouth disease: the only one of its category."""

NOTIFIABLE = frozenset((*_CATEGORIES, *_LATER, *_SUBCATEGORIES))
"""ICD-10 categories and subcategories, in upper case without dot."""


def notifiable(code: str) -> bool:
    """Whether the disease of an ICD-10 code (upper case, without dot) must be notified."""
    return code[:3] in NOTIFIABLE or code[:4] in NOTIFIABLE
