"""Read the project files of .NET (learn.microsoft.com, "MSBuild project SDKs")."""

from __future__ import annotations

import re

from loaders.sources.manifests.manifest_facts import InvalidManifest, Manifest
from loaders.sources.manifests.manifest_texts import text_of_file

_ROOT = re.compile(r"""<Project\b[^>]{0,500}>""")
_SDK = re.compile(r"""\bSdk\s*=\s*["']([\w.-]+)""")
_PACKAGE = re.compile(
    r"""<(PackageReference|PackageVersion|GlobalPackageReference)\b([^<>]{0,1000})>"""
)
_NAME = re.compile(r"""\b(?:Include|Update)\s*=\s*["']([\w.-]+)["']""")
_VERSION = re.compile(r"""\bVersion\s*=\s*["']([^"']{1,60})["']""")
_FRAMEWORK = re.compile(r"""<TargetFrameworks?>\s*([\w.;-]{1,200}?)\s*</""")
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)


def read_project_of_dotnet(raw: bytes) -> Manifest:
    """Read the packages, the SDK and the target frameworks of a project or a file of properties.

    A version may be managed in Directory.Packages.props: its entries have scope inherited.
    """
    text = _COMMENT.sub(" ", text_of_file(raw, errors="replace"))
    root = _ROOT.search(text)
    if root is None:
        raise InvalidManifest("the root element is not Project")
    manifest = Manifest("nuget")
    if sdk := _SDK.search(root[0]):
        manifest.state("section", sdk[1])
    for names in _FRAMEWORK.findall(text):
        for name in filter(None, names.split(";")):
            manifest.state("runtime", "dotnet", name)
    for number, (tag, attributes) in enumerate(_PACKAGE.findall(text)):
        name, version = _NAME.search(attributes), _VERSION.search(attributes)
        if name:
            manifest.add_dependency(
                name[1],
                version[1] if version else None,
                scope="inherited" if tag == "PackageVersion" else "runtime",
                key=f"{tag}[{number}]",
            )
    return manifest
