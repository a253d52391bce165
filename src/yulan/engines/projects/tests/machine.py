"""The machine `aid_project` of the requirements (§5.1), written down once more, to hold the lifecycle against."""

_STATES = """
IDEA DRAFT SUBMITTED PRECHECK RETURNED REVIEW PUBLICITY APPROVED ISSUED PREPARE CONSTRUCT SUSPENDED CHANGE COMPLETED
ACCEPTED SETTLED AUDITED HANDED EVALUATED CLOSED REJECTED TERMINATED
"""
_TABLE = """
IDEA adopt DRAFT
DRAFT submit SUBMITTED
SUBMITTED accept PRECHECK
PRECHECK return RETURNED
RETURNED resubmit SUBMITTED
PRECHECK to_panel REVIEW
REVIEW reject REJECTED
REVIEW pass APPROVED
APPROVED publicise PUBLICITY
PUBLICITY issue ISSUED
PUBLICITY objection_upheld REVIEW
ISSUED sign_agreement PREPARE
PREPARE start CONSTRUCT
CONSTRUCT suspend SUSPENDED
SUSPENDED resume CONSTRUCT
CONSTRUCT request_change CHANGE
CHANGE decide_change CONSTRUCT
CONSTRUCT complete COMPLETED
COMPLETED rectify CONSTRUCT
COMPLETED accept_works ACCEPTED
ACCEPTED settle SETTLED
SETTLED audit AUDITED
AUDITED hand_over HANDED
HANDED evaluate EVALUATED
EVALUATED close CLOSED
ISSUED terminate TERMINATED
PREPARE terminate TERMINATED
CONSTRUCT terminate TERMINATED
SUSPENDED terminate TERMINATED
"""
STATES = tuple(_STATES.split())
TRANSITIONS = {(source, name, target) for source, name, target in map(str.split, _TABLE.strip().splitlines())}
ILLEGAL = {(source, target) for source in STATES for target in STATES} - {(s, t) for s, _name, t in TRANSITIONS}
"""The 455 pairs (from, to) that no move may join."""
