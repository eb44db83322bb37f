"""PDFs written by hand, so that tests need no writer of PDFs: good ones and hostile ones."""

import zlib
from collections.abc import Sequence


def pdf(pages: Sequence[bytes], *, trailer: bytes = b"", resources: bytes = b"") -> bytes:
    """A PDF whose pages are made of these drawing commands."""
    kids = b" ".join(b"%d 0 R" % (4 + 2 * index) for index in range(len(pages)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, len(pages)),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for index, commands in enumerate(pages):
        packed = zlib.compress(commands)
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents %d 0 R "
            b"/Resources << /Font << /F1 3 0 R >> %s >> >>" % (5 + 2 * index, resources)
        )
        objects.append(
            b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream" % (len(packed), packed)
        )
    return _file(objects, trailer)


def text_pdf(*pages: str) -> bytes:
    """A PDF with one line of text a page."""
    return pdf([b"BT /F1 12 Tf 72 720 Td (%s) Tj ET" % page.encode("latin-1") for page in pages])


def locked_pdf() -> bytes:
    """A PDF that asks for a password which is not the empty one."""
    lock = b"/Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O (%s) /U (%s) >> /ID [(a) (a)]"
    return pdf([b""], trailer=lock % (b"o" * 32, b"u" * 32))


def scanned_pdf() -> bytes:
    """A PDF whose page is only a picture, here a rectangle."""
    return pdf([b"0 0 612 792 re f"])


def bomb_pdf() -> bytes:
    """A small PDF whose page unpacks to 200 MB of drawing commands."""
    return pdf([b"q Q " * 50_000_000])


def busy_pdf() -> bytes:
    """A PDF that keeps a reader at work for many seconds."""
    return pdf([b"BT /F1 12 Tf (x) Tj ET\n" * 10_000] * 200)


def _file(objects: Sequence[bytes], trailer: bytes) -> bytes:
    body = b"%PDF-1.4\n"
    places = []
    for number, content in enumerate(objects, start=1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return body + (
        b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, table)
        + b"trailer\n<< /Size %d /Root 1 0 R %s >>\n" % (len(objects) + 1, trailer)
        + b"startxref\n%d\n%%%%EOF\n" % len(body)
    )
