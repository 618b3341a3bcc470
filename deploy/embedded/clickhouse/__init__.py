"""A ClickHouse server for one machine: the chDB engine behind ClickHouse's own native protocol and HTTP interface.

The ways in, from the wire to the engine:

    native/ (TCP)  ┐
                   ├─► sql/ (what is this statement, may this user run it?) ─► engine/ (one chDB session a client)
    http/          ┘

One process owns the data directory. Clients cannot tell it from a ClickHouse server, so any of them, and all of our
own parts, move to a real server by a change of host and port.
"""
