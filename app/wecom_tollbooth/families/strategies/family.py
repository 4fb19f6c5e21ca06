"""The family that the operations of this folder belong to."""

from wecom_tollbooth.gateway.operation import Family

family = Family("strategies", "客户联系规则组", "Rule groups")
