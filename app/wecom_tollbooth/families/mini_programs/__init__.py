"""The mini-programs of WeChat that admins have associated with the corp (关联小程序)."""
