"""Display names of reviewers."""

from service.store import Store
from service.store.audit import names as audit_names


def display_name(store: Store, actor: str) -> str:
    """Return the display name of an account, given as its login name or as an audit actor.

    Anything else, such as ``cli``, is returned unchanged.
    """
    login = audit_names.login_of(actor)
    person = store.users.find(login)
    return person.display_name if person is not None else login
