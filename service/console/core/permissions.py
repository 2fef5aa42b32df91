"""What each role may open in the console: the table that the dependency ``LoggedIn`` of every page checks."""

from service.store.accounts.policy import (
    CONNECTING,
    EVERYBODY,
    HANDING_OVER,
    HOLDING,
    LEADING,
    MANAGING,
    OVERSEEING,
    PUBLISHING,
    REVIEWING,
    SENDING,
)
from service.store.tables.core_tables import Role

QUEUE, CASES, ACCOUNT, KEYS = "/queue", "/cases/{listing_id}", "/account", "/keys"
MINE, NOTICES = "/mine", "/mine/notices"
WEBHOOKS, WEBHOOK = "/webhooks", "/webhooks/{webhook_id}"
USERS, USER = "/users", "/users/{reviewer_id}"
INVITE = "/users/invite"
HOLD = "/cases/{listing_id}/hold"
THREAD = "/cases/{listing_id}/thread"
DECIDE_ROWS, UNDO_ROWS = "/queue/decide", "/queue/undo"
CAMPAIGNS, CAMPAIGN = "/campaigns", "/campaigns/{campaign_id}"
CAMPAIGN_OFFENCES = f"{CAMPAIGN}/preview/offences"
REFERRALS = "/referrals"
COMPLAINTS, COMPLAINT = "/complaints", "/complaints/{complaint_id}"
EXPORT_COMPLAINTS = "/complaints/export"
ERASE_COMPLAINANT = "/complaints/{complaint_id}/erase"
COMPLAINT_PHOTO = "/complaints/{complaint_id}/photos/{photo_id}"
WORK_ON_COMPLAINT = "/complaints/{complaint_id}/work"
ANSWER_TEMPLATES = "/complaints/templates"
SECOND_LOOK, AGREEMENT, GOLDEN = "/second-look", "/second-look/agreement", "/second-look/golden"
SECOND_LOOK_OFFENCES = f"{SECOND_LOOK}/{{look_id}}/offences"
DASHBOARD, DASHBOARD_TABLE = "/dashboard", "/dashboard/tables/{name}.csv"
NOTICE_RECORD, NOTICE_JSON = "/dashboard/notices", "/dashboard/notices.json"
DUTIES = "/dashboard/duties"
SHADOW, SHADOW_RUN = "/dashboard/shadow", "/dashboard/shadow/{name}"
SHADOW_JSON = "/dashboard/shadow/{name}/report.json"
RECORD_REFERRAL = "/referrals/{referral_id}/record"
CASE_LETTER, REFERRAL_LETTER = "/cases/{listing_id}/letter", "/referrals/{referral_id}/letter"
EDIT_LETTER = "/referrals/{referral_id}/passages"
FIND = "/find"
SELLER = f"{CASES}/seller"
PREVIEW_SELLER, DECIDE_SELLER, UNDO_SELLER = f"{SELLER}/preview", f"{SELLER}/decide", f"{SELLER}/undo"
ASK_SELLER_DATA, ANSWER_SELLER_DATA = f"{SELLER}/ask-data", f"{SELLER}/data-answer"
CAMPAIGN_LETTER, SELLER_LETTER = f"{CAMPAIGN}/letter", f"{CASES}/seller-letter"
CAMPAIGN_LETTER_PDF, SELLER_LETTER_PDF = f"{CAMPAIGN_LETTER}/preview", f"{SELLER_LETTER}/preview"
ALERT_DESK, CASE_ALERT = "/alert-desk", "/cases/{listing_id}/alert"
CORRECT_ALERT = "/alert-desk/{alert_id}/correct"
STORED_PAGE = "/cases/{listing_id}/evidence/{capture_id}"
PICTURE = "/cases/{listing_id}/pictures/{sha256}/{size}"
ALERT_PICTURE = CASE_ALERT + "/pictures/{sha256}/{look}"

