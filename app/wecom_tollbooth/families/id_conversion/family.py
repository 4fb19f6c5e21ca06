"""The family that the operations of this folder belong to."""

from wecom_tollbooth.gateway.operation import Family

family = Family("id_conversion", "ID 转换", "Conversion of ids")
