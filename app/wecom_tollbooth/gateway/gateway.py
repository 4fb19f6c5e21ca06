"""What the gateway holds for all calls of one server."""

from wecom_tollbooth.gateway.journal.bound import JournalBound
from wecom_tollbooth.gateway.operation import Registry
from wecom_tollbooth.gateway.rate_limits import RateLimits
from wecom_tollbooth.server import Server


class Gateway:
    """The server, the registry of operations, the rate limits and the journal's bound; each call has it."""

    def __init__(self, server: Server, operations: Registry) -> None:
        self.server = server
        self.operations = operations
        self.journal_bound = JournalBound(server.settings.journal_capacity)
        self.rate_limits = RateLimits(server.settings, server.database, server.counts.limit)

    def close(self) -> None:
        self.rate_limits.close()
