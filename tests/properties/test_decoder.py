"""The fast decoder and the models accept and refuse the same, and read the same values."""

from datetime import UTC, datetime
from typing import Annotated, Any, Union

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import Field, TypeAdapter, ValidationError

from ioc.contracts.base import Contract
from ioc.contracts.decoder import MAX_ERROR_CHARS, FastEvent, decode_slowly, decoder
from ioc.contracts.event import Event
from ioc.contracts.kinds import KINDS
from ioc.errors import REASONS
from tests.properties.event_strategies import (
    ODD_NUMBERS,
    ODD_TEXTS,
    ODD_TIMES,
    ODD_VALUES,
    Pairs,
    Token,
    message,
    odd_events,
    odd_tokens,
    render,
    token,
    valid_events,
)

FAST = decoder("dossier")
_ONE: Any = Annotated[
    Union[tuple(facet.event for facet in KINDS["dossier"].facets)],  # noqa: UP007
    Field(discriminator="facet"),
]
MODELS: TypeAdapter[list[Event[Any]]] = TypeAdapter(list[_ONE])

NONE = {
    "received_at": None,
    "due_at": None,
    "finished_at": None,
    "returned_at": None,
    "fee_vnd": None,
    "paid_online": None,
}
CASE: dict[str, Any] = {
    "procedure": "1.010727", "field": "MT01", "applicant_type": "person", "channel": "post", "status": "received",
    "supplements": 0, "extensions": 0, "components": None, "components_digitised": None, "components_reused": None,
    "result_digitised": None, "vneid": None, **NONE,
}  # fmt: skip
EVENT: dict[str, Any] = {
    "source": "dossier", "kind": "dossier", "entity": "000.00.01.H12-010011", "facet": "case", "version": 1, "unit": "000.00.01.H12",
    "occurred_at": "2024-01-01T00:00:00Z", "observed_at": "2024-01-01T00:00:01Z", "data": CASE,
}  # fmt: skip


def _pairs(event: dict[str, Any], **changed: Token) -> Pairs:
    """The tree of an event, with tokens put in for fields of the envelope or of its data."""
    inner = [(f'"{key}"', changed.get(key, token(value))) for key, value in event["data"].items()]
    outer = [(f'"{key}"', changed.get(key, token(value))) for key, value in event.items() if key != "data"]
    return [*outer, ('"data"', inner)]


def _fast(raw: bytes) -> list[FastEvent] | None:
    try:
        return FAST(raw)
    except msgspec.DecodeError:
        return None


def _models(raw: bytes) -> list[Event[Any]] | None:
    try:
        return MODELS.validate_json(raw)
    except ValidationError:
        return None


def _same(fast: Any, model: Contract) -> bool:
    """Whether every field of the model stands in the struct with an equal value of the same type."""
    for name in type(model).model_fields:
        if name == "facet":
            continue
        left, right = getattr(fast, name), getattr(model, name)
        if isinstance(right, Contract):
            if not _same(left, right):
                return False
        elif type(left) is not type(right) or left != right:
            return False
    return True


def _agree(raw: bytes) -> bool:
    """Asserts that both read `raw` alike; returns whether they accept it."""
    fast, models = _fast(raw), _models(raw)
    assert (fast is None) == (models is None), raw[:2000]
    if fast is None or models is None:
        return False
    assert len(fast) == len(models)
    assert all(_same(left, right) for left, right in zip(fast, models, strict=True)), raw[:2000]
    return True


@given(st.lists(valid_events(), max_size=3))
def test_valid_messages_are_read_alike(events: list[Pairs]) -> None:
    raw = message(*events)
    assert _agree(raw)
    good, bad = decode_slowly("dossier", raw)
    assert good == FAST(raw)
    assert not bad


@given(valid_events())
def test_what_a_model_writes_the_decoder_reads_and_writes_back(event: Pairs) -> None:
    (model,) = MODELS.validate_json(message(event))
    (struct,) = FAST(b"[" + model.model_dump_json().encode() + b"]")
    assert _same(struct, model)
    assert MODELS.validate_json(msgspec.json.encode([struct])) == [model]


@settings(max_examples=400)
@given(odd_events())
def test_odd_events_are_accepted_by_both_or_neither(event: Pairs) -> None:
    raw = message(event)
    accepted = _agree(raw)
    good, bad = decode_slowly("dossier", raw)
    assert (len(good) == 1) == accepted
    assert all(letter.reason in REASONS and 0 < len(letter.error) <= MAX_ERROR_CHARS for letter in bad)


@pytest.mark.parametrize(
    "field", ["version", "supplements", "fee_vnd", "occurred_at", "received_at", "deleted", "paid_online"]
)
@pytest.mark.parametrize("text", [*ODD_NUMBERS, *ODD_VALUES])
def test_odd_numbers_and_values(field: str, text: str) -> None:
    _agree(message(_pairs({**EVENT, "deleted": False}, **{field: Token(text)})))


