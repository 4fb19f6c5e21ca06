"""The family itself, apart from its operations, so that these can stand in several files."""

from wecom_tollbooth.gateway.operation import Family

family = Family("directory", "通讯录", "Directory")
