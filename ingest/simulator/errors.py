"""What the simulated systems refuse."""


class RequestError(ValueError):
    """The client's request is wrong; the message says how."""
