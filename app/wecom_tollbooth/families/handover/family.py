"""The family that the operations of this folder belong to."""

from wecom_tollbooth.gateway.operation import Family

family = Family("handover", "在职与离职继承", "Handover")
"""Customers and customer groups are transferred from one member to another."""
