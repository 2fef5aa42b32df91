"""Notes on complaints: what a reloaded page sends again is not noted again."""

from service.complaints.intake import filing_of
from service.store import Store
from service.store.audit import names as audit_names

NOK, LEK = map(audit_names.reviewer, ("nok", "lek"))


def test_only_the_same_note_of_the_same_officer_is_left_out(store: Store) -> None:
    filing = filing_of({"category": "late", "detail": "ส่งช้ามาก"})
    number, handling = store.complaints.file(filing, "form", "form").complaint_id, store.complaint_handling
    for text, actor in (("โทรแล้ว", NOK), ("โทรแล้ว", NOK), ("โทรแล้ว", LEK), ("ไม่รับสาย", NOK)):
        handling.note(number, text, actor, last_seen=0)
    handling.note(number, "ไม่รับสาย", NOK, last_seen=handling.events(number)[-1].id)
    assert [(event.text, event.by) for event in handling.events(number)] == [
        ("โทรแล้ว", NOK),
        ("โทรแล้ว", LEK),
        ("ไม่รับสาย", NOK),
        ("ไม่รับสาย", NOK),
    ]
    assert len(store.audit.newest(50, action="complaint.note")) == 4
