"""Corps, their apps and providers: tables, kinds of app, creating and deleting them."""
