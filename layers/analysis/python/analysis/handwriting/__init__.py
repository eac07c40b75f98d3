"""How much a hand has added to a page."""
