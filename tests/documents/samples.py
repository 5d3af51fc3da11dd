"""Invoices to print in the tests, and the words of the page in the three languages."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from bot.documents.invoice_pdf import (
    InvoiceDocument,
    InvoiceWords,
    Letterhead,
    Payer,
    invoice_lines,
)

PIX_CODE = (
    "00020101021226870014br.gov.bcb.pix2565pix.example.com/qr/v2/cobv/"
    "9d36b84fc70b478fb95c12729b90ca255204000053039865802BR5917Rede Clara Fibra"
    "6009Sao Paulo62070503***6304A1B2"
)
BOLETO_LINE = "00190.00009 01238.798977 77700.168188 3 37690000013500"
BARCODE = "00193376900000135000000001238798977770016818"

PORTUGUESE = InvoiceWords(
    language="pt-BR",
    title="Fatura",
    number="Nº",
    document_number="Nº do documento",
    reference="Referência",
    issued_on="Emissão",
    due_on="Vencimento",
    paid_on="Paga em",
    payer="Pagador",
    beneficiary="Beneficiário",
    description="Descrição",
    amount="Valor",
    more_lines="e mais {n} itens",
    subtotal="Valor da fatura",
    fine="Multa",
    interest="Juros",
    total="Total",
    total_due="Total a pagar",
    total_paid="Total pago",
    as_of="Valor para pagamento em {date}",
    state_open="Em aberto",
    state_overdue="Vencida",
    state_paid="Paga",
    state_cancelled="Cancelada",
    stamp_paid="Paga",
    stamp_cancelled="Cancelada",
    note_paid="Pagamento recebido. Obrigado por manter tudo em dia!",
    note_cancelled="Esta fatura foi cancelada: não há nada a pagar.",
    pix_title="Pague com PIX",
    pix_hint=(
        "Abra o app do seu banco, escolha PIX e aponte a câmera para o QR Code, "
        "ou copie e cole o código abaixo."
    ),
    pix_code="PIX copia e cola",
    pix_alt="QR Code do PIX; o código copia e cola está ao lado",
    boleto_title="Boleto",
    boleto_hint="Pague em qualquer banco, app ou lotérica. A compensação leva até 3 dias úteis.",
    barcode_alt="Código de barras do boleto; a linha digitável está acima",
)
ENGLISH = InvoiceWords(
    language="en",
    title="Invoice",
    number="No.",
    document_number="Document number",
    reference="Reference",
    issued_on="Issued on",
    due_on="Due on",
    paid_on="Paid on",
    payer="Billed to",
    beneficiary="Payee",
    description="Description",
    amount="Amount",
    more_lines="and {n} more items",
    subtotal="Invoice amount",
    fine="Late fee",
    interest="Interest",
    total="Total",
    total_due="Total due",
    total_paid="Total paid",
    as_of="Amount if paid on {date}",
    state_open="Open",
    state_overdue="Overdue",
    state_paid="Paid",
    state_cancelled="Cancelled",
    stamp_paid="Paid",
    stamp_cancelled="Cancelled",
    note_paid="Payment received. Thank you!",
    note_cancelled="This invoice was cancelled: there is nothing to pay.",
    pix_title="Pay with PIX",
    pix_hint=(
        "Open your bank's app, choose PIX and point the camera at the QR code, "
        "or copy and paste the code below."
    ),
    pix_code="PIX copy and paste",
    pix_alt="PIX QR code; the code to copy and paste is beside it",
    boleto_title="Boleto",
    boleto_hint="Pay at any bank, app or lottery shop. Clearing takes up to 3 business days.",
    barcode_alt="Barcode of the boleto; its digits are above",
)
SPANISH = InvoiceWords(
    language="es",
    title="Factura",
    number="N.º",
    document_number="N.º de documento",
    reference="Referencia",
    issued_on="Emisión",
    due_on="Vencimiento",
    paid_on="Pagada el",
    payer="Cliente",
    beneficiary="Beneficiario",
    description="Descripción",
    amount="Importe",
    more_lines="y {n} conceptos más",
    subtotal="Importe de la factura",
    fine="Multa",
    interest="Intereses",
    total="Total",
    total_due="Total a pagar",
    total_paid="Total pagado",
    as_of="Importe si paga el {date}",
    state_open="Pendiente",
    state_overdue="Vencida",
    state_paid="Pagada",
    state_cancelled="Anulada",
    stamp_paid="Pagada",
    stamp_cancelled="Anulada",
    note_paid="Pago recibido. ¡Gracias!",
    note_cancelled="Esta factura fue anulada: no hay nada que pagar.",
    pix_title="Pague con PIX",
    pix_hint=(
        "Abra la app de su banco, elija PIX y apunte la cámara al código QR, "
        "o copie y pegue el código de abajo."
    ),
    pix_code="PIX copiar y pegar",
    pix_alt="Código QR de PIX; el código para copiar y pegar está al lado",
    boleto_title="Boleto",
    boleto_hint="Pague en cualquier banco, app o agencia de lotería. Se acredita en hasta 3 días.",
    barcode_alt="Código de barras del boleto; sus dígitos están arriba",
)


def reais(amount: Decimal) -> str:
    whole = f"{abs(amount):,.2f}".translate(str.maketrans(",.", ".,"))
    return f"{'-' if amount < 0 else ''}R$\N{NO-BREAK SPACE}{whole}"


BRAND = Letterhead(
    name="Rede Clara Fibra",
    tax_id="CNPJ 12.ABC.345/01DE-35",
    address=("Rua das Acácias, 120", "São Paulo SP", "01310-100"),
    phone="+55 11 90000-0001",
    email="financeiro@example.com",
    site="example.com",
    accent="#5b3df5",
)
PAYER = Payer(
    name="Maria Aparecida dos Santos",
    tax_id="CPF 529.982.247-25",
    address=("Av. Brasil, 1500, ap. 32", "Jardim América, São Paulo SP", "01430-001"),
)
OPEN = InvoiceDocument(
    brand=BRAND,
    payer=PAYER,
    words=PORTUGUESE,
    number="2026-001234",
    reference="novembro de 2026",
    issued_on="20/11/2026",
    due_on="10/12/2026",
    lines=invoice_lines(
        [
            ("Internet fibra 600 Mega", Decimal("109.90")),
            ("Wi-Fi 6 em comodato", Decimal("15.00")),
            ("IP fixo", Decimal("20.10")),
            ("Desconto por pontualidade", Decimal("-10.00")),
        ],
        reais,
    ),
    amount=reais(Decimal("135.00")),
    total=reais(Decimal("135.00")),
    state="open",
    created_at=datetime(2026, 11, 20, 12, tzinfo=UTC),
    pix_code=PIX_CODE,
    boleto_line=BOLETO_LINE,
    barcode=BARCODE,
)


def invoice(**changes: Any) -> InvoiceDocument:
    """The open invoice with some fields changed."""
    return replace(OPEN, **changes)


OVERDUE = invoice(
    state="overdue",
    due_on="10/11/2026",
    fine=reais(Decimal("2.70")),
    interest=reais(Decimal("0.45")),
    total=reais(Decimal("138.15")),
    as_of="20/11/2026",
)
PAID = invoice(state="paid", paid_on="09/12/2026")
CANCELLED = invoice(state="cancelled")
