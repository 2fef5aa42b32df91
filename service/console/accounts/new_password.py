"""The two form fields for a new password."""

from starlette.datastructures import FormData

from service.console.core.fields import field
from service.store.accounts.users import MAX_PASSWORD, MIN_PASSWORD

_LENGTH = (
    f"รหัสผ่านใหม่ต้องมี {MIN_PASSWORD} ถึง {MAX_PASSWORD} อักขระ ยังไม่มีการเปลี่ยนแปลง",
    f"A password has {MIN_PASSWORD} to {MAX_PASSWORD} characters. Nothing was changed.",
)
_DIFFERENT = (
    "รหัสผ่านใหม่ที่พิมพ์สองครั้งไม่ตรงกัน ยังไม่มีการเปลี่ยนแปลง",
    "The new password was typed in two different ways. Nothing was changed.",
)


class Refused(ValueError):
    """The password is not acceptable; ``problem`` says why, in Thai and English."""

    def __init__(self, problem: tuple[str, str]) -> None:
        super().__init__(problem[1])
        self.problem = problem


def chosen_password(form: FormData) -> str:
    """Return the password from the form; raises :class:`Refused`."""
    chosen = field(form, "new")
    if not MIN_PASSWORD <= len(chosen) <= MAX_PASSWORD:
        raise Refused(_LENGTH)
    if chosen != field(form, "again"):
        raise Refused(_DIFFERENT)
    return chosen
