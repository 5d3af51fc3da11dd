"""What becomes of a file once its channel has given it, or will not: filed, mailed, told."""

from __future__ import annotations

from collections.abc import Mapping

from bot.core.message import Notice, NoticeButton, Text, _
from bot.core.ports import Write
from bot.domain.received import LARGEST
from storage import claims, received_files, sent_documents
from storage.received_files import Received, Unwanted

_WHY: Mapping[str, Text] = {
    "kind": _("it is neither a PDF nor a picture"),
    "too_large": _("it is larger than {most} MB", most=LARGEST // 2**20),
    "empty": _("it is empty"),
    "": _("the channel did not hand it over"),
}


def arrived(write: Write, id: int, content: bytes) -> None:
    """A file was fetched: keep it, and do what it was sent for. Harmless if it was done before."""
    try:
        kept = received_files.keep(write, id, content)
    except Unwanted as unwanted:
        given_up(write, id, unwanted.code)
        return
    if kept is None:
        return
    if kept.claim is not None:
        claims.tell_staff(write, kept.claim, kept, dedup=f"claim-file:{id}")
    if kept.title is not None:
        sent_documents.file_it(write, kept, dedup=f"document-sent:file:{id}")
        text = _(
            "✅ **{title}** is filed among your documents, and our team has been told.",
            title=kept.title,
        )
        _tell(write, kept, Notice(text))


def late(write: Write, id: int) -> None:
    """A file takes its time: the office hears of a claim at once, and of its receipt later."""
    found = received_files.waiting(write, id)
    if found is not None and found.claim is not None:
        claims.tell_staff(write, found.claim, found, dedup=f"claim-late:{id}")


def given_up(write: Write, id: int, code: str) -> None:
    """A file cannot be had: who sent it is told what to do, and the office what it does without."""
    failed = received_files.fail(write, id, code)
    if failed is None:
        return
    if failed.claim is not None:
        claims.tell_staff(write, failed.claim, failed, dedup=f"claim-file:{id}")
    why = _WHY.get(code, _WHY[""])
    if failed.title is not None:
        text = _(
            "I could not take the file of **{title}**: {why}. Please send it again, as a PDF or a picture.",
            title=failed.title,
            why=why,
        )
        again = NoticeButton(_("Send a document"), "send-document")
        _tell(write, failed, Notice(text, buttons=(again,)))
    elif write.brand.email:
        text = _(
            "I could not take your receipt: {why}. Our team knows that you paid and looks at it all the"
            " same. You may send it here once more, as a PDF or a picture, or to {email}.",
            why=why,
            email=write.brand.email,
        )
        _tell(write, failed, Notice(text))
    else:
        text = _(
            "I could not take your receipt: {why}. Our team knows that you paid and looks at it all the"
            " same. You may send it here once more, as a PDF or a picture.",
            why=why,
        )
        _tell(write, failed, Notice(text))


def _tell(write: Write, of: Received, notice: Notice) -> None:
    write.post(
        notice,
        dedup=f"file:{of.id}:{of.state}",
        address=of.address,
        subject=f"customer:{of.customer}",
    )
