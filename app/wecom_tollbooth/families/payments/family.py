"""The family's declaration."""

from wecom_tollbooth.gateway.operation import Family

family = Family("payments", "对外收款", "Payments from customers")
