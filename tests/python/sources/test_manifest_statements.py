"""Statements of files besides packages: commands, programs, versions, images, settings.

Each case has what must be found and, in the same text, what must not: the negative twin.
"""

from __future__ import annotations

import pytest

from loaders.sources.manifests.read import READERS

WORKFLOW = """\
name: ci
jobs:
  test:
    container:
      image: node:22
    steps:
      - uses: actions/checkout@v4
      - uses: "github/codeql-action/init@v3"
      - uses: ./.github/actions/own
      # uses: left/out@v1
      - run: cargo clippy --all
      - run: |
          export TOKEN=hunter2
          uv run --locked ruff check src
          echo secretword
      - name: run: not this
"""
MAKEFILE = """\
GO ?= go
.PHONY: test
test lint: src
\t@$(GO) vet ./...
\tgolangci-lint run
bin/tool: main.go
\tgo build -o $@
name := value
"""
DOCKERFILE = """\
FROM --platform=linux/amd64 python:3.12-slim AS base
FROM base AS next
FROM ghcr.io/owner/image@sha256:abc
FROM ${ANY}
RUN pip install uv && uv sync
CMD ["gunicorn", "app:main"]
"""
PACKAGE = """\
{"name": "a", "scripts": {"test": "cross-env A=1 vitest run", "x y": "npx tsc -p ."},
 "engines": {"node": ">=20"}, "packageManager": "pnpm@9.1.0+sha512.abc", "jest": {}, "main": "a.js"}
"""
PYPROJECT = """\
[project]
name = "a"
requires-python = ">=3.11"
[tool.ruff]
[tool.poe.tasks]
docs = "sphinx-build"
"""
TOX = """\
[tox]
[flake8]
[testenv:docs]
deps =
    pytest>=8
    -r more.txt
    py27: mock
commands = python -m sphinx docs
"""
COMPOSE = "services:\n  db:\n    image: registry.org:5000/postgres:16\n    build: .\n"
TASKS = "- name: install\n  image: nothing\n  services: none\n"
HOOKS = """\
repos:
- repo: https://github.com/psf/black
  rev: 24.1.0
  hooks: [{id: black}]
- repo: local
  hooks:
  - id: own-check
"""
CSPROJ = """\
<Project Sdk="Microsoft.NET.Sdk.Web">
  <!-- <PackageReference Include="Left.Out" Version="1" /> -->
  <PropertyGroup><TargetFrameworks>net8.0;net9.0</TargetFrameworks></PropertyGroup>
  <ItemGroup><PackageReference Include="Serilog" Version="3.1" /></ItemGroup>
</Project>
"""
PUBSPEC = """\
name: app
environment:
  sdk: ^3.9.0
dependencies:
  flutter:
    sdk: flutter
  provider: ^6.0.0 # state
dev_dependencies:
  test: any
flutter:
  assets: none
"""
MIX = """\
  [app: :shop, version: "0.1.0", elixir: "~> 1.15", deps: [
    {:phoenix, "~> 1.7"}, {:credo, "~> 1.7", only: [:dev, :test]}, # {:left_out, "1"}
    {:own, path: "../own"}, {:error, :reason}]]
"""
STATED: dict[str, tuple[str, str, set[str]]] = {
    "workflow": (
        "workflow",
        WORKFLOW,
        {
            "section jobs",
            "image node 22",
            "action actions/checkout v4",
            "action github/codeql-action/init v3",
            "run cargo clippy",
            "run uv run",
            "run ruff check",
        },
    ),
    "YAML that is not a workflow": ("workflow", "steps:\n- uses: a/b@v1\n", set()),
    "Makefile": (
        "makefile",
        MAKEFILE,
        {"command test", "command lint", "run golangci-lint run", "run go build"},
    ),
    "justfile": (
        "justfile",
        "build target='x': dep\n  cargo build\nvalue := 'x'\n",
        {"command build", "run cargo build"},
    ),
    "Dockerfile": (
        "dockerfile",
        DOCKERFILE,
        {
            "section dockerfile",
            "image python 3.12-slim",
            "image owner/image",
            "run pip install",
            "run uv sync",
            "run gunicorn",
        },
    ),
    "Compose": ("compose", COMPOSE, {"section services", "image postgres 16"}),
    "tasks of Ansible": ("compose", TASKS, set()),
    "hooks": (
        "pre_commit",
        HOOKS,
        {"hook psf/black", "hook own-check"},
    ),
    "package.json": (
        "package_json",
        PACKAGE,
        {
            "command test",
            "command x y",
            "run vitest run",
            "run tsc",
            "runtime node >=20",
            "section pnpm 9.1.0",
            "section jest",
            "section scripts",
            "section engines",
        },
    ),
    "pyproject.toml": (
        "pyproject",
        PYPROJECT,
        {"runtime python >=3.11", "section tool.ruff", "section tool.poe", "command docs"},
    ),
    "tox.ini": (
        "tox",
        TOX,
        {"section tox", "section flake8", "command docs", "run python", "run sphinx docs"},
    ),
    "noxfile.py": (
        "nox",
        "@nox.session(python=['3.12'])\ndef tests(session):\n    pass\ndef other(): pass\n",
        {"command tests"},
    ),
    ".nvmrc": ("node_version", "# current\nv22.1\n20\n", {"runtime node v22.1"}),
    ".tool-versions": ("tool_versions", "golang 1.23\n# ruby 3\n", {"runtime golang 1.23"}),
    "mise.toml": ("tool_versions", '[tools]\nnode = "22"\n', {"runtime node 22"}),
    "rust-toolchain": ("toolchain", "1.80.0\n", {"runtime rust 1.80.0"}),
    "rust-toolchain.toml": (
        "toolchain",
        '[toolchain]\nchannel = "stable"\ncomponents = ["clippy"]\n',
        {"runtime rust stable", "section clippy"},
    ),
    "project of .NET": (
        "dotnet",
        CSPROJ,
        {"section Microsoft.NET.Sdk.Web", "runtime dotnet net8.0", "runtime dotnet net9.0"},
    ),
    "pubspec.yaml": ("pubspec", PUBSPEC, {"runtime dart ^3.9.0"}),
    "mix.exs": ("mix", MIX, {"runtime elixir ~> 1.15"}),
    "go.mod": ("go_mod", "module a.b/c\ngo 1.22\n", {"runtime go 1.22"}),
    "build.gradle": (
        "gradle",
        "plugins { id 'java' // id 'left'\n id(\"org.x\") version \"1.2\" }\n",
        {"plugin java", "plugin org.x 1.2"},
    ),
}
NEEDS: dict[str, tuple[str, str, list[str]]] = {
    "project of .NET": ("dotnet", CSPROJ, ["serilog 3.1 runtime"]),
    "pubspec.yaml": (
        "pubspec",
        PUBSPEC,
        ["flutter None runtime", "provider ^6.0.0 runtime", "test any dev"],
    ),
    "mix.exs": ("mix", MIX, ["phoenix ~> 1.7 runtime", "credo ~> 1.7 dev", "own None runtime"]),
    "tox.ini": ("tox", TOX, ["pytest >=8 dev", "mock None dev"]),
}


