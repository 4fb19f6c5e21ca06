"""Encrypted callbacks: what an act raised waits in the outbox and is delivered as WeCom delivers it."""
