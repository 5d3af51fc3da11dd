"""The whole program as its users have it: real processes, real sockets, a real browser."""
