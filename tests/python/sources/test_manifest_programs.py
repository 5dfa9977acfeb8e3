"""Manifests that are programs: Gemfile, gemspec, setup.py. They are parsed and never run.

Each expected list is the answer of the tool itself (Bundler 2.3, RubyGems 3.3, setuptools 68). If a
manifest is complete, its entries are exactly these; if it is not, an entry may be missing.
"""

from __future__ import annotations

import time

import pytest

from loaders.sources.manifests.manifest_facts import InvalidManifest, Manifest
from loaders.sources.manifests.read import READERS


def entries(manifest: Manifest) -> list[str]:
    """Return each dependency as `name range (scope)`, without `runtime`."""
    return [
        " ".join(
            [need.name or str(need.pointer), *([need.specifier] if need.specifier else [])]
            + ([f"({need.scope})"] if need.scope != "runtime" else [])
        )
        for need in manifest.dependencies
    ]


ODD_GEMFILE = """\
source "https://rubygems.org"
gem "rails"
group :development, :test do # tools only
  gem "rspec-rails"
end
gem "puma"
group(:test) { gem "capybara" }
group :test do gem "vcr" end
=begin
gem "commented-out"
=end
%w[rubocop brakeman].each do |name|
  gem name, group: :development
end
gem "split-over-lines",
    "~> 1.0",
    group: :test
gem "after"
gem "groups-words", groups: %i[development test]
"""
ODD_GEMS = [
    "rails",
    "rspec-rails (dev)",
    "puma",
    "capybara (dev)",
    "vcr (dev)",
    "rubocop (dev)",
    "brakeman (dev)",
    "split-over-lines ~> 1.0 (dev)",
    "after",
    "groups-words (dev)",
]

# Gemfile → its gems, and whether they are all.
GEMFILES: dict[str, tuple[str, list[str], bool]] = {
    "odd but certain": (ODD_GEMFILE + '__END__\ngem "never"\n', ODD_GEMS, True),
    "conditions": (
        ODD_GEMFILE + 'gem "later" if RUBY_VERSION >= "3"\n'
        'if RUBY_VERSION >= "3" then gem "cond" end\n__END__\ngem "never"\n',
        [*ODD_GEMS, "later", "cond"],
        False,
    ),
    "names and lists": (
        (
            'V = ["~> 7", ">= 7.0.1"].freeze\nname = "rails"\ngem name, V\ngem "#{name}-x", *V\n'
            'gem "y", nil\ngem("z", "1", require: false)\n'
        ),
        ["rails ~> 7, >= 7.0.1", "rails-x ~> 7, >= 7.0.1", "y", "z 1"],
        True,
    ),
    "pairs": (
        '[["a", "1"], ["b"]].each { |n, v| gem n, v }\n{ "c" => "2" }.each { |n, v| gem n, v }\n',
        ["a 1", "b", "c 2"],
        True,
    ),
    "options": (
        (
            'o = { group: :test }\ngem "a", **o\ngem "b", o\ngem "c", :group => [:test, :default]\n'
            'gem "d", group: "development"\n'
        ),
        ["a (dev)", "b (dev)", "c", "d (dev)"],
        True,
    ),
    "blocks": (
        (
            'source "https://gems.example.org" do\n  gem "s"\nend\n'
            'platforms :ruby do\n  gem "p"\nend\nbegin\n  gem "b"\nend\nself.gem "me"\n'
        ),
        ["s", "p", "b", "me"],
        True,
    ),
    "texts that look like code": (
        (
            'puts "\\ngem \'no\'\\n"\nputs <<~END\n  gem "no"\nEND\ngem "yes" # gem "no"\n'
            "x = %q{\ngem 'no'\n}\n"
        ),
        ["yes"],
        True,
    ),
    "a list that grows": (
        'L = %w[a b]\nL << "c"\nL.each { |n| gem n }\ngem "kept"\n',
        ["kept"],
        False,
    ),
    "a name bound again": ('n = "a"\nn = "b" if ENV["X"]\ngem n\ngem "k", n\n', ["k"], False),
    "an alias that grows": (
        'a = ["1"]\nb = a\nb << "2"\ngem "x", *a\n',
        ["x"],
        False,
    ),
    "a method of the program": ('def more\n  gem "a"\nend\nmore\ngem "b"\n', ["a", "b"], False),
    "another file": ('eval_gemfile "more.rb"\ngem "b"\n', ["b"], False),
    "its gemspec": ('gemspec\ngem "b"\n', ["b"], False),
    "a computed name": ('gem ENV["X"]\ngem "b"\n', ["b"], False),
    "a computed version": ('gem "a", ENV.fetch("V", "1")\n', ["a"], False),
    "a computed place": ('gem "a", path: ENV["P"]\n', ["a"], False),
    "a computed group": ('group ENV["G"].to_sym do\n  gem "a"\nend\n', ["a"], False),
    "a loop over files": ('Dir["*"].each { |f| gem f }\ngem "b"\n', ["b"], False),
    "not ruby": ('gem "a"\n<<<<<<< HEAD\ngem "b"\n', ["a"], False),
}


