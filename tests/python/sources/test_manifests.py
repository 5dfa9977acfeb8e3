"""Reading manifests: what each format says, what is refused, and what is landed of it, once."""

from __future__ import annotations

import json
import os
import shutil
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from golden import write
from product import Product

from loaders.sources.crawl.land import land_roots
from loaders.sources.manifests import crawled_manifests, manifest_facts
from loaders.sources.manifests.crawled_manifests import dependency_files
from loaders.sources.manifests.land import land_manifests
from loaders.sources.manifests.manifest_facts import InvalidManifest, Manifest
from loaders.sources.manifests.read import READERS
from loaders.zone.landing import LandingZone
from loaders.zone.registering import forget
from loaders.zone.runs import Run

CONTROL = "evil\x1b[31m\u202e"


def read(form: str, text: str) -> Manifest:
    return READERS[form](text.encode())


def needs_of(manifest: Manifest) -> list[tuple]:
    """Every need as (canonical name, specifier, scope, pointer kind, pointer)."""
    return [
        (need.canonical_name, need.specifier, need.scope, need.pointer_kind, need.pointer)
        for need in manifest.dependencies
    ]


def identity(manifest: Manifest) -> tuple[str, str | None, str | None, bool]:
    return manifest.ecosystem, manifest.canonical_name, manifest.version, manifest.is_complete


# -- the formats -----------------------------------------------------------------------------------


def test_pyproject_with_the_standard_tables() -> None:
    manifest = read(
        "pyproject",
        """
        [build-system]
        requires = ["setuptools>=68"]
        [project]
        name = "My_Pkg"
        version = "1.2"
        dependencies = ["Foo.Bar[x]>=1,<2; python_version < '3.12'", "near", "far @ git+https://u:secret@host/g/far.git@v1"]
        [project.optional-dependencies]
        extra = ["more~=1.0"]
        [dependency-groups]
        test = ["pytest", {include-group = "lint"}]
        lint = ["ruff==0.1"]
        [tool.uv.sources]
        near = {path = "../near"}
        """,
    )
    assert identity(manifest) == ("python", "my-pkg", "1.2", True)
    assert needs_of(manifest) == [
        ("foo-bar", "<2,>=1", "runtime", None, None),
        ("near", None, "runtime", "path", "../near"),
        ("far", None, "runtime", "git", "https://host/g/far.git"),
        ("more", "~=1.0", "optional", None, None),
        ("pytest", None, "dev", None, None),
        ("ruff", "==0.1", "dev", None, None),
        ("setuptools", ">=68", "build", None, None),
    ]
    assert manifest.dependencies[0].marker == 'python_version < "3.12"'
    assert (manifest.dependencies[3].group_name, manifest.dependencies[3].source_key) == (
        "extra",
        "project.optional-dependencies.extra[0]",
    )


def test_pyproject_of_poetry_and_dynamic_ones() -> None:
    poetry = read(
        "pyproject",
        """
        [tool.poetry]
        name = "p"
        [tool.poetry.dependencies]
        python = "^3.11"
        a = "^1.0"
        b = {version = "2", optional = true}
        c = {path = "libs/../../c", develop = true}
        d = [{version = "<2", python = "<3.9"}, {version = ">=2"}]
        [tool.poetry.group.docs.dependencies]
        sphinx = "*"
        """,
    )
    assert needs_of(poetry) == [
        ("a", "^1.0", "runtime", None, None),
        ("b", "2", "optional", None, None),
        ("c", None, "runtime", "path", "../c"),
        ("d", "<2", "runtime", None, None),
        ("d", ">=2", "runtime", None, None),
        ("sphinx", "*", "dev", None, None),
    ]
    dynamic = '[project]\nname = "x"\ndynamic = ["dependencies"]\n'
    assert identity(read("pyproject", dynamic)) == ("python", "x", None, False)
    dynamic += '[tool.setuptools.dynamic]\ndependencies = {file = ["requirements.txt"]}\n'
    assert needs_of(read("pyproject", dynamic)) == [
        (None, None, "include", "path", "requirements.txt")
    ]


