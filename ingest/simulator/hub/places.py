"""Where in the province things stand: the districts while there are any, the communes since 1/7/2025."""

from datetime import date
from functools import lru_cache

from ioc.catalogue.load import load_province

PROVINCE = "ca_mau"


@lru_cache(256)
def local_units(day: date) -> tuple[str, ...]:
    """Codes of the local units that exist on a day: one level of them, the higher one."""
    here = [unit for unit in load_province(PROVINCE).unit if unit.valid_on(day)]
    districts = tuple(unit.code for unit in here if unit.level == "district")
    return districts or tuple(unit.code for unit in here if unit.level == "commune")
