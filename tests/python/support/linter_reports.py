"""A small report of each format of linters and scanners, with the findings that are in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

# kind, level, rule, path, line, column; a suppressed one has "suppressed" at its end.
Row = tuple[Any, ...]


@dataclass(frozen=True)
class Sample:
    """A report as a JSON document, or as JSON lines if it is a tuple."""

    format: str
    document: Any
    rows: list[Row]
    tool: str | None
    advisories: list[Row] = field(default_factory=list)  # id, package, level, suppressed


def _range(line: int, column: int, *names: str) -> dict[str, Any]:
    one, other = names or ("line", "column")
    return {"start": {one: line, other: column}, "end": {one: line, other: column + 3}}


def _span(line: int, text: str, *, is_primary: bool = True) -> dict[str, Any]:
    return {
        "file_name": "src/lib.rs",
        "line_start": line,
        "line_end": line,
        "column_start": 5,
        "column_end": 9,
        "is_primary": is_primary,
        "label": "here",
        "text": [{"text": text}],
    }


def _message(level: str, code: str | None, *spans: object, text: str = "bad") -> dict[str, Any]:
    return {
        "message": text,
        "code": None if code is None else {"code": code, "explanation": None},
        "level": level,
        "spans": list(spans),
        "children": [],
        "rendered": text,
    }


def _of_cargo(message: dict[str, Any]) -> dict[str, Any]:
    return {"reason": "compiler-message", "package_id": "shop 0.1.0", "message": message}


def _zizmor_place(kind: str, row: int) -> dict[str, Any]:
    return {
        "symbolic": {
            "key": {"Local": {"prefix": None, "given_path": ".github/workflows/ci.yml"}},
            "annotation": "this job",
            "kind": kind,
        },
        "concrete": {
            "location": {
                "start_point": {"row": row, "column": 4},
                "end_point": {"row": row, "column": 9},
            }
        },
    }


def _check(result: str, path: str, *lines: int, **more: object) -> dict[str, Any]:
    return {
        "check_id": "CKV_AWS_20",
        "check_name": "S3 bucket is private",
        "check_result": {"result": result} | more,
        "file_path": path,
        "file_abs_path": f"/home/dev/work/infra{path}",
        "file_line_range": list(lines),
        "resource": "aws_s3_bucket.data",
        "severity": None,
    }


def _grype(vulnerability: str, **more: object) -> dict[str, Any]:
    return {
        "vulnerability": {
            "id": vulnerability,
            "severity": "High",
            "description": "Prototype pollution",
            "dataSource": "https://example.org/a",
            "cvss": [],
            "fix": {"versions": ["4.17.12"], "state": "fixed"},
        },
        "relatedVulnerabilities": [
            {
                "id": "CVE-2019-10744",
                "cvss": [{"metrics": {"baseScore": 9.1}, "vector": "CVSS:3.1/AV:N"}],
            }
        ],
        "artifact": {
            "name": "lodash",
            "version": "4.17.10",
            "type": "npm",
            "purl": "pkg:npm/lodash@4.17.10",
            "locations": [{"path": "/package-lock.json"}],
        },
    } | more


SAMPLES: tuple[Sample, ...] = (
    Sample(
        "actionlint",
        [
            {
                "message": "shellcheck reported issue",
                "filepath": ".github/workflows/ci.yml",
                "line": 9,
                "column": 9,
                "kind": "shellcheck",
                "snippet": "run: echo",
                "end_column": 12,
            }
        ],
        [("finding", None, "shellcheck", ".github/workflows/ci.yml", 9, 9)],
        "actionlint",
    ),
    Sample(
        "ast-grep",
        [
            {
                "text": "eval(x)",
                "range": _range(4, 2),
                "file": "src/a.py",
                "lines": "  eval(x)",
                "language": "Python",
                "ruleId": "no-eval",
                "severity": "warning",
                "note": None,
                "message": "no eval",
            }
        ],
        [("finding", "warning", "no-eval", "src/a.py", 5, 3)],
        "ast-grep",
    ),
    Sample(
        "codacy-issues",
        ({"patternId": "DL3006", "filename": "Dockerfile", "line": 1, "message": "Always tag"},),
        [("finding", None, "DL3006", "Dockerfile", 1, None)],
        None,
    ),
    Sample(
        "biome",
        {
            "summary": {"errors": 1, "warnings": 0, "diagnosticsNotPrinted": 0},
            "diagnostics": [
                {
                    "category": "lint/suspicious/noDebugger",
                    "severity": "error",
                    "description": "unexpected",
                    "message": [{"elements": [], "content": "unexpected"}],
                    "location": {
                        "path": {"file": "src/a.js"},
                        "span": [9, 17],
                        "sourceCode": "// größe\ndebugger;\n",
                    },
                    "tags": [],
                },
                {
                    "category": "parse",
                    "severity": "error",
                    "message": "expected a semicolon",
                    "location": {"path": "src/b.js"} | _range(2, 7),
                    "advices": [],
                },
                {
                    "category": "format",
                    "severity": "error",
                    "message": "Formatter would have printed",
                    "location": {"path": "src/b.js"} | _range(0, 0),
                },
            ],
            "command": "check",
        },
        [
            # Two letters of the comment have two bytes each.
            ("finding", "error", "lint/suspicious/noDebugger", "src/a.js", 1, 8),
            ("error", "error", "parse", "src/b.js", 2, 7),
            ("finding", "error", "format", "src/b.js", None, None),
        ],
        "biome",
    ),
    Sample(
        "brakeman",
        {
            "scan_info": {"brakeman_version": "6.1.2"},
            "warnings": [
                {
                    "warning_type": "SQL Injection",
                    "check_name": "SQL",
                    "message": "Possible SQL injection",
                    "file": "app/models/user.rb",
                    "line": 12,
                    "link": "https://brakemanscanner.org/docs/",
                    "fingerprint": "ab",
                    "location": {"type": "method", "class": "User", "method": "find_it"},
                    "confidence": "High",
                    "cwe_id": [89],
                }
            ],
            "ignored_warnings": [
                {
                    "warning_type": "Redirect",
                    "check_name": "Redirect",
                    "message": "Possible redirect",
                    "file": "app/a.rb",
                    "line": 3,
                    "confidence": "Weak",
                    "note": "checked by hand",
                }
            ],
            "errors": [{"error": "parse error", "location": "app/b.rb:1"}],
        },
        [
            ("finding", "High", "SQL", "app/models/user.rb", 12, None),
            ("finding", "Weak", "Redirect", "app/a.rb", 3, None, "suppressed"),
            ("error", None, None, None, None, None),
        ],
        "brakeman",
    ),
    Sample(
        "cargo-messages",
        (
            {"reason": "compiler-artifact", "package_id": "shop 0.1.0", "target": {}},
            _of_cargo(
                _message(
                    "warning",
                    "clippy::needless_return",
                    _span(9, "return x;"),
                    _span(12, "x", is_primary=False),
                )
            ),
            _of_cargo(_message("error", "E0425", _span(3, "y"))),
            _of_cargo(_message("warning", None, text="2 warnings emitted")),
            _of_cargo(_message("error", None, text="aborting due to 1 previous error")),
            {"reason": "build-finished", "success": False},
        ),
        [
            ("finding", "warning", "clippy::needless_return", "src/lib.rs", 9, 5),
            ("error", "error", "E0425", "src/lib.rs", 3, 5),
        ],
        "clippy",
    ),
    Sample(
        "cfn-lint",
        [
            {
                "Filename": "cfn.yaml",
                "Level": "Error",
                "Location": {
                    "Start": {"LineNumber": 4, "ColumnNumber": 3},
                    "End": {"LineNumber": 4, "ColumnNumber": 9},
                },
                "Message": "unexpected property",
                "Rule": {"Id": "E3002", "ShortDescription": "Properties", "Source": ""},
            }
        ],
        [("finding", "Error", "E3002", "cfn.yaml", 4, 3)],
        "cfn-lint",
    ),
    Sample(
        "checkov",
        {
            "check_type": "terraform",
            "results": {
                "passed_checks": [_check("PASSED", "/main.tf", 1, 4)],
                "failed_checks": [_check("FAILED", "/sub/a.tf", 7, 9)],
                "skipped_checks": [_check("SKIPPED", "/main.tf", 5, 6, suppress_comment="known")],
                "parsing_errors": ["broken.tf"],
            },
            "summary": {
                "passed": 1,
                "failed": 1,
                "skipped": 1,
                "parsing_errors": 1,
                "resource_count": 2,
                "checkov_version": "3.3.30",
            },
        },
        [
            ("pass", None, "CKV_AWS_20", "main.tf", 1, None),
            ("finding", None, "CKV_AWS_20", "sub/a.tf", 7, None),
            ("finding", None, "CKV_AWS_20", "main.tf", 5, None, "suppressed"),
            ("error", None, None, "broken.tf", None, None),
        ],
        "checkov",
    ),
    Sample(
        "credo",
        {
            "issues": [
                {
                    "category": "readability",
                    "check": "Credo.Check.Readability.ModuleDoc",
                    "column": 11,
                    "column_end": 15,
                    "filename": "lib/shop.ex",
                    "line_no": 1,
                    "message": "Modules should have a @moduledoc tag.",
                    "priority": 1,
                    "scope": "Shop",
                    "trigger": "Shop",
                }
            ]
        },
        [("finding", "readability", "Credo.Check.Readability.ModuleDoc", "lib/shop.ex", 1, 11)],
        "credo",
    ),
    Sample(
        "dart-analyze",
        {
            "version": 1,
            "diagnostics": [
                {
                    "code": "unused_import",
                    "severity": "WARNING",
                    "type": "STATIC_WARNING",
                    "location": {"file": "/home/dev/work/lib/a.dart", "range": _range(1, 8)},
                    "problemMessage": "Unused import",
                    "documentation": "https://dart.dev/diagnostics/unused_import",
                }
            ],
        },
        [("finding", "WARNING", "unused_import", "/home/dev/work/lib/a.dart", 1, 8)],
        "dart",
    ),
    Sample(
        "deno-lint",
        {
            "version": 1,
            "diagnostics": [
                {
                    "range": _range(2, 0, "line", "col"),
                    "filename": "file:///home/dev/work/a.ts",
                    "message": "`debugger` is not allowed",
                    "code": "no-debugger",
                    "hint": None,
                }
            ],
            "errors": [{"file_path": "/home/dev/work/b.ts", "message": "Expected ';'"}],
        },
        [
            ("finding", None, "no-debugger", "file:///home/dev/work/a.ts", 2, 1),
            ("error", None, None, "/home/dev/work/b.ts", None, None),
        ],
        "deno lint",
    ),
    Sample(
        "dotnet-format",
        [
            {
                "DocumentId": {},
                "FileName": "A.cs",
                "FilePath": "/home/dev/work/A.cs",
                "FileChanges": [
                    {
                        "LineNumber": 3,
                        "CharNumber": 5,
                        "DiagnosticId": "IDE0055",
                        "FormatDescription": "Fix formatting",
                    }
                ],
            }
        ],
        [("finding", None, "IDE0055", "/home/dev/work/A.cs", 3, 5)],
        "dotnet format",
    ),
    Sample(
        "flake8",
        {
            "./a.py": [
                {
                    "code": "F401",
                    "filename": "./a.py",
                    "line_number": 1,
                    "column_number": 1,
                    "text": "'os' imported but unused",
                    "physical_line": "import os\n",
                },
                {
                    "code": "E999",
                    "filename": "./a.py",
                    "line_number": 2,
                    "column_number": 1,
                    "text": "SyntaxError: invalid syntax",
                    "physical_line": None,
                },
            ],
            "./b.py": [],
        },
        [
            ("finding", None, "F401", "./a.py", 1, 1),
            ("error", None, "E999", "./a.py", 2, 1),
        ],
        "flake8",
    ),
    Sample(
        "ggshield",
        {
            "id": ".",
            "type": "path_scan",
            "total_incidents": 1,
            "entities_with_incidents": [
                {
                    "mode": "FILE",
                    "filename": "a.env",
                    "incidents": [
                        {
                            "policy": "Secrets detection",
                            "type": "Generic Password",
                            "validity": "no_checker",
                            "ignore_reason": None,
                            "occurrences": [
                                {
                                    "type": "password",
                                    "match": "cl****23",
                                    "line_start": 15,
                                    "line_end": 15,
                                }
                            ],
                        }
                    ],
                }
            ],
            "secrets_engine_version": "2.100.0",
        },
        [("finding", None, "Generic Password", "a.env", 15, None)],
        "ggshield",
    ),
    Sample(
        "golangci-lint",
        {
            "Issues": [
                {
                    "FromLinter": "errcheck",
                    "Text": "Error return value is not checked",
                    "Severity": "",
                    "SourceLines": ["\tf.Close()"],
                    "Pos": {"Filename": "a.go", "Offset": 10, "Line": 7, "Column": 9},
                },
                {
                    "FromLinter": "typecheck",
                    "Text": "undefined: x",
                    "Severity": "error",
                    "Pos": {"Filename": "b.go", "Line": 3, "Column": 1},
                },
            ],
            "Report": {"Linters": [{"Name": "errcheck", "Enabled": True}]},
        },
        [
            ("finding", None, "errcheck", "a.go", 7, 9),
            ("error", "error", "typecheck", "b.go", 3, 1),
        ],
        "golangci-lint",
    ),
    Sample(
        "gosec",
        {
            "Golang errors": {"/home/dev/b.go": [{"line": 3, "column": 1, "error": "expected ;"}]},
            "Issues": [
                {
                    "severity": "HIGH",
                    "confidence": "LOW",
                    "cwe": {"id": "798", "url": "https://cwe.mitre.org/data/definitions/798.html"},
                    "rule_id": "G101",
                    "details": "Potential hardcoded credentials: 'hunter2x'",
                    "file": "/home/dev/a.go",
                    "code": '4: password := "hunter2x"',
                    "line": "4-5",
                    "column": "2",
                    "nosec": False,
                    "suppressions": [{"kind": "inSource", "justification": "a test"}],
                }
            ],
            "Stats": {"files": 1, "lines": 9, "nosec": 0, "found": 1},
            "GosecVersion": "2.20.0",
        },
        [
            ("finding", "HIGH", "G101", "/home/dev/a.go", 4, 2, "suppressed"),
            ("error", None, None, "/home/dev/b.go", 3, 1),
        ],
        "gosec",
    ),
    Sample(
        "grype",
        {
            "matches": [_grype("GHSA-jf85-cpcp-j695")],
            "ignoredMatches": [
                _grype("CVE-2020-0001", appliedIgnoreRules=[{"reason": "not reachable"}])
            ],
            "source": {"type": "directory", "target": "."},
            "descriptor": {"name": "grype", "version": "0.112.0"},
        },
        [],
        "grype",
        [
            ("GHSA-jf85-cpcp-j695", "lodash", "High", False),
            ("CVE-2020-0001", "lodash", "High", True),
        ],
    ),
    Sample(
        "hadolint",
        [
            {
                "line": 1,
                "code": "DL3006",
                "message": "Always tag the version",
                "column": 1,
                "file": "Dockerfile",
                "level": "warning",
            },
            {
                "line": 3,
                "code": "DL1000",
                "message": "unexpected 'x'",
                "column": 2,
                "file": "Dockerfile",
                "level": "error",
            },
        ],
        [
            ("finding", "warning", "DL3006", "Dockerfile", 1, 1),
            ("error", "error", "DL1000", "Dockerfile", 3, 2),
        ],
        "hadolint",
    ),
    Sample(
        "htmlhint",
        [
            {
                "file": "/home/dev/a.html",
                "messages": [
                    {
                        "type": "error",
                        "message": "Tag must be paired",
                        "raw": "</b>",
                        "evidence": "<p></b>",
                        "line": 2,
                        "col": 3,
                        "rule": {"id": "tag-pair", "link": "https://htmlhint.com"},
                    }
                ],
            }
        ],
        [("finding", "error", "tag-pair", "/home/dev/a.html", 2, 3)],
        "htmlhint",
    ),
    Sample(
        "kics",
        {
            "kics_version": "v1.7.13",
            "files_scanned": 1,
            "queries": [
                {
                    "query_name": "S3 Bucket ACL",
                    "query_id": "38c5ee0d",
                    "query_url": "https://example.org",
                    "severity": "HIGH",
                    "cwe": "284",
                    "description": "public",
                    "files": [
                        {
                            "file_name": "main.tf",
                            "similarity_id": "ab",
                            "line": 3,
                            "resource_name": "data",
                        }
                    ],
                }
            ],
        },
        [("finding", "HIGH", "38c5ee0d", "main.tf", 3, None)],
        "kics",
    ),
    Sample(
        "ktlint",
        [
            {
                "file": "src/A.kt",
                "errors": [
                    {
                        "line": 1,
                        "column": 10,
                        "message": "Unexpected blank line",
                        "rule": "no-blank",
                    },
                    {"line": 2, "column": 1, "message": "Not a valid Kotlin file", "rule": ""},
                ],
            }
        ],
        [
            ("finding", None, "no-blank", "src/A.kt", 1, 10),
            ("error", None, None, "src/A.kt", 2, 1),
        ],
        "ktlint",
    ),
    Sample(
        "kube-linter",
        {
            "Checks": [],
            "Reports": [
                {
                    "Diagnostic": {"Message": "object has 2 replicas"},
                    "Check": "minimum-three-replicas",
                    "Object": {
                        "Metadata": {"FilePath": "deploy.yaml"},
                        "K8sObject": {"Name": "shop"},
                    },
                }
            ],
            "Summary": {"ChecksStatus": "Failed", "KubeLinterVersion": "0.6.8"},
        },
        [("finding", None, "minimum-three-replicas", "deploy.yaml", None, None)],
        "kube-linter",
    ),
    Sample(
        "markdownlint",
        [
            {
                "fileName": "README.md",
                "lineNumber": 3,
                "ruleNames": ["MD013", "line-length"],
                "ruleDescription": "Line length",
                "ruleInformation": "https://example.org",
                "errorDetail": "Expected: 80; Actual: 99",
                "errorRange": [81, 19],
            }
        ],
        [("finding", None, "MD013", "README.md", 3, 81)],
        "markdownlint",
    ),
    Sample(
        "markdownlint-by-file",
        {
            "a.md": [],
            "b.md": [
                {
                    "lineNumber": 1,
                    "ruleNames": ["MD041"],
                    "ruleDescription": "First line",
                    "errorRange": None,
                }
            ],
        },
        [("finding", None, "MD041", "b.md", 1, None)],
        "markdownlint",
    ),
    Sample(
        "oxlint",
        {
            "diagnostics": [
                {
                    "message": "`debugger` is not allowed",
                    "code": "eslint(no-debugger)",
                    "severity": "error",
                    "causes": [],
                    "url": "https://oxc.rs",
                    "filename": "src/a.js",
                    "labels": [
                        {"span": {"offset": 8, "length": 9, "line": 2, "column": 1}},
                        {"label": "see", "span": {"offset": 1, "line": 1, "column": 1}},
                    ],
                    "related": [],
                },
                {
                    "message": "Expected `,`",
                    "severity": "error",
                    "causes": [],
                    "filename": "src/b.js",
                    "labels": [],
                    "related": [],
                },
            ],
            "number_of_files": 2,
            "number_of_rules": 90,
        },
        [
            ("finding", "error", "eslint(no-debugger)", "src/a.js", 2, 1),
            ("error", "error", None, "src/b.js", None, None),
        ],
        "oxlint",
    ),
    Sample(
        "phpcs",
        {
            "totals": {"errors": 1, "warnings": 0, "fixable": 0},
            "files": {
                "/home/dev/a.php": {
                    "errors": 1,
                    "warnings": 0,
                    "messages": [
                        {
                            "message": "Missing doc comment",
                            "source": "PEAR.Commenting.ClassComment.Missing",
                            "severity": 5,
                            "fixable": False,
                            "type": "ERROR",
                            "line": 2,
                            "column": 1,
                        }
                    ],
                }
            },
        },
        [("finding", "ERROR", "PEAR.Commenting.ClassComment.Missing", "/home/dev/a.php", 2, 1)],
        "phpcs",
    ),
    Sample(
        "phpmd",
        {
            "version": "2.15.0",
            "package": "phpmd",
            "files": [
                {
                    "file": "/home/dev/a.php",
                    "violations": [
                        {
                            "beginLine": 3,
                            "endLine": 5,
                            "class": "Cart",
                            "description": "Avoid unused local variables",
                            "rule": "UnusedLocalVariable",
                            "ruleSet": "Unused Code Rules",
                            "priority": 3,
                        }
                    ],
                }
            ],
            "errors": [{"fileName": "/home/dev/b.php", "message": "Unexpected token"}],
        },
        [
            ("finding", "3", "UnusedLocalVariable", "/home/dev/a.php", 3, None),
            ("error", None, None, "/home/dev/b.php", None, None),
        ],
        "phpmd",
    ),
    Sample(
        "phpstan",
        {
            "totals": {"errors": 1, "file_errors": 2},
            "files": {
                "/home/dev/a.php (in context of class App\\B)": {
                    "errors": 2,
                    "messages": [
                        {
                            "message": "Undefined variable: $x",
                            "line": 4,
                            "ignorable": True,
                            "identifier": "variable.undefined",
                        },
                        {
                            "message": "Syntax error, unexpected ';'",
                            "line": 9,
                            "identifier": "phpstan.parse",
                        },
                    ],
                }
            },
            "errors": ["No files found to analyse."],
        },
        [
            ("finding", "error", "variable.undefined", "/home/dev/a.php", 4, None),
            ("error", "error", "phpstan.parse", "/home/dev/a.php", 9, None),
            ("error", "error", None, None, None, None),
        ],
        "phpstan",
    ),
    Sample(
        "pmd",
        {
            "formatVersion": 0,
            "pmdVersion": "7.5.0",
            "timestamp": "2026-11-27T10:00:00.000+01:00",
            "files": [
                {
                    "filename": "src/A.java",
                    "violations": [
                        {
                            "beginline": 3,
                            "begincolumn": 5,
                            "endline": 3,
                            "endcolumn": 9,
                            "description": "Avoid unused private fields",
                            "rule": "UnusedPrivateField",
                            "ruleset": "Best Practices",
                            "priority": 3,
                        }
                    ],
                }
            ],
            "suppressedViolations": [
                {"suppressionType": "//NOPMD", "userMsg": "needed", "filename": "src/B.java"}
            ],
            "processingErrors": [{"filename": "src/C.java", "message": "ParseException"}],
            "configurationErrors": [],
        },
        [
            ("finding", "3", "UnusedPrivateField", "src/A.java", 3, 5),
            ("finding", None, None, "src/B.java", None, None, "suppressed"),
            ("error", None, None, "src/C.java", None, None),
        ],
        "pmd",
    ),
    Sample(
        "prospector",
        {
            "summary": {"libraries": [], "strictness": None, "message_count": 1},
            "messages": [
                {
                    "source": "pylint",
                    "code": "unused-import",
                    "location": {
                        "path": "a.py",
                        "module": "a",
                        "function": None,
                        "line": 1,
                        "character": 0,
                    },
                    "message": "Unused import os",
                }
            ],
        },
        [("finding", None, "unused-import", "a.py", 1, 1)],
        "prospector",
    ),
    Sample(
        "psalm",
        [
            {
                "severity": "error",
                "line_from": 3,
                "line_to": 3,
                "type": "UndefinedVariable",
                "message": "Cannot find $x",
                "file_name": "src/a.php",
                "file_path": "/home/dev/work/src/a.php",
                "column_from": 5,
                "column_to": 7,
                "link": "https://psalm.dev/024",
            }
        ],
        [("finding", "error", "UndefinedVariable", "src/a.php", 3, 5)],
        "psalm",
    ),
    Sample(
        "pyre",
        [
            {
                "line": 3,
                "column": 4,
                "stop_line": 3,
                "stop_column": 9,
                "path": "a.py",
                "code": 7,
                "name": "Incompatible return type",
                "description": "Incompatible return type [7]: expected str",
                "define": "a.f",
            }
        ],
        [("finding", None, "7", "a.py", 3, 5)],
        "pyre",
    ),
    Sample(
        "pyrefly",
        {
            "errors": [
                {
                    "line": 3,
                    "column": 5,
                    "stop_line": 3,
                    "stop_column": 9,
                    "path": "a.py",
                    "code": -2,
                    "name": "bad-return",
                    "description": "Returned type is not assignable",
                    "severity": "error",
                }
            ]
        },
        [("finding", "error", "bad-return", "a.py", 3, 5)],
        "pyrefly",
    ),
    Sample(
        "reek",
        [
            {
                "context": "Cart#total",
                "lines": [4, 9],
                "message": "has approx 9 statements",
                "smell_type": "TooManyStatements",
                "source": "lib/cart.rb",
                "documentation_link": "https://example.org",
            }
        ],
        [("finding", None, "TooManyStatements", "lib/cart.rb", 4, None)],
        "reek",
    ),
    Sample(
        "reuse",
        {
            "lint_version": "1.0",
            "reuse_spec_version": "3.3",
            "reuse_tool_version": "6.2.0",
            "files": [{"path": "a.py"}, {"path": "b.py"}],
            "non_compliant": {
                "missing_licenses": {"MIT": ["a.py"]},
                "unused_licenses": ["0BSD"],
                "missing_licensing_info": ["b.py"],
                "read_errors": ["c.py"],
            },
            "summary": {"files_total": 2},
        },
        [
            ("finding", None, "missing_licenses", "a.py", None, None),
            ("finding", None, "unused_licenses", None, None, None),
            ("finding", None, "missing_licensing_info", "b.py", None, None),
            ("error", None, "read_errors", "c.py", None, None),
        ],
        "reuse",
    ),
    Sample(
        "revive",
        [
            {
                "Severity": "warning",
                "Failure": "exported function F should have comment",
                "RuleName": "exported",
                "Category": "comments",
                "Position": {
                    "Start": {"Filename": "a.go", "Offset": 5, "Line": 3, "Column": 1},
                    "End": {"Filename": "a.go", "Line": 3, "Column": 9},
                },
                "Confidence": 1,
            }
        ],
        [("finding", "warning", "exported", "a.go", 3, 1)],
        "revive",
    ),
    Sample(
        "rubocop",
        {
            "metadata": {"rubocop_version": "1.66.1", "ruby_engine": "ruby"},
            "files": [
                {
                    "path": "lib/a.rb",
                    "offenses": [
                        {
                            "severity": "convention",
                            "message": "Line is too long",
                            "cop_name": "Layout/LineLength",
                            "corrected": False,
                            "location": {"start_line": 3, "start_column": 81, "last_line": 3},
                        },
                        {
                            "severity": "convention",
                            "message": "Prefer single quotes",
                            "cop_name": "Style/StringLiterals",
                            "corrected": True,
                            "location": {"start_line": 4, "start_column": 5},
                        },
                        {
                            "severity": "fatal",
                            "message": "unexpected token",
                            "cop_name": "Lint/Syntax",
                            "corrected": False,
                            "location": {"line": 9, "column": 1, "length": 1},
                        },
                    ],
                },
                {"path": "lib/b.rb", "offenses": []},
            ],
            "summary": {"offense_count": 3, "target_file_count": 2, "inspected_file_count": 2},
        },
        [
            ("finding", "convention", "Layout/LineLength", "lib/a.rb", 3, 81),
            ("finding", "convention", "Style/StringLiterals", "lib/a.rb", 4, 5, "suppressed"),
            ("error", "fatal", "Lint/Syntax", "lib/a.rb", 9, 1),
        ],
        "rubocop",
    ),
    Sample(
        "rustc-messages",
        (_message("warning", "unused_variables", _span(2, "let x = 1;")),),
        [("finding", "warning", "unused_variables", "src/lib.rs", 2, 5)],
        "rustc",
    ),
    Sample(
        "scorecard",
        {
            "date": "2026-11-27T09:00:00Z",
            "repo": {"name": "github.com/example/shop", "commit": "0"},
            "scorecard": {"version": "v5.0.0", "commit": "0"},
            "score": 6.5,
            "checks": [
                {
                    "details": None,
                    "score": score,
                    "reason": "because",
                    "name": name,
                    "documentation": {"url": "https://example.org", "short": "a check"},
                }
                for name, score in (("License", 10), ("Fuzzing", 0), ("CI-Tests", -1))
            ],
        },
        [
            ("pass", None, "License", None, None, None),
            ("finding", None, "Fuzzing", None, None, None),
            ("not_applicable", None, "CI-Tests", None, None, None),
        ],
        "scorecard",
    ),
    Sample(
        "sobelow",
        {
            "findings": {
                "high_confidence": [
                    {"type": "SQL.Query: SQL injection", "file": "lib/a.ex", "line": 3, "fun": "q"}
                ],
                "medium_confidence": [],
                "low_confidence": [],
            },
            "sobelow_version": "0.13.0",
            "total_findings": 1,
        },
        [("finding", "high", "SQL.Query: SQL injection", "lib/a.ex", 3, None)],
        "sobelow",
    ),
    Sample(
        "sonar-issues",
        {
            "issues": [
                {
                    "engineId": "Hadolint",
                    "ruleId": "DL3006",
                    "severity": "MAJOR",
                    "type": "CODE_SMELL",
                    "primaryLocation": {
                        "message": "Always tag",
                        "filePath": "Dockerfile",
                        "textRange": {"startLine": 1, "endLine": 1, "startColumn": 1},
                    },
                }
            ]
        },
        [("finding", "MAJOR", "DL3006", "Dockerfile", 1, 1)],
        "Hadolint",
    ),
    Sample(
        "spectral",
        [
            {
                "code": "info-contact",
                "path": ["info", "contact"],
                "message": "Info must have contact",
                "severity": 1,
                "range": _range(1, 5, "line", "character"),
                "source": "/home/dev/api.yaml",
            }
        ],
        [("finding", "warn", "info-contact", "/home/dev/api.yaml", 2, 6)],
        "spectral",
    ),
    Sample(
        "sqlfluff",
        [
            {
                "filepath": "sql/a.sql",
                "violations": [
                    {
                        "start_line_no": 1,
                        "start_line_pos": 8,
                        "code": "LT01",
                        "description": "Expected only single space",
                        "name": "layout.spacing",
                        "warning": False,
                    },
                    {"line_no": 3, "line_pos": 1, "code": "PRS", "description": "unparsable"},
                ],
            }
        ],
        [
            ("finding", None, "LT01", "sql/a.sql", 1, 8),
            ("error", None, "PRS", "sql/a.sql", 3, 1),
        ],
        "sqlfluff",
    ),
    Sample(
        "staticcheck",
        tuple(
            {
                "code": code,
                "severity": severity,
                "location": {"file": "/home/dev/a.go", "line": 4, "column": 2},
                "end": {"file": "/home/dev/a.go", "line": 4, "column": 9},
                "message": "should not use",
            }
            for code, severity in (("SA1019", "error"), ("S1000", "ignored"), ("compile", "error"))
        ),
        [
            ("finding", "error", "SA1019", "/home/dev/a.go", 4, 2),
            ("finding", "ignored", "S1000", "/home/dev/a.go", 4, 2, "suppressed"),
            ("error", "error", "compile", "/home/dev/a.go", 4, 2),
        ],
        "staticcheck",
    ),
    Sample(
        "stylelint",
        [
            {
                "source": "/home/dev/a.css",
                "deprecations": [],
                "invalidOptionWarnings": [],
                "parseErrors": [],
                "errored": True,
                "warnings": [
                    {
                        "line": 2,
                        "column": 3,
                        "endLine": 2,
                        "endColumn": 9,
                        "rule": "color-no-invalid-hex",
                        "severity": "error",
                        "text": "Unexpected invalid hex color",
                    },
                    {
                        "line": 5,
                        "column": 1,
                        "rule": "CssSyntaxError",
                        "severity": "error",
                        "text": "Unclosed block",
                    },
                ],
            }
        ],
        [
            ("finding", "error", "color-no-invalid-hex", "/home/dev/a.css", 2, 3),
            ("error", "error", "CssSyntaxError", "/home/dev/a.css", 5, 1),
        ],
        "stylelint",
    ),
    Sample(
        "swiftlint",
        [
            {
                "character": None,
                "file": "/home/dev/A.swift",
                "line": 7,
                "reason": "Line should be 120 characters or less",
                "rule_id": "line_length",
                "severity": "Warning",
                "type": "Line Length",
            }
        ],
        [("finding", "Warning", "line_length", "/home/dev/A.swift", 7, None)],
        "swiftlint",
    ),
    Sample(
        "terraform-validate",
        {
            "format_version": "1.0",
            "valid": False,
            "error_count": 1,
            "warning_count": 0,
            "diagnostics": [
                {
                    "severity": "error",
                    "summary": "Unsupported argument",
                    "detail": "An argument named x",
                    "range": {"filename": "main.tf"} | _range(3, 5),
                }
            ],
        },
        [("error", "error", None, "main.tf", 3, 5)],
        "terraform validate",
    ),
    Sample(
        "terrascan",
        {
            "results": {
                "scan_errors": [{"directory": "/home/dev", "errMsg": "no kustomization"}],
                "violations": [
                    {
                        "rule_name": "s3Public",
                        "description": "public",
                        "rule_id": "AC_AWS_0214",
                        "severity": "HIGH",
                        "resource_name": "data",
                        "file": "main.tf",
                        "line": 3,
                    }
                ],
                "skipped_violations": [
                    {
                        "rule_name": "s3Log",
                        "description": "no log",
                        "rule_id": "AC_AWS_0497",
                        "severity": "LOW",
                        "skip_comment": "a test",
                        "file": "main.tf",
                        "line": 9,
                    }
                ],
                "scan_summary": {"violated_policies": 1},
            }
        },
        [
            ("error", None, None, "/home/dev", None, None),
            ("finding", "HIGH", "AC_AWS_0214", "main.tf", 3, None),
            ("finding", "LOW", "AC_AWS_0497", "main.tf", 9, None, "suppressed"),
        ],
        "terrascan",
    ),
    Sample(
        "textlint",
        [
            {
                "filePath": "/home/dev/a.md",
                "messages": [
                    {
                        "type": "lint",
                        "ruleId": "no-todo",
                        "message": "Found TODO",
                        "index": 3,
                        "line": 1,
                        "column": 4,
                        "severity": 2,
                    }
                ],
            }
        ],
        [("finding", "error", "no-todo", "/home/dev/a.md", 1, 4)],
        "textlint",
    ),
    Sample(
        "tflint",
        {
            "issues": [
                {
                    "rule": {"name": "unused", "severity": "warning", "link": "https://e.org"},
                    "message": "variable is not used",
                    "range": {"filename": "main.tf"} | _range(3, 1),
                }
            ],
            "errors": [
                {
                    "message": "Invalid expression",
                    "severity": "error",
                    "range": {"filename": "b.tf"} | _range(1, 1),
                }
            ],
        },
        [
            ("finding", "warning", "unused", "main.tf", 3, 1),
            ("error", "error", None, "b.tf", 1, 1),
        ],
        "tflint",
    ),
    Sample(
        "tfsec",
        {
            "results": [
                {
                    "rule_id": "AVD-AWS-0086",
                    "long_id": "aws-s3-block-public-acls",
                    "rule_description": "blocks public ACLs",
                    "rule_provider": "aws",
                    "description": "No public access block",
                    "severity": "HIGH",
                    "status": status,
                    "resource": "aws_s3_bucket.data",
                    "location": {"filename": "/home/dev/main.tf", "start_line": 3, "end_line": 5},
                }
                for status in (0, 2)
            ]
        },
        [
            ("finding", "HIGH", "aws-s3-block-public-acls", "/home/dev/main.tf", 3, None),
            (
                "finding",
                "HIGH",
                "aws-s3-block-public-acls",
                "/home/dev/main.tf",
                3,
                None,
                "suppressed",
            ),
        ],
        "tfsec",
    ),
    Sample(
        "trivy",
        {
            "SchemaVersion": 2,
            "Trivy": {"Version": "0.74.0"},
            "CreatedAt": "2026-11-27T09:00:00.123456789Z",
            "ArtifactName": ".",
            "ArtifactType": "filesystem",
            "Results": [
                {
                    "Target": "package-lock.json",
                    "Class": "lang-pkgs",
                    "Type": "npm",
                    "Packages": [{"Name": "lodash"}],
                    "Vulnerabilities": [
                        {
                            "VulnerabilityID": "CVE-2019-10744",
                            "PkgName": "lodash",
                            "PkgIdentifier": {"PURL": "pkg:npm/lodash@4.17.10"},
                            "InstalledVersion": "4.17.10",
                            "FixedVersion": "4.17.12, 5.0.0",
                            "Severity": "CRITICAL",
                            "CVSS": {"nvd": {"V3Score": 9.1, "V3Vector": "CVSS:3.1/AV:N"}},
                        }
                    ],
                    "ExperimentalModifiedFindings": [
                        {
                            "Type": "vulnerability",
                            "Status": "ignored",
                            "Statement": "not reachable",
                            "Finding": {
                                "VulnerabilityID": "CVE-2020-0001",
                                "PkgName": "lodash",
                                "InstalledVersion": "4.17.10",
                                "Severity": "LOW",
                            },
                        }
                    ],
                },
                {
                    "Target": "Dockerfile",
                    "Class": "config",
                    "Type": "dockerfile",
                    "Misconfigurations": [
                        {
                            "ID": "DS002",
                            "Title": "root user",
                            "Message": "Specify at least 1 USER",
                            "Severity": "HIGH",
                            "Status": status,
                            "CauseMetadata": {"StartLine": 3, "EndLine": 3},
                        }
                        for status in ("FAIL", "PASS", "EXCEPTION")
                    ],
                },
                {
                    "Target": "a.env",
                    "Class": "secret",
                    "Secrets": [
                        {
                            "RuleID": "aws-access-key-id",
                            "Category": "AWS",
                            "Severity": "CRITICAL",
                            "Title": "AWS Access Key ID",
                            "StartLine": 2,
                            "EndLine": 2,
                            "Match": "AWS_KEY=********************",
                        }
                    ],
                },
                {
                    "Target": "OS Packages",
                    "Class": "license",
                    "Licenses": [
                        {
                            "Severity": "HIGH",
                            "Category": "restricted",
                            "PkgName": "bash",
                            "FilePath": "",
                            "Name": "GPL-3.0",
                        }
                    ],
                },
            ],
        },
        [
            ("finding", "HIGH", "DS002", "Dockerfile", 3, None),
            ("pass", "HIGH", "DS002", "Dockerfile", 3, None),
            ("finding", "HIGH", "DS002", "Dockerfile", 3, None, "suppressed"),
            ("finding", "CRITICAL", "aws-access-key-id", "a.env", 2, None),
            ("finding", "HIGH", "GPL-3.0", "OS Packages", None, None),
        ],
        "trivy",
        [
            ("CVE-2019-10744", "lodash", "CRITICAL", False),
            ("CVE-2020-0001", "lodash", "LOW", True),
        ],
    ),
    Sample(
        "tslint",
        [
            {
                "name": "/home/dev/a.ts",
                "ruleName": "semicolon",
                "failure": "Missing semicolon",
                "ruleSeverity": "ERROR",
                "startPosition": {"line": 0, "character": 13, "position": 13},
                "endPosition": {"line": 0, "character": 13, "position": 13},
            }
        ],
        [("finding", "ERROR", "semicolon", "/home/dev/a.ts", 1, 14)],
        "tslint",
    ),
    Sample(
        "typos",
        (
            {"type": "binary_file", "path": "a.png"},
            {
                "type": "typo",
                "path": "docs.md",
                "line_num": 3,
                "byte_offset": 4,
                "typo": "teh",
                "corrections": ["the"],
            },
        ),
        [("finding", None, None, "docs.md", 3, 5)],
        "typos",
    ),
    Sample(
        "vale",
        {
            "docs/a.md": [
                {
                    "Action": {"Name": ""},
                    "Span": [5, 9],
                    "Check": "Vale.Spelling",
                    "Description": "",
                    "Link": "",
                    "Message": "Did you really mean 'teh'?",
                    "Severity": "error",
                    "Match": "teh",
                    "Line": 3,
                }
            ]
        },
        [("finding", "error", "Vale.Spelling", "docs/a.md", 3, 5)],
        "vale",
    ),
    Sample(
        "zizmor",
        [
            {
                "ident": "unpinned-uses",
                "desc": "unpinned action reference",
                "url": "https://docs.zizmor.sh/audits/#unpinned-uses",
                "determinations": {"confidence": "High", "severity": "High"},
                "locations": [_zizmor_place("Related", 9), _zizmor_place("Primary", 11)],
                "ignored": is_ignored,
            }
            for is_ignored in (False, True)
        ],
        [
            ("finding", "High", "unpinned-uses", ".github/workflows/ci.yml", 12, 5),
            ("finding", "High", "unpinned-uses", ".github/workflows/ci.yml", 12, 5, "suppressed"),
        ],
        "zizmor",
    ),
)
