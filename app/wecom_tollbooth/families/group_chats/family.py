"""The family that the operations of this folder belong to."""

from wecom_tollbooth.gateway.operation import Family

family = Family("group_chats", "客户群管理", "Customer groups")
