"""The models of a notice, which informs a platform about a decision on one of its listings."""

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, Field

from labels.schema import LawRef
from labels.taxonomy import ClaimLabel, ProductClass, Verdict
from service.text.official_wording import barred_goods, goods_names, listed

NOT_AUTOMATED, PARTIALLY_AUTOMATED = "AUTOMATED_DECISION_NOT_AUTOMATED", "AUTOMATED_DECISION_PARTIALLY"


class NoticeKind(StrEnum):
    """What the platform is asked to do."""

    TAKEDOWN = "takedown"
    REINSTATED = "reinstated"


class Outcome(StrEnum):
    """The outcome of an appeal."""

    UPHELD = "upheld"
    """A decision against the listing is in force, the same or another."""
    REVERSED = "reversed"

    @classmethod
    def of(cls, is_against: bool) -> "Outcome":
        """Return the outcome: upheld if the answer is against the listing."""
        return cls.UPHELD if is_against else cls.REVERSED


class AppealAnswer(BaseModel):
    """The appeal that a decision answers, and its outcome."""

    appeal_id: int
    outcome: Outcome


class QuotedClaim(BaseModel):
    """Words that the reviewer confirmed; offsets point into the text with the notice's digest.

    Those in a picture have its SHA-256, and their offsets point into its lines, joined by line feeds.
    """

    start: int
    end: int
    label: ClaimLabel
    text: str
    law: list[LawRef]
    picture: str | None = None
    reading: str = Field("", description="the plain spelling of evasively spelled words, else empty")


class StatedFact(BaseModel):
    """A ground other than words: a number that the register contradicts, or barred goods."""

    code: str
    thai: str
    english: str
    start: int | None
    end: int | None
    law: list[str] = Field(description="ids of the provisions in `ground` that it meets")
    number: str = Field("", description="the number, if it stands only in a picture, else empty")
    picture: str | None = Field(None, description="SHA-256 of the picture that shows this number")


class Ground(BaseModel):
    """A provision that the decision rests on."""

    id: str
    citation: str = Field(description="Thai citation: act, year, section")
    rule_thai: str
    rule_english: str
    reference_url: str | None = Field(description="where the provision was read")


class StatementOfReasons(BaseModel):
    """The fields of the EU's statement of reasons that the decision fills.

    Regulation (EU) 2022/2065, article 17(3); names and values are those of the DSA Transparency Database,
    https://transparency.dsa.ec.europa.eu/page/api-documentation.  What only the platform knows (its own
    measure, its own id, the date of the content, the territory) is the platform's to add.
    """

    decision_ground: str = "DECISION_GROUND_ILLEGAL_CONTENT"
    decision_ground_reference_url: str | None
    illegal_content_legal_ground: str = Field(max_length=500)
    illegal_content_explanation: str = Field(max_length=2000)
    category: str
    category_specification: list[str]
    content_type: list[str] = ["CONTENT_TYPE_PRODUCT", "CONTENT_TYPE_TEXT"]
    source_type: str = "SOURCE_TYPE_OTHER_NOTIFICATION"
    automated_detection: str = Field(description="Yes where the model flagged the listing, else No")
    automated_decision: str = Field(
        NOT_AUTOMATED, description="partially where a standing order spread a reviewer's decision"
    )


class Notice(BaseModel):
    """One decision, as served by the feed and the webhooks.  It names no person."""

    id: str = Field(description="stable across requests and deliveries")
    kind: NoticeKind
    cursor: str = Field(description="continue the feed after this notice")
    listing_id: int
    external_id: str = Field(description="the id that the platform gave")
    source: str
    url: str | None
    text_sha256: str = Field(description="hex digest of the text (UTF-8) that was decided on")
    decided_at: datetime
    decision: Verdict | None = Field(description="null if it was withdrawn")
    product_class: ProductClass = Field(description="the reviewer's, else the model's")
    claims: list[QuotedClaim] = Field(description="empty in a reinstatement")
    facts: list[StatedFact] = Field(default_factory=list, description="empty in a reinstatement")
    ground: list[Ground] = Field(description="the provisions relied on, each with a fact")
    explanation_thai: str
    explanation_english: str
    replaces: str | None = Field(description="the earlier takedown notice that this one replaces or reverses")
    appeal: AppealAnswer | None = Field(None, description="set if the decision answers an appeal")
    sandbox: bool = Field(False, description="whether it is a simulated decision in the sandbox")
    redress: str = Field(description="how to appeal; empty if the operator has not set it")
    statement_of_reasons: StatementOfReasons | None = Field(description="of a takedown")

    @property
    def goods(self) -> str:
        """What is advertised, in Thai, as sentences name it."""
        return listed(self.each_goods)

    @property
    def each_goods(self) -> list[str]:
        """The kinds of goods in :attr:`goods`."""
        return goods_names(self.product_class, *self._relied_on)

    @property
    def barred_goods(self) -> list[str]:
        """Codes of the barred goods that its findings or, without any, its provisions are about."""
        findings, provisions = self._relied_on
        stated = [code for code in findings if code.startswith("barred_")]
        return list(dict.fromkeys([*stated, *barred_goods(self.product_class, findings, provisions)]))

    @property
    def _relied_on(self) -> tuple[list[str], list[str]]:
        return [fact.code for fact in self.facts], [row.id for row in self.ground]


def notice_id(review_id: int) -> str:
    """Return the notice id of a decision."""
    return f"notice-{review_id}"


class NoticePage(BaseModel):
    """A page of the feed; ``next_cursor`` is always present, to resume the feed later."""

    notices: list[Notice]
    next_cursor: str
    more: bool = Field(description="whether more notices follow")
