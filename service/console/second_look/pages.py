"""A lead's pages of second looks: disagreements to settle, and inter-reviewer agreement."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from labels.pictured import all_claims, claim_key
from labels.schema import Assessment
from labels.taxonomy import CLASSES, LABELS, Verdict, label_term
from service.console.cases.doubts import Doubt, contradiction
from service.console.cases.form import (
    CONFIRM,
    CONTESTED,
    LAW_CHANGED,
    REJECT,
    CaseForm,
    as_decided,
    form_of,
    not_saved,
    read_form,
    relied_on,
    span_value,
    words_at,
)
from service.console.cases.offence_panel import panel_of
from service.console.cases.visibility import CaseVisibility
from service.console.core import terms
from service.console.core.errors import PageError
from service.console.core.fields import field
from service.console.core.kept_forms import RESTORED, RESTORED_IN_PART
from service.console.core.permissions import AGREEMENT, SECOND_LOOK, SECOND_LOOK_OFFENCES
from service.console.web import Console, ConsolePart, Form, LoggedIn, PageRoute
from service.console.widgets.highlight import Mark, Segment, segments
from service.second_look.agreement import (
    LEAST_ANSWERS,
    LEAST_PAIRS,
    LEAST_WITH_LABEL,
    PERIODS,
    Agreement,
    agreement,
    as_csv,
    drift,
)
from service.store.audit import names as audit_names
from service.store.audit.actions import AuditAction
from service.store.cases.decisions import TAKES_DOWN
from service.store.cases.reviews import (
    DECISIONS,
    MAX_NOTE,
    CaseChanged,
    CaseHeld,
    ContestedByAppeal,
    Decision,
    ReviewRefused,
)
from service.store.database.columns import now
from service.store.database.row_ids import is_row_id
from service.store.second_look.lapses import LEFT_OPEN, WAITS, Lapse
from service.store.second_look.second_looks import Disagreement, Settlement, SettlementRefused
from service.store.tables.blind_tables import BlindReading
from service.store.tables.core_tables import UNSURE, Listing, Referral, Review, Reviewer

router = APIRouter(route_class=PageRoute, include_in_schema=False)

_GONE = (
    "เคสนี้ไม่รอชี้ขาดแล้ว อาจมีผู้ชี้ขาดไปก่อน หรือผลเดิมถูกถอนหรือเปลี่ยน โปรดกลับไปที่หน้าพิจารณาซ้ำ",
    "This second look is no longer pending: it was settled, or the first decision is no longer in force. Go"
    " back to the list.",
)
_CHANGED = (
    "ข้อมูลของเคสนี้เปลี่ยนไประหว่างที่เปิดหน้าอยู่ ยังไม่มีการบันทึก โปรดตรวจหน้านี้อีกครั้งแล้วจึงชี้ขาด",
    "The case changed while this page was open. Nothing was saved: check it again, then settle.",
)


@dataclass(frozen=True)
class Side:
    """One of the two readings as the page shows it.

    Attributes:
        dropped: findings that the reader rejected.
        law: provisions that the reader relied on.
    """

    name: str
    row: Review | BlindReading
    segments: list[Segment]
    dropped: list[str]
    law: list[str]


@router.get(SECOND_LOOK)
def list_page(request: Request, part: ConsolePart, reviewer: LoggedIn) -> Response:
    """List what a lead must settle, oldest first; ``settled`` in the query confirms a settlement.

    A lead who is the second reader may still change their reading, so they see neither that it differs nor
    how, unless nobody else can settle it.
    """
    visibility = CaseVisibility.of(part.store, reviewer)
    return part.page(
        request,
        "second_looks.html",
        reviewer=reviewer,
        rows=[row for row in part.store.second_looks.disagreements() if _may_see(visibility, row)],
        counts=part.store.second_looks.counts(),
        settled="settled" in request.query_params,
        lapses=[row for row in part.store.lapses.newest() if _may_know(visibility, row)],
        waits=WAITS.days,
        left_open=LEFT_OPEN.days,
    )


# Before the page of one second look, whose route would match these paths.
@router.get(AGREEMENT)
def agreement_page(request: Request, part: ConsolePart, reviewer: LoggedIn) -> Response:
    """Show agreement and drift over the last ``days`` of the query."""
    days, since, before = _period(request)
    found = _agreement(part, reviewer, since, before)
    return part.page(
        request,
        "agreement.html",
        reviewer=reviewer,
        found=found,
        months=drift(part.store.pairs.answers(since, before)),
        names=_names(part),
        days=days,
        periods=PERIODS,
        since=since,
        before=before,
        labels=LABELS,
        least=(LEAST_PAIRS, LEAST_WITH_LABEL, LEAST_ANSWERS),
        month_of=lambda month: datetime.fromisoformat(f"{month}-01T12:00:00+07:00"),
    )


@router.get(f"{AGREEMENT}.csv")
def agreement_csv(request: Request, part: ConsolePart, reviewer: LoggedIn) -> Response:
    """Download the same agreement figures as CSV."""
    days, since, before = _period(request)
    text = as_csv(_agreement(part, reviewer, since, before), _names(part), since, before)
    name = f"ruthan-agreement-{days}-days.csv"
    # With a byte order mark, which spreadsheets need for Thai in a CSV file.
    return Response(
        text.encode("utf-8-sig"),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@router.get(f"{SECOND_LOOK}/{{look_id}}")
def look_page(request: Request, part: ConsolePart, reviewer: LoggedIn, look_id: int) -> Response:
    """Show both readings side by side, and the forms to settle."""
    found = _open(part, reviewer, look_id)
    kept = part.kept_forms.take(request, reviewer.id, request.url.path)
    if kept is None:
        return _show(request, part, reviewer, found)
    typed = read_form(kept)
    problem = RESTORED if typed.assessment == found.listing.assessment_id else RESTORED_IN_PART
    return _show(request, part, reviewer, found, typed=typed, problem=problem)


@router.post(f"{SECOND_LOOK}/{{look_id}}")
def settle(request: Request, part: ConsolePart, reviewer: LoggedIn, look_id: int, form: Form) -> Response:
    """Settle as ``settle`` says; ``anew`` means with the decision in the other fields.

    ``refresh`` settles nothing and shows what the fields would rest on.
    """
    found = _open(part, reviewer, look_id)
    wanted = field(form, "settle")
    settlement = Settlement(wanted) if wanted in list(Settlement) else Settlement.ANEW
    typed = read_form(form)
    seen = typed.assessment
    if field(form, "refresh") and not wanted and not typed.decision:
        return _show(request, part, reviewer, found, typed=typed)
    if settlement is Settlement.ANEW and typed.is_outdated:
        return _show(request, part, reviewer, found, 409, typed=typed, problem=LAW_CHANGED)
    insists = bool(field(form, "insist") and typed.note.strip())
    made: Decision | None = None
    doubt: Doubt | None = None
    if settlement is not Settlement.FIRST:
        made, rests_on = typed.made, typed
        if settlement is Settlement.SECOND:
            made, rests_on = _adopted(found.second, _assessment(part, found), typed)
        doubt = None if insists else _doubt(part, reviewer, found, rests_on)
    status, problem = 422, doubt
    try:
        if made is not None and made.decision == UNSURE:
            raise ReviewRefused("a settlement must be a verdict, not unsure")
        if doubt is None:
            part.store.second_looks.settle(found.look.id, reviewer.id, settlement, seen, made)
    except SettlementRefused as error:
        raise PageError(
            403,
            "ท่านเป็นผู้พิจารณาเคสนี้คนหนึ่ง หรือมีผู้ชี้ขาดไปแล้ว โปรดให้หัวหน้างานคนอื่นชี้ขาด",
            f"Nothing was settled: {error}.",
            reviewer,
        ) from error
    except CaseChanged:
        status, problem = 409, _CHANGED
    except CaseHeld as error:
        status, problem = 409, _held(error)
    except ContestedByAppeal:
        status, problem = 409, CONTESTED
    except ReviewRefused as error:
        problem = not_saved(error)
    if problem is None:
        return RedirectResponse(f"{SECOND_LOOK}?settled=1", 303)
    insistable = doubt is not None
    return _show(request, part, reviewer, found, status, typed=typed, problem=problem, insistable=insistable)


@router.post(SECOND_LOOK_OFFENCES)
def offences_page(
    request: Request, part: ConsolePart, reviewer: LoggedIn, look_id: int, form: Form
) -> Response:
    """Render only the panel of offences for the current form; saves nothing."""
    found = _open(part, reviewer, look_id)
    typed = read_form(form)
    if typed.assessment != found.listing.assessment_id:
        raise PageError(409, *_CHANGED, reviewer)
    panel = panel_of(_assessment(part, found), typed, found.listing.text)
    return part.page(request, "offence_panel.html", reviewer=reviewer, panel=panel, typed=typed)


def _show(
    request: Request,
    part: Console,
    reviewer: Reviewer,
    found: Disagreement,
    status: int = 200,
    *,
    typed: CaseForm | None = None,
    problem: tuple[str, str] | None = None,
    insistable: bool = False,
) -> Response:
    listing, assessment = found.listing, _assessment(part, found)
    seen = {"contacts": len(assessment.contacts), "seller": bool(listing.seller)}
    subject = audit_names.listing(listing.id)
    part.store.audit.record_view(audit_names.reviewer(reviewer.name), AuditAction.LOOK_VIEW, subject, seen)
    if typed is None or typed.assessment != listing.assessment_id:
        note = typed.note if typed is not None else ""
        typed = replace(
            _joint(_form_of(found.first, assessment), _form_of(found.second, assessment)), note=note
        )
    sides = [
        _side(name, row, listing, assessment)
        for name, row in ((found.first_name, found.first), (found.second_name, found.second))
    ]
    return part.page(
        request,
        "second_look.html",
        status,
        reviewer=reviewer,
        found=found,
        listing=listing,
        assessment=assessment,
        pictures=part.store.pictures.of_listing(listing.id),
        numbered=all_claims(assessment),
        added=[
            (span_value(span), span.label, words_at(span, listing.text, assessment)) for span in typed.added
        ],
        sides=sides,
        claims=_differences(found),
        panel=panel_of(assessment, typed, listing.text),
        typed=typed,
        chosen=dict(typed.chosen),
        may_settle=part.store.second_looks.may_settle(found, reviewer),
        can_take_second=found.second.decision != UNSURE,
        classes=CLASSES,
        referrals=list(Referral),
        decisions=[terms.decision_term(value) for value in DECISIONS if value != UNSURE],
        max_note=MAX_NOTE,
        problem=problem,
        insistable=insistable,
        stayed=status == 200 and request.method == "POST",
        CONFIRM=CONFIRM,
        REJECT=REJECT,
    )


def _open(part: Console, reviewer: Reviewer, look_id: int) -> Disagreement:
    found = part.store.second_looks.disagreement(look_id) if is_row_id(look_id) else None
    if found is None or not _may_see(CaseVisibility.of(part.store, reviewer), found):
        raise PageError(404, *_GONE, reviewer)
    return found


def _may_know(visibility: CaseVisibility, lapse: Lapse) -> bool:
    """Whether a lead may know that this case was sampled; false for both of its readers."""
    return lapse.first_reviewer != visibility.reviewer.id and not visibility.hides(lapse.task.listing_id)


def _may_see(visibility: CaseVisibility, found: Disagreement) -> bool:
    return not visibility.hides(found.listing.id) or visibility.store.second_looks.may_settle(
        found, visibility.reviewer
    )


def _assessment(part: Console, found: Disagreement) -> Assessment:
    assert found.listing.assessment_id is not None  # a decision in force is about the current text
    row = part.store.assessments.get(found.listing.assessment_id)
    assert row is not None
    return row.shape()


def _form_of(row: Review | BlindReading, assessment: Assessment) -> CaseForm:
    """Return a reading as a form, including its consequences, which apply if the reading is adopted."""
    from_claims = form_of(row, assessment)
    referrals = frozenset(Referral(value) for value in row.referrals)
    return replace(
        from_claims,
        consequences=replace(from_claims.consequences, takedown=row.takedown, referrals=referrals),
    )


def _adopted(reading: BlindReading, assessment: Assessment, typed: CaseForm) -> tuple[Decision, CaseForm]:
    """Return a reading as the lead's decision, and the form of what it rests on in this assessment."""
    form = _form_of(reading, assessment)
    made = replace(
        form.made,
        decision=reading.decision,
        note=typed.note,
        law_choices=reading.law_choices,
        law_proposed=tuple(reading.law_proposed),
    )
    rests_on = replace(form, law_choices=relied_on(reading), assessment=typed.assessment)
    return made, replace(rests_on, decision=reading.decision)


