"""The one place that reads the process environment: settings as every command uses them."""

from __future__ import annotations

import dataclasses
import os
import ssl
from collections.abc import Mapping
from pathlib import Path

from domain.settings import FILE_SUFFIX, PREFIX, SECRET_NAMES, SettingRefused, Settings, settings_from
from fundwatch.services.runtime import read_runtime


def declared(**overrides: object) -> Settings:
    """Settings as they are set, without looking for servers: an empty address means that it is ours to start them.

    The home folder and files of certificates are made absolute, because children run elsewhere. Raises SettingRefused.
    """
    settings = settings_from(_with_files(os.environ), **overrides)
    return dataclasses.replace(
        settings,
        home=str(Path(settings.home).absolute()),
        kafka_cafile=_certificates("KAFKA_CAFILE", settings.kafka_cafile),
        redis_cafile=_certificates("REDIS_CAFILE", settings.redis_cafile),
    )


def configured(**overrides: object) -> Settings:
    """Settings of this process: environment, then ``overrides`` (command-line options; None = not given).

    Where no address of Kafka or Redis is set, those of the servers that `fundwatch up` started here are filled in;
    they stay empty where none ever was.
    """
    settings = declared(**overrides)
    runtime = read_runtime(settings.folder)
    return dataclasses.replace(settings, kafka=settings.kafka or runtime.kafka, redis=settings.redis or runtime.redis)


def environ_of(settings: Settings) -> dict[str, str]:
    """The environment variables that give another process these very settings."""
    return {
        PREFIX + field.name.upper(): str(getattr(settings, field.name))
        for field in dataclasses.fields(settings)
        if getattr(settings, field.name) != field.default
    }


def _certificates(name: str, path: str) -> str:
    """The absolute path of a file that holds certificates; clients would tell of a bad one in a traceback each."""
    if not path:
        return path
    try:
        ssl.create_default_context(cafile=path)
    except OSError as error:  # ssl.SSLError is one
        raise SettingRefused(PREFIX + name, path, f"a file of certificates in PEM ({error.strerror})") from error
    return str(Path(path).absolute())


def _with_files(environ: Mapping[str, str]) -> dict[str, str]:
    values = dict(environ)
    for secret in SECRET_NAMES:
        name = PREFIX + secret
        path = environ.get(name + FILE_SUFFIX)
        if path and not environ.get(name):
            try:
                values[name] = Path(path).read_text(encoding="utf-8").strip()
            except OSError as error:
                raise SettingRefused(name + FILE_SUFFIX, path, f"a readable file ({error.strerror})") from error
    return values
