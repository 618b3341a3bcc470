"""A report as bytes: figures as JSON and as XML, and the manifest that says what they are and is signed."""

import hashlib
from typing import Any
from xml.etree import ElementTree as ET

import msgspec

from dashboards.report.figures import FIELDS, Figures
from dashboards.report.period import Period
from ioc.catalogue.province import Province

FORMAT = "ioc-report/1"
NAMESPACE = "urn:ioc:report:1"
JSON_FILE, XML_FILE, MANIFEST, SIGNATURE = "report.json", "report.xml", "manifest.json", "manifest.sig"


def canonical(value: Any) -> bytes:
    """JSON with sorted keys and no blanks, UTF-8: the same value is always the same bytes."""
    return msgspec.json.encode(value, order="sorted")


def digest(content: bytes) -> str:
    """SHA-256 in hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def documents(province: Province, period: Period, figures: Figures) -> dict[str, bytes]:
    """The files of figures, by name."""
    head = {
        "format": FORMAT, "province": province.code, "province_name": province.name.vi, "period": period.name,
        "grain": period.grain, "start": period.start.isoformat(), "end": period.end.isoformat(),
    }  # fmt: skip
    rows = [{name: row[name] for name in FIELDS} for row in figures.rows]
    return {JSON_FILE: canonical(head | {"figures": rows}), XML_FILE: _xml(head, rows)}


def manifest(
    province: Province, period: Period, figures: Figures, files: dict[str, bytes], supersedes: str | None
) -> dict[str, Any]:
    """What the files are, and the hash of each; `state` is sealed when no figure of the period can still change."""
    valued = [row for row in figures.rows if row["value"] is not None]
    provisional = sum(1 for row in valued if row["provisional"])
    return {
        "format": FORMAT, "province": province.code, "period": period.name, "start": period.start.isoformat(),
        "end": period.end.isoformat(), "generation": figures.generation, "catalogue_hash": figures.catalogue_hash,
        "as_of": figures.as_of.strftime("%Y-%m-%dT%H:%M:%S.%fZ"), "state": "sealed" if valued and not provisional else "provisional",
        "figures": len(figures.rows), "with_value": len(valued), "provisional": provisional,
        "content_sha256": content_digest(figures), "supersedes": supersedes,
        "files": [{"name": name, "bytes": len(content), "sha256": digest(content)} for name, content in sorted(files.items())],
    }  # fmt: skip


def content_digest(figures: Figures) -> str:
    """Hash of what a receiver would count with: the figures without how old they were when they were read."""
    return digest(canonical([[row[name] for name in FIELDS if name != "as_of"] for row in figures.rows]))


def _xml(head: dict[str, str], rows: list[dict[str, Any]]) -> bytes:
    root = ET.Element("report", {"xmlns": NAMESPACE, **head})
    for row in rows:
        figure = ET.SubElement(root, "figure")
        for name, value in row.items():
            if value is not None:
                ET.SubElement(figure, name).text = (
                    {True: "true", False: "false"}.get(value) if isinstance(value, bool) else str(value)
                )
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))
