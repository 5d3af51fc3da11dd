"""The database: tables, transactions, and one file a noun with its reads and its actions."""
