"""Checks the photos that complainants send."""

from collections.abc import Sequence
from typing import Final

from service.store.complaints.photos import MAX_BYTES, MOST, NewPhoto
from service.store.pictures.files import NotAPicture, read_header

TYPES: Final = ("image/jpeg", "image/png", "image/webp")
"""Types that browsers display and phones produce."""


class PhotoUnusable(ValueError):
    """A photo that cannot be accepted, with the reason in both languages."""

    def __init__(self, thai: str, english: str) -> None:
        super().__init__(english)
        self.thai, self.english = thai, english


def checked(contents: Sequence[bytes]) -> list[NewPhoto]:
    """Return the photos with their types.

    Empty files, which browsers send for an empty field, are skipped.

    Nothing is decoded.  Raises :class:`PhotoUnusable`.
    """
    photos = []
    for number, content in enumerate((content for content in contents if content), 1):
        if number > MOST:
            raise PhotoUnusable(f"แนบภาพได้ไม่เกิน {MOST} ภาพ", f"send at most {MOST} photos")
        if len(content) > MAX_BYTES:
            size = MAX_BYTES // 2**20
            raise PhotoUnusable(
                f"ภาพที่ {number} ใหญ่เกินไป โปรดเลือกภาพไม่เกิน {size} MB",
                f"photo {number} is larger than {size} MB",
            )
        try:
            media_type, _, _ = read_header(content)
        except NotAPicture:
            media_type = ""
        if media_type not in TYPES:
            raise PhotoUnusable(
                f"ไฟล์ที่ {number} ไม่ใช่ภาพ JPEG, PNG หรือ WebP",
                f"file {number} is not a JPEG, PNG or WebP picture",
            )
        photos.append(NewPhoto(content, media_type))
    return photos
