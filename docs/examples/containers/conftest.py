"""WeCom Tollbooth in a container: takes the place of the plugin's own server. Needs testcontainers."""

from collections.abc import Iterator

import pytest
from testcontainers.core.container import DockerContainer
from testcontainers.core.wait_strategies import HttpWaitStrategy

from pytest_tollbooth.servers import Tollbooth

PORT, TOKEN = 8000, "tests"


@pytest.fixture(scope="session")
def tollbooth() -> Iterator[Tollbooth]:
    container = (
        DockerContainer("your-registry/wecom-tollbooth")
        .with_command("tollbooth serve --ephemeral")
        .with_env("TOLLBOOTH_ADMIN_TOKEN", TOKEN)
        .with_exposed_ports(PORT)
        .waiting_for(HttpWaitStrategy(PORT, "/_sim/ready").with_header("Authorization", f"Bearer {TOKEN}"))
    )
    with container:
        address = f"http://{container.get_container_host_ip()}:{container.get_exposed_port(PORT)}"
        with Tollbooth(address, TOKEN) as server:
            yield server
