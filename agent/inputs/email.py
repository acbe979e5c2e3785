"""The text of a mail, or of a web page that a browser saved as one (.mhtml)."""

from __future__ import annotations

import re
from email import message_from_bytes, policy
from email.message import MIMEPart

from agent.document import Article
from agent.errors import InputError
from agent.inputs.html import decode_page, find_article, read_html
from agent.inputs.text import Raw, decode, in_blocks

LEAST_CHARS = 200  # of a text part; less, and it's likely to say "read this in a browser"

_FORWARDED = re.compile(r"(?i)\A(?:(?:re|fwd?|aw|wg|tr|rv)\s*:\s*)+")
_SOFT_BREAK = re.compile(r" \n(?!>)")


def read_email(raw: Raw) -> Article:
    """Return the text part of a mail below its subject, else what its HTML part says.

    extra: author (the sender). A page that a browser saved is read as the page itself. Files that
    come with a mail aren't read.

    Raises:
        InputError: the mail holds no text.
    """
    message = message_from_bytes(raw.data, policy=policy.default)
    plain, page = message.get_body(("plain",)), message.get_body(("html",))
    if page and (url := message["Snapshot-Content-Location"]):
        return read_html(_part(page, raw, str(url)))
    text = _plain_text(plain, raw) if plain else ""
    if page and len(text.strip()) < LEAST_CHARS:
        text = find_article(decode_page(_part(page, raw))[0]).article.text or text
    if not text.strip():
        names = ", ".join(filter(None, (part.get_filename() for part in message.walk())))
        advice = f"save what comes with it ({names}) and read that" if names else "nothing to read"
        raise InputError(f"{raw.name} is a mail without text: {advice}")
    title = _FORWARDED.sub("", str(message["Subject"] or "")).strip() or None
    sent = message["Date"].datetime if message["Date"] else None
    sender = str(message["From"] or "").strip()
    return Article(
        in_blocks([text], title),
        title=title,
        date=sent.date().isoformat() if sent else None,
        extra={"author": sender} if sender else {},
    )


def _part(part: MIMEPart, raw: Raw, url: str | None = None) -> Raw:
    """Return a part's content as bytes, with its charset."""
    data = part.get_payload(decode=True)
    return Raw(
        data if isinstance(data, bytes) else b"",
        raw.name,
        raw.max_chars,
        charset=part.get_content_charset(),
        url=url,
    )


def _plain_text(part: MIMEPart, raw: Raw) -> str:
    """Return the text of a part without its signature, and with its flowed lines joined.

    Source: RFC 3676, 4.3 and 4.2 (format=flowed).
    """
    text = decode(_part(part, raw))[0].replace("\r\n", "\n").partition("\n-- \n")[0]
    return _SOFT_BREAK.sub(" ", text) if part.get_param("format") == "flowed" else text
