"""The story of an archive that does not agree with its manifest, its neighbours or the chain."""

from audit_tui.core.findings import Confidence, Finding, Severity, Story, StoryKind
from audit_tui.core.telling import REST


def tell_mismatch(tenant: str | None, finding: Finding) -> Story:
    """One finding about an archive, told. What is not at hand accuses nobody."""
    first, last = finding.first_sequence or 0, finding.last_sequence or 0
    where = f"{first} to {last}" if last > first else str(first)
    if finding.severity is Severity.INCONCLUSIVE:
        summary, meaning = (
            f"not at hand: {where}",
            "The chain has these events, and neither the archives given nor the log show them.",
        )
        not_known, alternative = "What the events say, and whether they are as they were sealed.", None
    else:
        summary, meaning = (
            f"archive differs at {where}",
            "What lies there is not what was archived: it was changed, exchanged or damaged afterwards.",
        )
        not_known = "Who did it, and when. Another copy of the archive shows what was there."
        alternative = "A disk or a transfer damaged the files; compare them with another copy."
    return Story(
        StoryKind.DISAGREEMENT, tenant, first, last, summary, finding.message, meaning, REST, not_known,
        alternative, (finding,), Confidence.PROVEN if alternative is None else Confidence.LIKELY,
    )  # fmt: skip
