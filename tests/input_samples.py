"""Small documents made by hand, good and bad, for the tests of inputs."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Sequence

SENTENCE = "The mayor of the town said that the bridge would close on Monday."
PROSE = f"{SENTENCE} She told reporters that a ferry would run every twenty minutes."
ARTICLE = f"<h1>Bridge closes</h1><p>{PROSE}</p><p>“Nobody asked us,” said Omar Haddad.</p>"
NAV = "<nav><ul><li><a href='/'>Home</a></li><li><a href='/sport'>Sport</a></li></ul></nav>"
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
OPC = "http://schemas.openxmlformats.org/package/2006"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def page(body: str, head: str = "<title>Bridge closes | Herald</title>") -> bytes:
    """Return a web page with navigation."""
    return (
        f"<!DOCTYPE html><html><head><meta charset='utf-8'>{head}</head>"
        f"<body>{NAV}{body}<footer>© 2024 Herald</footer></body></html>"
    ).encode()


# ---- PDF --------------------------------------------------------------------------------------


def show(lines: Sequence[str], *, size: int = 12, left: int = 50, top: int = 700) -> str:
    """Return PDF operators that show lines below each other."""
    shown = "".join(f"({line}) Tj 0 {-size - 2} Td " for line in lines)
    return f"BT /F1 {size} Tf {left} {top} Td {shown}ET "


def make_pdf(pages: Sequence[str], *, objects: Sequence[str] = (), trailer: str = "") -> bytes:
    """Return a PDF with a page for each content stream; the same stream is stored once.

    objects: more of them, numbered from 4. trailer: more keys of it.
    """
    streams = list(dict.fromkeys(pages))
    first_stream = 4 + len(objects)
    first_page = first_stream + len(streams)
    kids = " ".join(f"{first_page + number} 0 R" for number in range(len(pages)))
    font = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"
    parts = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        font.encode(),
        *(text.encode() for text in objects),
        *map(_stream, streams),
    ]
    for content in pages:
        number = first_stream + streams.index(content)
        parts.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents {number} 0 R "
            "/Resources << /Font << /F1 3 0 R >> >> >>".encode()
        )
    return _file(parts, trailer)


def _stream(content: str) -> bytes:
    packed = zlib.compress(content.encode("windows-1252"), 9)
    head = f"<< /Length {len(packed)} /Filter /FlateDecode >>\nstream\n".encode()
    return head + packed + b"\nendstream"


def _file(parts: Sequence[bytes], trailer: str) -> bytes:
    data = bytearray(b"%PDF-1.7\n")
    places = []
    for number, part in enumerate(parts, start=1):
        places.append(len(data))
        data += b"%d 0 obj\n%b\nendobj\n" % (number, part)
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    size = len(parts) + 1
    end = f"xref\n0 {size}\n0000000000 65535 f \n{table}trailer\n<< /Size {size} /Root 1 0 R "
    return bytes(data) + f"{end}{trailer} >>\nstartxref\n{len(data)}\n%%EOF\n".encode()


# ---- Word -------------------------------------------------------------------------------------


def paragraph(inner: str) -> str:
    """Return a paragraph of Word's XML."""
    return f"<w:p>{inner}</w:p>"


def run(text: str) -> str:
    """Return a run of Word's XML."""
    return f'<w:r><w:t xml:space="preserve">{text}</w:t></w:r>'


def make_docx(body: str, *, dtd: str = "", parts: dict[str, bytes] | None = None) -> bytes:
    """Return a Word document with the body, and more parts by their names."""
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    types = (
        f'<Types xmlns="{OPC}/content-types"><Default Extension="rels" ContentType='
        '"application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/word/document.xml" ContentType="{kind}"/></Types>'
    )
    links = (
        f'<Relationships xmlns="{OPC}/relationships"><Relationship Id="r1" '
        f'Type="{OFFICE}/officeDocument" Target="word/document.xml"/></Relationships>'
    )
    document = f'{dtd}<w:document xmlns:w="{W}"><w:body>{body}</w:body></w:document>'
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", types)
        archive.writestr("_rels/.rels", links)
        archive.writestr("word/document.xml", document)
        for name, data in (parts or {}).items():
            archive.writestr(name, data)
    return out.getvalue()