def test_requirements() -> None:
    manifest = read(
        "requirements",
        "\ufeff# a comment\n"
        "-r base.txt\n--constraint=../c.txt\n-r https://host/more.txt\n"
        "--index-url https://user:secret@host/simple\n"
        "Foo_Bar>=1 \\\n    ; python_version < '4'  # why\n"
        "pinned==1.0 --hash=sha256:" + "a" * 5000 + "\n"
        "-e .[dev]\n-e ../near\n"
        "git+ssh://git@host/o/r.git@main#egg=Named_One\n"
        "direct @ https://token@host/x-1.whl?sig=secret\n"
        "not a requirement\n",
    )
    assert needs_of(manifest) == [
        (None, None, "include", "path", "base.txt"),
        (None, None, "constraint", "path", "../c.txt"),
        ("foo-bar", ">=1", "runtime", None, None),
        ("pinned", "==1.0", "runtime", None, None),
        (None, None, "runtime", "path", "."),
        (None, None, "runtime", "path", "../near"),
        ("named-one", None, "runtime", "git", "ssh://host/o/r.git"),
        ("direct", None, "runtime", "url", "https://host/x-1.whl"),
    ]
    assert manifest.rejected == ["line 13"] and not manifest.is_complete
    assert READERS["requirements"]("a==1\n".encode("utf-16")).dependencies[0].name == "a"


def test_setup_cfg_and_pipfile() -> None:
    manifest = read(
        "setup_cfg",
        "[metadata]\nname = My.Pkg\nversion = attr: my.version\n[options]\ninstall_requires =\n"
        "  a>=1\n  b ; os_name == 'nt'\n"
        "tests_require = pytest\n[options.extras_require]\nx = c\n[bdist_wheel]\n"
        "universal = %(no)s\n",
    )
    assert identity(manifest) == ("python", "my-pkg", None, True)
    assert [(name, scope) for name, _, scope, *_ in needs_of(manifest)] == [
        ("a", "runtime"),
        ("b", "runtime"),
        ("pytest", "dev"),
        ("c", "optional"),
    ]
    included = read("setup_cfg", "[options]\ninstall_requires = file: requirements.txt\n")
    assert needs_of(included) == [(None, None, "include", "path", "requirements.txt")]
    pipfile = read(
        "pipfile", '[packages]\na = "*"\nb = {path = "../b"}\n[dev-packages]\nc = ">1"\n'
    )
    assert needs_of(pipfile) == [
        ("a", "*", "runtime", None, None),
        ("b", None, "runtime", "path", "../b"),
        ("c", ">1", "dev", None, None),
    ]


def test_setup_py_is_parsed_and_never_run(tmp_path: Path) -> None:
    trap = tmp_path / "ran"
    manifest = read(
        "setup_py",
        f"import setuptools\nopen({str(trap)!r}, 'w')\nNEEDS = ['a>=1', 'b']\n"
        "EXTRA = {'x': ['c']}\n"
        "if __name__ == '__main__':\n    setuptools.setup(name='It', version='3',"
        " install_requires=NEEDS, extras_require=EXTRA, tests_require='d')\n",
    )
    assert not trap.exists()
    assert identity(manifest) == ("python", "it", "3", True)
    assert [(name, scope) for name, _, scope, *_ in needs_of(manifest)] == [
        ("a", "runtime"),
        ("b", "runtime"),
        ("d", "dev"),
        ("c", "optional"),
    ]
    computed = read(
        "setup_py",
        "from setuptools import setup\nsetup(name=f(), install_requires=['a'] + more())\n",
    )
    assert identity(computed) == ("python", None, None, False) and not computed.dependencies
    assert not read("setup_py", "setup(**everything)").is_complete


