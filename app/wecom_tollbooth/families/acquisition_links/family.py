"""The family that the operations of this folder belong to."""

from wecom_tollbooth.gateway.operation import Family

family = Family("acquisition_links", "获客助手", "Acquisition links")
