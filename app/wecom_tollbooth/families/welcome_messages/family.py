"""The family that the operations of this folder belong to."""

from wecom_tollbooth.gateway.operation import Family

family = Family("welcome_messages", "欢迎语", "Welcome messages")
