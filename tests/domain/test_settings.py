"""Laws of settings: a value that cannot be used stops the process by the name of its variable."""

from __future__ import annotations

import pytest

from domain.settings import SettingRefused, Settings, settings_from


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
        ("FUNDWATCH_SESSION_TIMEOUT_MS", "-1"),
        ("FUNDWATCH_CLOCK", "sundial"),
        ("FUNDWATCH_NAMESPACE", "a.b"),
        ("FUNDWATCH_KAFKA", "nohost"),
        ("FUNDWATCH_REDIS", "localhost"),
        ("FUNDWATCH_KAFKA_SECURITY_PROTOCOL", "FOO"),
        ("FUNDWATCH_LOG_LEVEL", "loud"),
        ("FUNDWATCH_METRICS_PORT", "99999"),
        ("FUNDWATCH_HEARTBEAT_INTERVAL_MS", "6000"),
    ],
)
def test_an_unusable_value_is_refused_by_its_own_name(name: str, value: str) -> None:
    """The person who set it reads which variable, which value and what was expected."""
    with pytest.raises(SettingRefused) as refused:
        settings_from({name: value})
    assert (refused.value.name, refused.value.value) == (name, value)
