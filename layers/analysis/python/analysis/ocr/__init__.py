"""Text of a picture: engines behind one interface, and what makes a page fit to be read."""