def test_package_json() -> None:
    manifest = read(
        "package_json",
        json.dumps(
            {
                "name": "@Scope/Pkg",
                "version": "1.0.0",
                "dependencies": {
                    "a": "^1.0.0",
                    "b": "file:../b",
                    "c": "workspace:^",
                    "alias": "npm:@real/name@^2",
                    "forge": "me/forge#v1",
                    "g": "git+https://u:secret@host/me/g.git#semver:^1",
                    "tar": "https://host/x.tgz?token=secret",
                    "either": "1",
                },
                "devDependencies": {"d": ">=1 <2 || 3.x"},
                "peerDependencies": {"react": "*", "vue": "*"},
                "peerDependenciesMeta": {"vue": {"optional": True}},
                "optionalDependencies": {"either": "1"},
            }
        ),
    )
    assert identity(manifest) == ("npm", "@Scope/Pkg", "1.0.0", True)
    assert needs_of(manifest) == [
        ("a", "^1.0.0", "runtime", None, None),
        ("b", None, "runtime", "path", "../b"),
        ("c", "^", "runtime", "workspace", None),
        ("@real/name", "^2", "runtime", None, None),
        ("forge", None, "runtime", "git", "https://github.com/me/forge"),
        ("g", None, "runtime", "git", "https://host/me/g.git"),
        ("tar", None, "runtime", "url", "https://host/x.tgz"),
        ("d", ">=1 <2 || 3.x", "dev", None, None),
        ("react", "*", "peer", None, None),
        ("vue", "*", "optional", None, None),
        ("either", "1", "optional", None, None),
    ]


def test_cargo_toml() -> None:
    manifest = read(
        "cargo",
        """
        [package]
        name = "my_crate"
        version.workspace = true
        [dependencies]
        a = "1"
        b_c = { path = "../b", optional = true }
        called = { package = "real", version = "2" }
        shared = { workspace = true, features = ["x"] }
        [dev-dependencies]
        d = { git = "https://user:secret@host/d.git", branch = "x" }
        [target.'cfg(windows)'.build-dependencies]
        e = "0.1"
        [workspace.dependencies]
        shared = { path = "crates/shared", version = "3" }
        """,
    )
    assert identity(manifest) == ("cargo", "my-crate", None, True)
    assert needs_of(manifest) == [
        ("a", "1", "runtime", None, None),
        ("b-c", None, "optional", "path", "../b"),
        ("real", "2", "runtime", None, None),
        ("shared", None, "runtime", "workspace", None),
        ("d", None, "dev", "git", "https://host/d.git"),
        ("e", "0.1", "build", None, None),
        ("shared", "3", "inherited", "path", "crates/shared"),
    ]
    assert manifest.dependencies[5].marker == "cfg(windows)"


def test_go_mod() -> None:
    manifest = read(
        "go_mod",
        "// Deprecated: no\nmodule example.com/My/mod // c\n\ngo 1.22\n"
        "require example.com/one v1.0.0\nrequire (\n"
        '\t"example.com/two" v2.0.0+incompatible\n\texample.com/three v0.1.0 // indirect\n)\n'
        "replace example.com/two v2.0.0+incompatible => ../two\nreplace (\n"
        "\texample.com/one => example.com/fork v1.1.0\n)\n"
        "exclude example.com/bad v1.0.0\n",
    )
    assert identity(manifest) == ("go", "example.com/My/mod", None, True)
    assert needs_of(manifest) == [
        ("example.com/fork", "v1.1.0", "runtime", None, None),
        ("example.com/two", "v2.0.0+incompatible", "runtime", "path", "../two"),
        ("example.com/three", "v0.1.0", "indirect", None, None),
    ]


POM = """<?xml version="1.0"?>
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <parent><groupId>org.acme</groupId><artifactId>base</artifactId><version>1</version></parent>
  <artifactId>app</artifactId>
  <properties><lib.version>2.0</lib.version></properties>
  <dependencyManagement><dependencies><dependency><groupId>x</groupId><artifactId>managed</artifactId></dependency>
  </dependencies></dependencyManagement>
  <dependencies>
    <dependency><groupId>${project.groupId}</groupId><artifactId>lib</artifactId><version>${lib.version}</version></dependency>
    <dependency><groupId>junit</groupId><artifactId>junit</artifactId><scope>test</scope></dependency>
    <dependency><groupId>a</groupId><artifactId>b</artifactId><optional>true</optional></dependency>
    <dependency><groupId>a</groupId></dependency>
  </dependencies>
  <build><plugins><plugin><artifactId>maven-jar-plugin</artifactId></plugin></plugins></build>
</project>"""


