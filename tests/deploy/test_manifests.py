"""Laws of deploy/k8s and the Containerfile, checked without a cluster and without a container runtime."""

from __future__ import annotations

import dataclasses
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from domain.settings import FILE_SUFFIX, SECRET_NAMES, Settings, settings_from

PROJECT = Path(__file__).parents[2]
FOLDER = PROJECT / "deploy" / "k8s"
CONTAINERFILE = (PROJECT / "deploy" / "Containerfile").read_text(encoding="utf-8")
Resource = dict[str, Any]


def kustomization(folder: Path) -> dict[str, Any]:
    """The kustomization of a folder."""
    loaded: dict[str, Any] = yaml.safe_load((folder / "kustomization.yaml").read_text(encoding="utf-8"))
    return loaded


def listed(folder: Path) -> Iterator[Path]:
    """The files that a kustomization puts together, those of the folders that it names included."""
    for name in kustomization(folder)["resources"]:
        path = (folder / name).resolve()
        yield from listed(path) if path.is_dir() else [path]


FILES = tuple(listed(FOLDER / "example"))
BUILT: tuple[Resource, ...] = tuple(
    resource for file in FILES for resource in yaml.safe_load_all(file.read_text(encoding="utf-8"))
)
WORKLOADS = tuple(resource for resource in BUILT if resource["kind"] in {"StatefulSet", "Deployment", "Job"})
PODS = tuple(resource["spec"]["template"]["spec"] for resource in WORKLOADS)
CONTAINERS = tuple(container for pod in PODS for container in pod["containers"])


def resource(kind: str, name: str) -> Resource:
    """The one resource of this kind and name."""
    (found,) = (each for each in BUILT if (each["kind"], each["metadata"]["name"]) == (kind, name))
    return found


def name_of(each: Resource) -> str:
    """What a resource is called in a test's name."""
    return f"{each['kind']}-{each['metadata']['name']}"


CONFIGURED: dict[str, str] = resource("ConfigMap", "fundwatch")["data"]
SECRETS: dict[str, str] = resource("Secret", "fundwatch")["stringData"]
# As a container reads them: the files of secrets in place.
MOUNTED = CONFIGURED | {
    name.removesuffix(FILE_SUFFIX): SECRETS[Path(value).name]
    for name, value in CONFIGURED.items()
    if name.endswith(FILE_SUFFIX)
}


@pytest.mark.parametrize("folder", ["base", "example"])
def test_a_kustomization_only_puts_files_together(folder: str) -> None:
    """Nothing is patched or generated, so what is checked here file by file is what kustomize builds."""
    assert kustomization(FOLDER / folder).keys() == {"apiVersion", "kind", "resources"}


def test_no_manifest_is_forgotten() -> None:
    """Every file of the folder is part of what is built."""
    present = {path.resolve() for path in FOLDER.rglob("*.yaml") if path.name != "kustomization.yaml"}
    assert present == set(FILES)


