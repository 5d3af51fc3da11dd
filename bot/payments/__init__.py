"""Payment gateways behind one port (`port.py`), and the desk that performs what the ledger asks of them."""
