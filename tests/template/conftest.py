import pytest

from tests.template.cloudformation import Template


@pytest.fixture(scope="session")
def template() -> Template:
    return Template.read()
