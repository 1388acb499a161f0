"""What people are told who press a button or give a command, in English and Chinese."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from monitor.settings import Language


@dataclass(frozen=True, slots=True)
class Line:
    """A line of an answer; a link if it has an address."""

    text: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody is: a Slack channel by ID and name (without #), and who it is."""

    channel_id: str
    channel_name: str
    person: str


_REPLIES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "no_alert": ("This alert is not in the archive any more.", "存档中已没有这条提醒。"),
        "noted_relevant": ("Noted as relevant. Thank you.", "已记录为有用，谢谢。"),
        "noted_irrelevant": ("Noted as not relevant. Thank you.", "已记录为无关，谢谢。"),
        "deal_muted": (
            "Muted: this channel hears no more of this deal.",
            "已屏蔽：本频道不再收到该笔融资的后续消息。",
        ),
        "company_muted": ("{} is muted in this channel until {}.", "{}在本频道屏蔽至{}。"),
        "unmuted": ("{} is heard of again.", "已恢复{}的提醒。"),
        "was_not_muted": ("{} was not muted here.", "{}在本频道未被屏蔽。"),
        "nothing_muted": ("Nothing is muted in this channel.", "本频道没有屏蔽任何内容。"),
        "no_channel": (
            "No alerts go to #{}: give the command in a channel of the configuration.",
            "#{}不是提醒频道，请在已配置的频道中使用该命令。",
        ),
        "nothing_found": ("Nothing was found.", "没有找到相关文章。"),
        "no_deals": ("No deals are known.", "没有相关融资。"),
        "search_what": ("Give the words to look for: /monitor search 获投", "请输入搜索词：/monitor search 获投"),
        "status_alerts": ("Alerts: {} sent, {} waiting, {} given up.", "提醒：已发送{}条，等待{}条，放弃{}条。"),
        "status_sources": ("Sources: {}, of which {} with a problem.", "来源：{}个，其中{}个有问题。"),
        "help": (
            "/monitor search WORDS · deals [COMPANY] · mute COMPANY [2d] · mute · unmute COMPANY · status",
            "/monitor search 词语 · deals [公司] · mute 公司 [2d] · mute · unmute 公司 · status",
        ),
    }
)


def tell(key: str, language: Language) -> str:
    """The words for `key` (KeyError for one that is not in the table)."""
    return _REPLIES[key][language == "zh"]
