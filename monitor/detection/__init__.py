"""Article and watch list in; mentions, matches and claims out. Pure."""