@pytest.mark.parametrize("name", GEMFILES)
def test_a_gemfile(name: str) -> None:
    text, gems, is_complete = GEMFILES[name]
    manifest = READERS["gemfile"](text.encode())
    assert manifest.is_complete is is_complete
    if is_complete or name != "not ruby":
        assert entries(manifest) == gems


def test_the_places_of_a_gemfile() -> None:
    manifest = READERS["gemfile"](
        b'git "https://host/o/r.git", branch: "x" do\n  gem "a"\nend\npath("libs") { gem "b" }\n'
        b'gem "c", github: "rails"\ngem "d", gitlab: "o/d"\ngem "e", git: "git@host:o/e.git"\n'
        b'github "o/f" do\n  gem "f"\nend\n'
    )
    assert manifest.is_complete
    assert [need.pointer for need in manifest.dependencies] == [
        "https://host/o/r.git",
        "libs",
        "https://github.com/rails/rails",
        "https://gitlab.com/o/d",
        "git@host:o/e.git",
        "https://github.com/o/f",
    ]


# Gemspec → name, version, dependencies, whether they are all.
GEMSPECS: dict[str, tuple[str, tuple[str | None, str | None], list[str], bool]] = {
    "plain": (
        (
            "NAME = 'it'\nGem::Specification.new do |spec|\n  spec.name = NAME\n  spec.version ="
            " '1.2'\n  spec.metadata['x'] = 'y'\n  raise unless spec.respond_to?(:metadata)\n"
            "  spec.add_dependency 'a', '>= 1', '< 3'\n"
            "  spec.add_runtime_dependency(%q<b>, ['~> 2'])\n"
            "  %w[c d].each { |gem| spec.add_development_dependency gem }\nend\n"
        ),
        ("it", "1.2"),
        ["a >= 1, < 3", "b ~> 2", "c (dev)", "d (dev)"],
        True,
    ),
    "named by arguments": (
        "Gem::Specification.new 'it', '1' do |s|\n  s.add_dependency 'a'\nend\n",
        ("it", "1"),
        ["a"],
        True,
    ),
    "without a block": (
        "s = Gem::Specification.new\ns.name = 'it'\ns.add_dependency 'a'\n",
        ("it", None),
        ["a"],
        True,
    ),
    "a version that is computed": (
        "Gem::Specification.new do |s|\n  s.name = 'it'\n  s.version = It::VERSION\nend\n",
        ("it", None),
        [],
        True,
    ),
    "a version that a condition changes": (
        (
            "Gem::Specification.new do |s|\n  s.name = 'it'\n  s.version = '1'\n"
            "  s.version = '2' if ENV['X']\nend\n"
        ),
        ("it", None),
        [],
        True,
    ),
    "a condition": (
        (
            "Gem::Specification.new do |s|\n  s.name = 'it'\n  if RUBY_VERSION > '3'\n"
            "    s.add_dependency 'a'\n  end\nend\n"
        ),
        ("it", None),
        ["a"],
        False,
    ),
    "computed requirements": (
        "Gem::Specification.new do |s|\n  s.name = 'it'\n  s.add_dependency 'a', version\nend\n",
        ("it", None),
        ["a"],
        False,
    ),
    "a file of lines": (
        (
            "Gem::Specification.new do |s|\n  s.name = 'it'\n"
            "  File.readlines('deps').each { |line| s.add_dependency line }\nend\n"
        ),
        ("it", None),
        [],
        False,
    ),
    "no specification": ("require 'x'\nX.gemspec\n", (None, None), [], False),
}


@pytest.mark.parametrize("name", GEMSPECS)
def test_a_gemspec(name: str) -> None:
    text, own, needs, is_complete = GEMSPECS[name]
    manifest = READERS["gemspec"](text.encode())
    assert ((manifest.name, manifest.version), entries(manifest), manifest.is_complete) == (
        own,
        needs,
        is_complete,
    )


@pytest.mark.parametrize(
    "text",
    [
        "%w[" * 300_000,
        "=begin\n" * 100_000,
        '"#{' * 300_000,
        "%w[" * 20_000,
        "=begin\n" * 9_000,
        "a'" * 10_000,
        "[" * 60_000,
        "gem 'a', [" * 6_000,
        "if a\n" * 12_000,
        "%w[a b].each { |x| " * 3000 + "gem x" + "}" * 3000,
        "x0 = 'a'\n" + "".join(f"x{n + 1} = x{n}\n" for n in range(3000)) + "gem x3000\n",
    ],
)
def test_odd_ruby_is_read_quickly(text: str) -> None:
    began = time.process_time()
    try:
        assert not READERS["gemfile"](text.encode()).is_complete
    except InvalidManifest as error:
        assert "nested" in str(error)  # noqa: PT017  # most of these are read
    assert time.process_time() - began < 10


