"""The customers of a corp for people: a listing that searches and filters, and everything about one."""
