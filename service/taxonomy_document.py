"""The taxonomy and the law catalogue as one document, built from ``labels``."""

from pydantic import BaseModel, Field

from labels.guidance.ad_warnings import ad_warnings
from labels.guidance.advice import Action, action_term
from labels.law.catalogue import STATUS_MEANING, Provision, Status, law_for, provisions
from labels.taxonomy import (
    ClaimLabel,
    LabelTerm,
    ProductClass,
    Rule,
    Term,
    Verdict,
    class_term,
    label_term,
    verdict_term,
)
from labels.version import VERSION


class TermOut(BaseModel):
    """A value with its names and meaning."""

    value: str
    thai: str
    english: str
    definition: str

    @classmethod
    def of(cls, term: Term) -> "TermOut":
        """Convert a term of the taxonomy."""
        return cls(value=term.value, thai=term.thai, english=term.english, definition=term.definition)


class LabelOut(TermOut):
    """A claim label with its scope and the law that applies by class of product."""

    excludes: str = Field(description="what it is not")
    rule: Rule
    classes: list[ProductClass] = Field(description="the classes that it applies to")
    law: dict[ProductClass, list[str]] = Field(description="ids in `law`, most specific first")

    @classmethod
    def of_label(cls, term: LabelTerm) -> "LabelOut":
        """Convert a label of the taxonomy."""
        label = ClaimLabel(term.value)
        return cls(
            **TermOut.of(term).model_dump(),
            excludes=term.excludes,
            rule=term.rule,
            classes=list(term.classes),
            law={name: [ref.id for ref in law_for(label, name)] for name in term.classes},
        )


class ActionOut(BaseModel):
    """The actions that `/v1/check` advises."""

    value: Action
    thai: str
    english: str


class WarningOut(BaseModel):
    """A sentence that advertising of some classes must carry."""

    code: str
    thai: str
    english: str
    classes: list[ProductClass]
    conditional: bool = Field(description="required only if the text names certain goods")
    required: bool
    law: list[str]
    status: Status


class ProvisionOut(BaseModel):
    """A section of an act or a notice."""

    citation: str
    act_thai: str
    act_english: str
    section: str
    rule_thai: str
    rule_english: str
    penalty_thai: str
    penalty_english: str
    status: Status
    sources: list[str]

    @classmethod
    def of(cls, row: Provision) -> "ProvisionOut":
        """Convert a row of the law catalogue."""
        return cls(
            citation=row.citation,
            act_thai=row.act_thai,
            act_english=row.act_english,
            section=row.section,
            rule_thai=row.rule_thai,
            rule_english=row.rule_english,
            penalty_thai=row.penalty_thai,
            penalty_english=row.penalty_english,
            status=row.status,
            sources=list(row.sources),
        )


class TaxonomyDocument(BaseModel):
    """The meanings of the values in the API's responses."""

    version: str = Field(description="of Ruthan")
    product_classes: list[TermOut]
    claim_labels: list[LabelOut]
    verdicts: list[TermOut]
    actions: list[ActionOut]
    ad_warnings: list[WarningOut]
    law: dict[str, ProvisionOut] = Field(description="by id, as in `law` of an assessment")
    status_meaning: dict[Status, str] = Field(description="how well a row is confirmed")


def taxonomy_document() -> TaxonomyDocument:
    """Build the document."""
    return TaxonomyDocument(
        version=VERSION,
        product_classes=[TermOut.of(class_term(value)) for value in ProductClass],
        claim_labels=[LabelOut.of_label(label_term(value)) for value in ClaimLabel],
        verdicts=[TermOut.of(verdict_term(value)) for value in Verdict],
        actions=[
            ActionOut(value=value, thai=action_term(value).thai, english=action_term(value).english)
            for value in Action
        ],
        ad_warnings=[
            WarningOut(
                code=row.code,
                thai=row.thai,
                english=row.english,
                classes=list(row.classes),
                conditional=row.when is not None,
                required=row.required,
                law=[ref.id for ref in row.law],
                status=row.status,
            )
            for row in ad_warnings()
        ],
        law={row.id: ProvisionOut.of(row) for row in provisions()},
        status_meaning=STATUS_MEANING,
    )
