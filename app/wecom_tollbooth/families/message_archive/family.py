"""The family that the operations of this folder belong to."""

from wecom_tollbooth.gateway.operation import Family

family = Family("message_archive", "会话内容存档", "Message archive")
