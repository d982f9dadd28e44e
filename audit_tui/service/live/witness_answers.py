"""What a witness says, as one word and one sentence."""

from collections.abc import Collection

from audit_tui.core.findings import Finding, Kind, Severity
from audit_tui.core.model import State
from audit_tui.core.witness import LogIdentity, Witness
from audit_tui.service.live.witnesses import WitnessJudgement
from audit_tui.service.witnessing import Says

_OF_KIND = {
    Kind.TENANT_MISSING: Says.MISSING,
    Kind.HEAD_REWOUND: Says.REWOUND,
    Kind.HEAD_REWRITTEN: Says.REWRITTEN,
}


def what_it_says(witness: Witness, judged: WitnessJudgement, now: LogIdentity) -> tuple[Says, str]:
    """The word and the sentence. Another identity decides the word: it changes what the rest can mean."""
    replaced = next((each for each in judged.findings if each.kind is Kind.LOG_REPLACED), None)
    others = [each for each in judged.findings if each is not replaced]
    says = next((_OF_KIND[each.kind] for each in others if each.kind in _OF_KIND), None)
    if replaced is not None:
        return _of_another_identity(witness, replaced, others, now)
    if says is not None:
        return says, others[0].message
    if judged.axis.state is State.INCONCLUSIVE:
        return Says.OUT_OF_REACH, _sentence(judged.axis.reason or "the witnessed event is out of reach")
    return Says.INTACT, f"Event {witness.sequence} is there as it was witnessed."


def _of_another_identity(
    witness: Witness, replaced: Finding, others: Collection[Finding], now: LogIdentity
) -> tuple[Says, str]:
    if replaced.severity is Severity.NOTICE:
        return Says.MOVED, replaced.message
    same_log = now.log_id is not None and now.log_id == witness.identity.log_id
    if same_log and others:
        found = next(iter(others)).message.partition(" The target is not")[0]
        return Says.RESTORED, f"{found} {replaced.message}"
    return Says.ANOTHER_DATABASE, replaced.message


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."
