"""Who hears what, how it looks, and how it gets there."""
