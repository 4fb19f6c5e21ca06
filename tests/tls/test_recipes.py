"""Unmodified clients of each language, with the lines that `tollbooth tls trust` prints."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tls.clients import EXPECTED, URL, needs, run, variables
from tests.tls.conftest import Front

HERE = Path(__file__).parent
ROOT = HERE.parents[1]

JAVA = """
import java.net.*; import java.net.http.*;
public class Ask {
  public static void main(String[] args) throws Exception {
    URI uri = URI.create("%s");
    System.out.println(new String(uri.toURL().openStream().readAllBytes()));
    System.out.println(HttpClient.newHttpClient().send(
        HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString()).body());
    try (Socket socket = new Socket()) {  // as Apache's client connects, which asks no proxy selector
      socket.connect(new InetSocketAddress(uri.getHost(), 443));
      var factory = (javax.net.ssl.SSLSocketFactory) javax.net.ssl.SSLSocketFactory.getDefault();
      try (Socket secure = factory.createSocket(socket, uri.getHost(), 443, true)) {
        secure.getOutputStream().write(("GET /cgi-bin/gettoken HTTP/1.1\\r\\nHost: " + uri.getHost()
            + "\\r\\nConnection: close\\r\\n\\r\\n").getBytes());
        System.out.println(new String(secure.getInputStream().readAllBytes()));
      }
    }
  }
}
"""
GO = """
package main

import ("fmt"; "io"; "net/http"; "os")

func main() {
	own := &http.Client{Transport: &http.Transport{Proxy: http.ProxyFromEnvironment}}
	for _, client := range []*http.Client{http.DefaultClient, own} {
		answer, err := client.Get("%s")
		if err != nil { fmt.Println(err); os.Exit(1) }
		body, _ := io.ReadAll(answer.Body)
		fmt.Println(string(body))
	}
}
"""
PYTHON = {
    "urllib": "import urllib.request as r; print(r.urlopen(URL).read().decode())",
    "requests": "import requests; print(requests.get(URL).text)",
    "httpx": "import httpx; print(httpx.get(URL).text)",
}
PHP = """
$curl = curl_init(%r);
curl_setopt($curl, CURLOPT_RETURNTRANSFER, true);
echo curl_exec($curl), curl_error($curl), "\\n";
"""
PHP_STREAM = """
$proxy = str_replace('http://', 'tcp://', getenv('HTTPS_PROXY'));
echo file_get_contents(%r, false, stream_context_create(['http' => ['proxy' => $proxy]]));
"""
NODE = {
    "https": "require('https').get(URL, r => r.on('data', part => console.log(String(part))))",
    "fetch": "fetch(URL).then(r => r.text()).then(console.log)",
}


def test_curl(front: Front) -> None:
    assert EXPECTED in run(front, "curl", needs("curl"), "--silent", "--show-error", URL)


@pytest.mark.parametrize(
    "library",
    [
        "urllib",
        pytest.param("requests", marks=pytest.mark.slow),
        pytest.param("httpx", marks=pytest.mark.slow),
    ],
)
def test_python(front: Front, library: str) -> None:
    program = PYTHON[library].replace("URL", repr(URL))
    assert EXPECTED in run(front, "python", sys.executable, "-c", program)


@pytest.mark.parametrize("library", ["https", pytest.param("fetch", marks=pytest.mark.slow)])
def test_node(front: Front, library: str) -> None:
    assert EXPECTED in run(front, "node", needs("node"), "-e", NODE[library].replace("URL", repr(URL)))


@pytest.mark.parametrize("program", [PHP, PHP_STREAM], ids=["curl", "stream"])
def test_php(front: Front, program: str) -> None:
    php = needs("php")
    if "curl" not in subprocess.run([php, "-m"], capture_output=True, text=True, check=True).stdout.split():
        pytest.skip("php has no curl extension")
    assert EXPECTED in run(front, "php", php, "-r", program % URL)


@pytest.mark.slow
def test_go(front: Front, tmp_path: Path) -> None:
    go = needs("go")
    (tmp_path / "ask.go").write_text(GO % URL)
    subprocess.run([go, "build", "-o", tmp_path / "ask", tmp_path / "ask.go"], check=True, timeout=300)
    assert run(front, "go", str(tmp_path / "ask")).count(EXPECTED) == 2


@pytest.mark.slow
def test_java(front: Front, tmp_path: Path) -> None:
    java = needs("java")
    (tmp_path / "Ask.java").write_text(JAVA % URL)
    output = run(front, "java", java, str(tmp_path / "Ask.java"))
    assert output.count(EXPECTED) == 3


def test_without_the_recipe_nothing_reaches_a_foreign_host(front: Front) -> None:
    """The proxy of the recipe is for WeCom's hosts: an address elsewhere is refused, not passed on."""
    curl = needs("curl")
    done = subprocess.run(
        [curl, "--silent", "https://example.com/"],
        env={"PATH": os.environ["PATH"], **variables(front, "curl")},
        capture_output=True,
        timeout=30,
        check=False,
    )
    assert done.returncode != 0


@pytest.mark.parametrize("page", ["https.md", "https.zh-CN.md"])
def test_the_list_of_tests_in_the_docs_names_tests_that_exist(page: str) -> None:
    named = re.findall(r"`(\w+\.py)::(\w+)`", (ROOT / "docs" / page).read_text(encoding="utf-8"))
    assert {file for file, _ in named} == {"test_recipes.py", "test_recipes_of_libraries.py"}
    for file, test in named:
        assert f"def {test}(" in (HERE / file).read_text(encoding="utf-8"), test
    tests = {test for file, test in named if file == "test_recipes.py"}
    assert tests == {"test_curl", "test_python", "test_node", "test_go", "test_java", "test_php"}
