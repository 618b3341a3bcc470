"""Provinces as data: what is refused, and the tree on any day."""

import itertools
import re
from datetime import date
from pathlib import Path

import pytest

from ioc.catalogue.load import load_catalogue
from ioc.catalogue.profile import check_targets, load_province, province_codes, target_faults
from ioc.catalogue.province import Province
from ioc.catalogue.read import CatalogueError
from ioc.catalogue.tree import BEGIN, END, Span, Tree

HEAD = """\
code = "cm"
name = { vi = "Cà Mau", en = "Ca Mau" }

[[unit]]
code = "P"
name = { vi = "Tỉnh", en = "Province" }
level = "province"
"""
UNITS = """\
[[unit]]
code = "D"
name = { vi = "Huyện", en = "District" }
level = "district"
parent = "P"
aliases = ["D.old"]
valid_to = 2025-07-01
successor = "P"

[[unit]]
code = "C"
name = { vi = "Xã", en = "Commune" }
level = "commune"
parent = "D"
moved = [{ on = 2025-07-01, parent = "P" }]
"""


def province_of(folder: Path, head: str = HEAD, units: str = UNITS) -> Path:
    home = folder / "provinces" / "cm"
    home.mkdir(parents=True)
    (home / "province.toml").write_text(head, encoding="utf-8")
    (home / "units.toml").write_text(units, encoding="utf-8")
    return folder


def test_a_province_is_all_files_of_its_folder(tmp_path: Path) -> None:
    province = load_province("cm", province_of(tmp_path))
    assert [(unit.code, unit.parent) for unit in province.unit] == [("P", None), ("D", "P"), ("C", "D")]
    assert province_codes(tmp_path) == ["cm"]


@pytest.mark.parametrize(
    ("what", "fault", "named"),
    [
        ('level = "commune"', 'level = "village"', "C.level: Input should be 'province', 'district'"),
        ('parent = "D"', 'parent = "X"', "C.parent: 'X' is no unit's code"),
        ('code = "C"', 'code = "D"', "the code 'D' stands at D and at D"),
        ('code = "C"', 'code = "D.old"', "the code 'D.old' stands at D and at D.old"),
        ('"D.old"]', '"P"]', "the code 'P' stands at P and at D"),
        ('parent = "D"\nmoved = [{ on = 2025-07-01, parent = "P" }]\n', "", "here: P (province), C (commune)"),
        ('parent = "D"', 'parent = "C"', "the units C → C form a ring"),
        ('parent = "P"\naliases', 'parent = "C"\naliases', "the units D → C → D form a ring"),
        ('parent = "D"', 'parent = "D"\nvalid_from = "2025-07-01"', "C.valid_from: Input should be a valid date"),
        ("aliases", "alias", "D.alias: Extra inputs are not permitted"),
        ("moved = [{ on = 2025-07-01", "moved = [{ on = 2025-07-02", "D does not exist from 1997-01-01 to 2025-07-02"),
        ('moved = [{ on = 2025-07-01, parent = "P" }]', "", "C.parent: D does not exist from 1997-01-01 to now"),
        ('parent = "D"', 'parent = "D"\nvalid_from = 1990-01-01', "D does not exist from 1990-01-01"),
        ('successor = "P"', 'successor = "Q"', "D.successor: 'Q' is no unit's code"),
        ('successor = "P"', 'successor = "D"', "D.successor: D does not exist on 2025-07-01"),
        ("valid_to = 2025-07-01\n", "", "D: `successor` needs `valid_to`"),
        ("valid_to = 2025-07-01", "valid_to = 1990-07-01", "D: valid_from, the dates of `moved` and valid_to do not follow"),
    ],
)  # fmt: skip
def test_a_fault_of_a_unit_is_named_with_its_file(what: str, fault: str, named: str, tmp_path: Path) -> None:
    assert what in UNITS
    with pytest.raises(CatalogueError) as refused:
        load_province("cm", province_of(tmp_path, units=UNITS.replace(what, fault, 1)))
    assert any(named in line for line in refused.value.faults), refused.value.faults
    assert all(line.startswith(str(tmp_path / "provinces" / "cm")) for line in refused.value.faults)