def test_pom() -> None:
    manifest = read("pom", POM)
    # It has a parent, which may add dependencies and versions.
    assert identity(manifest) == ("maven", "org.acme:app", "1", False)
    assert needs_of(manifest) == [
        ("org.acme:base", "1", "build", None, None),
        ("org.acme:lib", "2.0", "runtime", None, None),
        ("junit:junit", None, "dev", None, None),
        ("a:b", None, "optional", None, None),
        ("org.apache.maven.plugins:maven-jar-plugin", None, "build", None, None),
    ]
    assert len(manifest.rejected) == 1


@pytest.mark.parametrize(
    "document_type",
    [
        "<!DOCTYPE project>",
        '<?xml version="1.0"?>\n<!-- a > b -->\n<!DOCTYPE project SYSTEM "maven.dtd">',
        '<!DOCTYPE p [<!ENTITY a "b"> <!ENTITY c SYSTEM "file:///etc/passwd">]>',
    ],
)
def test_a_document_type_is_skipped(document_type: str) -> None:
    """Maven 3 skips it; the entities that it declares do not exist (MNG-3556)."""
    pom = POM.partition("?>")[2] if POM.startswith("<?xml") else POM
    assert read("pom", document_type + pom) == read("pom", POM)


def test_the_version_of_a_parent_is_expanded() -> None:
    """Maven allows ${revision} and the like there, for versions that a build sets."""
    pom = POM.replace("<version>1</version></parent>", "<version>${revision}</version></parent>")
    pom = pom.replace("<properties>", "<properties><revision>1.4-rc</revision>")
    manifest = read("pom", pom)
    assert identity(manifest) == ("maven", "org.acme:app", "1.4-rc", False)
    assert needs_of(manifest)[0] == ("org.acme:base", "1.4-rc", "build", None, None)
    unset = read(
        "pom", POM.replace("<version>1</version></parent>", "<version>${x}</version></parent>")
    )
    assert needs_of(unset)[0] == ("org.acme:base", "${x}", "build", None, None)


def test_gemfile_and_gemspec() -> None:
    manifest = read(
        "gemfile",
        "source 'https://rubygems.org'\ngemspec\ngem 'rails', '~> 7.0', '>= 7.0.1'\n# gem 'no'\n"
        "gem \"near\", path: '../near'\ngem 'hub', :github => 'me/hub'\ngem 'only', group: :test\n"
        "group :development, :test do\n  platforms :mri do\n    gem 'rspec'\n  end\nend\n"
        "path 'engines' do\n  gem 'engine'\nend\ngem 'last', require: false\ngem ENV['X']\n",
    )
    assert needs_of(manifest) == [
        ("rails", "~> 7.0, >= 7.0.1", "runtime", None, None),
        ("near", None, "runtime", "path", "../near"),
        ("hub", None, "runtime", "git", "https://github.com/me/hub"),
        ("only", None, "dev", None, None),
        ("rspec", None, "dev", None, None),
        ("engine", None, "runtime", "path", "engines"),
        ("last", None, "runtime", None, None),
    ]
    gemspec = read(
        "gemspec",
        "Gem::Specification.new do |s|\n  s.name = 'mine'\n  s.version = Mine::VERSION\n"
        "  s.add_dependency 'a', '>= 1'\n  s.add_development_dependency('b')\nend\n",
    )
    assert identity(gemspec) == ("ruby", "mine", None, True)
    assert [(name, scope) for name, _, scope, *_ in needs_of(gemspec)] == [
        ("a", "runtime"),
        ("b", "dev"),
    ]


