"""Payment gateways: one contract, a strict fake of Asaas over HTTP, and what comes of payments."""