@pytest.mark.parametrize(
    ("what", "fault", "named"),
    [
        ('code = "cm"', 'code = "xx"', "code: 'xx' is not the folder's name, 'cm'"),
        (
            'level = "province"',
            'level = "commune"',
            "one unit has no parent, and its level is province; here: P (commune)",
        ),
        ('level = "province"', 'level = "province"\nparent = "C"', "here: none"),
        ('code = "cm"', "", "code: Field required"),
    ],
)
def test_a_fault_of_the_head_is_named(what: str, fault: str, named: str, tmp_path: Path) -> None:
    with pytest.raises(CatalogueError) as refused:
        load_province("cm", province_of(tmp_path, head=HEAD.replace(what, fault, 1)))
    assert any(named in line for line in refused.value.faults), refused.value.faults


def test_an_unknown_province_names_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match="provinces there: cm"):
        load_province("hanoi", province_of(tmp_path))


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Tree(load_province("cm", province_of(tmp_path)), {"mapped": "D", "D.old": "C", "lost": "X"})


BEFORE, AFTER = date(2025, 6, 30), date(2025, 7, 1)


def test_a_code_counts_in_the_tree_of_the_day(tree: Tree) -> None:
    assert tree.path("C", BEFORE) == ("C", "D", "P")
    assert tree.path("C", AFTER) == ("C", "P")
    assert tree.path("D.old", BEFORE) == tree.path("mapped", BEFORE) == ("D", "P")
    assert tree.path("D.old", AFTER) == ("P",)
    assert tree.path("lost", AFTER) == tree.path("?", AFTER) == ()


def test_a_life_is_spans_without_gaps(tree: Tree) -> None:
    assert tree.spans("C") == (Span(BEGIN, AFTER, ("C", "D", "P")), Span(AFTER, END, ("C", "P")))
    assert [span.unit for span in tree.spans("D")] == ["D", "P"]
    assert tree.spans("P") == (Span(BEGIN, END, ("P",)),)


def test_children_and_levels_are_those_of_the_day(tree: Tree) -> None:
    assert (tree.children("P", BEFORE), tree.children("D", BEFORE)) == (["D"], ["C"])
    assert (tree.children("P", AFTER), tree.children("D", AFTER)) == (["C"], [])
    assert (tree.of_level("district", BEFORE), tree.of_level("district", AFTER)) == (["D"], [])


TARGET = """
[[target]]
code = "DVC-002"
year = 2025
value = 95
document = "267/KH-UBND"
reference = "PL III"
"""


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (TARGET.replace("DVC-002", "DVC-999"), "target DVC-999 2025: there is no indicator DVC-999"),
        (TARGET.replace("DVC-002", "DVC-001"), "DVC-001 has no `direction`, up or down"),
        (TARGET + TARGET, "stands twice at level province"),
        (TARGET + 'level = "facility"\n', "level 'facility' is not one of province"),
        (
            '[[result]]\ncode = "XX-001"\nas_of = 2024-10-15\nvalue = 1\ndocument = "d"\nreference = "r"\n',
            "result XX-001 2024-10-15: there is no indicator XX-001",
        ),
    ],
)
def test_targets_fit_the_catalogue(text: str, named: str, tmp_path: Path) -> None:
    province = load_province("cm", province_of(tmp_path, units=UNITS + text))
    assert [named in fault for fault in target_faults(province, load_catalogue().indicators)] == [True]
    with pytest.raises(CatalogueError, match="cm: "):
        check_targets(province, load_catalogue().indicators)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (TARGET.replace("year = 2025", "year = 205"), "DVC-002.year: Input should be greater than or equal to 2015"),
        (TARGET.replace("value = 95", 'value = "95"'), "DVC-002.value"),
        (TARGET.replace('document = "267/KH-UBND"\n', ""), "DVC-002.document: Field required"),
        ('[[result]]\nas_of = 2024-10-15\nvalue = 1\ndocument = "d"\nreference = "r"\n', "give `code`, or `what`"),
        (
            '[[result]]\nwhat = "x"\nas_of = 2024-10-15\ndocument = "d"\nreference = "r"\n',
            "give `value`, `numerator` or both",
        ),
    ],
)
def test_a_fault_of_a_target_is_named(text: str, named: str, tmp_path: Path) -> None:
    with pytest.raises(CatalogueError) as refused:
        load_province("cm", province_of(tmp_path, units=UNITS + text))
    assert any(named in line for line in refused.value.faults), refused.value.faults


