"""通讯录异步导入与导出: jobs that read a CSV file into the directory, or write the directory into files.

imports.py and exports.py have the operations. A job runs as scheduled tasks, each a slice of it, so that
calls are answered in between and a killed server goes on with it. import_work.py leads an import from one
stage to the next; csv_files.py reads its file, member_rows.py and department_rows.py apply its rows.
"""
