"""Themes and layout of the screens."""
