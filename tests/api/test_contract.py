"""The OpenAPI document keeps its word: schemathesis asks every address with good and bad data, a bounded number of times."""

import contextlib

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from tests.api.conftest import no_counts
from tongxin.wsgi import application

EXAMPLES = 10
BOUNDED = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture
def document(world):
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_every_address_answers_as_described(document, mode):
    asked = 0
    for found in document.get_all_operations():
        operation = found.ok()

        @BOUNDED
        @given(case=operation.as_strategy(generation_mode=mode))
        def ask(case):
            # Facts (a category, an area, a receipt that exists) are beyond a schema: well-formed data may be refused.
            case.call_and_validate(excluded_checks=[positive_data_acceptance])

        no_counts()
        with contextlib.suppress(Unsatisfiable):  # an address without parameters cannot be asked badly
            ask()
            asked += 1
    assert asked >= 12
