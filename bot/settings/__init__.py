"""Every setting, from config.toml and BALCAO_… variables."""

from bot.settings.brands import BrandSettings, Features, PixSettings, Terms
from bot.settings.doors import ChannelSettings, Http, MailAccount, MailSettings
from bot.settings.loading import Problem, load
from bot.settings.whole import Access, Database, LogSettings, Settings

__all__ = [
    "Access", "BrandSettings", "ChannelSettings", "Database", "Features", "Http", "LogSettings",
    "MailAccount", "MailSettings", "PixSettings", "Problem", "Settings", "Terms", "load",
]  # fmt: skip