def test_composer_json() -> None:
    manifest = read(
        "composer",
        '{"name": "Me/App", "require": {"php": ">=8", "ext-json": "*", "Acme/Lib": "^1 ||'
        ' 2.x-dev"}, "require-dev": {"phpunit/phpunit": "*"}}',
    )
    assert identity(manifest) == ("composer", "me/app", None, True)
    assert [(name, scope) for name, _, scope, *_ in needs_of(manifest)] == [
        ("acme/lib", "runtime"),
        ("phpunit/phpunit", "dev"),
    ]


# -- manifests with bad intent ---------------------------------------------------------------------

LAUGHS = '<!DOCTYPE p [<!ENTITY a "ha">' + "".join(
    f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9)
)
HOSTILE = {
    "billion laughs": (
        "pom",
        LAUGHS + "]><project><artifactId>&j;</artifactId></project>",
        "undefined entity",
    ),
    "external entity": (
        "pom",
        '<!DOCTYPE p [<!ENTITY f SYSTEM "file:///etc/passwd">]><project>&f;</project>',
        "undefined entity",
    ),
    "two document types": ("pom", "<!DOCTYPE p><!DOCTYPE p><project/>", "document type"),
    "endless document type": ("pom", "<!DOCTYPE p [" + "<!-- -->" * 50_000, "document type"),
    "comments before no document type": ("pom", "<!---->" * 50_000 + "<", "not XML"),
    "deep xml": ("pom", "<project>" + "<a>" * 100_000, "nested"),
    "cut xml": ("pom", POM[:300], "not XML"),
    "deep toml": ("pyproject", "a = " + "[" * 100_000, "TOML"),
    "long toml key": ("cargo", ".".join("a" * 400_000) + " = 1", "dots"),
    "no toml": ("cargo", "<<<<<<< HEAD\n[package]\n", "TOML"),
    "deep json": ("package_json", '{"a":' + "[" * 100_000, "JSON"),
    "json list": ("composer", "[]", "object"),
    "endless number": ("package_json", '{"a": ' + "9" * 100_000 + "}", "JSON"),
    "nul": ("requirements", "a\0b", "NUL"),
    "too many": ("requirements", "a\n" * 20_000, "entries"),
    "deep python": ("setup_py", "x = " + "(" * 100_000, "Python"),
    "long python": ("setup_py", "x = " + "-" * 200_000 + "1", "Python"),
    "wide python": ("setup_py", "x = " + "1+" * 200_000 + "1", "Python"),
    "no ini": ("setup_cfg", "name\n", "setup.cfg"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_file_that_is_not_a_manifest_is_refused_quickly_in_one_line(name: str) -> None:
    form, text, why = HOSTILE[name]
    began = time.process_time()
    with pytest.raises(InvalidManifest, match=why) as caught:
        read(form, text)
    assert time.process_time() - began < 20
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("gemfile", "gem 'a'" + ", 'b" * 200_000),
        ("gemfile", "do|" * 300_000),
        ("gemfile", ("do|" * 160 + "\n") * 2000),
        ("go_mod", "require ( " * 100_000),
        ("requirements", "a" + "[" * 500_000),
        ("requirements", "a ; " + "(" * 4000),
        ("setup_cfg", "[options]\ninstall_requires =\n" + " a;;;\n" * 9_000),
        ("pyproject", "x = '''" + "a.\n" * 300_000 + "'''"),
    ],
)
def test_an_odd_manifest_is_read_quickly(form: str, text: str) -> None:
    began = time.process_time()
    read(form, text)
    assert time.process_time() - began < 20


@pytest.mark.parametrize("raw", [b"\xff\xfe", b"\xff", b"", b"\xef\xbb\xbf", b"\0"])
@pytest.mark.parametrize("form", READERS)
def test_no_bytes_make_a_reader_raise_another_error(form: str, raw: bytes) -> None:
    try:
        READERS[form](raw)
    except InvalidManifest as error:
        assert str(error)  # noqa: PT017  # most of these bytes raise nothing


