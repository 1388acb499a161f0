"""Where alerts go, and when."""

import re
from datetime import time
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from monitor.settings.values import Language, Name, Settings, Zone


def _variable(value: object) -> object:
    # Somebody may write the secret itself here, so the message does not repeat it.
    if isinstance(value, str) and not re.fullmatch(r"[A-Z_][A-Z0-9_]*", value):
        raise PydanticCustomError("variable_name", "the name of an environment variable is expected, not its value")
    return value


Variable = Annotated[str, BeforeValidator(_variable)]


def _clock(value: object) -> object:
    # YAML reads 22:00 without quotes as the number 1320, minutes of a day.
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 24 * 60:
        return time(value // 60, value % 60)
    if isinstance(value, str) and (found := re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)", value)):
        return time(int(found[1]), int(found[2]))
    raise ValueError("is no time of day: write it as 09:00")


Clock = Annotated[time, BeforeValidator(_clock, json_schema_input_type=str)]


Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
WEEKDAYS: tuple[Weekday, ...] = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


DealStatus = Literal["completed", "in_talks", "denied"]


class Urgent(Settings):
    """What does not wait: deals for which one of these holds."""

    min_usd: Annotated[int, Field(ge=0)] | None = Field(None, description="At least so many US dollars.")
    status: tuple[DealStatus, ...] = Field((), description="Deals of this status: completed, in_talks, denied.")


class Digest(Settings):
    """Alerts are gathered and sent together."""

    every: Literal["hour", "day", "week"] = Field(description="How often.")
    at: Clock = Field(time(9), description="Time of day, for `day` and `week`; for `hour` its minute counts.")
    weekday: Weekday = Field("monday", description="Day of the week, for `week`.")
    unless: Urgent | None = Field(None, description="What is sent at once all the same.")


def _digest(value: object) -> object:
    short: dict[str, dict[str, Any]] = {
        "hourly": {"every": "hour", "at": "00:00"},
        "daily": {"every": "day"},
        "weekly": {"every": "week"},
    }
    return short.get(value, value) if isinstance(value, str) else value


class Quiet(Settings):
    """Hours in which a channel is left alone; what comes then is sent at their end."""

    begin: Clock = Field(alias="from", description="Begin, local time.")
    end: Clock = Field(alias="to", description="End, local time; the next day if it is before the begin.")
    unless: Urgent | None = Field(None, description="What is sent at once all the same.")


class Timed(Settings):
    """When a channel hears of alerts, and in what language."""

    name: Name = Field(description="Name used in routing.")
    language: Language = Field("en", description="Language of the card.")
    timezone: Zone = Field("UTC", description="Zone of the times of `digest` and `quiet`, such as Asia/Shanghai.")
    digest: Annotated[
        Digest | None, BeforeValidator(_digest, json_schema_input_type=Literal["hourly", "daily", "weekly"] | Digest)
    ] = Field(None, description="Gather alerts: hourly, daily, weekly, or a mapping; null sends each at once.")
    quiet: Quiet | None = Field(None, description="Hours in which nothing is sent.")
    per_hour: Annotated[int, Field(ge=1)] | None = Field(
        None, description="Most messages within an hour; what is over goes into a digest."
    )


class ConsoleChannel(Timed):
    """Prints alerts on standard output."""

    type: Literal["console"]


def _slack_channel(value: object) -> object:
    if isinstance(value, str) and re.fullmatch(r"#[^\s#A-Z]{1,80}|[CGD][A-Z0-9]{7,}", value):
        return value
    raise ValueError('is no Slack channel: write "#name", lower case and in quotes (# begins a comment), or its ID')


class SlackChannel(Timed):
    """Posts with a bot token (`chat.postMessage`); the console takes over while the token is not set."""

    type: Literal["slack"]
    channel: Annotated[str, BeforeValidator(_slack_channel)] = Field(
        description='"#name" (lower case, in quotes) or ID of the Slack channel.'
    )
    token_env: Variable = Field(
        "SLACK_BOT_TOKEN", description="Environment variable that holds the bot token (xoxb-…)."
    )


class WebhookChannel(Timed):
    """Posts to a Slack incoming webhook; the console takes over while the address is not set."""

    type: Literal["slack_webhook"]
    url_env: Variable = Field("SLACK_WEBHOOK_URL", description="Environment variable that holds the webhook's address.")


class AppriseChannel(Timed):
    """Sends through Apprise: Feishu, DingTalk, WeCom, e-mail, Teams and others; the console takes over while unset."""

    type: Literal["apprise"]
    url_env: Variable = Field("APPRISE_URL", description="Environment variable that holds the Apprise address.")


class SignedChannel(Timed):
    """Posts signed JSON to a program of your own; the console takes over while the address is not set."""

    type: Literal["webhook"]
    url_env: Variable = Field("WEBHOOK_URL", description="Environment variable that holds the address.")
    secret_env: Variable = Field(
        "WEBHOOK_SECRET", description="Environment variable that holds the secret (whsec_…) bodies are signed with."
    )


Channel = Annotated[
    ConsoleChannel | SlackChannel | WebhookChannel | AppriseChannel | SignedChannel, Field(discriminator="type")
]
