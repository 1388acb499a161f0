"""Chinese and English numbers in words."""

_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_DIGITS |= {c: i for i, c in enumerate("零壹贰叁肆伍陆柒捌玖")}
_SMALL = {"十": 10, "百": 100, "千": 1000, "拾": 10, "佰": 100, "仟": 1000}
_LARGE = {"万": 10**4, "亿": 10**8, "兆": 10**12}

CHINESE = "".join(sorted({*_DIGITS, *_SMALL, *_LARGE}))
"""Characters of Chinese numbers (simplified), for a character class."""

_TEENS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
    " eighteen nineteen"
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_ENGLISH = {word: value for value, word in enumerate(_TEENS.split())}
_ENGLISH |= {word: 10 * value for value, word in enumerate(_TENS.split(), 2)}

_BELOW_TWENTY = "|".join(sorted(_TEENS.split(), key=len, reverse=True))
_BELOW_HUNDRED = f"(?:(?:{_TENS.replace(' ', '|')})(?:[ -](?:{_BELOW_TWENTY}))?|{_BELOW_TWENTY})"
ENGLISH = (
    f"(?:(?:{_BELOW_HUNDRED}|a)[ -]hundred(?: (?:and )?{_BELOW_HUNDRED})?|{_BELOW_HUNDRED}"
    "|a(?= (?:million|billion|trillion)))(?![a-z])"
)
"""Pattern of English numbers in words below 10,000 (ninety-nine hundred), and of `a` before a million."""


def chinese(text: str) -> float | None:
    """The value of a number in Chinese words such as 三百五十万, also led by digits as in 3千万 or 1.2万亿; else None.

    Units without a number before them count as one: 亿 is 100,000,000, 百万 1,000,000.
    """
    head = text.rstrip(CHINESE)
    if not text or (head and not head.replace(".", "", 1).isdecimal()):
        return None
    total = section = 0.0
    digit: float | None = float(head) if head else None
    for character in text[len(head) :]:
        if character in _DIGITS:
            digit = (digit or 0) * 10 + _DIGITS[character]
        elif character in _SMALL:
            section += (1 if digit is None else digit) * _SMALL[character]
            digit = None
        else:
            unit = _LARGE[character]
            section += digit or 0
            if total < unit:  # 万亿 multiplies what stands before it
                total = (total + section or 1) * unit
            else:  # 3亿5000万 adds to it
                total += (section or 1) * unit
            section, digit = 0.0, None
    return total + section + (digit or 0)


def english(text: str) -> float | None:
    """The value of an English number in words such as `twenty-five` or `two hundred and fifty`; None for anything else.

    `a` alone is one, as in `a million`.
    """
    total, words = 0, text.replace("-", " ").split()
    for word in words:
        if word == "hundred":
            total = (total or 1) * 100
        elif word in _ENGLISH:
            total += _ENGLISH[word]
        elif word not in ("a", "and"):
            return None
    return float(total if set(words) - {"a", "and"} else 1) if words else None
