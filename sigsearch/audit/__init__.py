"""The enrolment audit: references to look at before an index is trusted."""

from sigsearch.audit.enrolled import Enrolled
from sigsearch.audit.findings import Audit, Finding
from sigsearch.audit.look_over import audit

__all__ = ["Audit", "Enrolled", "Finding", "audit"]
