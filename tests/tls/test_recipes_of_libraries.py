"""Recipes with libraries that are fetched for the test: OkHttp, Apache HttpClient, axios, aiohttp."""

import sys
from pathlib import Path

import pytest

from tests.tls.clients import EXPECTED, URL, fetch, needs, run
from tests.tls.conftest import Front

pytestmark = pytest.mark.slow

JARS = (
    ("com.squareup.okhttp3", "okhttp", "4.12.0"),
    ("org.apache.httpcomponents.client5", "httpclient5", "5.4.1"),
    ("org.apache.httpcomponents", "httpclient", "4.5.14"),
)
POM = """<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>test</groupId><artifactId>test</artifactId><version>1</version>
  <dependencies>%s</dependencies>
</project>"""
DEPENDENCY = "<dependency><groupId>{}</groupId><artifactId>{}</artifactId><version>{}</version></dependency>"
JAVA = {
    "OkHttp": """
    try (var answer = new okhttp3.OkHttpClient().newCall(
        new okhttp3.Request.Builder().url("%s").build()).execute()) {
      System.out.println(answer.body().string());
    }""",
    "Apache5": """
    try (var client = org.apache.hc.client5.http.impl.classic.HttpClients.createDefault()) {
      String body = client.execute(
          new org.apache.hc.client5.http.classic.methods.HttpGet("%s"),
          answer -> org.apache.hc.core5.http.io.entity.EntityUtils.toString(answer.getEntity()));
      System.out.println(body);
    }""",
    "Apache4": """
    try (var client = org.apache.http.impl.client.HttpClients.createDefault();
        var answer = client.execute(new org.apache.http.client.methods.HttpGet("%s"))) {
      System.out.println(org.apache.http.util.EntityUtils.toString(answer.getEntity()));
    }""",
}
"""With the default settings of each, as unmodified products have them."""
CLASS = (
    "public class Ask%s { public static void main(String[] args) throws Exception {%s\nSystem.exit(0); } }"
)
AXIOS = f"require('axios').get('{URL}').then(answer => console.log(JSON.stringify(answer.data)))"
AIOHTTP = f"""
import aiohttp, asyncio
async def ask():
    async with aiohttp.ClientSession(trust_env=True) as session, session.get({URL!r}) as answer:
        print(await answer.text())
asyncio.run(ask())
"""


@pytest.fixture(scope="module")
def jars(tmp_path_factory: pytest.TempPathFactory) -> Path:
    maven, folder = needs("mvn"), tmp_path_factory.mktemp("java")
    (folder / "pom.xml").write_text(POM % "".join(DEPENDENCY.format(*jar) for jar in JARS))
    copy = ("dependency:copy-dependencies", f"-DoutputDirectory={folder}")
    fetch("jars", maven, "--quiet", "--batch-mode", *copy, cwd=folder)
    return folder


@pytest.mark.parametrize("library", JAVA)
def test_java(front: Front, jars: Path, tmp_path: Path, library: str) -> None:
    program = tmp_path / f"Ask{library}.java"
    program.write_text(CLASS % (library, JAVA[library] % URL))
    assert EXPECTED in run(front, "java", needs("java"), "-cp", f"{jars}/*", str(program))


def test_axios(front: Front, tmp_path: Path) -> None:
    fetch("axios", needs("npm"), "install", "--silent", "--no-audit", "--no-fund", "axios@1", cwd=tmp_path)
    answer = run(front, "node", needs("node"), "-e", AXIOS, cwd=tmp_path)
    assert EXPECTED in answer


def test_aiohttp(front: Front, tmp_path: Path) -> None:
    install = ("-m", "pip", "install", "--quiet", "--target", str(tmp_path), "aiohttp>=3.11,<4")
    fetch("aiohttp", sys.executable, *install, cwd=tmp_path)
    assert EXPECTED in run(front, "python", sys.executable, "-c", AIOHTTP, cwd=tmp_path)
