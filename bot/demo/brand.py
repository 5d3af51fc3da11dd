"""The brand of the demo: an internet provider that does not exist, reachable nowhere.

Its addresses are in example.com (RFC 2606), so nobody can register its PIX key or answer its mails.
"""

from __future__ import annotations

from bot.core.brand import Brand, CustomField, DocumentRules, Payments, Pix, Registration, Trust
from bot.demo.cast import company_tax_id

BANK = "999"
"""A bank code that the Banco Central has given to nobody: its boletos read well and pay nowhere."""
FEATURES = (
    *("mail", "email_second_copy", "pix", "boleto", "pdf", "already_paid"),
    *("statements", "income_tax", "clearance"),
    *("documents", "send_documents", "contracts"),
    "registration",
    "privacy",
)
CAPITAL = CustomField(
    "capital_social",
    {"pt_BR": "Capital social", "en": "Share capital", "es": "Capital social"},
    "money",
    of=("PJ",),
)
HOURS = CustomField(
    "visit_hours",
    {"pt_BR": "Melhor horário", "en": "Best time for a visit", "es": "Mejor horario"},
    "choice",
    choices=("8h–12h", "13h–18h"),
    of=("PF",),
)


def brand() -> Brand:
    """The brand of the demo, with everything switched on."""
    return Brand(
        id="ventarola",
        name="Ventarola Fibra",
        legal_name="Ventarola Telecomunicações Ltda.",
        tax_id=company_tax_id("ZZVENTO0"),
        address=("Alameda das Ventarolas, 100", "Jardim do Catavento", "Atibaia - SP, 12940-000"),
        phone="+5511900000001",
        email="atendimento@ventarola.example.com",
        site="https://ventarola.example.com",
        hours="segunda a sábado, das 8h às 20h",
        color="#0b6e4f",
        pix=Pix("pix@ventarola.example.com", "Ventarola Fibra", "Atibaia"),
        payments=Payments(
            "demo", "demo", ("boleto", "pix", "card"), ("credit", "debit"), confirms=True
        ),
        documents=DocumentRules(kinds=("Contrato", "Comprovante", "Documento pessoal", "Outro")),
        registration=Registration(custom=(CAPITAL, HOURS), confirm_every_months=12),
        trust=Trust(block_after_days=5, unlock_days=3, unlock_every_days=30, promise_days=7),
        features=dict.fromkeys(FEATURES, True),
    )
