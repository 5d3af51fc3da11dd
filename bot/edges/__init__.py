"""Where the outside meets the storage: one matter a file, put together by `bot.app`."""
