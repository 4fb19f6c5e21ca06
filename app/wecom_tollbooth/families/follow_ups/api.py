"""用户跟进: imports what declares the family's operations."""

from wecom_tollbooth.families.follow_ups import (  # noqa: F401
    boards,
    logs,
    one_record,
    pipelines,
    statistics,
)
