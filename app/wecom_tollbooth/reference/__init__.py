"""The page /docs: every operation and control call, collapsed and searchable, in the reader's language.

The list is plain HTML, made from what is declared, so it is there at once. Swagger UI shows one operation
when somebody opens it, from a document of that operation alone: /openapi.json isn't needed.
"""
