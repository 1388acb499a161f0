"""What Slack's answers mean: whether a message arrived, whether to try again, what somebody has to do."""

import re
from collections.abc import Callable, Mapping
from http.client import HTTPException
from typing import Any, TypeVar
from urllib.error import URLError

from slack_sdk.errors import SlackApiError, SlackClientError

from monitor.alerting.statuses import passing, retry_after
from monitor.errors import DeliveryError, DeliveryRefusedError, DeliveryUncertainError

T = TypeVar("T")

# What Slack answers that is not for good (https://docs.slack.dev/reference/methods/chat.postMessage#errors). Of the
# second set it says "It's possible some aspect of the operation succeeded before the error was raised".
_PASSING = {
    "ratelimited",
    "rate_limited",
    "message_limit_exceeded",
    "service_unavailable",
    "request_timeout",
    "team_added_to_org",
}
_UNCERTAIN = {"internal_error", "fatal_error", "rollup_error"}
_INVITE = "invite the app into the channel with /invite, or correct the channel's name in the configuration"
_TOKEN = "install the app again and set the new bot token"  # noqa: S105
_OURS = "this is a fault of the monitor; please report it with the alert's ID"
_HINTS: Mapping[str, str] = {
    "is_archived": "unarchive the channel, or choose another one in the configuration",
    "channel_is_archived": "unarchive the channel, or choose another one in the configuration",
    "channel_not_found": _INVITE,
    "not_in_channel": _INVITE,
    "invalid_auth": _TOKEN,
    "not_authed": _TOKEN,
    "account_inactive": _TOKEN,
    "token_revoked": _TOKEN,
    "token_expired": _TOKEN,
    "invalid_token": "create a new webhook and set its address",
    "no_service": "the webhook was removed: create a new one and set its address",
    "no_team": "the workspace of the webhook is gone: create a new one and set its address",
    "action_prohibited": "an administrator has forbidden posting there: ask for permission or choose another channel",
    "restricted_action": "an administrator has forbidden posting there: ask for permission or choose another channel",
    "message_not_found": "the message is gone from the channel",
    "edit_window_closed": "the workspace does not let messages of that age be edited",
    "cant_update_message": "the message is not ours: the app was installed anew",
    "no_text": _OURS,
    "invalid_blocks": _OURS,
    "invalid_payload": _OURS,
    "msg_too_long": _OURS,
    "msg_blocks_too_long": _OURS,
}


def sent(method: str, request: Callable[[], T]) -> T:
    """The answer to a request; errors tell whether it can have reached Slack.

    urllib wraps in URLError what fails until the request is written to its end, and only that (`do_open` of
    `urllib.request`), so Slack cannot have acted on it. Whatever else fails, failed while waiting for the answer.
    Causes are not chained: they may hold the webhook's address.
    """
    try:
        return request()
    except URLError as error:
        raise DeliveryError(f"Slack's {method} is out of reach: {error.reason}") from None
    except SlackApiError:
        raise
    except (OSError, HTTPException, ValueError, AttributeError, SlackClientError) as error:
        # AttributeError and ValueError: slack_sdk's ways to meet JSON that is no object, and bytes that are no text
        raise DeliveryUncertainError(
            f"Slack's {method} was sent a request, but its answer was lost ({type(error).__name__})"
        ) from None


def api_error(method: str, error: SlackApiError) -> DeliveryError:
    """The error that an answer of the Web API stands for."""
    answer = error.response
    data = answer.data if isinstance(answer.data, dict) else {}
    code = str(data.get("error", ""))
    if answer.status_code != 200:
        return http_error(method, answer.status_code, code, answer.headers)
    if code == "missing_scope":
        return refusal(method, code, f"add the scope {data.get('needed')} to the app and install it again")
    details = (data.get("response_metadata") or {}).get("messages") or []
    return _coded(method, code, answer.headers, " ".join(str(d) for d in details)[:300])


def http_error(method: str, status: int, code: str, headers: Mapping[str, Any]) -> DeliveryError:
    """The error that an HTTP status other than 200 stands for."""
    known = code if re.fullmatch(r"[a-z_]{1,80}", code) else f"HTTP {status}"
    return passing(f"Slack's {method}", status, headers) or refusal(method, known)


def _coded(method: str, code: str, headers: Mapping[str, Any], details: str) -> DeliveryError:
    if code in _PASSING:
        return DeliveryError(f"Slack's {method} says {code}", retry_after=retry_after(headers))
    if code in _UNCERTAIN:
        return DeliveryUncertainError(f"Slack's {method} says {code}")
    if not re.fullmatch(r"[a-z_]{1,80}", code):  # slack_sdk puts what is no JSON in the place of a code
        return DeliveryUncertainError(f"Slack's {method} answered what is no answer of Slack's")
    return refusal(method, code, _HINTS.get(code), details)


def refusal(method: str, code: str, hint: str | None = None, details: str = "") -> DeliveryRefusedError:
    """An error that is for good, with what to do about it."""
    hint = hint or _HINTS.get(code)
    what = f"{code} ({details})" if details else code
    return DeliveryRefusedError(f"Slack's {method} refused: {what}" + (f"; {hint}" if hint else ""), code=code)