CA_MAU = load_province("ca_mau")
CA_MAU_TREE = Tree(CA_MAU)


@pytest.mark.parametrize("code", province_codes())
def test_every_province_loads_and_fits_the_catalogue(code: str) -> None:
    assert target_faults(load_province(code), load_catalogue().indicators) == []


def test_ca_mau_before_and_after_the_merger() -> None:
    """64 communes and wards directly under the province since 1/7/2025, 9 districts before."""
    assert len(CA_MAU_TREE.of_level("district", BEFORE)) == 9
    assert CA_MAU_TREE.of_level("district", AFTER) == []
    after = CA_MAU_TREE.of_level("commune", AFTER)
    names = [CA_MAU_TREE.units[code].name.vi for code in after]
    assert (len(after), sum("phường" in n for n in names), sum("xã" in n for n in names)) == (64, 9, 55)
    assert set(after) <= set(CA_MAU_TREE.children(CA_MAU_TREE.root, AFTER))
    assert all(CA_MAU_TREE.units[code].made_up for code in after)
    assert set(after).isdisjoint(CA_MAU_TREE.of_level("commune", BEFORE))


@pytest.mark.parametrize("province", [load_province(code) for code in province_codes()], ids=lambda p: p.code)
def test_units_stand_below_the_level_that_law_puts_them(province: Province) -> None:
    tree = Tree(province)
    above = {
        "department": {"province"},
        "district": {"province"},
        "commune": {"district", "province"},
        "facility": {"department"},
    }
    for unit in province.unit:
        for span in tree.spans(unit.code):
            levels = [tree.units[code].level for code in span.trail]
            assert levels[-1] == "province"
            for lower, upper in itertools.pairwise(levels):
                assert upper in above[lower]


def test_every_ceased_unit_of_ca_mau_has_a_successor_that_exists_today() -> None:
    for unit in CA_MAU.unit:
        if unit.valid_to is not None:
            assert CA_MAU_TREE.units[CA_MAU_TREE.stands_for(unit.code, AFTER)].valid_on(AFTER)


ROWS_OF_PLAN_267 = [
    *(("Phụ lục I", f"I.{n}") for n in range(1, 12)),
    *(("Phụ lục I", f"II.{n}") for n in range(1, 6)),
    *(("Phụ lục I", f"III.{n}") for n in (1, 2, 3, 5, 6, 7)),
    *(("Phụ lục III", f"I.{n}") for n in range(1, 11)),
    *(("Phụ lục III", f"II.{n}") for n in range(1, 7)),
    *(("Phụ lục III", f"III.{n}") for n in range(1, 11)),
    ("Phụ lục III", "IV.2"),
]
"""All rows with a figure but one of appendix I, III.4 (protection online, which the ministry measures and no indicator has)."""


@pytest.mark.parametrize(("appendix", "row"), ROWS_OF_PLAN_267)
def test_every_target_of_plan_267_is_in_the_profile(appendix: str, row: str) -> None:
    year = {"Phụ lục I": 2024, "Phụ lục III": 2025}[appendix]
    cited = re.compile(rf"{appendix}, mục {re.escape(row)}(?!\d)")
    found = [target for target in CA_MAU.target if target.year == year and cited.search(target.reference)]
    assert found, f"{appendix} {row}"
    assert all("267/KH-UBND" in target.document for target in found)


@pytest.mark.parametrize(
    ("code", "level", "value"),
    [
        ("VB-011", "province", 95), ("VB-011", "department", 95), ("VB-011", "district", 90), ("VB-011", "commune", 85),
        ("HT-006", "province", 100), ("HT-007", "province", 100), ("HT-012", "province", 100), ("DVC-017", "province", 100),
        ("DVC-044", "province", 100), ("DVC-045", "province", 100), ("DVC-046", "province", 100), ("DVC-054", "province", 90),
        ("DVC-012", "department", 85), ("DVC-012", "district", 85), ("DVC-012", "commune", 85), ("KT-030", "province", 90),
        ("KT-023", "province", 70), ("VB-043", "province", 50), ("CC-010", "province", 50),
    ],
)  # fmt: skip
def test_targets_of_the_emulation_movement_that_the_articles_name(code: str, level: str, value: float) -> None:
    assert [t.value for t in CA_MAU.targets_of(code) if (t.year, t.level) == (2025, level)] == [value]
