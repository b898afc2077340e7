"""Every error that groundrec raises on purpose.

An error says what happened, where, and what to do next. The command line prints it on one line;
``--debug`` shows the traceback.
"""

from __future__ import annotations

from collections.abc import Sequence


class GroundrecError(Exception):
    """Base of all errors raised by groundrec.

    Args:
        what: What happened, in one sentence without a full stop.
        where: The file, row, field or address it happened at.
        hint: What the person can do about it.
    """

    def __init__(self, what: str, *, where: str | None = None, hint: str | None = None) -> None:
        self.what, self.where, self.hint = what, where, hint
        parts = [f"{where}: {what}" if where else what]
        if hint:
            parts.append(hint)
        sentences = (part if part.endswith(("?", "!")) else part.rstrip(".") + "." for part in parts)
        super().__init__(" ".join(sentences))


class SettingsError(GroundrecError):
    """A setting or option is unknown or has a value that is not allowed."""


class FormatError(GroundrecError):
    """Data could not be found or read, or breaks its format in one or more places.

    Attributes:
        problems: Every problem found, one line each (``file:row:column: what``).
    """

    def __init__(
        self,
        what: str,
        *,
        where: str | None = None,
        hint: str | None = None,
        problems: Sequence[str] = (),
    ) -> None:
        super().__init__(what, where=where, hint=hint)
        self.problems = tuple(problems)


class CatalogError(FormatError):
    """A catalog could not be found or read, or holds rows that break its format."""


class UnknownItemError(GroundrecError):
    """An item id or title is not in the catalog."""


class ModelError(GroundrecError):
    """A language or embedding model could not be found, loaded or run."""


class ModelNotFoundError(ModelError):
    """There is no model at the name or path given."""


class DeviceError(ModelError):
    """The device that was asked for is not there."""


class ContextWindowError(ModelError):
    """A prompt is longer than the model's context window."""


class AdapterError(ModelError):
    """An adapter is missing, damaged, or made for another model."""


class UnsupportedError(ModelError):
    """The engine cannot do what was asked of it (score, constrain, ...)."""


class ServerError(ModelError):
    """A model server could not be reached, refused the request or broke off in the middle."""


class ServerDownError(ServerError):
    """A model server could not be reached, did not answer in time, failed or broke off."""


class VectorEngineError(GroundrecError):
    """A vector engine could not be reached, failed, or holds vectors that it should not."""


class ConstraintError(GroundrecError):
    """A constraint names a field the catalog does not have, or cannot be compared with it."""


class ProfileError(GroundrecError):
    """A folder of learned things is missing, broken or of another version."""


class FittingError(GroundrecError):
    """There is too little to learn from."""


class TuningError(GroundrecError):
    """Tuning broke off, or made a model worse; what there was before is still there."""


class SessionError(GroundrecError):
    """A session file is broken, of another version, or belongs to another catalog."""


class ServiceError(GroundrecError):
    """A request to the service could not be answered.

    Attributes:
        code: A short name of what is wrong, for programs.
    """

    code = "service_error"


class RequestError(ServiceError):
    """A request asks for something that cannot be: a value that is too long, a place that is not there."""

    code = "invalid_request"


class NotFoundError(ServiceError):
    """There is no such thing, or it is another user's, which is said in the same words."""

    code = "not_found"


class ConflictError(ServiceError):
    """Somebody else changed the same thing at the same time, or a request id was used for another request."""

    code = "conflict"


class UnauthorizedError(ServiceError):
    """A key is needed, or the one that was sent is not good."""

    code = "invalid_api_key"


class ForbiddenError(ServiceError):
    """Who asks may not do this."""

    code = "forbidden"


class StoreError(ServiceError):
    """The store cannot be reached, read or written."""

    code = "store_unavailable"


class _LaterError(ServiceError):
    """Asking again later may help.

    Attributes:
        retry_after: Seconds to wait, or None where that is not known.
    """

    def __init__(
        self,
        what: str,
        *,
        where: str | None = None,
        hint: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(what, where=where, hint=hint)
        self.retry_after = retry_after


class BusyError(_LaterError):
    """There is too much to do right now."""

    code = "busy"


class QuotaError(_LaterError):
    """Somebody has asked for more than they may."""

    code = "quota_exceeded"
