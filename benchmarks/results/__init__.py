"""Every reader's bars and what was measured, in one table."""
