"""Consumer groups seen from outside: who is in one, what none of them reads, and its end."""

from collections.abc import Sequence
from typing import Any

from kafka import KafkaAdminClient
from kafka.admin import MemberToRemove
from kafka.errors import GroupIdNotFoundError, NoError, NonEmptyGroupError

from ioc.errors import FatalError, RetriableError
from ioc.kafka.admin import TIMEOUT_MS, admin_client, partitions_of

_SETTLED = "Stable"


def _described(client: KafkaAdminClient, group: str) -> dict[str, Any]:
    """What the broker says of a group; nothing where there is none."""
    try:
        described: dict[str, Any] = client.describe_groups([group]).get(group, {})
    except GroupIdNotFoundError:
        return {}
    return described


def members(bootstrap: str, group: str, timeout_ms: int = TIMEOUT_MS) -> list[str]:
    """The members of a group, by their stable names, else by the names that the broker gave them; none where there is no group.

    Raises:
        RetriableError: the broker cannot be reached.
    """
    with admin_client(bootstrap, timeout_ms) as client:
        described = _described(client, group)
    return [one["group_instance_id"] or one["member_id"] for one in described.get("members", ())]


def unread(bootstrap: str, group: str, topics: Sequence[str], timeout_ms: int = TIMEOUT_MS) -> set[tuple[str, int]]:
    """(topic, partition) of these topics that no member of a group reads; none while the group is empty or being arranged.

    Raises:
        RetriableError: the broker cannot be reached.
    """
    with admin_client(bootstrap, timeout_ms) as client:
        described = _described(client, group)
        if described.get("group_state") != _SETTLED:
            return set()
        read = {
            (assigned["topic"], partition)
            for member in described["members"]
            # Of a member that is given nothing the broker may say nothing.
            for assigned in (member["member_assignment"] or {"assigned_partitions": ()})["assigned_partitions"]
            for partition in assigned["partitions"]
        }
        return {place for place in partitions_of(client, topics) if place not in read}


def share_anew(bootstrap: str, group: str, timeout_ms: int = TIMEOUT_MS) -> None:
    """Has all members of a group join it again, so that its partitions are shared anew.

    Raises:
        RetriableError: the broker cannot be reached, or a member is still in the group; nothing is lost by trying again.
    """
    with admin_client(bootstrap, timeout_ms) as client:
        described = _described(client, group)
        out = [
            MemberToRemove(group_instance_id=one["group_instance_id"])
            if one["group_instance_id"]
            else MemberToRemove(member_id=one["member_id"])
            for one in described.get("members", ())
        ]
        said = client.remove_group_members(group, out) if out else {}
    if kept := [error.__name__ for error in said.values() if error is not NoError]:
        raise RetriableError(f"group {group} is not shared anew: {', '.join(kept)}")


def delete_group(bootstrap: str, group: str, timeout_ms: int = TIMEOUT_MS) -> None:
    """Deletes a group with its offsets; one that does not exist is none.

    Raises:
        RetriableError: the broker cannot be reached.
        FatalError: somebody is still in it, or the broker refuses.
    """
    with admin_client(bootstrap, timeout_ms) as client:
        said = client.delete_groups([group]).get(group, "OK")
    if said == NonEmptyGroupError.__name__:
        raise FatalError(f"group {group} still has members; stop the worker of that generation first")
    if said not in ("OK", GroupIdNotFoundError.__name__):
        raise FatalError(f"the broker does not delete group {group}: {said}")
