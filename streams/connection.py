"""How this project's aiokafka clients reach the broker: addresses, security and time-outs from the settings."""

from __future__ import annotations

import ssl
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import TopicAuthorizationFailedError
from aiokafka.helpers import create_ssl_context

from domain.settings import Settings, right_refused


def client_arguments(settings: Settings) -> dict[str, Any]:
    """The arguments that every aiokafka client of a worker shares."""
    arguments: dict[str, Any] = {
        "bootstrap_servers": settings.kafka,
        "security_protocol": settings.kafka_security_protocol,
        "retry_backoff_ms": settings.retry_backoff_ms,
    }
    if settings.kafka_security_protocol in ("SSL", "SASL_SSL"):
        arguments["ssl_context"] = _tls(settings.kafka_cafile)
    if settings.kafka_sasl_mechanism:
        arguments["sasl_mechanism"] = settings.kafka_sasl_mechanism
        arguments["sasl_plain_username"] = settings.kafka_username
        arguments["sasl_plain_password"] = settings.kafka_password
    return arguments


@lru_cache(maxsize=1)
def _tls(cafile: str) -> ssl.SSLContext:
    """One for all clients of a process: a worker has some hundred, and reading the authorities takes up to 0.2 s."""
    context: ssl.SSLContext = create_ssl_context(cafile=cafile or None)
    return context


def reader_arguments(settings: Settings) -> dict[str, Any]:
    """The arguments of a consumer in no group, which says itself where it reads: it sees only what was committed."""
    return client_arguments(settings) | {
        "group_id": None,
        "enable_auto_commit": False,
        "isolation_level": "read_committed",
    }


def group(settings: Settings) -> str:
    """The consumer group of all workers of one system; its name is also the stem of their transactional ids."""
    return settings.topic("fundwatch")


class TopicUnfitError(Exception):
    """A topic is not as the settings say; the message is the one line that the user needs."""

    def __init__(self, topic: str, fault: str) -> None:
        super().__init__(f"topic {topic}: {fault}")


async def refuse_unfit_topics(settings: Settings, names: Iterable[str]) -> None:
    """Look whether these topics are there as they must be. Raises TopicUnfitError."""
    admin = AIOKafkaAdminClient(**client_arguments(settings))
    await admin.start()
    try:
        for found in await admin.describe_topics([settings.topic(name) for name in names]):
            if fault := _fault(found["error_code"], len(found["partitions"]), settings):
                raise TopicUnfitError(found["topic"], fault)
    finally:
        await admin.close()


def _fault(error_code: int, partitions: int, settings: Settings) -> str:
    """What is wrong with a topic that the broker describes so; an empty text: nothing."""
    if error_code == TopicAuthorizationFailedError.errno:
        return right_refused(settings, "describe it")
    if not error_code and partitions == settings.partitions:
        return ""
    found = "missing" if error_code else f"{partitions} partitions"
    return f"{found}, expected {settings.partitions} partitions; see `fundwatch topics create`"
