// The Dapr sidecar with its stable components and one more: the SQLite name resolver.
// Its only other resolver outside Kubernetes is multicast DNS, which needs a network that multicasts
// and would find the sidecars of every neighbour that runs the same app-id.
package main

import (
	"github.com/dapr/components-contrib/nameresolution/sqlite"
	"github.com/dapr/dapr/cmd/daprd/app"
	"github.com/dapr/dapr/pkg/components/nameresolution"
)

func main() {
	nameresolution.DefaultRegistry.RegisterComponent(sqlite.NewResolver, "sqlite")
	app.Run()
}
