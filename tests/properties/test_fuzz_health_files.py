"""Insurance files, mutated byte by byte: no crash, no hang, each is events and dead letters with a reason."""

from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.envelope import Enveloper
from ingest.simulator.health.insurance_xml import XML1_FIELDS, Visit, document, hoso
from ingest.sources.folder import Folder
from ingest.sources.health.insurance import InsuranceFiles
from ingest.testing import HASH_KEY
from ioc.privacy import Pseudonyms
from tests.properties.insurance_files import fuzz, outcome, outer_files, visits

SAMPLE = 1_500

STREAM = InsuranceFiles(Folder.__new__(Folder))
ENVELOPER = Enveloper(STREAM, Pseudonyms(HASH_KEY))


def test_unchanged_files_are_events() -> None:
    for body in outer_files():
        assert outcome(body, STREAM, ENVELOPER) == {"event": 2}


def test_mutated_files_are_events_and_letters() -> None:
    found = fuzz(outer_files(), SAMPLE)
    assert {"event", "undecodable", "missing_field", "invalid_value", "contradiction", "unknown_kind"} <= set(found)


TEXTS = st.text(st.characters(blacklist_categories=["Cc", "Cs"]), max_size=20) | st.from_regex(
    r"[0-9.;]{0,14}", fullmatch=True
)


@settings(max_examples=200, deadline=None)
@given(changes=st.dictionaries(st.sampled_from(XML1_FIELDS), TEXTS, max_size=6), told=TEXTS, compiled=TEXTS)
def test_any_text_in_any_field_is_an_event_or_a_letter(changes: dict[str, str], told: str, compiled: str) -> None:
    clean = {name: text.replace("\ufffe", "").replace("\uffff", "") for name, text in changes.items()}
    told, compiled = ("".join(c for c in text if c not in "<&\ufffe\uffff") for text in (told, compiled))
    visit = Visit({**VISIT.general, **clean})
    outcome(document("96001", compiled, [hoso(visit)], told=told), STREAM, ENVELOPER)


(VISIT,) = visits(1)
