"""Consumer groups seen from outside: who is in one, and its end."""

from kafka.errors import GroupIdNotFoundError, NonEmptyGroupError

from ioc.errors import FatalError
from ioc.kafka.admin import TIMEOUT_MS, admin_client


def members(bootstrap: str, group: str, timeout_ms: int = TIMEOUT_MS) -> list[str]:
    """The members of a group, by their stable names, else by the names that the broker gave them; none where there is no group.

    Raises:
        RetriableError: the broker cannot be reached.
    """
    with admin_client(bootstrap, timeout_ms) as client:
        try:
            described = client.describe_groups([group]).get(group, {})
        except GroupIdNotFoundError:
            return []
    return [one["group_instance_id"] or one["member_id"] for one in described.get("members", ())]


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
