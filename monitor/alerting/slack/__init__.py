"""Slack: the only place that imports slack_sdk."""

from monitor.alerting.slack.bot import SlackBot
from monitor.alerting.slack.socket import SocketListener
from monitor.alerting.slack.webhook import SlackWebhook

__all__ = ["SlackBot", "SlackWebhook", "SocketListener"]
