"""The web chat, its page in Chromium, and the demo page beside it."""
