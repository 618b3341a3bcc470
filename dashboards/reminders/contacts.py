"""Finds addresses in the operator's contacts (`ioc.contacts`)."""

from datetime import date

from ioc.catalogue.province import Province
from ioc.contacts import Contact, Contacts, To


class Book:
    """Finds addresses in contacts, by the tree of a province."""

    def __init__(self, contacts: Contacts, province: Province, today: date) -> None:
        self.contacts = contacts
        self._above = {unit.code: unit.parent_on(today) for unit in province.unit}
        self._root = next((unit.code for unit in province.unit if unit.parent is None), None)

    def unit(self, code: str, to: To) -> list[str]:
        """Addresses for a unit; of the nearest unit above that has a leader's address where `to` is `superior`."""
        if to != "superior":
            found = self.contacts.unit.get(code, Contact())
            return found.mail if to == "unit" else found.leader
        above = self._above.get(code)
        while above is not None:
            if leaders := self.contacts.unit.get(above, Contact()).leader:
                return leaders
            above = self._above.get(above)
        return []

    def source(self, name: str, to: To) -> list[str]:
        """Addresses for a source."""
        if to == "superior":
            return self.contacts.unit.get(self._root or "", Contact()).leader
        found = self.contacts.source.get(name, Contact())
        return found.mail if to == "unit" else found.leader