def test_invalid_names_and_specifiers_do_not_land() -> None:
    manifest = read(
        "package_json",
        json.dumps({"name": CONTROL, "dependencies": {CONTROL: "1", "a": CONTROL, "b": 1}}),
    )
    assert identity(manifest) == ("npm", None, None, True)
    assert needs_of(manifest) == [
        ("a", None, "runtime", None, None),
        ("b", None, "runtime", None, None),
    ]
    assert len(manifest.rejected) == 1 and "\x1b" not in manifest.rejected[0]
    secrets = read(
        "package_json", '{"dependencies": {"a": "https://user:secret@host/x?token=secret#secret"}}'
    )
    assert "secret" not in str(secrets)


def test_every_format_of_the_seed_has_a_reader() -> None:
    assert {row["format"] for row in dependency_files()} == set(READERS)


# -- landing ---------------------------------------------------------------------------------------


def crawl_and_land(zone: LandingZone, world: Path) -> Run:
    land_roots(zone, [os.fsencode(world)], "default", ["test"])
    return land_manifests(zone, ["test"])


def rows_of(run: Run, table: str) -> list[dict]:
    return [
        row
        for path in run.directory.glob(f"{table}.*.parquet")
        for row in pq.read_table(path).to_pylist()
    ]


def counts(run: Run) -> tuple[int, int, int, int]:
    found = run.counts
    assert found.discovered == found.landed + found.unchanged + found.skipped + found.quarantined
    return found.landed, found.unchanged, found.skipped, found.quarantined


def test_a_content_is_read_once_and_only_a_change_is_read_again(
    zone: LandingZone, world: Path
) -> None:
    write(world / "a/package.json", '{"name": "a"}')
    write(world / "b/package.json", '{"name": "a"}')
    write(world / "b/Cargo.toml", '[package]\nname = "b"\n')
    write(world / "b/notes.txt", "no manifest\n")
    first = crawl_and_land(zone, world)
    assert counts(first) == (2, 1, 0, 0)
    assert [row["name"] for row in rows_of(first, "manifest_packages")] == ["a", "b"]
    assert counts(crawl_and_land(zone, world)) == (0, 3, 0, 0)
    write(world / "b/Cargo.toml", '[package]\nname = "c"\n[dependencies]\nd = "1"\n')
    third = crawl_and_land(zone, world)
    assert counts(third) == (1, 2, 0, 0)
    assert [row["name"] for row in rows_of(third, "manifest_dependencies")] == ["d"]


def test_another_version_of_the_reader_reads_again(
    zone: LandingZone, world: Path, monkeypatch
) -> None:
    write(world / "a/package.json", '{"name": "a"}')
    crawl_and_land(zone, world)
    monkeypatch.setattr(crawled_manifests, "READER_VERSION", crawled_manifests.READER_VERSION + 1)
    assert counts(land_manifests(zone, ["test"])) == (1, 0, 0, 0)


def test_rows_of_a_damaged_file_are_landed_again_in_its_place(
    zone: LandingZone, world: Path
) -> None:
    write(world / "a/package.json", '{"name": "a", "dependencies": {"b": "1"}}')
    first = crawl_and_land(zone, world)
    [damaged] = first.directory.glob("manifest_dependencies.*.parquet")
    damaged.write_bytes(damaged.read_bytes()[:40])
    again = land_manifests(zone, ["test"])
    assert counts(again) == (1, 0, 0, 0)
    assert [str(zone.path / path) for path in again.replaces] == [str(damaged)]


def test_a_bad_manifest_costs_one_warning_and_is_not_read_again(
    zone: LandingZone, world: Path, monkeypatch
) -> None:
    write(world / "good/go.mod", "module example.com/good\n")
    write(world / f"{CONTROL}/pom.xml", HOSTILE["billion laughs"][1])
    write(world / "huge/requirements.txt", "")
    with open(world / "huge/requirements.txt", "wb") as file:
        file.writelines(b"a==1\n" * 209_716 for _ in range(50))
    (world / "linked").mkdir()
    (world / "linked/package.json").symlink_to("/etc/passwd")
    run = crawl_and_land(zone, world)
    assert counts(run) == (1, 0, 1, 2)
    assert len(run.problems) == 2 and not any(
        "\x1b" in line or "\u202e" in line for line in run.problems
    )
    assert sorted(row["state"] for row in rows_of(run, "manifest_packages")) == [
        "quarantined",
        "quarantined",
        "read",
    ]
    monkeypatch.setattr("loaders.sources.manifests.land.read_crawled", None)
    again = crawl_and_land(zone, world)
    assert counts(again) == (0, 1, 1, 2)
    assert again.problems == run.problems and not rows_of(again, "manifest_packages")


