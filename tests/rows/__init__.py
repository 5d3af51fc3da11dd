"""What must work, row by row: each a story played at the web chat, in the terminal and on Telegram.

A story says and presses what a customer would, over the channel's own wire, against the whole
counter as `bot.app` builds it; `rows.py` is the list, and no row may be without a story.
"""
