"""Files in XML, JSON and text that are not reports of tests or coverage."""

from __future__ import annotations

import pytest

from tests.python.support.read_reports import read_report

_XML = {
    "pom.xml": '<project xmlns="http://maven.apache.org/POM/4.0.0"><build/><reporting/></project>',
    "pom without a namespace": "<project><groupId>a</groupId><dependencies/></project>",
    "svg": '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><path d="M0 0"/></svg>',
    "plist": '<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://x/p.dtd"><plist '
    'version="1.0"><dict><key>tests</key><array/></dict></plist>',
    "rss": '<rss version="2.0"><channel><title>Tests</title><item/></channel></rss>',
    "atom": '<feed xmlns="http://www.w3.org/2005/Atom"><entry/></feed>',
    "checkstyle configuration": '<module name="Checker"><module name="LineLength"/></module>',
    "web.xml": '<web-app version="3.0"><servlet><servlet-name>a</servlet-name></servlet></web-app>',
    "Android layout": '<LinearLayout xmlns:android="http://schemas.android.com/apk/res/android"/>',
    "Android strings": '<resources><string name="coverage">Coverage</string></resources>',
    "csproj": '<Project Sdk="Microsoft.NET.Sdk"><ItemGroup><Using/></ItemGroup></Project>',
    "runsettings": "<RunSettings><RunConfiguration><ResultsDirectory/></RunConfiguration>"
    "</RunSettings>",
    "TestNG suite": '<suite name="all"><test name="x"><classes><class name="T"/></classes></test>'
    "</suite>",
    "log4j": '<Configuration status="warn"><Appenders/></Configuration>',
    "logback": '<configuration><appender name="x"/><root level="info"/></configuration>',
    "sitemap": '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url/></urlset>',
    "ant build": '<project name="x" default="test"><target name="test"><junit/></target></project>',
    "phpunit.xml": "<phpunit><testsuites><testsuite name='u'><directory>t</directory></testsuite>"
    "</testsuites><coverage/></phpunit>",
    "suites of phpunit alone": "<testsuites><testsuite name='u'><directory>t</directory>"
    "</testsuite></testsuites>",
    "TestLink": "<testsuite id='1' name='p'><node_order>1</node_order><testcase internalid='2' "
    "name='x'><summary/></testcase></testsuite>",
    "xhtml report": '<html xmlns="http://www.w3.org/1999/xhtml"><head><title>Coverage</title></head>'
    "<body><table><tr><td>tests</td></tr></table></body></html>",
    "html report": "<!DOCTYPE html><html><head><title>Test results</title></head></html>",
    "coverage of a map": '<coverage><area name="x"/><project/></coverage>',
    "WCS coverage": '<wcs:Coverages xmlns:wcs="http://www.opengis.net/wcs/2.0"/>',
    "report of Jasper": '<report name="sales"><band height="5"/></report>',
    "BIRT report": '<report xmlns="http://www.eclipse.org/birt/2005/design"><property/></report>',
    "a report with packages": '<report name="x"><package name="a"/></report>',
    "assemblies": '<assemblies2><assembly name="x"/></assemblies2>',
    "manifest of an assembly": '<assembly xmlns="urn:schemas-microsoft-com:asm.v1"/>',
    "Root": "<Root><Statement/></Root>",
    "robot URDF": '<robot name="arm"><link name="base"/><joint name="a" type="fixed"/></robot>',
    "test-run": "<test-run2><test-suite/></test-run2>",
    "results": "<results><modules/></results>",
    "xliff": '<xliff version="1.2"><file original="a" source-language="en"/></xliff>',
    "gpx": '<gpx version="1.1"><trk/></gpx>',
    "drawio": '<mxfile host="x"><diagram name="p"/></mxfile>',
    "DocBook": '<article version="5.0"><section><title>Test suite</title></section></article>',
    "Jenkins job": "<project><publishers><hudson.tasks.junit.JUnitResultArchiver/></publishers>"
    "</project>",
    "IDE run configuration": '<component name="ProjectRunConfigurationManager"><configuration/>'
    "</component>",
    "WSDL": '<definitions xmlns="http://schemas.xmlsoap.org/wsdl/"><types/></definitions>',
}
_TEXT = {
    "source of Go": 'package cart\n\nimport "testing"\n',
    "a mode that is none": "mode: dark\na.css:1.2,3.4 2 1\n",
    "a mode and other text": "mode: set\nalarm: on\n",
    "Swiss-Prot": "SF: kinase\nDE   something\n",
    "YAML": "TN: 1\nSF: 2\nother: 3\n",
    "notes": "SF:San Francisco\nLA:Los Angeles\n",
    "TAP-like": "ok then\nnot ok\n",
    "csv": "GROUP,PACKAGE,CLASS\n",
    "diff": "--- a\n+++ b\n",
}
_JSON = {
    "package.json": '{"name": "x", "scripts": {"test": "jest"}, "coverage": {"lines": 3}}',
    "configuration of nyc": '{"lines": 80, "statements": 80, "functions": 80, "branches": 80}',
    "thresholds": '{"global": {"lines": 80, "statements": 80, "functions": 80, "branches": 80}}',
    "JSON lines of logs": '{"Action": "login", "User": "x"}\n{"Action": "logout"}\n',
    "JSON lines of packages": '{"Package": "x", "Action": "install"}\n',
    "events": '{"type": "suite", "name": "royal"}\n',
    "V8 coverage": '{"result": [{"scriptId": "1", "url": "file:///a.js", "functions": []}]}',
    "source map": '{"version": 3, "sources": ["a.js"], "mappings": "AAAA"}',
    "files": '{"files": [{"file": "a.c", "lines": [{"number": 1}]}]}',
    "meta and files": '{"meta": {"version": "1"}, "files": {"a": {"size": 3}}}',
    "data": '{"data": [{"files": [{"filename": "a", "size": 3}]}]}',
    "features": '[{"keyword": "seo", "elements": [], "name": "x"}]',
    "suites": '{"suites": [], "config": {"theme": "dark"}}',
    "stats": '{"stats": {"tests": 3, "passes": 2}, "tests": []}',
    "words": '{"RSpec": {"coverage": {"a.md": [1, 2]}}}',
    "geojson": '{"type": "FeatureCollection", "features": []}',
    "paths": '{"/w/a.js": {"path": "/w/a.js", "size": 3}}',
    "summary": '{"total": {"lines": 3, "statements": 4}}',
}


@pytest.mark.parametrize("what", _XML)
def test_xml_that_is_no_report(what: str) -> None:
    assert read_report(_XML[what]).format is None


@pytest.mark.parametrize("what", _TEXT)
def test_text_that_is_no_report(what: str) -> None:
    assert read_report(_TEXT[what]).format is None


@pytest.mark.parametrize("what", _JSON)
def test_json_that_is_no_report(what: str) -> None:
    assert read_report(_JSON[what]).format is None
