"""docs/coverage.md: which of WeCom's operations are simulated, and how sure we are of each.

A developer tool: `python -m wecom_tollbooth.coverage` writes the page; with `--check` it fails when the
page is outdated. Its sources are the registry of operations, wecom_operations.toml (WeCom's own operations)
and documented_fields.toml (how many fields the documentation lists).
"""
