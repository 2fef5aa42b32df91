"""Names of actors and subjects in the audit trail.

Stored entries and their hashes hold these names: one that was ever written stays as it is.
"""

CLI = "cli"
"""Somebody at the command line, who may do anything and has no account there."""
WORKER = "worker"
"""The machine, by itself."""
PROVIDER = "oidc"
"""The login provider, where what it says of a person changes their account."""
PUBLIC = "form"
"""Somebody at the public form for complaints, who has no account."""

EVIDENCE = "evidence"
"""The whole evidence folder."""


def reviewer(name: str) -> str:
    """The account with this login name, as who did something and as what it was done to."""
    return f"reviewer:{name}"


def login_of(actor: str) -> str:
    """The login name behind an account's :func:`reviewer`; what is no account is given back as it is."""
    return actor.removeprefix(reviewer(""))


def key(name: str) -> str:
    """The holder of an API key, as who did something."""
    return f"key:{name}"


def api_key(name: str) -> str:
    """An API key, as what something was done to."""
    return f"api_key:{name}"


def tenant(name: str) -> str:
    """An integrator, whose keys see one another's listings."""
    return f"tenant:{name}"


def listing(number: int) -> str:
    """A listing, and the case about it."""
    return f"listing:{number}"


def campaign(number: int) -> str:
    """A campaign."""
    return f"campaign:{number}"


def complaint(number: int) -> str:
    """A complaint."""
    return f"complaint:{number}"


def complaint_export(number: int) -> str:
    """A handing over of complaints to an agency."""
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
    """A batch, by the name that its key knows it by."""
    return f"batch:{name}"


def rule(name: str) -> str:
    """A retention rule."""
    return f"rule:{name}"
