"""Names of actors and subjects in the audit trail.

Stored entries and their hashes contain these names, so a name that was ever written never changes.
"""

CLI = "cli"
"""The command line, which has full access and no account."""
WORKER = "worker"
"""The background worker."""
PROVIDER = "oidc"
"""The login provider, when its claims about a person change their account."""
PUBLIC = "form"
"""The public complaint form, whose users have no account."""

EVIDENCE = "evidence"
"""The whole evidence folder."""


def reviewer(name: str) -> str:
    """The account with this login name, as actor or subject."""
    return f"reviewer:{name}"


def login_of(actor: str) -> str:
    """The login name in the name that :func:`reviewer` makes; any other name is returned unchanged."""
    return actor.removeprefix(reviewer(""))


def key(name: str) -> str:
    """The holder of an API key, as actor."""
    return f"key:{name}"


def api_key(name: str) -> str:
    """An API key, as subject."""
    return f"api_key:{name}"


def tenant(name: str) -> str:
    """A tenant, whose keys share their listings."""
    return f"tenant:{name}"


def listing(number: int) -> str:
    """A listing, or the case about it."""
    return f"listing:{number}"


def campaign(number: int) -> str:
    """A campaign."""
    return f"campaign:{number}"


def complaint(number: int) -> str:
    """A complaint."""
    return f"complaint:{number}"


def complaint_export(number: int) -> str:
    """An export of complaints to an agency."""
    return f"complaint_export:{number}"


def referral(number: int) -> str:
    """A referral."""
    return f"referral:{number}"


def alert(number: int) -> str:
    """A public alert."""
    return f"alert:{number}"


def view(number: int) -> str:
    """A saved view of the queue."""
    return f"view:{number}"


def webhook(number: int) -> str:
    """A webhook."""
    return f"webhook:{number}"


def batch(name: str) -> str:
    """A batch, by its public name."""
    return f"batch:{name}"


def rule(name: str) -> str:
    """A retention rule."""
    return f"rule:{name}"
