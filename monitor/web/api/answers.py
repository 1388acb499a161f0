"""What the API answers, as OpenAPI describes it. Times are ISO 8601 with their zone, amounts in units of `currency`."""

from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

Item = TypeVar("Item")


class Answer(BaseModel):
    """Fields are never left out; what is not known is null."""

    model_config = ConfigDict(extra="forbid")


class Page(Answer, Generic[Item]):
    """A page of a list."""

    items: list[Item]
    next: str | None = Field(description="Cursor of the next page; null on the last.")


class Facts(Answer):
    """What is told of a financing round."""

    company: str
    status: str = Field(description="completed, in_talks or denied.")
    round: str | None
    amount: str | None = Field(description="As written.")
    amount_low: float | None
    amount_high: float | None
    currency: str | None = Field(description="ISO 4217.")
    amount_usd: int | None = Field(description="What the amount is worth at least, about.")
    valuation: str | None
    valuation_low: float | None
    valuation_high: float | None
    valuation_currency: str | None
    lead_investors: list[str]
    investors: list[str]


class DealAnswer(Facts):
    """One company's one financing round."""

    id: int
    opened_at: str
    seen_at: str
    articles: int = Field(description="How many articles tell it.")
    corrected: list[str] = Field(description="Facts that a person has set.")


class ClaimAnswer(Facts):
    """What one article says of a deal; not `news` if in passing."""

    news: bool
    sentence: str
    rule: str


class ReportAnswer(ClaimAnswer):
    """A claim with the article that makes it."""

    article_id: int
    title: str
    url: str
    source: str
    published_at: str


class CorrectionAnswer(Answer):
    """What a person did to a deal."""

    kind: str
    person: str
    made_at: str
    detail: str


class WholeDeal(DealAnswer):
    """A deal with all that is reported of it, oldest first, as the articles tell it."""

    dismissed: bool
    reports: list[ReportAnswer]
    corrections: list[CorrectionAnswer]


class HitAnswer(Answer):
    """An article that was found; marks are pairs of characters, start and end (exclusive), that matched."""

    id: int
    title: str
    url: str
    source: str
    language: str | None
    published_at: str | None
    sorted_at: str = Field(description="When it was published, else fetched.")
    title_marks: list[tuple[int, int]]
    snippet: str
    marks: list[tuple[int, int]]


class Counted(Answer):
    """How many articles fit; with `more`, the newest so many are counted."""

    total: int
    more: bool
    companies: dict[str, int]
    sources: dict[str, int]
    months: dict[str, int]


class Found(Page[HitAnswer]):
    """A page of what a query finds."""

    counts: Counted | None = Field(description="Where they were asked for.")


class ArticleAnswer(Answer):
    """An article with its text and what it says of deals."""

    id: int
    url: str
    source: str
    title: str
    author: str
    language: str | None
    published_at: str | None
    fetched_at: str
    version: int
    companies: list[str]
    text: str
    claims: list[ClaimAnswer]
    deals: list[int]


class ArticleSummary(Answer):
    """An article without its text."""

    id: int
    url: str
    source: str
    title: str
    language: str | None
    published_at: str | None
    sorted_at: str


class CompanyAnswer(Answer):
    """A company, watched or raising."""

    company: str
    watched: bool
    articles: int
    last: str | None = Field(description="When it was last named or told of.")
    deals: list[DealAnswer]


class SourceAnswer(Answer):
    """A source with its health."""

    name: str
    problem: str | None
    articles: int
    failures: int
    last_polled_at: str | None
    last_success_at: str | None
    next_poll_at: str | None
    last_outcome: str | None
    last_error: str | None


class AlertAnswer(Answer):
    """An alert, with why it was sent or not."""

    id: int
    channel: str
    kind: str
    state: str
    verdict: str
    company: str
    topic: str
    deal_id: int | None
    article_id: int | None
    title: str
    url: str
    sentence: str
    created_at: str
    due_at: str | None
    sent_at: str | None
    attempts: int
    error: str | None
    withdrawn: str | None


class Problem(BaseModel):
    """An error (RFC 9457)."""

    type: str
    status: int
    title: str
    detail: str | None = None
