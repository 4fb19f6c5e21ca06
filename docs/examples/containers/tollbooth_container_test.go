package shop

// WeCom Tollbooth in a container, for tollbooth.go beside it. Needs testcontainers-go.

import (
	"context"
	"fmt"
	"os"
	"testing"

	"github.com/testcontainers/testcontainers-go"
	"github.com/testcontainers/testcontainers-go/wait"
)

const tollboothToken = "tests"

// TestMain starts one container for the tests of the package and removes it after them.
func TestMain(m *testing.M) {
	os.Exit(runWithContainer(m))
}

func runWithContainer(m *testing.M) int {
	ctx := context.Background()
	ready := wait.ForHTTP("/_sim/ready").WithPort("8000/tcp").
		WithHeaders(map[string]string{"Authorization": "Bearer " + tollboothToken})
	container, err := testcontainers.GenericContainer(ctx, testcontainers.GenericContainerRequest{
		ContainerRequest: testcontainers.ContainerRequest{
			Image:        "your-registry/wecom-tollbooth",
			Cmd:          []string{"tollbooth", "serve", "--ephemeral"},
			Env:          map[string]string{"TOLLBOOTH_ADMIN_TOKEN": tollboothToken},
			ExposedPorts: []string{"8000/tcp"},
			WaitingFor:   ready,
		},
		Started: true,
	})
	if container != nil {
		defer func() { _ = container.Terminate(ctx) }()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "tollbooth:", err)
		return 1
	}
	address, err := container.PortEndpoint(ctx, "8000/tcp", "http")
	if err != nil {
		fmt.Fprintln(os.Stderr, "tollbooth:", err)
		return 1
	}
	_ = os.Setenv("TOLLBOOTH_URL", address)
	_ = os.Setenv("TOLLBOOTH_ADMIN_TOKEN", tollboothToken)
	return m.Run()
}