# The rest of a setup.py → its requirements, and whether they are all.
SETUPS: dict[str, tuple[str, list[str], bool]] = {
    "plain": ('setup(name="x", install_requires=["a>=1", "b"])', ["a >=1", "b"], True),
    "names": (
        (
            'A = ["a"]\nB = A + ["b"]\nE = {"x": ["c"], "y": [*A, "d"]}\n'
            'setup(name="x", install_requires=B, extras_require=E, tests_require="t")'
        ),
        ["a", "b", "t (dev)", "c (optional)", "a (optional)", "d (optional)"],
        True,
    ),
    "keywords in a dictionary": (
        'args = dict(name="x", install_requires=["a"])\nsetup(**args)',
        ["a"],
        True,
    ),
    "lines of a text": (
        'setup(name="x", install_requires="""\na\nb>=1\n""".strip().splitlines())',
        ["a", "b >=1"],
        True,
    ),
    "inside a function": (
        (
            'def main():\n    needs = ["a"]\n    setup(name="x", install_requires=needs)\n'
            'if __name__ == "__main__":\n    main()'
        ),
        ["a"],
        True,
    ),
    "extras that are only markers": (
        (
            'setup(name="x", extras_require={":python_version < \'9\'": ["a"],'
            ' "e:os_name != \'z\'": ["b"]})'
        ),
        ["a", "b (optional)"],
        True,
    ),
    "a list that methods and += lengthen": (
        (
            'R = ["six"]\nif sys.version_info >= (3, 2):\n    R.append("tomli")\nR += ["attrs"]\n'
            'setup(name="x", install_requires=R)'
        ),
        [],
        False,
    ),
    "a name that branches bind": (
        (
            'd = []\nif sys.platform == "win32":\n    d = ["w"]\nelse:\n    d = ["attrs"]\n'
            'setup(name="x", install_requires=d)'
        ),
        [],
        False,
    ),
    "a name that one branch binds": (
        'if sys.platform:\n    d = ["a"]\nsetup(name="x", install_requires=d)',
        [],
        False,
    ),
    "an alias that grows": (
        'a = ["1st"]\nb = a\nb.append("b")\nsetup(name="x", install_requires=a)',
        [],
        False,
    ),
    "an item that grows": (
        'e = {"t": ["a"]}\ne["t"].append("b")\ne["all"] = ["c"]\nsetup(name="x", extras_require=e)',
        [],
        False,
    ),
    "a list in a dictionary that grows": (
        (
            'a = ["p"]\ne = {"t": a}\ne["t"] += ["b"]\n'
            'setup(name="x", install_requires=a, extras_require=e)'
        ),
        [],
        False,
    ),
    "an unknown function has the list": (
        'def more(x):\n    x.append("b")\nr = ["a"]\nmore(r)\nsetup(name="x", install_requires=r)',
        [],
        False,
    ),
    "a function changes the global name": (
        (
            'r = ["a"]\ndef f():\n    global r\n    r = ["b"]\nf()\n'
            'setup(name="x", install_requires=r)'
        ),
        [],
        False,
    ),
    "a deleted item": ('r = ["a", "b"]\ndel r[0]\nsetup(name="x", install_requires=r)', [], False),
    "a loop binds the name": (
        'for r in (["a"], ["b"]):\n    pass\nsetup(name="x", install_requires=r)',
        [],
        False,
    ),
    "code that is executed": (
        'r = ["a"]\nexec("r = 1 and [\'b\']")\nsetup(name="x", install_requires=r)',
        ["a"],
        False,
    ),
    "a part that is computed": (
        'setup(name="x", install_requires=["a", f()], setup_requires=["b"] + g())',
        ["a"],
        False,
    ),
    "a file": (
        'setup(name="x", install_requires=open("requirements.txt").read().splitlines())',
        [],
        False,
    ),
    "pbr": ('setup(setup_requires=["pbr"], pbr=True)', ["pbr (build)"], False),
    "two calls": ('setup(name="x", install_requires=["a"])\nsetup(name="y")', ["a"], False),
    "a function of this name": (
        'def setup(**k):\n    pass\nsetup(name="x", install_requires=["a"])',
        [],
        False,
    ),
    "syntax of a newer Python": (
        'type Names = list[str] = 1\nsetup(name="x", install_requires=["a"])',
        ["a"],
        False,
    ),
    "Python 2": ('print "x"\nsetup(name="x", install_requires=["a"])', ["a"], False),
    "latin-1": ('# \u00e9\nsetup(name="x", install_requires=["a"])', ["a"], True),
}


@pytest.mark.parametrize("name", SETUPS)
def test_a_setup_py(name: str) -> None:
    text, needs, is_complete = SETUPS[name]
    head = "# -*- coding: latin-1 -*-\nimport sys\nfrom setuptools import setup\n"
    manifest = READERS["setup_py"](f"{head}{text}\n".encode("latin-1"))
    assert (entries(manifest), manifest.is_complete) == (needs, is_complete)


def test_only_the_setup_of_a_package_counts() -> None:
    for call in ("setuptools.setup", "core.setup"):
        head = "import setuptools\nfrom distutils import core\n"
        manifest = READERS["setup_py"](f"{head}{call}(name='x')".encode())
        assert (manifest.name, manifest.is_complete) == ("x", True)
    manifest = READERS["setup_py"](b"self = 1\nself.setup(name='x')\n")
    assert (manifest.name, manifest.is_complete) == (None, False)