@pytest.mark.parametrize("field", ["entity", "unit", "facet", "kind", "status", "procedure", "observed_at", "version"])
@pytest.mark.parametrize("text", ODD_TEXTS)
def test_odd_texts(field: str, text: str) -> None:
    _agree(message(_pairs(EVENT, **{field: Token(text)})))


@pytest.mark.parametrize("field", ["occurred_at", "received_at", "due_at"])
@pytest.mark.parametrize("text", ODD_TIMES)
def test_odd_times(field: str, text: str) -> None:
    _agree(message(_pairs(EVENT, **{field: token(text)})))


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2024-01-01T00:00:00Z", datetime(2024, 1, 1, tzinfo=UTC)),
        ("2024-01-01t00:00:00z", datetime(2024, 1, 1, tzinfo=UTC)),
        ("2024-01-01T00:00:00+00:00", datetime(2024, 1, 1, tzinfo=UTC)),
        ("2024-01-01T00:00:00.123456Z", datetime(2024, 1, 1, 0, 0, 0, 123456, tzinfo=UTC)),
        ("2024-01-01T00:00:00.123456789Z", datetime(2024, 1, 1, 0, 0, 0, 123457, tzinfo=UTC)),
        ("2024-01-01T07:00:00+07:00", None),
        ("2024-01-01T00:00:00", None),
        ("2024-01-01", None),
        ("1969-12-31T23:59:59Z", None),
        ("2200-01-01T00:00:00Z", None),
    ],
)
def test_which_times_are_accepted(text: str, moment: datetime | None) -> None:
    raw = message(_pairs(EVENT, occurred_at=token(text)))
    assert _agree(raw) == (moment is not None)
    if moment is not None:
        assert FAST(raw)[0].occurred_at == moment


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"entity": '""'}, "invalid_value"),
        ({"version": "-1"}, "invalid_value"),
        ({"version": "9223372036854775808"}, "invalid_value"),
        ({"version": "1.0"}, "invalid_value"),
        ({"supplements": "2147483648"}, "invalid_value"),
        ({"fee_vnd": "-1"}, "invalid_value"),
        ({"status": '"Received"'}, "invalid_value"),
        ({"kind": '"document"'}, "invalid_value"),
        ({"facet": '"other"'}, "unknown_kind"),
        ({"facet": "null"}, "unknown_kind"),
        ({"received_at": '"2024-01-02T00:00:00Z"', "due_at": '"2024-01-01T23:59:59Z"'}, "contradiction"),
    ],
)
def test_a_refusal_has_its_reason(change: dict[str, str], reason: str) -> None:
    raw = message(_pairs(EVENT, **{key: Token(text) for key, text in change.items()}))
    assert not _agree(raw)
    good, (letter,) = decode_slowly("dossier", raw)
    assert (good, letter.index, letter.reason) == ([], 0, reason)


def test_a_lone_surrogate_makes_the_message_unreadable() -> None:
    raw = message(_pairs(EVENT, entity=Token('"\\ud800"')))
    assert not _agree(raw)
    good, (letter,) = decode_slowly("dossier", raw)
    assert (good, letter.index, letter.raw, letter.reason) == ([], -1, raw, "undecodable")


@pytest.mark.parametrize(
    ("deleted", "data", "accepted"),
    [(False, True, True), (True, True, True), (True, False, True), (False, False, False)],
)
def test_data_may_be_null_only_in_a_deletion(deleted: bool, data: bool, accepted: bool) -> None:
    pairs = _pairs({**EVENT, "deleted": deleted})
    if not data:
        pairs[-1] = ('"data"', token(None))
    assert _agree(message(pairs)) == accepted


def test_a_deletion_without_the_key_is_no_deletion() -> None:
    assert FAST(message(_pairs(EVENT)))[0].deleted is False


@pytest.mark.parametrize("name", [*EVENT, *CASE])
def test_every_field_must_be_there(name: str) -> None:
    pairs = _pairs(EVENT)
    holder = pairs if name in EVENT else pairs[-1][1]
    holder.remove(next(pair for pair in holder if pair[0] == f'"{name}"'))
    raw = message(pairs)
    assert not _agree(raw)
    _, (letter,) = decode_slowly("dossier", raw)
    assert letter.reason == ("unknown_kind" if name == "facet" else "missing_field")


@given(valid_events(), st.data())
def test_a_repeated_key_is_never_read_in_two_ways(event: Pairs, data: st.DataObject) -> None:
    """JSON leaves a repeated key open (RFC 8259, section 4): the last value counts, and the fast decoder checks each."""
    key, _ = data.draw(st.sampled_from(event))
    pairs = [*event]
    pairs.insert(data.draw(st.integers(0, len(event))), (key, data.draw(odd_tokens)))
    raw = message(pairs)
    fast, models = _fast(raw), _models(raw)
    if fast is not None:
        assert models is not None
        assert _same(fast[0], models[0])
    decode_slowly("dossier", raw)


