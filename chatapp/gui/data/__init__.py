"""What is the user's own: export and import, the trash, backups. Built when first asked for."""
