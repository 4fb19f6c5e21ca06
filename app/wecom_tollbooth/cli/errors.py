"""The error that ends a command."""


class CommandError(Exception):
    """Ends a command: one line for the user, and the exit code."""

    def __init__(self, line: str, code: int = 1) -> None:
        super().__init__(line)
        self.code = code


class NoServer(CommandError):
    """No server answers at the address."""
