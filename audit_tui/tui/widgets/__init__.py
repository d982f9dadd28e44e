"""Widgets that draw and post messages; they decide nothing."""
