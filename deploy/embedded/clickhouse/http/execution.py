"""Runs one HTTP request's statement in a worker thread."""

import os
from dataclasses import dataclass

from deploy.embedded.clickhouse.engine.engine import Engine
from deploy.embedded.clickhouse.engine.files import write_all
from deploy.embedded.clickhouse.engine.session import EngineSession, Stats
from deploy.embedded.clickhouse.errors import ServerError
from deploy.embedded.clickhouse.http.request import Request
from deploy.embedded.clickhouse.http.sessions import HttpSessions
from deploy.embedded.clickhouse.sql.policy import READONLY_VALUES, Policy, set_changes
from deploy.embedded.clickhouse.sql.statement import Statement, parse, with_own_query_ids
from deploy.embedded.clickhouse.users import User


@dataclass(frozen=True, slots=True)
class Plan:
    """A request that may run: its user, its statement, and how its result is written."""

    request: Request
    user: User
    statement: Statement
    tag: str
    output_format: str
    settings: dict[str, str]
    only_reading: bool
    """The request itself asked for no more than reading."""


class Executor:
    """Plans requests and runs them."""

    def __init__(self, engine: Engine, policy: Policy) -> None:
        self._engine = engine
        self._policy = policy
        self.sessions = HttpSessions(engine)

    def plan(self, request: Request, user: User) -> Plan:
        """Checks what is asked.

        Raises:
            ServerError: the statement cannot be read, or the user may not run it so.
        """
        statement = parse(request.statement)
        if statement.insert is None and request.data:
            # `?query=SELECT …` with the rest of the text in the body
            statement = parse(request.statement + b"\n" + request.data)
        only_reading = request.reading_only or request.settings.get("readonly", "0") in READONLY_VALUES
        # In a session of its own, the engine enforces the request's readonly; in a named one the front has to.
        self._policy.check(
            statement,
            readonly=user.readonly or only_reading,
            only_reading=only_reading and bool(request.session_id) and not user.readonly,
            caps=user.caps,
        )
        output_format = statement.format or request.default_format
        if output_format.lower() not in self._engine.formats:
            raise ServerError.named(73, f"Unknown format {output_format}")
        settings = self._policy.settings(request.settings, readonly=user.readonly, caps=user.caps)
        return Plan(
            request,
            user,
            statement,
            request.query_id or self._engine.new_tag(),
            output_format,
            settings,
            only_reading,
        )

    def run(self, plan: Plan, output: int) -> Stats:
        """Runs a plan; the engine writes its result to the descriptor `output`, which stays open."""
        readonly = plan.user.readonly or plan.only_reading
        with (
            self._engine.slot(plan.tag, plan.user),
            self.sessions.use(plan.request, plan.user, readonly=readonly) as session,
            session.settings(plan.settings | {"log_comment": plan.tag}),
        ):
            return self._run(session, plan, output)

    def _run(self, session: EngineSession, plan: Plan, output: int) -> Stats:
        statement, parameters = plan.statement, plan.request.parameters
        if statement.insert is not None:
            data = statement.insert.data
            if plan.request.data is not None:
                data = data + plan.request.data if data else plan.request.data
            return self._policy.insert_inline(session, statement.insert, parameters, data)
        if statement.kind == "show":
            # With an output clause SHOW TABLES lists nothing: the engine rewrites it. These results are small.
            result = session.fetch(with_own_query_ids(statement), plan.output_format, parameters)
            write_all(output, result)
            return Stats()
        if statement.returns_rows:
            before, after = statement.output_split
            return session.write_output(before, after, plan.output_format, output, parameters)
        stats = session.run(statement.text, parameters)
        if statement.kind == "set":
            session.remember(set_changes(statement))
        return stats


def pipe() -> tuple[int, int]:
    """The two ends of a pipe: reading (not blocking), writing."""
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    return reading, writing
