"""附件: the text and attachments that welcome messages, mass messages and their kind share."""
