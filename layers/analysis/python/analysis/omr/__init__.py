"""Answer sheets: find the printed bubbles, prove the fit, read the ink, doubt aloud."""
