"""Conversations, from the first word to the mail in the inbox: the whole house but its doors."""
