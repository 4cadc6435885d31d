"""Laws of the local servers, on real processes."""

from __future__ import annotations

import pytest

from domain.settings import Settings
from domain.topics import TOPICS
from fundwatch import broker

pytestmark = pytest.mark.broker


def test_topics_are_made_once_and_found_again(settings: Settings) -> None:
    """A second creation of the topics makes nothing and finds them all."""
    names = tuple(sorted(settings.topic(topic.name) for topic in TOPICS))
    assert broker.create_topics(settings) == broker.Made(created=names, present=())
    assert broker.create_topics(settings) == broker.Made(created=(), present=names)
