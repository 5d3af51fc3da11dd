"""`balcao queue`, `payments`, `groups` and `people`: what staff sees and decides at the command line."""
