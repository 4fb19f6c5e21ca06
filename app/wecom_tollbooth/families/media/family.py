"""The family that the operations of this folder belong to."""

from wecom_tollbooth.gateway.operation import Family

family = Family("media", "素材管理", "Media")
