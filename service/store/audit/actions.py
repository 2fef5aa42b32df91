"""The actions of the audit trail.

Stored entries and their hashes contain these names, so a name that was ever written never changes. An entry
of another release may contain a name that is missing here; readers must accept any string.
"""

from enum import StrEnum
from typing import Self


class AuditCategory(StrEnum):
    """Categories of actions, as used by ``ruthan audit show --kind``."""

    VIEW = "view"
    """Personal data was viewed."""
    EXPORT = "export"
    """Data was exported as a file."""
    LOGIN = "login"
    ACCOUNT = "account"
    KEY = "key"
    QUEUE = "queue"
    """Assignment of cases, questions about them, and shared views of the queue."""
    DECIDE = "decide"
    LOOK = "second-look"
    """Second looks and golden cases."""
    CAMPAIGN = "campaign"
    PUBLISH = "publish"
    REFER = "refer"
    COMPLAINT = "complaint"
    HOLD = "hold"
    RETENTION = "retention"
    PRIVACY = "privacy"
    """Answers to requests of data subjects."""
    APPEAL = "appeal"
    WEBHOOK = "webhook"
    OPERATE = "operate"
    """Operations around the cases: batches, webhooks, retention, secrets, time stamps."""


_C = AuditCategory


class AuditAction(StrEnum):
    """An action, and the categories that it belongs to."""

    categories: frozenset[AuditCategory]
    _value_: str

    def __new__(cls, value: str, *categories: AuditCategory) -> Self:
        """The member with this name in the trail."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.categories = frozenset(categories)
        return member

    CASE_VIEW = "case.view", _C.VIEW
    EVIDENCE_VIEW = "evidence.view", _C.VIEW
    QUEUE_VIEW = "queue.view", _C.VIEW
    MINE_VIEW = "mine.view", _C.VIEW
    CAMPAIGN_VIEW = "campaign.view", _C.VIEW, _C.CAMPAIGN
    SIMILAR_VIEW = "similar.view", _C.VIEW, _C.CAMPAIGN
    SELLER_VIEW = "seller.view", _C.VIEW
    FIND_VIEW = "find.view", _C.VIEW
    """Results of the quick search."""
    LOOK_VIEW = "look.view", _C.VIEW, _C.LOOK
    AGREEMENT_VIEW = "agreement.view", _C.VIEW, _C.LOOK
    LISTING_VIEW = "listing.view", _C.VIEW
    LISTING_PAGE = "listing.page", _C.VIEW

    CASE_CLAIM = "case.claim", _C.QUEUE
    CASE_TAKE_OVER = "case.take_over", _C.QUEUE
    CASE_ASSIGN = "case.assign", _C.QUEUE
    CASE_RELEASE = "case.release", _C.QUEUE
    THREAD_ASK = "thread.ask", _C.QUEUE
    THREAD_WRITE = "thread.write", _C.QUEUE
    VIEW_SHARE = "view.share", _C.QUEUE
    VIEW_UNSHARE = "view.unshare", _C.QUEUE

    REVIEW_RECORD = "review.record", _C.DECIDE
    REVIEW_SPREAD = "review.spread", _C.DECIDE, _C.CAMPAIGN
    REVIEW_WITHDRAW = "review.withdraw", _C.DECIDE
    OVERTURN_TELL = "overturn.tell", _C.DECIDE
    OVERTURN_READ = "overturn.read", _C.DECIDE
    BULK_DECIDE = "bulk.decide", _C.DECIDE, _C.CAMPAIGN
    BULK_UNDO = "bulk.undo", _C.DECIDE, _C.CAMPAIGN
    BULK_END = "bulk.end", _C.DECIDE, _C.CAMPAIGN

    BLIND_DEAL = "blind.deal", _C.LOOK
    BLIND_LAPSE = "blind.lapse", _C.LOOK
    BLIND_READ = "blind.read", _C.LOOK
    BLIND_WITHDRAW = "blind.withdraw", _C.LOOK
    LOOK_SETTLE = "look.settle", _C.LOOK, _C.DECIDE
    GOLDEN_MARK = "golden.mark", _C.LOOK
    GOLDEN_RETIRE = "golden.retire", _C.LOOK

    ALERT_PUBLISH = "alert.publish", _C.PUBLISH
    ALERT_CORRECT = "alert.correct", _C.PUBLISH
    ALERT_WITHDRAW = "alert.withdraw", _C.PUBLISH

    REFERRAL_CREATE = "referral.create", _C.REFER
    REFERRAL_EDIT = "referral.edit", _C.REFER
    REFERRAL_FOLLOW = "referral.follow", _C.REFER
    REFERRAL_REMOVE = "referral.remove", _C.REFER
    REFERRAL_SENT = "referral.sent", _C.REFER
    REFERRAL_ACKNOWLEDGED = "referral.acknowledged", _C.REFER
    REFERRAL_ACTED = "referral.acted", _C.REFER
    REFERRAL_DECLINED = "referral.declined", _C.REFER
    REFERRAL_CLOSED = "referral.closed", _C.REFER
    SELLER_DATA_ASK = "seller_data.ask", _C.REFER
    SELLER_DATA_ANSWER = "seller_data.answer", _C.REFER
    LETTER_VIEW = "letter.view", _C.VIEW, _C.REFER
    REFERRAL_DOWNLOAD = "referral.download", _C.VIEW, _C.EXPORT, _C.REFER

    AUDIT_EXPORT = "trail.export", _C.VIEW, _C.EXPORT

    COMPLAINT_FILE = "complaint.file", _C.COMPLAINT
    COMPLAINT_VIEW = "complaint.view", _C.VIEW, _C.COMPLAINT
    COMPLAINT_LIST = "complaint.list", _C.VIEW, _C.COMPLAINT
    COMPLAINT_FIND = "complaint.find", _C.VIEW, _C.COMPLAINT, _C.PRIVACY
    COMPLAINT_EXPORT = "complaint.export", _C.VIEW, _C.EXPORT, _C.COMPLAINT
    COMPLAINT_REEXPORT = "complaint.reexport", _C.VIEW, _C.EXPORT, _C.COMPLAINT
    COMPLAINT_ERASE = "complaint.erase", _C.COMPLAINT, _C.PRIVACY
    COMPLAINT_TAKE = "complaint.take", _C.COMPLAINT
    COMPLAINT_ANSWER = "complaint.answer", _C.COMPLAINT
    COMPLAINT_CLOSE = "complaint.close", _C.COMPLAINT
    COMPLAINT_REOPEN = "complaint.reopen", _C.COMPLAINT
    COMPLAINT_NOTE = "complaint.note", _C.COMPLAINT
    COMPLAINT_TIE = "complaint.tie", _C.COMPLAINT
    COMPLAINT_HARM = "complaint.harm", _C.COMPLAINT
    COMPLAINT_CODE = "complaint.code", _C.COMPLAINT
    COMPLAINT_ADD = "complaint.add", _C.COMPLAINT
    COMPLAINT_TELL = "complaint.tell", _C.COMPLAINT
    COMPLAINT_TEMPLATE = "complaint.template", _C.COMPLAINT

    PRIVACY_FIND = "privacy.find", _C.VIEW, _C.PRIVACY
    PRIVACY_EXPORT = "privacy.export", _C.VIEW, _C.EXPORT, _C.PRIVACY
    PRIVACY_ERASE = "privacy.erase", _C.PRIVACY
    PRIVACY_REQUEST = "privacy.request", _C.PRIVACY

    APPEAL_FILE = "appeal.file", _C.APPEAL
    APPEAL_ANSWER = "appeal.answer", _C.APPEAL, _C.DECIDE

    HOLD_PLACE = "hold.place", _C.HOLD, _C.RETENTION
    HOLD_LIFT = "hold.lift", _C.HOLD, _C.RETENTION
    RETENTION_RULE = "retention.rule", _C.RETENTION, _C.OPERATE
    RETENTION_REDACT = "retention.redact", _C.RETENTION, _C.OPERATE
    RETENTION_EVIDENCE = "retention.evidence", _C.RETENTION, _C.OPERATE

    LOGIN = "login", _C.LOGIN
    LOGIN_PASSWORD = "login.password", _C.LOGIN
    LOGIN_PROVIDER = "login.provider", _C.LOGIN
    LOGIN_REFUSED = "login.refused", _C.LOGIN
    LOGOUT = "logout", _C.LOGIN

    USER_CREATE = "user.create", _C.ACCOUNT
    USER_DISABLE = "user.disable", _C.ACCOUNT
    USER_ENABLE = "user.enable", _C.ACCOUNT
    USER_ROLE = "user.role", _C.ACCOUNT
    USER_UNLOCK = "user.unlock", _C.ACCOUNT
    USER_PASSWORD = "user.password", _C.ACCOUNT
    USER_RESET_LINK = "user.reset_link", _C.ACCOUNT
    USER_PASSWORD_RESET = "user.password_reset", _C.ACCOUNT
    USER_END_SESSIONS = "user.end_sessions", _C.ACCOUNT
    USER_REQUIRE_TOTP = "user.require_totp", _C.ACCOUNT
    USER_LINK = "user.link", _C.ACCOUNT
    USER_UNLINK = "user.unlink", _C.ACCOUNT
    USER_TOTP = "user.totp", _C.ACCOUNT
    USER_TOTP_CHECK = "user.totp_check", _C.ACCOUNT
    USER_TOTP_REMOVE = "user.totp_remove", _C.ACCOUNT
    USER_RECOVERY_CODES = "user.recovery_codes", _C.ACCOUNT

    TENANT_CREATE = "tenant.create", _C.KEY
    TENANT_MERGE = "tenant.merge", _C.KEY
    API_KEY_CREATE = "api_key.create", _C.KEY
    API_KEY_ROTATE = "api_key.rotate", _C.KEY
    API_KEY_END_REPLACED = "api_key.end_replaced", _C.KEY
    API_KEY_REVOKE = "api_key.revoke", _C.KEY

    BATCH_CREATE = "batch.create", _C.OPERATE
    BATCH_RESULT = "batch.result", _C.EXPORT, _C.OPERATE
    BATCH_DELETE = "batch.delete", _C.OPERATE
    BATCH_EXPIRE = "batch.expire", _C.OPERATE
    WEBHOOK_CREATE = "webhook.create", _C.WEBHOOK, _C.OPERATE
    WEBHOOK_REMOVE = "webhook.remove", _C.WEBHOOK, _C.OPERATE
    WEBHOOK_SECRET = "webhook.secret", _C.WEBHOOK, _C.OPERATE
    WEBHOOK_REPLAY = "webhook.replay", _C.WEBHOOK, _C.OPERATE
    WEBHOOK_SUBSCRIBE = "webhook.subscribe", _C.WEBHOOK, _C.OPERATE
    WEBHOOK_TEST = "webhook.test", _C.WEBHOOK, _C.OPERATE
    WEBHOOK_RETRY = "webhook.retry", _C.WEBHOOK, _C.OPERATE
    WEBHOOK_GIVE_UP = "webhook.give_up", _C.WEBHOOK, _C.OPERATE
    SECRETS_SEAL = "secrets.seal", _C.OPERATE
    TIME_STAMP = "time.stamp", _C.OPERATE


def actions_of(category: AuditCategory) -> list[AuditAction]:
    """The actions of a category, in the order of their definition."""
    return [action for action in AuditAction if category in action.categories]
