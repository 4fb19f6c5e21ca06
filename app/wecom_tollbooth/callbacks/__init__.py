"""Callbacks: the registry of events, the outbox that they are put into, and their encrypted delivery."""
