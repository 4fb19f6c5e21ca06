"""Keys in the address, by which webhooks and group robots are called without a token."""
