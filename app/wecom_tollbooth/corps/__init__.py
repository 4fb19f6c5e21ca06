"""Corps with their apps, and providers: who they are, of what kind an app is, how corps come and go."""
