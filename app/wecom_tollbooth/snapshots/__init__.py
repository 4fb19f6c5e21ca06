"""A corp's whole state: kept as a snapshot and restored, written to a file and read from one."""
