"""A life with the counter that leaves something in every table, and the words that tell of it."""

from __future__ import annotations

from datetime import date

from sqlalchemy import insert, select, update

from bot.core.message import Inbound, Notice, Outbound, _
from bot.core.ports import Turn
from bot.core.session import Run
from bot.domain.privacy import Kind
from storage import (
    approvals,
    consents,
    contracts,
    customer_documents,
    document_access,
    document_links,
    handoffs,
    people,
    preferences,
    registration,
)
from storage.document_access import Means
from storage.tables import (
    address,
    card,
    confirmation,
    confirmation_body,
    custom_value,
    invoice,
    payment_claim,
    payment_promise,
    pending_change,
    person,
    received_file,
    received_file_body,
    staff_decision,
)

TYPED = "my neighbour Zulmira knows the way"
"""Words that Ana typed."""
TELLING = (
    "Ana", "Prado", "Nogueira", "ana@example.com", "ana.prado@example.org", "900000012",
    "Quaresmeiras", "Zulmira", "nova@example.org", "Balanco da Ana", "11.222.333", "7788",
)  # fmt: skip
"""What tells of her; her CPF stays with her invoices."""
EVIDENCE = {"digest": "d" * 64, "words": f"Is it right, Ana Prado? {TYPED}", "at": ""}


def lives(tx: Turn, id: int) -> None:
    """Everything somebody can leave behind."""
    evidence = {**EVIDENCE, "at": tx.now.isoformat()}
    here = people.here(tx)
    who, at = here.person, here.address
    assert who is not None
    own = {"name": "Ana Prado", "email": "nova@example.org"}
    tx.run(update(person).where(person.c.id == who).values(**own))
    tx.run(update(address).where(address.c.id == at).values(name="Ana P."))
    _visitor, sat = tx.open(Inbound("e-1", here.at, text=TYPED))
    sat.stack = [Run("r", "human", answers={"wish": TYPED})]
    tx.save(sat)
    tx.reply([Outbound(f"Hello Ana, {TYPED}")])
    tx.post(Notice(_("{name}, it is due", name="Ana")), dedup="n:1", address=at)
    handoffs.ask_the_team(tx, TYPED, request="r-1")
    tx.run(
        insert(custom_value).values(
            customer=id, key="pet", value=TYPED, changed_at=tx.now
        )
    )  # fmt: skip
    registration.save(tx, id, {"registry_number": "11.222.333"}, words={"registry_number": _("RG")})
    approvals.ask(
        tx, id, "registration", {"name": TYPED}, words=_("{w}", w=TYPED), waits_for="staff"
    )
    ((made,),) = tx.run(
        insert(confirmation)
        .values(
            brand="curral", customer=id, person=who, address=at, through="web", at=tx.now,
            version="v" * 64, digest="d" * 64,
        )
        .returning(confirmation.c.id)
    )  # fmt: skip
    tx.run(insert(confirmation_body).values(confirmation=made, words=evidence["words"]))
    consents.give(tx, id, "news", {**evidence, "words": "May we send you news?"}, locale="en")
    preferences.switch(tx, id, Kind.REMINDERS, on=False)
    contracts.add_model(tx, "Fibre", "For {{ customer_name }}, {{ customer_tax_id }}.")
    agreement = contracts.offer(tx, id, "Fibre", {})
    of = contracts.get(tx, agreement, id)
    assert of is not None
    contracts.accept(tx, agreement, id, sha256=of.sha256, words=str(evidence["words"]), locale="en")
    for kind, year in (("document", 2026), ("tax", 2026), ("tax", 2015)):
        filed = customer_documents.add_document(
            tx, id, title=f"Balanco da Ana {kind} {year}" if kind == "document" else f"DARF {year}",
            file_name=f"ana-{kind}-{year}.pdf" if kind == "document" else f"darf-{year}.pdf",
            content=b"%PDF-1.4 Ana " + kind.encode() + str(year).encode(), kind=kind,
            issued_on=date(year, 5, 5),
        )  # fmt: skip
        document_access.note_access(tx, filed, Means.CHAT)
        document_links.mail_link(tx, filed, id)
    tx.run(
        insert(card).values(
            brand="curral", customer=id, gateway="g", kind="credit", scheme="visa", last4="7788",
            token="token-of-Ana", is_default=True, autopay=True, created_at=tx.now,
        )
    )  # fmt: skip
    bill = tx.scalar(select(invoice.c.id).where(invoice.c.customer == id))
    about = {"brand": "curral", "customer": id, "invoice": bill, "created_at": tx.now}
    tx.run(insert(payment_promise).values(**about, promised_for=tx.today, consent=evidence))
    ((claim,),) = tx.run(
        insert(payment_claim)
        .values(**about, account="web", words=TYPED, state="waiting")
        .returning(payment_claim.c.id)
    )
    for name, state in (("recibo da Ana.pdf", "kept"), ("foto da Ana.png", "loose")):
        sent = {
            "brand": "curral", "address": at, "account": "web", "name": name, "size": 12,
            "media_type": "application/pdf", "state": state, "created_at": tx.now,
        }  # fmt: skip
        if state == "kept":
            sent |= {"customer": id, "person": who, "claim": claim, "title": "Ana's"}
        ((file,),) = tx.run(insert(received_file).values(**sent).returning(received_file.c.id))
        tx.run(insert(received_file_body).values(file=file, content=b"%PDF-1.4 Ana"))
    tx.run(
        insert(staff_decision).values(
            brand="curral", customer=id, subject="claim-99", approved=False, staff="Beto",
            note=TYPED, at=tx.now,
        )
    )  # fmt: skip
    tx.run(
        insert(pending_change).values(
            brand="curral", customer=id, subject=f"customer:{id}:method", kind="method",
            body={"holder": "Ana Prado"}, told={"done": TYPED}, created_at=tx.now,
        )
    )  # fmt: skip
