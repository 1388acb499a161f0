"""What deploy/ and the compose files hold fits the program and their schemas."""

import json
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from typing import Any

import kubernetes_validate
import pytest
import yaml
from typer.testing import CliRunner

from monitor.cli.commands import app
from monitor.config import load
from monitor.web import health
from monitor.web.access import access
from tests.fakes.program import ROOT

DEPLOY = ROOT / "deploy"


def documents(name: str) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all((DEPLOY / name).read_text(encoding="utf-8")))


def known() -> set[str]:
    """The metrics that the program tells, as Prometheus names them."""
    source = (ROOT / "monitor" / "web" / "health.py").read_text(encoding="utf-8")
    names = set(re.findall(r'"(monitor_[a-z_]+)"', source))
    return names | {f"{name}_total" for name in names} | {f"{name}_bucket" for name in names}


def asked(expression: str) -> set[str]:
    return set(re.findall(r"monitor_[a-z_]+", expression))


def test_rules_and_dashboard_ask_for_metrics_that_there_are() -> None:
    rules = [rule for group in documents("prometheus-rules.yaml")[0]["groups"] for rule in group["rules"]]
    dashboard = json.loads((DEPLOY / "grafana-dashboard.json").read_text(encoding="utf-8"))
    expressions = [rule["expr"] for rule in rules]
    expressions += [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    assert len(expressions) > 15
    for expression in expressions:
        assert asked(expression)
        assert asked(expression) <= known(), expression
    assert all(rule["annotations"]["action"] for rule in rules)
    assert len({panel["id"] for panel in dashboard["panels"]}) == len(dashboard["panels"])


def refused(document: dict[str, Any]) -> str:
    """What Kubernetes' own schema does not take of a manifest."""
    try:
        kubernetes_validate.validate(document, kubernetes_validate.latest_version(), strict=True)
    except kubernetes_validate.ValidationError as error:
        return str(error)
    return ""


WAYS = ("long-running", "workers", "cron")
MANIFESTS = sorted(
    str(file.relative_to(DEPLOY))
    for way in WAYS
    for file in (DEPLOY / "kubernetes" / way).glob("*.yaml")
    if file.name not in ("kustomization.yaml", "scheduler.yaml")  # the latter is a patch, seen when it is rendered
)


def pods() -> list[tuple[str, dict[str, Any]]]:
    """The pods that manifests describe, each with what they are for."""
    found = []
    for name in MANIFESTS:
        for document in documents(name):
            spec = document["spec"]
            spec = spec["jobTemplate"]["spec"] if document["kind"] == "CronJob" else spec
            if "template" in spec:
                found.append((name, spec["template"]["spec"]))
    return found


@pytest.mark.parametrize(("name", "pod"), pods(), ids=[name for name, _ in pods()])
def test_a_pod_has_no_rights_and_runs_a_command_of_the_program(name: str, pod: dict[str, Any]) -> None:
    (container,) = pod["containers"]
    assert pod["securityContext"]["runAsNonRoot"]
    assert not pod["automountServiceAccountToken"]
    assert pod["terminationGracePeriodSeconds"] > 8
    assert container["securityContext"]["readOnlyRootFilesystem"]
    assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    assert CliRunner().invoke(app, [*container["args"], "--help"]).exit_code == 0
    mounted = {mount["mountPath"] for mount in container["volumeMounts"]}
    assert mounted == {"/data/monitor.yaml", "/tmp"}  # noqa: S108 - a folder of the container


def test_the_pod_is_probed_where_the_program_answers() -> None:
    (deployment,) = documents("kubernetes/long-running/deployment.yaml")
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    assert deployment["spec"]["replicas"] == 1
    config = load(DEPLOY / "kubernetes" / "base" / "monitor.yaml")
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    assert config.web is not None
    assert config.health is not None
    assert config.web.listen.endswith(f":{ports['web']}")
    assert config.health.listen.endswith(f":{ports['health']}")
    routes = {route.path for route in health.Probes(None, lambda: datetime.now(UTC), lambda: None).routes}  # type: ignore[arg-type, return-value]
    assert {container[probe]["httpGet"]["path"] for probe in ("livenessProbe", "readinessProbe")} <= routes
    assert access(config.web, {"MONITOR_PASSWORD": "correct horse battery"}).password


@pytest.mark.parametrize("way", WAYS)
def test_everything_is_named_in_the_kustomization(way: str) -> None:
    folder = DEPLOY / "kubernetes" / way
    (kustomization,) = documents(f"kubernetes/{way}/kustomization.yaml")
    named = {*kustomization["resources"], *(patch["path"] for patch in kustomization.get("patches", ()))}
    assert {file.name for file in folder.glob("*.yaml")} - {"kustomization.yaml"} == {
        name for name in named if name.endswith(".yaml")
    }
    assert all((folder / name).exists() for name in named)


@pytest.mark.parametrize("name", MANIFESTS)
def test_a_manifest_is_what_kubernetes_takes(name: str) -> None:
    for document in documents(name):
        assert refused(document) == ""
        assert refused({**document, "spek": {}})


@pytest.mark.parametrize("way", WAYS)
def test_what_kustomize_makes_of_it_is_what_kubernetes_takes(way: str) -> None:
    kubectl = shutil.which("kubectl")
    if kubectl is None:
        pytest.skip("no kubectl here")
    done = subprocess.run([kubectl, "kustomize", DEPLOY / "kubernetes" / way], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    made = list(yaml.safe_load_all(done.stdout))
    assert [refused(document) for document in made] == [""] * len(made)
    (config,) = [document["metadata"]["name"] for document in made if document["kind"] == "ConfigMap"]
    assert (
        done.stdout.decode().count(f"name: {config}") == sum("spec" in d and d["kind"] != "Service" for d in made) + 1
    )
    if way == "workers":
        (scheduler,) = [
            d for d in made if d["metadata"]["name"] == "funding-news-monitor" and d["kind"] == "Deployment"
        ]
        assert scheduler["spec"]["template"]["spec"]["containers"][0]["args"] == ["run", "--workers"]
        assert scheduler["spec"]["replicas"] == 2


@pytest.mark.parametrize("name", ["compose.yaml", "compose.sqlite.yaml", "compose.workers.yaml"])
def test_a_compose_file_is_what_compose_takes(name: str) -> None:
    check = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(ROOT / name)]
    done = subprocess.run(check, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
