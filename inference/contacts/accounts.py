"""PromptPay numbers and bank accounts."""

import re
from collections.abc import Iterator
from typing import Final

from inference.contacts.seen import Seen, digits_of
from labels.schema import ContactKind

_PROMPTPAY: Final = re.compile(
    r"(?:พร้อมเพ(?:ย์)?|prompt ?pay)[^\d\u0e50-\u0e59]{0,30}?(?P<number>\d(?:[ \-]{0,2}\d){9,14})(?!\d)",
    re.IGNORECASE | re.ASCII,
)
_LENGTHS: Final = (10, 13, 15)
"""Lengths of a phone number, an identity or tax number, and an e-wallet id."""
_NAMES: Final = (
    r"กสิกร(?:ไทย)?|ไทยพาณิช?ย์|กรุงไทย|กรุงศรี(?:อยุธยา)?|ออมสิน|ทหารไทย(?:ธนชาต)?|ทีทีบี|ธนชาต|ยูโอบี|เกียรตินาคิน|ธกส|ธ\.ก\.ส|"
    r"ซีไอเอ็มบี|แลนด์แอนด์เฮ้าส์|ทิสโก้|อาคารสงเคราะห์|(?:ธนาคาร|ธ\.|บัญชี)\s?กรุงเทพ|"
    r"(?<![a-z])(?:scb|kbank|k-bank|ktb|bbl|bay|ttb|tmb|gsb|uob|baac)(?![a-z])"
)
_NUMBER: Final = r"(?P<number>\d(?:[ \-]{0,2}\d){9,11})(?![\d]|-\d)"
_ACCOUNT: Final = re.compile(
    rf"(?:(?P<said>(?P<sure>เลข(?:ที่)?บัญชี|โอน[^\d\n]{{0,20}}?บัญชี|account no)|บัญชี|บ/?ช\.|ธนาคาร)"
    rf"(?!\s?(?:ผู้ใช้|โฆษณา))|{_NAMES})(?P<between>[^\d]{{0,40}}?)(?<!\d[.,]){_NUMBER}",
    re.IGNORECASE | re.ASCII,
)
_OF_A_PHONE: Final = re.compile(
    r"\s?(?:เฟ[สซ]|ไอจี|ติ๊ก|facebook|fb|ig|instagram|tiktok|google)"
    r"|.*(?:โทร|เบอร์|ไลน์|(?<![a-z])(?:line(?!\s?bk)|tel)(?![a-z]))",
    re.IGNORECASE | re.ASCII | re.DOTALL,
)
"""What stands between "account" and a phone number."""
_PRINTED: Final = re.compile(r"(?<![\d.\-])\d{3}-\d-\d{5}-\d(?![\d\-])", re.ASCII)
_MOBILE: Final = re.compile(r"0[689]\d-?\d{3}-?\d{4}|0[689]\d \d{3} \d{4}|0[689]\d-?\d{7}", re.ASCII)


def promptpay(text: str) -> Iterator[Seen]:
    """PromptPay numbers, digits only."""
    for match in _PROMPTPAY.finditer(text):
        value = digits_of(match["number"])
        if len(value) in _LENGTHS:
            yield Seen(*match.span("number"), ContactKind.PROMPTPAY, value)


def bank_accounts(text: str) -> Iterator[Seen]:
    """Account numbers, digits only: after a bank's name or "account", or printed 3-1-5-1."""
    for match in _PRINTED.finditer(text):
        yield Seen(match.start(), match.end(), ContactKind.BANK_ACCOUNT, digits_of(match[0]))
    for match in _ACCOUNT.finditer(text):
        # Elsewhere a mobile number is the seller's phone.
        is_sure = match["sure"] and not _OF_A_PHONE.match(match["between"])
        if is_sure or not _MOBILE.fullmatch(match["number"]):
            yield Seen(*match.span("number"), ContactKind.BANK_ACCOUNT, digits_of(match["number"]))
