"""The family's declaration."""

from wecom_tollbooth.gateway.operation import Family

family = Family("directory_jobs", "通讯录异步导入与导出", "Bulk import and export of the directory")
