"""The words of the language of queries, and what people are told of a query that is not understood."""

from enum import StrEnum

from monitor.models import Status
from monitor.settings import Language
from monitor.text import fold

FIELDS = {
    "title": "title",
    "company": "company",
    "source": "source",
    "lang": "lang",
    "language": "lang",
    "after": "after",
    "since": "after",
    "before": "before",
    "until": "before",
    "round": "round",
    "status": "status",
    "amount": "amount",
    "标题": "title",
    "公司": "company",
    "来源": "source",
    "语言": "lang",
    "轮次": "round",
    "状态": "status",
    "金额": "amount",
}
"""What a field may be called (folded), and what it is."""

STATUSES = {
    Status.COMPLETED: ("完成", "已完成", "done", "closed"),
    Status.IN_TALKS: ("洽谈", "洽谈中", "talks", "rumour", "rumoured", "rumored"),
    Status.DENIED: ("否认", "已否认"),
}
"""What a status may be called beside its own name."""


def named_status(written: str) -> Status | None:
    """The status that is meant; None if it is none."""
    wanted = fold(written).replace("-", "_")
    return next((status for status in Status if wanted == status.value or wanted in STATUSES[status]), None)


class Complaint(StrEnum):
    """What is wrong with a query."""

    TOO_LONG = "too_long"
    TOO_MANY = "too_many"
    TOO_DEEP = "too_deep"
    NOTHING = "nothing"
    NOTHING_BESIDE = "nothing_beside"
    NOTHING_AFTER = "nothing_after"
    NOT_OPENED = "not_opened"
    NOT_CLOSED = "not_closed"
    NO_END = "no_end"
    NO_FIELD = "no_field"
    NO_VALUE = "no_value"
    NO_DATE = "no_date"
    NO_ROUND = "no_round"
    NO_STATUS = "no_status"
    NO_AMOUNT = "no_amount"
    NO_SIGN = "no_sign"
    NOT_COMPARED = "not_compared"


_ENGLISH = {
    Complaint.TOO_LONG: "a query has {} characters at most",
    Complaint.TOO_MANY: "a query has {} words and fields at most",
    Complaint.TOO_DEEP: "brackets stand within each other {} deep at most",
    Complaint.NOTHING: "there is no letter, digit or Chinese character to search for",
    Complaint.NOTHING_BESIDE: "{} stands between two things to search for; as a word, write it in quotes",
    Complaint.NOTHING_AFTER: "what must not occur follows {} at once",
    Complaint.NOT_OPENED: "this bracket was not opened",
    Complaint.NOT_CLOSED: "this bracket is not closed",
    Complaint.NO_END: "this quotation has no end",
    Complaint.NO_FIELD: "there is no such field: did you mean {}:? What is no field, write in quotes",
    Complaint.NO_VALUE: "{} has no value: write it right after the sign",
    Complaint.NO_DATE: "{} is no date: write 2026-01-31, 2026-01, 2026, or 30d for 30 days ago",
    Complaint.NO_ROUND: "{} is no round: write seed, angel, pre-A, A, B+, strategic, pre-IPO …",
    Complaint.NO_STATUS: "{} is no status: write completed, in_talks or denied",
    Complaint.NO_AMOUNT: "{} is no amount: write 1亿美元, 5000万元, $100m, or 100m for any currency",
    Complaint.NO_SIGN: "{} is compared: write amount>1亿 or amount<=100m",
    Complaint.NOT_COMPARED: "{} is not compared: write a colon after it",
}
_CHINESE = {
    Complaint.TOO_LONG: "查询最多 {} 个字符",
    Complaint.TOO_MANY: "查询最多 {} 个词和字段",
    Complaint.TOO_DEEP: "括号最多嵌套 {} 层",
    Complaint.NOTHING: "没有可搜索的文字或数字",
    Complaint.NOTHING_BESIDE: "{} 的两边都要有搜索内容；若作为词，请加引号",
    Complaint.NOTHING_AFTER: "{} 后面要紧跟需要排除的内容",
    Complaint.NOT_OPENED: "多余的右括号",
    Complaint.NOT_CLOSED: "括号没有闭合",
    Complaint.NO_END: "引号没有闭合",
    Complaint.NO_FIELD: "没有这个字段，是否想写 {}:？若不是字段，请加引号",
    Complaint.NO_VALUE: "{} 没有值：请紧跟在符号后面",
    Complaint.NO_DATE: "{} 不是日期：请写 2026-01-31、2026-01、2026，或 30d 表示 30 天前",
    Complaint.NO_ROUND: "{} 不是轮次：请写 种子、天使、pre-A、A、B+、战略、pre-IPO 等",
    Complaint.NO_STATUS: "{} 不是状态：请写 completed（已完成）、in_talks（洽谈中）或 denied（已否认）",
    Complaint.NO_AMOUNT: "{} 不是金额：请写 1亿美元、5000万元、$100m，或 1亿（不限币种）",
    Complaint.NO_SIGN: "{} 要用比较符号：请写 amount>1亿 或 amount<=100m",
    Complaint.NOT_COMPARED: "{} 不能比较：后面请写冒号",
}


def told(complaint: Complaint, query: str, place: tuple[int, int], detail: str, language: Language) -> str:
    """What is wrong with a query, and at which of its characters (counted from 1)."""
    start, end = place
    shown = query[start:end]
    shown = shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}…"
    if language == "zh":
        return f"第 {start + 1} 个字符“{shown}”：{_CHINESE[complaint].format(detail)}"
    return f"at character {start + 1}, {shown!r}: {_ENGLISH[complaint].format(detail)}"


_SHOWN = 30