@given(valid_events(), st.data())
def test_damaged_bytes_are_accepted_by_both_or_neither(event: Pairs, data: st.DataObject) -> None:
    raw = bytearray(message(event))
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(raw) - 1))
        match data.draw(st.sampled_from(["flip", "insert", "delete", "cut"])):
            case "flip":
                raw[at] = data.draw(st.integers(0, 255))
            case "insert":
                raw[at:at] = data.draw(
                    st.sampled_from([b"\x00", b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b'"', b"{", b",", b" "])
                )
            case "delete":
                del raw[at]
            case "cut":
                del raw[max(at, 1) :]
        if not raw:
            break
    _agree(bytes(raw))
    decode_slowly("dossier", bytes(raw))


@given(st.lists(st.tuples(st.booleans(), valid_events(), odd_events()), min_size=1, max_size=5))
def test_a_bad_element_costs_only_itself(drawn: list[tuple[bool, Pairs, Pairs]]) -> None:
    texts = [render(good if keep else bad) for keep, good, bad in drawn]
    texts = [text for text in texts if _is_json(text)]
    good, bad = decode_slowly("dossier", ("[" + ",".join(texts) + "]").encode("utf-8", "surrogatepass"))
    assert len(good) + len(bad) == len(texts)
    for letter in bad:
        assert letter.raw == texts[letter.index].encode("utf-8", "surrogatepass")
        assert _models(b"[" + letter.raw + b"]") is None
    kept = [text for index, text in enumerate(texts) if index not in {letter.index for letter in bad}]
    assert good == FAST(message(*(Token(text) for text in kept)))


def _is_json(text: str) -> bool:
    """Whether the array around the element can be told apart at all."""
    try:
        msgspec.json.decode(f"[{text}]".encode("utf-8", "surrogatepass"), type=list[msgspec.Raw])
    except (msgspec.DecodeError, RecursionError):
        return False
    return True


@given(st.binary(max_size=64))
@example(b"")
@example(b"\xef\xbb\xbf[]")
@example(b"[]x")
@example(b"null")
def test_any_bytes_are_refused_in_the_same_way(raw: bytes) -> None:
    _agree(raw)
    good, bad = decode_slowly("dossier", raw)
    assert not good
    assert all(letter.raw in raw for letter in bad)


@pytest.mark.parametrize("depth", [150, 250, 1_000, 5_000, 100_000])
@pytest.mark.parametrize(
    "shape",
    [
        lambda n: "[" * n + "]" * n,
        lambda n: "[" * n,
        lambda n: '[{"a":' * n,
        lambda n: '[{"facet":"case","data":' + "[" * n + "]" * n + "}]",
        lambda n: '[{"x":' + "[" * n + "]" * n + ',"facet":"case"}]',
        lambda n: '[{"entity":' + '{"a":' * n + "1" + "}" * n + ',"facet":"case"}]',
    ],
)
def test_deep_messages_are_refused_and_do_not_crash(shape: Any, depth: int) -> None:
    raw = shape(depth).encode()
    assert not _agree(raw)
    good, bad = decode_slowly("dossier", raw)
    assert not good
    assert bad


def test_a_million_elements_do_not_crash() -> None:
    raw = b"[" + b",".join([b"{}"] * 1_000_000) + b"]"
    assert _fast(raw) is None
    good, bad = decode_slowly("dossier", raw)
    assert not good
    assert [letter.index for letter in bad[-2:]] == [999_998, 999_999]


@pytest.mark.parametrize(
    "element", [b'{"facet":"' + b"y" * 10**6 + b'"}', b'{"facet":"case","' + b"y" * 10**6 + b'":1}']
)
def test_a_long_key_or_value_makes_no_long_sentence(element: bytes) -> None:
    _, (letter,) = decode_slowly("dossier", b"[" + element + b"]")
    assert len(letter.error) <= MAX_ERROR_CHARS


def test_a_key_with_a_wrong_and_a_good_value_is_refused_by_name() -> None:
    pairs = _pairs(EVENT)
    pairs.insert(0, ('"kind"', token("CANARY")))
    _, (letter,) = decode_slowly("dossier", message(pairs))
    assert (letter.reason, letter.error) == (
        "invalid_value",
        "a key stands twice, one of its values is refused: at `$.kind`",
    )


def test_inputs_are_not_in_the_sentence() -> None:
    """What stands in a refused field can be personal."""
    _, (letter,) = decode_slowly("dossier", message(_pairs(EVENT, status=token("CANARY"), supplements=token("CANARY"))))
    assert "status" in letter.error
    assert "CANARY" not in letter.error
