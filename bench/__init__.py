"""The speed of the server compared with a bare FastAPI route: `python -m bench`."""
