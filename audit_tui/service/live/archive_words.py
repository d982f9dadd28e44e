"""The words that go with a proof of archives: what the claim rests on, and the witness axis."""

from collections.abc import Iterable, Sequence

from audit_tui.core.archive.plan import Stretch
from audit_tui.core.archive.vouching import Vouched
from audit_tui.core.findings import AxisResult, Report, Verdict
from audit_tui.core.model import State
from audit_tui.core.words import count, plural


def witness_axis(vouched: Iterable[Vouched]) -> AxisResult:
    """OK where the chain vouches for every archive; what it contradicts is a finding, and makes it failed."""
    reasons = [said.reason for said in vouched if said.state is State.NOT_RUN]
    return AxisResult(State.NOT_RUN, reasons[0]) if reasons else AxisResult(State.OK)


def note(stretches: Sequence[Stretch], vouched: Sequence[Vouched], open_ends: Iterable[str]) -> str:
    """For a tenant's claim: which archives were read, what vouches for them, what stays open."""
    names = ", ".join(stretch.archive for stretch in stretches[:3])
    more = f" and {len(stretches) - 3} more" if len(stretches) > 3 else ""
    words = [f"read from {'archives' if len(stretches) > 1 else 'archive'} {names}{more}"]
    named = sum(said.state is State.OK for said in vouched)
    if named == len(vouched):
        words.append(
            "recorded by the chain with this manifest" if named == 1 else "all recorded by the chain"
        )
    elif any(said.state is State.NOT_RUN for said in vouched):
        manifests = f"{count(named)} of {plural(len(vouched), 'manifest')}"
        words.append(
            f"events at hand record {manifests}, and only the chain vouches for one"
            if named
            else "no event at hand records its manifest, and only the chain vouches for one"
        )
    return "; ".join([*words, *open_ends])


def what_else_to_give(verdict: Verdict) -> list[str]:
    """What the reader can add to files that were proved alone, so that more is decided."""
    if verdict is Verdict.INTACT:
        return [
            "The files are proven by themselves: that the chain vouches for their manifests is shown "
            "with the log beside them (--dsn)."
        ]
    if verdict is Verdict.INCONCLUSIVE:
        return ["What is open can be decided with the archives before and after, or with the log (--dsn)."]
    return []


def claim_of_files(report: Report, archives: int, cut_off: str | None = None) -> str:
    """The claim of a whole run over archives."""
    events = sum(tenant.events for tenant in report.tenants)
    tally = ", ".join(
        f"{count(n)} {word}" for word in Verdict if (n := sum(t.verdict is word for t in report.tenants))
    )
    odd = f"; {plural(len(report.orphans), 'fault')} of the folders themselves" if report.orphans else ""
    whole = f"{plural(events, 'event')} of {plural(len(report.tenants), 'tenant')}"
    tail = f"; cut off: {cut_off}" if cut_off else ""
    word = str(report.verdict).capitalize()
    return (
        f"{word}: {whole} in {plural(archives, 'archive')} checked from the files "
        f"as of {report.checked_at}: {tally or 'no events'}{odd}{tail}."
    )
