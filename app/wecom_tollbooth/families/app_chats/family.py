"""The family that the operations of this folder belong to."""

from wecom_tollbooth.gateway.operation import Family

family = Family("app_chats", "应用群聊", "Application group chats")
