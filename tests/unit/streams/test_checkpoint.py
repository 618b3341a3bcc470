import msgspec
import pytest

from ioc.errors import FatalError
from streams.checkpoint import FORMAT, choose, manifest_key, manifest_value, new_owner, page_key, page_value


def page(number: int, owner: str, revision: int) -> dict[bytes, bytes]:
    return {page_key(number, owner): page_value(revision, f"{owner}@{revision}".encode())}


def manifest(owner: str, offset: int, revisions: dict[int, int]) -> dict[bytes, bytes]:
    return {manifest_key(owner): manifest_value(offset, revisions)}


def test_nothing_is_no_checkpoint() -> None:
    assert choose({}, "state").offset is None


def test_newest_page_of_all_owners_counts_and_all_keys_are_known() -> None:
    found = choose(page(3, "a", 10) | page(3, "b", 20) | page(4, "a", 10) | manifest("b", 20, {3: 20, 4: 10}), "state")
    assert found.offset == 20
    assert found.pages == {3: b"b@20", 4: b"a@10"}
    assert found.revisions == {3: 20, 4: 10}
    assert sorted(found.page_keys[3]) == [b"p/3/a", b"p/3/b"]


def test_page_beyond_the_manifest_is_taken_with_its_own_revision() -> None:
    found = choose(page(3, "a", 10) | manifest("a", 10, {3: 10}) | page(3, "b", 15), "state")
    assert (found.offset, found.revisions) == (10, {3: 15})


def test_manifest_whose_pages_are_gone_is_void_and_the_one_before_counts() -> None:
    messages = page(3, "a", 10) | manifest("a", 10, {3: 10}) | manifest("woken", 99, {3: 99})
    found = choose(messages, "state")
    assert (found.offset, found.void) == (10, [99])
    assert sorted(found.manifest_keys) == [b"m/a", b"m/woken"]


def test_pages_without_a_manifest_are_left_out_but_can_be_deleted() -> None:
    found = choose(page(3, "a", 10), "state")
    assert (found.offset, found.pages, found.revisions) == (None, {}, {})
    assert found.page_keys == {3: [b"p/3/a"]}


def test_other_format_is_fatal() -> None:
    value = msgspec.msgpack.encode({"format": FORMAT + 1, "offset": 1, "revisions": {}})
    with pytest.raises(FatalError, match=f"state.x: checkpoint of format {FORMAT + 1}"):
        choose({b"m/a": value}, "state.x")


@pytest.mark.parametrize("messages", [{b"nonsense": b""}, {b"m/a": b"nonsense"}, {b"p/x/a": b""}])
def test_foreign_messages_are_fatal(messages: dict[bytes, bytes]) -> None:
    with pytest.raises(FatalError, match="is no checkpoint"):
        choose(messages, "state.x")


def test_owners_differ() -> None:
    assert len({new_owner() for _ in range(100)}) == 100
