"""Limits that a family counts itself: how often something happened in a minute, hour or day."""
