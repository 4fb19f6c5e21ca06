"""docs/events.md and docs/events.zh-CN.md: every callback event, from the registry of events.

A developer tool: `python -m wecom_tollbooth.events_page` writes the pages; with `--check` it fails when one
is outdated.
"""
