"""Settings of the servers that the stages meet in: the broker and ClickHouse."""

from typing import Annotated

from pydantic import Field, SecretStr

from ioc.settings.limits import ReaderLimits
from ioc.settings.section import Port, Section


class KafkaSettings(Section):
    """The broker."""

    bootstrap: str = "127.0.0.1:19092"
    """Addresses of brokers, `host:port`, by comma."""
    replication: Annotated[int, Field(ge=1)] = 1
    """Copies of each topic that is created."""


class Login(Section):
    """A ClickHouse user."""

    user: str
    """Name of the user."""
    password: SecretStr = SecretStr("")
    """Its password."""


class ClickHouseSettings(Section):
    """The ClickHouse server and the users that the parts log in as."""

    host: str = "127.0.0.1"
    """Name or address of the server."""
    native_port: Port = 19000
    """Port of the native protocol."""
    http_port: Port = 18123
    """Port of the HTTP interface."""
    database: Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")] = "ioc"
    """Database that holds all tables."""
    cluster: str = ""
    """Name of the cluster for ON CLUSTER and Replicated engines; empty on one node."""
    admin: Login = Login(user="ioc_admin")
    """Migrates, and reads for `ioc reconcile`."""
    writer: Login = Login(user="ioc_writer")
    """The sink's."""
    wall: Login = Login(user="ioc_wall")
    """The wall's and Grafana's; reads only."""
    analyst: Login = Login(user="ioc_analyst")
    """For people with SQL; reads only."""
    analyst_limits: ReaderLimits = ReaderLimits()
