"""Unmodified clients of each language, with the lines that `tollbooth tls trust` prints."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tls.conftest import Front
from wecom_tollbooth.tls.recipes import recipes

URL = "https://qyapi.weixin.qq.com/cgi-bin/gettoken"
EXPECTED = '"errcode":41004'

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
	answer, err := http.Get("%s")
	if err != nil { fmt.Println(err); os.Exit(1) }
	body, _ := io.ReadAll(answer.Body)
	fmt.Println(string(body))
}
"""
PYTHON = {
    "urllib": "import urllib.request as r; print(r.urlopen(URL).read().decode())",
    "requests": "import requests; print(requests.get(URL).text)",
    "httpx": "import httpx; print(httpx.get(URL).text)",
}
NODE = {
    "https": "require('https').get(URL, r => r.on('data', part => console.log(String(part))))",
    "fetch": "fetch(URL).then(r => r.text()).then(console.log)",
}


def run(front: Front, recipe: str, *command: str) -> str:
    """The output of a command in a clean environment with the variables of the recipe."""
    [found] = [one for one in recipes(front.authority, front.proxy_port) if one.name == recipe]
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "SYSTEMROOT", "LANG") if name in os.environ}
    done = subprocess.run(
        command, env={**kept, **found.variables}, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def needs(program: str) -> str:
    path = shutil.which(program)
    if path is None:
        pytest.skip(f"{program} is not installed")
    return path


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


@pytest.mark.slow
def test_go(front: Front, tmp_path: Path) -> None:
    go = needs("go")
    (tmp_path / "ask.go").write_text(GO % URL)
    subprocess.run([go, "build", "-o", tmp_path / "ask", tmp_path / "ask.go"], check=True, timeout=300)
    assert EXPECTED in run(front, "go", str(tmp_path / "ask"))


@pytest.mark.slow
def test_java(front: Front, tmp_path: Path) -> None:
    java = needs("java")
    (tmp_path / "Ask.java").write_text(JAVA % URL)
    output = run(front, "java", java, str(tmp_path / "Ask.java"))
    assert output.count(EXPECTED) == 3


def test_without_the_recipe_nothing_reaches_a_foreign_host(front: Front) -> None:
    """The proxy of the recipe is for WeCom's hosts: an address elsewhere is refused, not passed on."""
    curl = needs("curl")
    [found] = [one for one in recipes(front.authority, front.proxy_port) if one.name == "curl"]
    done = subprocess.run(
        [curl, "--silent", "https://example.com/"],
        env={"PATH": os.environ["PATH"], **found.variables},
        capture_output=True,
        timeout=30,
        check=False,
    )
    assert done.returncode != 0
