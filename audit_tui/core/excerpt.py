"""What of a tenant's chain is known to lie elsewhere, so that its absence here accuses nobody."""

from dataclasses import dataclass

from audit_tui.core.model import Event


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Stretches of a chain, as the manifests of archives describe them.

    The first one begins at `first_sequence` and names `previous_hash`; `absent` are the (first, last)
    sequences between stretches that lie in none of the archives at hand, `spans` the stretches themselves.
    """

    first_sequence: int
    previous_hash: str | None
    absent: tuple[tuple[int, int], ...] = ()
    spans: tuple[tuple[int, int], ...] = ()

    def begins_at(self, event: Event) -> bool:
        """Whether the excerpt's beginning is this event, and so what came before it lies elsewhere."""
        expected = (self.first_sequence, self.previous_hash)
        return self.first_sequence > 1 and expected == (event.sequence_number, event.previous_hash)

    @property
    def why_open(self) -> str:
        """Why the beginning cannot be judged."""
        return (
            f"the archive begins at event {self.first_sequence}, and no sealed event at hand records "
            "what came before it"
        )

    @property
    def why_absent(self) -> str:
        """Why the sequence cannot be called whole."""
        spans = " and ".join(f"{a} to {b}" if b > a else str(a) for a, b in self.absent[:5])
        more = f" and {len(self.absent) - 5} more stretches" if len(self.absent) > 5 else ""
        return f"events {spans}{more} lie in none of the archives given"