def _joint(first: CaseForm, second: CaseForm) -> CaseForm:
    """Return what both readings agree on, as the lead's starting point, with every added claim."""
    return replace(
        first,
        chosen=tuple(choice for choice in first.chosen if choice in second.chosen),
        added=tuple(dict.fromkeys((*first.added, *second.added))),
        product_class=first.product_class if first.product_class is second.product_class else None,
        rejected_findings=tuple(
            index for index in first.rejected_findings if index in second.rejected_findings
        ),
        stated_facts=tuple(fact for fact in first.stated_facts if fact in second.stated_facts),
        law_choices=dict(first.law_choices.items() & second.law_choices.items()),
        corrected=dict(first.corrected.items() & second.corrected.items()),
        note="",
    )


def _doubt(part: Console, reviewer: Reviewer, found: Disagreement, typed: CaseForm) -> Doubt | None:
    """Return the question to ask before a new decision is saved, if any."""
    # If the case has changed, or this person may not settle, saving the decision reports that.
    if typed.assessment != found.listing.assessment_id or not part.store.second_looks.may_settle(
        found, reviewer
    ):
        return None
    return contradiction(_assessment(part, found), typed, found.listing.text)


def _held(error: CaseHeld) -> tuple[str, str]:
    return (
        f"ยังไม่มีการบันทึก เพราะ {error.holding.reviewer_name} รับเคสนี้ไว้ โปรดเปิดเคสแล้วรับต่อก่อน",
        f"Not saved: {error}.",
    )


