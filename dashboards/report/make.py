"""Makes and signs the report of a period."""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from dashboards.report.document import MANIFEST, SIGNATURE, canonical, content_digest, documents, manifest
from dashboards.report.figures import Figures
from dashboards.report.outbox import Outbox, Report
from dashboards.report.period import Period
from dashboards.report.signing import signature
from ioc.catalogue.province import Province


def make(
    outbox: Outbox, province: Province, period: Period, figures: Figures, key: Ed25519PrivateKey
) -> tuple[Report, bool]:
    """The signed report of these figures, and whether it is new: figures that stand in the newest report are not reported again.

    A report of a period that was reported before names the one that it takes the place of.
    """
    earlier = [one for one in outbox.reports() if one.manifest["period"] == period.name and one.state != "refused"]
    newest = earlier[-1] if earlier else None
    if newest is not None and (
        newest.manifest["content_sha256"] == content_digest(figures)
        and newest.manifest["generation"] == figures.generation
    ):
        return sign(outbox, newest, key), False
    files = documents(province, period, figures)
    said = manifest(province, period, figures, files, newest.id if newest else None)
    return sign(outbox, outbox.add(canonical(said), files), key), True


def sign(outbox: Outbox, report: Report, key: Ed25519PrivateKey) -> Report:
    """Signs a report that was made and not signed yet: its maker may have died in between."""
    if report.state != "made":
        return report
    outbox.store(report, SIGNATURE, signature(key, (report.folder / MANIFEST).read_bytes()))
    return outbox.advance(report, "signed")
