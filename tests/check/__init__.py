"""`balcao check` against real servers on loopback: mail, Telegram, the public address."""
