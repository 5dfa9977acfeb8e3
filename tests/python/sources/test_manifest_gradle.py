"""Build scripts and version catalogues of Gradle.

The expected lists follow docs.gradle.org, "Declaring dependencies" and "Version Catalogs".
"""

from __future__ import annotations

import pytest

from loaders.sources.manifests.manifest_facts import InvalidManifest, Manifest
from loaders.sources.manifests.read import READERS

GROOVY = """\
plugins { id 'java'; id "org.example.boot" version "3.2.0" }
group = 'com.example'
version '1.4.0'
ext { slf4jVersion = '2.0.9' }
ext.guava = "32.1-jre"
def jackson = "2.15.2"
ktlint { version = "0.43.2" }
buildscript {
    dependencies { classpath 'com.android.tools.build:gradle:8.1.0' }
}
dependencies {
    // implementation 'in:comment:1'
    /* implementation 'in:comment:2' */
    implementation 'org.slf4j:slf4j-api:' + slf4jVersion
    implementation "org.slf4j:slf4j-simple:$slf4jVersion"
    api("com.google.guava:guava:${guava}") { exclude group: 'x', module: 'y' }
    implementation group: 'commons-io', name: 'commons-io', version: '2.11.0'
    runtimeOnly([group: 'a.b', name: 'c', version: '1'])
    testImplementation platform('org.junit:junit-bom:5.10.0'),
        'org.junit.jupiter:junit-jupiter'
    testImplementation(
        'org.mockito:mockito-core:5.+',
        "org.assertj:assertj-core:$unknown"
    )
    implementation project(':core')
    implementation libs.okhttp
    implementation files('libs/a.jar')
    implementation fileTree(dir: 'libs', include: ['*.jar'])
    annotationProcessor "org.projectlombok:lombok:1.18.30"
    compileOnly 'org.projectlombok:lombok:1.18.30'
    constraints { implementation 'only:constrained:1' }
    implementation "com.fasterxml.jackson.core:jackson-databind:$jackson"
    if (project.hasProperty('x')) { implementation 'in:condition:1' }
    ["a", "b"].each { implementation "in.a.loop:$it:1" }
    implementation 'net.java:jna:5@aar'
}
task show { doLast { println 'not.a:dependency:1' } }
"""
GROOVY_NEEDS = [
    "build classpath com.android.tools.build:gradle 8.1.0",
    "runtime implementation org.slf4j:slf4j-api 2.0.9",
    "runtime implementation org.slf4j:slf4j-simple 2.0.9",
    "runtime api com.google.guava:guava 32.1-jre",
    "runtime implementation commons-io:commons-io 2.11.0",
    "runtime runtimeOnly a.b:c 1",
    "dev testImplementation org.junit:junit-bom 5.10.0",
    "dev testImplementation org.junit.jupiter:junit-jupiter None",
    "dev testImplementation org.mockito:mockito-core 5.+",
    "dev testImplementation org.assertj:assertj-core None",
    "build annotationProcessor org.projectlombok:lombok 1.18.30",
    "peer compileOnly org.projectlombok:lombok 1.18.30",
    "runtime implementation com.fasterxml.jackson.core:jackson-databind 2.15.2",
    "runtime implementation net.java:jna 5",
]
KOTLIN = """\
plugins { kotlin("jvm") version "1.9.0"; `java-library` }
val ktor = "2.3.4"
dependencies {
    implementation(kotlin("stdlib"))
    implementation("io.ktor:ktor-server-core:$ktor")
    testImplementation(platform("org.junit:junit-bom:5.9.1"))
    implementation(group = "a", name = "b", version = "1.0")
    "customImplementation"("q:r:1")
    add("ksp", "s:t:2")
    implementation(libs.bundles.all)
    implementation(project(":lib"))
    api("x.y:z") { version { strictly("[1.7, 1.8[") } }
}
subprojects { dependencies { implementation("for.all:members:1") } }
kotlin { sourceSets { val commonTest by getting { dependencies { implementation("k:test:1") } } } }
"""
KOTLIN_NEEDS = [
    "runtime implementation org.jetbrains.kotlin:kotlin-stdlib None",
    "runtime implementation io.ktor:ktor-server-core 2.3.4",
    "dev testImplementation org.junit:junit-bom 5.9.1",
    "runtime implementation a:b 1.0",
    "runtime customImplementation q:r 1",
    "build ksp s:t 2",
    "runtime api x.y:z None",
    "inherited implementation for.all:members 1",
    "dev implementation k:test 1",
]
CATALOG = """\
[versions]
okhttp = "4.12.0"
kotlin = { strictly = "[1.9, 2.0)" }
[libraries]
okhttp = { module = "com.squareup.okhttp3:okhttp", version.ref = "okhttp" }
gson = "com.google.code.gson:gson:2.10"
std = { group = "org.jetbrains.kotlin", name = "kotlin-stdlib", version = { ref = "kotlin" } }
bom = { module = "a:b" }
lost = { module = "c:d", version.ref = "no such version" }
[bundles]
all = ["okhttp", "gson"]
[plugins]
android = { id = "com.android.application", version = "8.1.0" }
"""
CATALOG_NEEDS = [
    "inherited None com.squareup.okhttp3:okhttp 4.12.0",
    "inherited None com.google.code.gson:gson 2.10",
    "inherited None org.jetbrains.kotlin:kotlin-stdlib [1.9, 2.0)",
    "inherited None a:b None",
    "inherited None c:d None",
    "build None com.android.application:com.android.application.gradle.plugin 8.1.0",
]


def needs_of(manifest: Manifest) -> list[str]:
    return [
        f"{need.scope} {need.group_name} {need.name} {need.specifier}"
        for need in manifest.dependencies
    ]


@pytest.mark.parametrize(
    ("form", "text", "needs", "is_complete"),
    [
        ("gradle", GROOVY, GROOVY_NEEDS, False),
        ("gradle", KOTLIN, KOTLIN_NEEDS, False),
        ("gradle_catalog", CATALOG, CATALOG_NEEDS, True),
    ],
)
def test_declared_dependencies(form: str, text: str, needs: list[str], is_complete: bool) -> None:
    manifest = READERS[form](text.encode())
    assert needs_of(manifest) == needs
    assert (manifest.ecosystem, manifest.is_complete) == ("maven", is_complete)
    assert manifest.rejected == []


@pytest.mark.parametrize(
    ("text", "version"),
    [
        (GROOVY, "1.4.0"),
        ('version = "2.0"\n', "2.0"),
        ('version = findProperty("x") ?: "2.0"\n', None),
        ('version = "2.0"\nversion = "3.0"\n', None),
        ('ktlint { version = "2.0" }\n', None),
        ('plugins { id "a" version "2.0" }\n', None),
        ('version = "2.$minor"\n', None),
    ],
)
def test_the_version_is_that_of_the_project(text: str, version: str | None) -> None:
    assert READERS["gradle"](text.encode()).version == version


@pytest.mark.parametrize(
    "piece", ["/*", "'" * 3, '"', "'\\'", "(", "a('", "x,\n", "$a", "a b:", "x = '$x'\n"]
)
def test_a_script_without_ends_declares_nothing(piece: str) -> None:
    text = "dependencies {\napi " + piece * (200_000 // len(piece))
    assert READERS["gradle"](text.encode()).dependencies == []


@pytest.mark.parametrize(
    ("text", "reason"), [("{" * 200, "nested too deeply"), (" " * 2_000_000, "more than")]
)
def test_a_script_beyond_the_limits_is_refused(text: str, reason: str) -> None:
    with pytest.raises(InvalidManifest, match=reason):
        READERS["gradle"](text.encode())
