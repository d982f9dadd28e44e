"""Pure decisions of the screens: labels, glyphs, truncation, filter state."""
