"""The options of the load generator."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from bench import fake_bot_api
from bench.channels import CHANNELS


def parse(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """The options of `python -m bench.load`."""
    parser = argparse.ArgumentParser(description="Drive a chat bot through scripted conversations.")
    add = parser.add_argument
    add("--webhook-url", required=True)
    add("--secret", default="", help="Telegram secret token (unless the bot's setWebhook tells one)"
        " or WhatsApp app secret")  # fmt: skip
    add("--channel", choices=sorted(CHANNELS), default="telegram")
    add("--script", required=True, help="JSON file, see README.md")
    add("--customers", type=int, default=10_000)
    add("--first-chat-id", type=int, default=1_000_000)
    add("--concurrency", type=int, default=32, help="closed loop: conversations at once")
    add("--rate", type=float, help="open loop: conversations started per second")
    add("--poisson", action="store_true", help="open loop: exponential gaps between starts")
    add("--think", type=float, default=0.0, help="seconds between a customer's steps")
    add("--duration", type=float, default=10.0)
    add("--warmup", type=float, default=2.0)
    add("--timeout", type=float, default=10.0, help="seconds a turn may take")
    add("--retries", type=int, default=0, help="times a customer repeats a failed step")
    add("--seed", type=int, default=1)
    add("--label", default="")
    add("--json", help="append the report to this file, one line of JSON")
    add("--smtp-port", type=int, help="also run an SMTP sink here and count mails")
    add("--mail-grace", type=float, default=10.0, help="seconds to wait for mails still under way")
    bot = parser.add_argument_group("the bot's process")
    bot.add_argument("--pid", type=int, help="measure this process tree")
    bot.add_argument("--helper-pid", type=int, action="append", default=[], help="e.g. a database")
    bot.add_argument("--commits", metavar="URL", help="database whose commits are counted")
    bot.add_argument("--start", help="or start the bot with this command, and stop it afterwards")
    bot.add_argument("--bot-log", help="where the started bot's output goes")
    bot.add_argument("--ready-timeout", type=float, default=20.0)
    bot.add_argument(
        "--settle", type=float, default=0.5, help="seconds from listening to the first update"
    )
    bot.add_argument(
        "--crash-after", type=float, help="kill -9 the started bot then, and start it again"
    )
    fake_bot_api.add_arguments(parser)
    args = parser.parse_args(argv)
    if args.crash_after and not args.start:
        parser.error("--crash-after needs --start")
    if args.rate and not args.think:
        parser.error("--rate needs --think: the schedule of a conversation's steps")
    return args
