"""The family that the operations of this folder belong to."""

from wecom_tollbooth.gateway.operation import Family

family = Family("moments", "客户朋友圈", "Moments")
