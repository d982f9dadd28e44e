"""What a neighbour says about a broken event: evidence for its story, beside the list of findings."""

from enum import StrEnum


class Clue(StrEnum):
    """What a reader would look up next. Carried by a finding; it never decides whether there is one."""

    SUCCESSOR_NAMES_CONTENT = "successor_names_content"
    """The next event recorded the hash that this event's columns still give."""
    SUCCESSOR_NAMES_OTHER = "successor_names_other"
    """The next event recorded a hash that this event's columns do not give."""
    SAME_PREDECESSOR = "same_predecessor"
    """This event and the one before it name the same predecessor."""
