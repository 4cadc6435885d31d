"""What people said of candidates: alert.verified with outcome confirmed, and a later false_positive that takes it back.

It is kept per rule and object, not per alert: a confirmed object that leaves the scope and comes back is red again
without being confirmed anew (rules.md section 2, Candidates).
"""

from __future__ import annotations

from rules.derivation import refresh_quota
from rules.fold.folding import Folding, SubjectKind
from rules.ledger import RegionLedger
from rules.state import ConfirmationRow

# Rules whose confirmed quotas are out of all figures (`quota_excluded`, rules.md section 3).
_EXCLUDING_RULES = ("received_quota_reentered", "carry_over_entered_as_current")


def confirmation_key(rule_id: str, kind: str, subject_id: str) -> str:
    """Key of the row that says a candidate is confirmed."""
    return f"{rule_id}|{kind}|{subject_id}"


def is_confirmed(ledger: RegionLedger, rule_id: str, kind: str, subject_id: str) -> bool:
    """Whether a person confirmed the candidate, and nobody called it false later."""
    return ledger.confirmed.has(confirmation_key(rule_id, kind, subject_id))


def is_quota_excluded(ledger: RegionLedger, quota_id: str) -> bool:
    """`quota_excluded`."""
    return any(is_confirmed(ledger, rule_id, SubjectKind.QUOTA, quota_id) for rule_id in _EXCLUDING_RULES)


def confirm(folding: Folding, rule_id: str, kind: str, subject_id: str) -> None:
    """A person found the candidate true."""
    key = confirmation_key(rule_id, kind, subject_id)
    if not folding.ledger.confirmed.has(key):
        folding.ledger.confirmations.set(key, ConfirmationRow(mark=folding.mark("confirmation")))
        folding.ledger.confirmed.add(key, "")
        _touch(folding, kind, subject_id)


def take_back(folding: Folding, rule_id: str, subject_id: str) -> None:
    """A person found it false after all, as whatever kind of object it was confirmed."""
    for kind in SubjectKind:
        key = confirmation_key(rule_id, kind, subject_id)
        if folding.ledger.confirmed.has(key):
            folding.ledger.confirmations.drop(key)
            folding.ledger.confirmed.remove(key, "")
            _touch(folding, kind, subject_id)


def _touch(folding: Folding, kind: str, subject_id: str) -> None:
    """Have everything judged that may look at the confirmation; a quota's is in every figure."""
    folding.touch(kind, subject_id)
    if kind == SubjectKind.QUOTA:
        refresh_quota(folding, subject_id)
