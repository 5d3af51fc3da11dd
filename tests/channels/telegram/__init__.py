"""Telegram: the driver against a strict fake of the Bot API."""
