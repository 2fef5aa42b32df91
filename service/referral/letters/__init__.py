"""The letters of a referral: their templates and values, and the DOCX and PDF writers."""
