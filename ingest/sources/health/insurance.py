"""The stream of insurance files: visits and stays that facilities send to social insurance, dropped into a folder."""

from collections.abc import Iterator

from ingest.source import Change, Page, Record, Stream, Target
from ingest.sources.folder import Folder
from ingest.sources.health.insurance_file import ARRIVED, COMPILED, FACILITY, NAMED, TOLD, records_of
from ingest.sources.health.insurance_hoso import TABLES
from ingest.sources.health.insurance_stay import read_stay
from ingest.sources.health.insurance_xml1 import FIELDS
from ingest.sources.health.name import NAME
from ingest.sources.part import Part
from ioc.settings.sources import HealthSourceSettings

ENDINGS = (".xml",)


class InsuranceFiles(Stream):
    """Each HOSO of each file is one record and tells the whole stay; sent again, the one that was compiled later counts."""

    name = NAME
    stream = "insurance_files"
    targets = (Target("encounter", "stay"),)
    known_fields = FIELDS | TABLES | {FACILITY, COMPILED, TOLD, NAMED, ARRIVED}
    by_unit = True

    def __init__(self, folder: Folder) -> None:
        self._folder = folder

    def pages(self, cursor: str | None) -> Iterator[Page]:
        """See `Source.pages`."""
        return self._folder.pages(cursor)

    def place(self, record: Record) -> str:
        """Of what is wrong with a file as a whole, the file's moment: heads of two files may be equal. Else by its bytes."""
        if record.fault is not None and ARRIVED in record.fields:
            return f"file of {record.fields[NAMED] or record.fields[ARRIVED]}"
        return super().place(record)

    def read(self, record: Record) -> Change:
        """See `Source.read`."""
        return read_stay(record.fields)


def insurance_part(settings: HealthSourceSettings) -> Part | None:
    """The stream of the folder that the settings name; None without one.

    Raises:
        ConfigError: it is no folder.
    """
    folder = Folder.of(settings, ENDINGS, records_of)
    return None if folder is None else Part([InsuranceFiles(folder)], lambda: None)
