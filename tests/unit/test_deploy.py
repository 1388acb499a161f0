"""What deploy/ holds fits the program: manifests, alert rules, the dashboard."""

import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest
import yaml

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


def test_the_pod_has_no_rights_and_is_probed_where_the_program_answers(tmp_path: Any) -> None:
    (deployment,) = documents("kubernetes/deployment.yaml")
    pod = deployment["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert deployment["spec"]["replicas"] == 1
    assert pod["securityContext"]["runAsNonRoot"]
    assert container["securityContext"]["readOnlyRootFilesystem"]
    config = load(DEPLOY / "kubernetes" / "monitor.yaml")
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    assert config.web is not None
    assert config.health is not None
    assert config.web.listen.endswith(f":{ports['web']}")
    assert config.health.listen.endswith(f":{ports['health']}")
    routes = {route.path for route in health.Probes(None, lambda: datetime.now(UTC), lambda: None).routes}  # type: ignore[arg-type, return-value]
    assert {container[probe]["httpGet"]["path"] for probe in ("livenessProbe", "readinessProbe")} <= routes
    assert access(config.web, {"MONITOR_PASSWORD": "correct horse battery"}).password


@pytest.mark.parametrize("name", ["deployment.yaml", "service.yaml"])
def test_everything_is_named_in_the_kustomization(name: str) -> None:
    (kustomization,) = documents("kubernetes/kustomization.yaml")
    assert name in kustomization["resources"]
    assert all(document["metadata"]["name"] == "funding-news-monitor" for document in documents(f"kubernetes/{name}"))
