"""How this project's aiokafka clients reach the broker: addresses, security and time-outs from the settings."""

from __future__ import annotations

from typing import Any

from aiokafka.helpers import create_ssl_context

from domain.settings import Settings


def client_arguments(settings: Settings) -> dict[str, Any]:
    """The arguments that every aiokafka client of a worker shares."""
    arguments: dict[str, Any] = {
        "bootstrap_servers": settings.kafka,
        "security_protocol": settings.kafka_security_protocol,
        "retry_backoff_ms": settings.retry_backoff_ms,
    }
    if settings.kafka_security_protocol in ("SSL", "SASL_SSL"):
        arguments["ssl_context"] = create_ssl_context(cafile=settings.kafka_cafile or None)
    if settings.kafka_sasl_mechanism:
        arguments["sasl_mechanism"] = settings.kafka_sasl_mechanism
        arguments["sasl_plain_username"] = settings.kafka_username
        arguments["sasl_plain_password"] = settings.kafka_password
    return arguments


def group(settings: Settings) -> str:
    """The consumer group of all workers of one system; its name is also the stem of their transactional ids."""
    return settings.topic("fundwatch")
