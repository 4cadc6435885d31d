"""Laws of reading settings at the edge of a process."""

from __future__ import annotations

from pathlib import Path

import pytest

from domain.settings import SettingRefused, Settings
from fundwatch.environment import configured, declared, environ_of
from fundwatch.services.runtime import Runtime, write_runtime


def test_addresses_come_from_what_was_started_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no address is set, the runtime file's is used, but `declared` tells that none was set."""
    monkeypatch.delenv("FUNDWATCH_KAFKA", raising=False)
    monkeypatch.delenv("FUNDWATCH_REDIS", raising=False)
    monkeypatch.setenv("FUNDWATCH_HOME", str(tmp_path))
    write_runtime(str(tmp_path), Runtime(kafka="127.0.0.1:1", redis="redis://127.0.0.1:2/0"))
    assert configured().kafka == "127.0.0.1:1"
    assert configured().redis == "redis://127.0.0.1:2/0"
    assert (declared().kafka, declared().redis) == ("", "")


def test_a_set_address_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """FUNDWATCH_KAFKA is used even where a Kafka was started here."""
    monkeypatch.setenv("FUNDWATCH_HOME", str(tmp_path))
    monkeypatch.setenv("FUNDWATCH_KAFKA", "broker:9092")
    write_runtime(str(tmp_path), Runtime(kafka="127.0.0.1:1"))
    assert configured().kafka == "broker:9092"


def test_a_namespace_has_a_folder_of_its_own(tmp_path: Path) -> None:
    """Two namespaces of one home share no folder, and neither is the nameless system's."""
    folders = {Settings(home=str(tmp_path), namespace=namespace).folder for namespace in ("", "a", "b")}
    assert len(folders) == 3


def test_a_secret_may_come_from_a_mounted_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """FUNDWATCH_KAFKA_PASSWORD_FILE names a file that holds the password, with or without a line end."""
    secret = tmp_path / "password"
    secret.write_text("swordfish\n", encoding="utf-8")
    monkeypatch.setenv("FUNDWATCH_KAFKA_SECURITY_PROTOCOL", "SASL_SSL")
    monkeypatch.setenv("FUNDWATCH_KAFKA_SASL_MECHANISM", "PLAIN")
    monkeypatch.setenv("FUNDWATCH_KAFKA_USERNAME", "monitor")
    monkeypatch.setenv("FUNDWATCH_KAFKA_PASSWORD_FILE", str(secret))
    assert declared().kafka_password == "swordfish"  # noqa: S105  # no secret of anyone


def test_a_missing_secret_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that cannot be read is refused by the name of its variable."""
    monkeypatch.setenv("FUNDWATCH_TOKEN_SECRET_FILE", str(tmp_path / "absent"))
    with pytest.raises(SettingRefused, match=r"FUNDWATCH_TOKEN_SECRET_FILE=.*expected a readable file"):
        declared()


def test_a_misspelt_name_is_refused_with_the_closest_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing would be set by it; its value, which may be a secret, is not told."""
    monkeypatch.setenv("FUNDWATCH_KAFKA_PASWORD", "swordfish")
    with pytest.raises(SettingRefused) as refused:
        declared()
    assert str(refused.value) == (
        "FUNDWATCH_KAFKA_PASWORD: no such setting; the closest one is FUNDWATCH_KAFKA_PASSWORD"
    )


def test_a_file_is_for_secrets_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """For anything else it would only hide what is set."""
    monkeypatch.setenv("FUNDWATCH_PARTITIONS_FILE", "partitions.txt")
    with pytest.raises(SettingRefused, match="no such setting; the closest one is FUNDWATCH_PARTITIONS"):
        declared()


def test_a_child_gets_the_very_same_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings survive the way through another process's environment."""
    settings = Settings(home=str(tmp_path), namespace="n", kafka="k:1", partitions=7, clock="manual", rules="a,b")
    for name, value in environ_of(settings).items():
        monkeypatch.setenv(name, value)
    assert declared() == settings


@pytest.mark.parametrize("name", ["FUNDWATCH_KAFKA_CAFILE", "FUNDWATCH_REDIS_CAFILE"])
@pytest.mark.parametrize("content", [None, "no certificate"])
def test_an_unusable_file_of_authorities_is_named(
    name: str, content: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that is not there, and one that holds none: before any client meets it."""
    path = tmp_path / "ca.crt"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    monkeypatch.setenv("FUNDWATCH_KAFKA_SECURITY_PROTOCOL", "SSL")
    monkeypatch.setenv("FUNDWATCH_REDIS", "rediss://redis:6379/0")
    monkeypatch.setenv(name, str(path))
    with pytest.raises(SettingRefused, match=rf"{name}=.*expected a file of certificates in PEM"):
        declared()
