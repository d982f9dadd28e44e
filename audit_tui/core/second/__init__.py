"""Two copies of one log beside each other: where they part, which events differ, what follows."""
