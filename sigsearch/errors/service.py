"""The service, its keys, cases and jobs."""

from __future__ import annotations

from sigsearch.errors.base import SigsearchError


class ServiceFault(SigsearchError):
    """The service refuses a request."""

    code = "service"


class NotSignedIn(ServiceFault):
    """No key was given, or one that is not known or was revoked."""

    code = "not_signed_in"


class ProviderFault(ServiceFault):
    """The provider that vouches for people (OpenID Connect) does not answer as it should."""

    code = "provider"


class NotAllowed(ServiceFault):
    """The key is known, but not for this."""

    code = "not_allowed"


class RequestRefused(ServiceFault):
    """The request is not what this address takes: its form, its type or a part of it."""

    code = "request"


class BodyTooLarge(ServiceFault):
    """The request has more bytes than the service takes. Send fewer files at once."""

    code = "body_too_large"


class BodyTooSlow(ServiceFault):
    """The request took too long to arrive."""

    code = "body_too_slow"


class MediaRefused(ServiceFault):
    """The request's content is of a type, or packed in a way, that is not taken."""

    code = "media_refused"


class TooManyRequests(ServiceFault):
    """This key sends more requests than it may. Wait as long as Retry-After says."""

    code = "too_many_requests"


class ServiceBusy(ServiceFault):
    """Too many requests are waiting. Try again after Retry-After."""

    code = "service_busy"


class TenantUnknown(ServiceFault):
    """There is no tenant of this name."""

    code = "tenant_unknown"


class KeyUnknown(ServiceFault):
    """There is no key of this id."""

    code = "key_unknown"


class EvidenceUnknown(ServiceFault):
    """There is no evidence of this id."""

    code = "evidence_unknown"


class EvidenceGone(ServiceFault):
    """The evidence was erased with its writer, or is past its time."""

    code = "evidence_gone"


class EvidenceChanged(ServiceFault):
    """A sheet cannot be drawn any more: no image was kept, or the references have changed. The
    answer itself is there as JSON."""

    code = "evidence_changed"


class JobUnknown(ServiceFault):
    """There is no job of this id."""

    code = "job_unknown"


class JobAtWork(ServiceFault):
    """The job is at work. It stops at its next step; ask again."""

    code = "job_at_work"


class CaseRefused(ServiceFault):
    """The case cannot be judged: decided already, held by somebody else, or judged by you."""

    code = "case_refused"


class FormRefused(ServiceFault):
    """A form of the desk was not sent from the desk, or is too old. Load the page again."""

    code = "form_refused"


class RepeatedDifferently(ServiceFault):
    """An Idempotency-Key was used before, with other content."""

    code = "repeated_differently"


class StillAtWork(ServiceFault):
    """The same request was sent before and is not answered yet."""

    code = "still_at_work"


class StateFault(SigsearchError):
    """The database in which the service keeps its keys and evidence cannot be used."""

    code = "service_state"


class NotServed(SigsearchError):
    """The service cannot listen at this address: it is taken, or not this machine's."""

    code = "not_served"
