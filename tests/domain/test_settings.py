"""Laws of settings: a value that cannot be used stops the process by the name of its variable."""

from __future__ import annotations

import pytest

from domain.settings import SettingRefused, Settings, settings_from, without_password


def test_nothing_set_is_the_single_machine() -> None:
    """Defaults hold where the environment is silent, and where a variable is set to nothing."""
    assert settings_from({}) == settings_from({"FUNDWATCH_PARTITIONS": ""}) == Settings()


def test_an_override_beats_the_environment() -> None:
    """A command-line option wins; one that was not given leaves the environment's value."""
    environ = {"FUNDWATCH_PARTITIONS": "12"}
    assert settings_from(environ, partitions=3).partitions == 3
    assert settings_from(environ, partitions=None).partitions == 12


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FUNDWATCH_PARTITIONS", "0"),
        ("FUNDWATCH_PARTITIONS", "many"),
        ("FUNDWATCH_BATCH_RECORDS_MAX", "0"),
        ("FUNDWATCH_BATCH_BYTES_MAX", "0"),
        ("FUNDWATCH_FEED_CLIENTS_MAX", "0"),
        ("FUNDWATCH_SESSION_TIMEOUT_MS", "-1"),
        ("FUNDWATCH_CLOCK", "sundial"),
        ("FUNDWATCH_NAMESPACE", "a.b"),
        ("FUNDWATCH_KAFKA", "nohost"),
        ("FUNDWATCH_KAFKA_SECURITY_PROTOCOL", "FOO"),
        ("FUNDWATCH_KAFKA_SASL_MECHANISM", "GSSAPI"),
        ("FUNDWATCH_LOG_LEVEL", "loud"),
        ("FUNDWATCH_METRICS_PORT", "99999"),
        ("FUNDWATCH_HEARTBEAT_INTERVAL_MS", "6000"),
        ("FUNDWATCH_RULES", " , "),
    ],
)
def test_an_unusable_value_is_refused_by_its_own_name(name: str, value: str) -> None:
    """The person who set it reads which variable, which value and what was expected."""
    with pytest.raises(SettingRefused) as refused:
        settings_from({name: value})
    assert (refused.value.name, refused.value.value) == (name, value)


SECURED = {
    "FUNDWATCH_KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
    "FUNDWATCH_KAFKA_SASL_MECHANISM": "SCRAM-SHA-512",
    "FUNDWATCH_KAFKA_USERNAME": "monitor",
    "FUNDWATCH_KAFKA_PASSWORD": "secret",
    "FUNDWATCH_KAFKA_CAFILE": "ca.crt",
    "FUNDWATCH_REDIS": "rediss://monitor:secret@redis:6379/0",
    "FUNDWATCH_REDIS_CAFILE": "ca.crt",
}


def test_what_a_site_needs_for_secured_servers_is_taken() -> None:
    """TLS, user and password for Kafka and Redis; and no password in what Python shows of the settings."""
    settings = settings_from(SECURED)
    assert (settings.kafka_password, settings.redis) == ("secret", SECURED["FUNDWATCH_REDIS"])
    assert "secret" not in repr(settings)


@pytest.mark.parametrize(
    ("name", "value", "named"),
    [
        ("FUNDWATCH_KAFKA_SASL_MECHANISM", "", "FUNDWATCH_KAFKA_SASL_MECHANISM"),
        ("FUNDWATCH_KAFKA_USERNAME", "", "FUNDWATCH_KAFKA_USERNAME"),
        ("FUNDWATCH_KAFKA_PASSWORD", "", "FUNDWATCH_KAFKA_PASSWORD"),
        ("FUNDWATCH_KAFKA_SECURITY_PROTOCOL", "", "FUNDWATCH_KAFKA_SECURITY_PROTOCOL"),
        ("FUNDWATCH_KAFKA_SECURITY_PROTOCOL", "SSL", "FUNDWATCH_KAFKA_SECURITY_PROTOCOL"),
        ("FUNDWATCH_KAFKA_SECURITY_PROTOCOL", "SASL_PLAINTEXT", "FUNDWATCH_KAFKA_SECURITY_PROTOCOL"),
        ("FUNDWATCH_REDIS", "redis://monitor:secret@redis:6379/0", "FUNDWATCH_REDIS"),
    ],
)
def test_half_of_the_security_is_refused(name: str, value: str, named: str) -> None:
    """Nothing connects without TLS, or with no user, where the other half shows that it was meant."""
    with pytest.raises(SettingRefused) as refused:
        settings_from(SECURED | {name: value})
    assert refused.value.name == named
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    "url",
    [
        "localhost",
        "http://redis:6379",
        "redis://",
        "redis://redis:99999/0",
        "redis://monitor:sec/ret@redis:6379/0",
        "redis://monitor:12/sec34@redis:6379/0",
        "redis://monitor:sec#ret@redis:6379/0",
        "redis://monitor:sec?ret@redis:6379/0",
    ],
)
def test_an_unusable_address_of_redis_is_refused_without_being_shown(url: str) -> None:
    """It may hold a password, whose unescaped signs would be read as port, path or options."""
    with pytest.raises(SettingRefused, match="FUNDWATCH_REDIS") as refused:
        settings_from({"FUNDWATCH_REDIS": url})
    assert "sec" not in str(refused.value)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("", ""),
        ("redis://redis:6379/0", "redis://redis:6379/0"),
        ("rediss://monitor:secret@redis:6379/0", "rediss://monitor@redis:6379/0"),
        ("redis://:secret@redis", "redis://redis"),
        ("rediss+cluster://monitor:s%2Fecret@[::1]:6379", "rediss+cluster://monitor@[::1]:6379"),
        ("unix://monitor:secret@/run/redis.sock?db=1", "unix://monitor@/run/redis.sock?db=1"),
        ("redis://redis/0?password=secret&health_check_interval=5", "redis://redis/0?health_check_interval=5"),
    ],
)
def test_an_address_of_redis_is_shown_without_its_password(url: str, shown: str) -> None:
    """Every address that may be set; user and options stay."""
    assert without_password(url) == shown
    assert settings_from({"FUNDWATCH_REDIS": url}).redis == url
