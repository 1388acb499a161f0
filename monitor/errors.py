"""One tree of errors. Each message names the thing at fault and says what to do about it."""


class MonitorError(Exception):
    """Base of every error that a user may see; `str()` of it is the whole message."""


class ConfigError(MonitorError):
    """The configuration cannot be used.

    `problems` holds one line per fault, each as `file:line: field: what is wrong`.
    """

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class ParseError(MonitorError):
    """Bytes from outside are not what they should be (a feed that is no feed)."""


class UrlError(ParseError):
    """A URL that is malformed, or of a scheme or form that is not fetched."""


class ArchiveError(MonitorError):
    """The database is missing, out of reach, or of another schema version."""


class TooSlowError(ArchiveError):
    """A question to the archive took longer than it may."""

    def __init__(self) -> None:
        super().__init__("the search takes too long: ask for less, such as a time (after:30d) or a further word")


class DeliveryError(MonitorError):
    """A message was not taken by its channel.

    `retry_after` is in seconds, where the channel named a time; `code` is the channel's own name of the error, if any.
    """

    def __init__(self, message: str, *, retry_after: float | None = None, code: str = "") -> None:
        super().__init__(message)
        self.retry_after = retry_after
        self.code = code


class DeliveryRefusedError(DeliveryError):
    """The channel said no for good (archived, wrong token): sending again changes nothing."""


class DeliveryUncertainError(DeliveryError):
    """The request may have arrived, its answer did not: look before sending again."""