def test_includes_stay_inside_end_in_loops_and_follow_no_other_names(
    zone: LandingZone, world: Path
) -> None:
    outside = world.parent / "outside.txt"
    outside.write_text("from-outside\n")
    write(
        world / "p/requirements.txt",
        "-r more/base.txt\n-r ../../outside.txt\n-r .env\n-r gone.txt\n-r sub.txt\n",
    )
    write(world / "p/more/base.txt", "-r ../requirements.txt\n-r base.txt\nbase\n")
    write(world / "p/.env", "SECRET===hunter2\n")
    (world / "p/sub.txt").symlink_to(outside)
    run = crawl_and_land(zone, world)
    assert counts(run) == (2, 0, 1, 0)
    names = {row["name"] for row in rows_of(run, "manifest_dependencies")}
    assert names == {"base", None}
    # Includes of known files are followed like those of files that were just read.
    write(world / "p/more/base.txt", "base\nnewer\n")
    assert counts(crawl_and_land(zone, world)) == (1, 1, 1, 0)


def test_a_file_that_changed_since_the_crawl_is_not_read(zone: LandingZone, world: Path) -> None:
    for name in ("changed", "gone", "linked", "fifo"):
        write(world / name / "package.json", f'{{"name": "{name}"}}')
    land_roots(zone, [os.fsencode(world)], "default", ["test"])
    write(world / "changed/package.json", '{"name": "another name"}')
    (world / "gone/package.json").unlink()
    (world / "secret").write_text("{}")
    (world / "linked/package.json").unlink()
    (world / "linked/package.json").symlink_to(world / "secret")
    (world / "fifo/package.json").unlink()
    os.mkfifo(world / "fifo/package.json")
    run = land_manifests(zone, ["test"])
    assert counts(run) == (0, 0, 4, 0)
    assert len(run.problems) == 4 and all("crawl again" in line for line in run.problems)
    assert not rows_of(run, "manifest_packages")


def test_forgotten_roots_and_removed_files_are_not_read(zone: LandingZone, world: Path) -> None:
    write(world / "a/package.json", "{}")
    write(world / "b/package.json", "{}")
    assert counts(crawl_and_land(zone, world)) == (1, 1, 0, 0)
    shutil.rmtree(world / "a")
    assert counts(crawl_and_land(zone, world)) == (0, 1, 0, 0)
    forget(zone, [os.fsencode(world)], ["test"])
    assert counts(land_manifests(zone, ["test"])) == (0, 0, 0, 0)


def test_the_command_reports_its_counts(tmp_path: Path) -> None:
    product = Product(tmp_path / "home")
    product.home.mkdir()
    write(tmp_path / "code/a/package.json", '{"name": "a"}')
    product.crawl(tmp_path / "code")
    assert json.loads(product.land("manifests", "--json").stdout)["landed"] == 1
    write(tmp_path / "code/a/package.json", "{")
    product.crawl(tmp_path / "code")
    answer = product.land("manifests", check=False)
    assert answer.returncode == 1 and answer.stdout.startswith("manifests: 1 discovered, 0 landed")
    assert answer.stderr.count("\n") == 1 and "a/package.json" in answer.stderr
    write(tmp_path / "code/b/package.json", "{}")
    product.crawl(tmp_path / "code")
    assert product.land("manifests").returncode == 0
    assert product.land("manifests", "--strict", check=False).returncode == 1


def test_canonical_names() -> None:
    assert [
        manifest_facts.canonical(*pair)
        for pair in (("python", "A._-b"), ("cargo", "A_b"), ("npm", "A_b"), ("go", "A_b"))
    ] == [
        "a-b",
        "a-b",
        "A_b",
        "A_b",
    ]
