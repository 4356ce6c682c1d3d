// Caddy with everything that it usually has, and the one listener that hands TURN over TLS on to LiveKit.
package main

import (
	caddycmd "github.com/caddyserver/caddy/v2/cmd"
	_ "github.com/caddyserver/caddy/v2/modules/standard"
)

func main() {
	caddycmd.Main()
}
