"""docs/coverage.md and docs/errcodes.md: which operations and codes of WeCom are simulated, and how surely.

A developer tool: `python -m wecom_tollbooth.coverage` writes the pages; with `--check` it fails when one is
outdated. Its sources are the registry of operations, wecom_operations.toml (WeCom's own operations),
documented_fields.toml (the fields that the documentation lists), refused_callers.toml and error_list.toml.
"""
