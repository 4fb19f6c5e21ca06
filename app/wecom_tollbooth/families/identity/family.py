"""The family's declaration."""

from wecom_tollbooth.gateway.operation import Family

family = Family("identity", "身份验证与 JS-SDK", "Identity and JS-SDK")
