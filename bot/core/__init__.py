"""The conversation machine: knows no customer, no SQL and no channel library."""
