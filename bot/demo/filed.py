"""What the demo's customers find under "documents" and "contracts"; filed once, at the first start."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from bot.core.ports import Write
from bot.demo.cast import CAST, company_tax_id, person_tax_id
from bot.domain.calendar import add_months
from storage import contracts, customer_documents, customers

NAME = "Contrato de internet fibra"
MODEL = """# Contrato de prestação de serviço de internet

## 1. As partes

{{ brand_legal_name }} presta o serviço; {{ customer_name }}, inscrito sob {{ customer_tax_id }}, contrata.

## 2. O serviço

O plano contratado é {{ plan }}, com vencimento todo dia {{ due_day }} de cada mês.

## 3. O prazo

Este contrato vale por {{ months }} meses a contar de {{ today }}. O cliente pode rescindir a qualquer tempo;
antes do fim do prazo, paga a multa proporcional ao tempo que falta, nunca maior que os benefícios recebidos.
"""
_HOLDERS = (1, 4)
"""Places in the cast, from 1: a person, and a company with branches."""


def file_for_cast(write: Write) -> int:
    """File documents and offer a contract to some of the cast; how many documents, 0 a second time."""
    if contracts.model(write, NAME) is not None:
        return 0
    contracts.add_model(write, NAME, MODEL)
    filed = 0
    for index in _HOLDERS:
        role = CAST[index - 1]
        tax_id = company_tax_id(role.company) if role.company else person_tax_id(100 + index)
        owner = customers.by_tax_id(write, tax_id)
        if owner is None:
            continue
        for title, day, lines in _documents(write.today, owner.name, role.plan):
            customer_documents.add_document(
                write, owner.id, title=title, file_name=f"{title}.pdf", content=pdf(title, lines),
                period=f"{day:%Y-%m}", issued_on=day,
            )  # fmt: skip
            filed += 1
        contracts.offer(write, owner.id, NAME, {"months": "12"})
    return filed


def _documents(today: date, name: str, plan: str) -> Iterator[tuple[str, date, Sequence[str]]]:
    first = add_months(today, -10)
    yield "Laudo de instalação", first, (f"Cliente: {name}", "Sinal óptico: -19,4 dBm", "Aprovado")
    for months in range(4, 0, -1):
        day = add_months(today, -months).replace(day=5)
        what = (
            f"Tomador: {name}",
            f"Serviço: {plan}",
            "Documento de demonstração, sem valor fiscal",
        )
        yield f"Nota fiscal {day:%m-%Y}", day, what


def pdf(title: str, lines: Sequence[str]) -> bytes:
    """One page with a title and some lines, as plain as PDF 1.4 can be (ISO 32000-1, annex H)."""

    def shown(words: str) -> bytes:
        raw = words.encode("cp1252", "replace")
        return (
            b"(" + raw.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)") + b") Tj"
        )

    drawn = b"BT /F 20 Tf 60 760 Td " + shown(title) + b" /F 12 Tf 0 -16 Td "
    drawn += b" ".join(b"0 -20 Td " + shown(line) for line in lines) + b" ET"
    parts = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R"
        b"/Resources<</Font<</F 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(drawn), drawn),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
    ]
    out, offsets = b"%PDF-1.4\n", list[int]()
    for number, part in enumerate(parts, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, part)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    size = len(parts) + 1
    return out + (
        b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n"
        % (size, table, size, len(out))
    )