PAGES: dict[str, frozenset[Role]] = {
    QUEUE: REVIEWING,
    MINE: REVIEWING,
    NOTICES: REVIEWING,
    "/queue/views": REVIEWING,
    DECIDE_ROWS: REVIEWING,
    UNDO_ROWS: REVIEWING,
    "/queue/views/{view_id}": REVIEWING,
    CASES: REVIEWING,
    "/cases/{listing_id}/withdraw": REVIEWING,
    "/cases/{listing_id}/offences": REVIEWING,
    "/cases/{listing_id}/text": REVIEWING,
    "/cases/{listing_id}/claim": REVIEWING,
    SELLER: REVIEWING,
    PREVIEW_SELLER: REVIEWING,
    DECIDE_SELLER: REVIEWING,
    UNDO_SELLER: REVIEWING,
    ASK_SELLER_DATA: SENDING,
    ANSWER_SELLER_DATA: SENDING,
    FIND: REVIEWING,
    THREAD: REVIEWING,
    HOLD: HOLDING,
    CAMPAIGNS: REVIEWING,
    CAMPAIGN: REVIEWING,
    f"{CAMPAIGN}/preview": REVIEWING,
    CAMPAIGN_OFFENCES: REVIEWING,
    f"{CAMPAIGN}/decide": REVIEWING,
    f"{CAMPAIGN}/undo": REVIEWING,
    f"{CAMPAIGN}/end": REVIEWING,
    "/cases/{listing_id}/referrals": REVIEWING,
    REFERRALS: REVIEWING,
    "/referrals/{referral_id}": REVIEWING,
    "/referrals/{referral_id}/pack": REVIEWING,
    CASE_LETTER: REVIEWING,
    CAMPAIGN_LETTER: REVIEWING,
    CAMPAIGN_LETTER_PDF: REVIEWING,
    SELLER_LETTER: REVIEWING,
    SELLER_LETTER_PDF: REVIEWING,
    REFERRAL_LETTER: REVIEWING,
    EDIT_LETTER: REVIEWING,
    RECORD_REFERRAL: SENDING,
    STORED_PAGE: REVIEWING,
    f"{STORED_PAGE}/page": REVIEWING,
    PICTURE: REVIEWING,
    CASE_ALERT: PUBLISHING,
    ALERT_PICTURE: PUBLISHING,
    ALERT_DESK: PUBLISHING,
    f"{ALERT_DESK}/{{alert_id}}": PUBLISHING,
    f"{ALERT_DESK}/{{alert_id}}/withdraw": PUBLISHING,
    CORRECT_ALERT: PUBLISHING,
    COMPLAINTS: REVIEWING,
    EXPORT_COMPLAINTS: HANDING_OVER,
    COMPLAINT: REVIEWING,
    ERASE_COMPLAINANT: HANDING_OVER,
    COMPLAINT_PHOTO: REVIEWING,
    WORK_ON_COMPLAINT: REVIEWING,
    ANSWER_TEMPLATES: LEADING,
    SECOND_LOOK: LEADING,
    AGREEMENT: LEADING,
    f"{AGREEMENT}.csv": LEADING,
    GOLDEN: LEADING,
    f"{GOLDEN}/{{golden_id}}/retire": LEADING,
    "/cases/{listing_id}/golden": LEADING,
    f"{SECOND_LOOK}/{{look_id}}": LEADING,
    SECOND_LOOK_OFFENCES: LEADING,
    DASHBOARD: REVIEWING,
    DASHBOARD_TABLE: REVIEWING,
    NOTICE_RECORD: REVIEWING,
    NOTICE_JSON: LEADING,
    DUTIES: REVIEWING,
    SHADOW: LEADING,
    SHADOW_RUN: LEADING,
    SHADOW_JSON: LEADING,
    KEYS: CONNECTING,
    WEBHOOKS: OVERSEEING,
    f"{WEBHOOK}/test": OVERSEEING,
    f"{WEBHOOK}/retry": OVERSEEING,
    USERS: MANAGING,
    INVITE: MANAGING,
    f"{USER}/reset-link": MANAGING,
    f"{USER}/role": MANAGING,
    f"{USER}/disable": MANAGING,
    f"{USER}/enable": MANAGING,
    f"{USER}/end-sessions": MANAGING,
    f"{USER}/second-factor": MANAGING,
    f"{USER}/remove-factor": MANAGING,
    f"{USER}/unlock": MANAGING,
    ACCOUNT: EVERYBODY,
    "/account/password": EVERYBODY,
    "/account/end-sessions": EVERYBODY,
    "/account/totp": EVERYBODY,
    "/account/totp/remove": EVERYBODY,
    "/account/recovery-codes": EVERYBODY,
}
"""Path of a route -> roles that may open it and submit its form.  Pages not listed are denied to everyone."""

OWN_ACCOUNT = frozenset({ACCOUNT, "/account/totp"})
"""Pages open to somebody who must first set up a second factor."""


def may_open(role: str, path: str) -> bool:
    """Whether this role may open the page with this route path; always false for an unknown role."""
    return role in PAGES.get(path, ())


def home_of(role: str) -> str:
    """Return the home page of this role."""
    return next((path for path in (QUEUE, KEYS) if may_open(role, path)), ACCOUNT)
