"""The chapter of the operations of documents and smart sheets."""

from wecom_tollbooth.gateway.operation import Family

family = Family("smart_sheets", "文档与智能表格", "Documents and smart sheets")