@pytest.mark.parametrize("name", STATED)
def test_a_file_states_exactly_this(name: str) -> None:
    form, text, expected = STATED[name]
    stated = READERS[form](text.encode()).statements
    assert {" ".join(filter(None, (one.kind, one.name, one.value))) for one in stated} == expected


@pytest.mark.parametrize("name", NEEDS)
def test_a_manifest_needs_exactly_these(name: str) -> None:
    form, text, expected = NEEDS[name]
    needs = READERS[form](text.encode()).dependencies
    assert [f"{one.canonical_name} {one.specifier} {one.scope}" for one in needs] == expected


@pytest.mark.parametrize("form", ["workflow", "makefile", "dockerfile", "package_json", "justfile"])
def test_arguments_and_secrets_are_not_stated(form: str) -> None:
    lines = [
        "curl -H token:hunter2 https://user:hunter2@host/x",
        "TOKEN=hunter2 deploy --key hunter2",
        "echo hunter2",
        "export KEY=hunter2 && login hunter2X",
    ]
    text = {
        "workflow": "jobs:\n" + "".join(f"  - run: {line}\n" for line in lines),
        "makefile": "all:\n" + "".join(f"\t{line}\n" for line in lines),
        "dockerfile": "".join(f"RUN {line}\n" for line in lines),
        "package_json": '{"scripts": {"a": "' + " && ".join(lines) + '"}}',
        "justfile": "all:\n" + "".join(f"  {line}\n" for line in lines),
    }[form]
    stated = READERS[form](text.encode()).statements
    assert not [one for one in stated if "hunter2" in f"{one.name}{one.value}"]
    assert "run curl" in {f"{one.kind} {one.name}" for one in stated}


@pytest.mark.parametrize("form", ["workflow", "makefile", "dockerfile", "dotnet", "mix", "pubspec"])
def test_hostile_text_ends_soon(form: str) -> None:
    for part in ("run: |\n", "a " * 9000 + "\n", "FROM \\\n", "<Project ", "{:a, ", "\t((((((;;"):
        text = ("jobs:\n<Project>\n" + part * 2000).encode()
        assert len(READERS[form](text).statements) < 10_000
