"""Thai words for the ways to reach or pay a seller."""

from labels.schema import ContactKind

CONTACT_KINDS: dict[ContactKind, str] = {
    ContactKind.PHONE: "โทรศัพท์",
    ContactKind.LINE_ID: "LINE ID",
    ContactKind.FACEBOOK: "Facebook",
    ContactKind.INSTAGRAM: "Instagram",
    ContactKind.TIKTOK: "TikTok",
    ContactKind.X: "X (Twitter)",
    ContactKind.YOUTUBE: "YouTube",
    ContactKind.TELEGRAM: "Telegram",
    ContactKind.WHATSAPP: "WhatsApp",
    ContactKind.EMAIL: "อีเมล",
    ContactKind.URL: "ลิงก์",
    ContactKind.PROMPTPAY: "พร้อมเพย์",
    ContactKind.BANK_ACCOUNT: "บัญชีธนาคาร",
}
