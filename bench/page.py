"""Draws invoices and nothing else, for a profiler that counts instructions:

    valgrind --tool=callgrind .venv/bin/python -m bench.page 3
    valgrind --tool=callgrind .venv/bin/python -m bench.page 9

The difference is what six pages cost, on any machine alike.
"""

from __future__ import annotations

import sys
from dataclasses import replace

from bot.documents.invoice_pdf import InvoicePrinter
from tests.documents.samples import OPEN, PIX_CODE


def main(pages: int) -> None:
    """Draw so many, each with a number, a payer and a PIX code of its own."""
    printer = InvoicePrinter()
    for page in range(pages):
        payer = replace(OPEN.payer, name=f"Maria {page} Souza")
        code = PIX_CODE[:-4] + f"{page:04}"
        printer.render(replace(OPEN, number=f"{page:06}", payer=payer, pix_code=code))


if __name__ == "__main__":
    main(int(sys.argv[1]))