def _side(name: str, row: Review | BlindReading, listing: Listing, assessment: Assessment) -> Side:
    form = as_decided(row, assessment)
    against = row.decision in TAKES_DOWN
    decision = Verdict(row.decision) if against else Verdict.PROHIBITED
    panel = panel_of(assessment, form, listing.text, decision)
    return Side(
        name,
        row,
        segments(listing.text, _marks(row, listing.text)),
        [finding.thai for _, finding, counts in panel.findings if not counts],
        [item.offence.ref.citation for item in panel.rows if item.ticked] if against else [],
    )


def _marks(row: Review | BlindReading, text: str) -> list[Mark]:
    marks = []
    for claims, words, sign in (
        (row.confirmed_claims, "ยืนยัน", "✓"),
        (row.added_claims, "เพิ่มเอง", "+"),
        (row.rejected_claims, "ไม่เข้าข่าย", "✗"),
    ):
        for claim in claims:
            if claim["end"] <= len(text) and not claim.get("picture"):
                style = "rejected-mark" if sign == "✗" else terms.label_style(claim["label"])
                note = f"{words} · {label_term(claim['label']).thai}"
                marks.append(Mark(claim["start"], claim["end"], style, note, "claims", sign))
    return marks


def _differences(found: Disagreement) -> list[tuple[str, str, str, str]]:
    """Return each claim that either marked: words, label, first reading, second reading."""
    said: dict[tuple[str, int, int, str], list[str]] = {}
    words: dict[tuple[str, int, int, str], str] = {}
    rows: tuple[Review | BlindReading, ...] = (found.first, found.second)
    for side, row in enumerate(rows):
        for claims, answer in (
            (row.confirmed_claims, "ยืนยัน"),
            (row.rejected_claims, "ไม่เข้าข่าย"),
            (row.added_claims, "เพิ่มเอง"),
        ):
            for claim in claims:
                key = claim_key(claim)
                said.setdefault(key, ["ไม่ได้เลือก", "ไม่ได้เลือก"])[side] = answer
                words[key] = claim["text"]
    return [(words[key], key[3], said[key][0], said[key][1]) for key in sorted(said)]


def _period(request: Request) -> tuple[int, datetime, datetime]:
    asked = request.query_params.get("days", "")
    days = int(asked) if asked in {str(value) for value in PERIODS} else PERIODS[1]
    before = now()
    return days, before - timedelta(days=days), before


def _agreement(part: Console, reviewer: Reviewer, since: datetime, before: datetime) -> Agreement:
    """Return the figures; the access is audited, since they are about individuals."""
    pairs = part.store.pairs.pairs(since, before)
    days = (before - since).days
    part.store.audit.record_view(
        audit_names.reviewer(reviewer.name), AuditAction.AGREEMENT_VIEW, "", {"days": days}
    )
    return agreement(pairs)


def _names(part: Console) -> dict[int, str]:
    return {row.id: row.display_name for row in part.store.users.all()}
