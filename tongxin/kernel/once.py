"""Writing what may stand only once: the database decides, also when two clicks arrive together; to look first is not enough."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import IntegrityError, transaction
from psycopg.errors import UniqueViolation

from tongxin.kernel.errors import Refusal


@contextmanager
def write_once(refusal: Refusal, *constraints: str) -> Iterator[None]:
    """Write inside; raise the refusal where the database says that it stands already (2 statements more in a transaction).

    Args:
        constraints: names of the unique constraints that are meant; any other fault stays an error of ours.
    """
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        cause = error.__cause__
        if not isinstance(cause, UniqueViolation) or cause.diag.constraint_name not in constraints:
            raise
        raise refusal from None