def validated(*files: Path) -> subprocess.CompletedProcess[str]:
    """What kubernetes-validate says of these files, fields that do not exist included."""
    command = [str(Path(sys.executable).with_name("kubernetes-validate")), "--strict", *map(str, files)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_manifests_are_valid() -> None:
    """Kubernetes' own schemas accept each resource, and know every one of its fields."""
    checked = validated(*FILES)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_a_wrong_manifest_is_refused(tmp_path: Path) -> None:
    """The check sees a field that does not exist: it is not one that accepts everything."""
    wrong = resource("StatefulSet", "fundwatch-worker")
    path = tmp_path / "wrong.yaml"
    path.write_text(yaml.safe_dump({**wrong, "spec": {**wrong["spec"], "replica": 2}}), encoding="utf-8")
    assert validated(path).returncode != 0


def test_everything_is_in_one_namespace() -> None:
    """Each resource names the namespace that the base makes."""
    assert {each["metadata"].get("namespace") for each in BUILT if each["kind"] != "Namespace"} == {"fundwatch"}


@pytest.mark.parametrize("container", CONTAINERS, ids=lambda container: container["name"])
def test_a_container_has_no_privileges(container: Resource) -> None:
    """It cannot gain rights, write its own file system or keep a capability, and its memory is bounded."""
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert container["resources"]["limits"].keys() == {"memory"}
    assert container["resources"]["requests"].keys() == {"cpu", "memory"}


@pytest.mark.parametrize("pod", PODS, ids=lambda pod: pod["containers"][0]["name"])
def test_a_pod_runs_as_a_plain_user(pod: Resource) -> None:
    """It is the user that the image is made for, and has no business with the cluster's own interface."""
    context = pod["securityContext"]
    assert context["runAsNonRoot"]
    assert f"USER {context['runAsUser']}:{context['runAsGroup']}" in CONTAINERFILE
    assert context["seccompProfile"] == {"type": "RuntimeDefault"}
    assert pod["automountServiceAccountToken"] is False


@pytest.mark.parametrize("workload", WORKLOADS, ids=name_of)
def test_a_workload_finds_its_own_pods(workload: Resource) -> None:
    """Selectors match the labels of the template; a Job makes its own."""
    labels = workload["spec"]["template"]["metadata"]["labels"]
    assert workload["spec"].get("selector", {"matchLabels": labels})["matchLabels"] == labels


@pytest.mark.parametrize("service", [each for each in BUILT if each["kind"] == "Service"], ids=name_of)
def test_a_service_leads_to_a_port_of_its_pods(service: Resource) -> None:
    """The pods it selects have a port of the name that it sends to."""
    ports = {
        port["name"]
        for workload in WORKLOADS
        if workload["spec"]["template"]["metadata"]["labels"] == service["spec"]["selector"]
        for container in workload["spec"]["template"]["spec"]["containers"]
        for port in container["ports"]
    }
    assert {port["targetPort"] for port in service["spec"]["ports"]} <= ports


def test_a_worker_keeps_its_rows_on_its_own_volume() -> None:
    """The home folder of a worker is a volume that comes back with its name, which is the pod's."""
    worker = resource("StatefulSet", "fundwatch-worker")["spec"]
    (container,) = worker["template"]["spec"]["containers"]
    given = {variable["name"]: variable for variable in container["env"]}
    mounts = {mount["mountPath"]: mount["name"] for mount in container["volumeMounts"]}
    assert mounts[given["FUNDWATCH_HOME"]["value"]] in {
        claim["metadata"]["name"] for claim in worker["volumeClaimTemplates"]
    }
    assert given["FUNDWATCH_WORKER"]["valueFrom"] == {"fieldRef": {"fieldPath": "metadata.name"}}


@pytest.mark.parametrize("container", CONTAINERS, ids=lambda container: container["name"])
def test_a_variable_is_one_that_is_read(container: Resource) -> None:
    """Each variable of a manifest is a setting, or names the file of a secret one."""
    known = {f"FUNDWATCH_{field.name.upper()}" for field in dataclasses.fields(Settings)}
    known |= {f"FUNDWATCH_{secret}{FILE_SUFFIX}" for secret in SECRET_NAMES}
    given = {variable["name"] for variable in container["env"]} | CONFIGURED.keys()
    assert given - known == set()


def test_the_example_settings_can_be_used() -> None:
    """What the ConfigMap says passes the check of settings, and Kafka is reached by SASL over TLS."""
    settings = settings_from(MOUNTED)
    assert settings.kafka_security_protocol == "SASL_SSL"
    assert settings.replication_factor == 3
    assert settings.clock == "live"


def test_a_worker_for_each_partition_at_most() -> None:
    """More workers than partitions would idle."""
    worker = resource("StatefulSet", "fundwatch-worker")
    assert worker["spec"]["replicas"] <= settings_from(MOUNTED).partitions


def test_a_secret_is_a_file_and_the_example_holds_none() -> None:
    """Each file that a variable names is in the Secret, which holds placeholders; none is in the ConfigMap."""
    files = {Path(value).name for name, value in CONFIGURED.items() if value.startswith("/etc/fundwatch/")}
    assert files == SECRETS.keys()
    assert all("REPLACE-ME" in value for value in SECRETS.values())
    assert not CONFIGURED.keys() & {f"FUNDWATCH_{secret}" for secret in SECRET_NAMES}


def test_the_image_is_the_version_of_the_project() -> None:
    """Manifests, Containerfile and pyproject.toml name one version; a site's registry comes before it."""
    version = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert {container["image"] for container in CONTAINERS} == {f"fundwatch:{version}"}
    assert f"--tag fundwatch:{version} " in CONTAINERFILE


def test_the_image_holds_every_package() -> None:
    """Each of the project's packages is copied into the image, and is not kept from the builder."""
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
    packages = {name.rstrip("*") for name in project["tool"]["setuptools"]["packages"]["find"]["include"]}
    copied = set(re.findall(r"^COPY (\w+)/ ", CONTAINERFILE, flags=re.MULTILINE))
    shown = set(re.findall(r"^!(\w+)$", (PROJECT / ".dockerignore").read_text(encoding="utf-8"), flags=re.MULTILINE))
    assert packages == copied == shown


def test_the_image_installs_what_is_locked() -> None:
    """Packages come from the lock files with their hashes, and base images by their short names."""
    assert re.findall(r"--only-binary :all: (\S+) --requirement (\S+)$", CONTAINERFILE, flags=re.MULTILINE) == [
        ("--require-hashes", "requirements.lock"),
        ("--require-hashes", "requirements-dev.lock"),
    ]
    assert CONTAINERFILE.count("pip install") == 2
    assert re.findall(r"^FROM (.+)$", CONTAINERFILE, flags=re.MULTILINE) == [
        "python:3.11-slim AS installed",
        "python:3.11 AS compiled",
        "python:3.11-slim",
    ]


def test_the_image_is_compiled_and_holds_no_compiler() -> None:
    """The last stage takes packages that run and the project's compiled ones, and installs nothing itself."""
    last = CONTAINERFILE.rpartition("\nFROM ")[2]
    assert re.findall(r"^COPY (.+)$", last, flags=re.MULTILINE) == [
        "--from=installed /opt/venv /opt/venv",
        "--from=compiled /opt/fundwatch ./",
    ]
    assert "python -m deploy.compile ." in CONTAINERFILE
    assert "install " not in last.replace("install --directory", "")


def test_the_builder_sees_what_the_image_is_made_by() -> None:
    """Each file that is copied by its own name is not kept from the builder."""
    shown = (PROJECT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", CONTAINERFILE, flags=re.MULTILINE)
    files = {name for names in copied for name in names.split() if not name.endswith("/")}
    assert {f"!{name}" for name in files} <= set(shown)
    assert all((PROJECT / name).is_file() for name in files)
