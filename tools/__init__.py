"""Tools for developers of the project; nothing of it is installed."""
