"""The kit: what a connector beside the package is written with. docs/connectors.md walks through one."""

from ingest.kit.json_stream import JsonSettings, JsonStream
from ingest.source import Change, Page, Record, Stream, Target
from ioc.settings.sources import SystemSettings

__all__ = ["Change", "JsonSettings", "JsonStream", "Page", "Record", "Stream", "SystemSettings", "Target"]
