package main

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"strings"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
	"go.uber.org/zap"
)

func init() {
	caddy.RegisterModule(Turn{})
}

const (
	handshakeTimeout = 10 * time.Second
	dialTimeout      = 5 * time.Second
	idleTimeout      = 10 * time.Minute
)

// Turn stands behind TLS: connections for one server name are passed on as plain TCP, all others go to the HTTP server.
//
// LiveKit sends clients that can reach nothing else to port 443 of its TURN domain. Web and TURN share the port; the
// name in the TLS handshake tells them apart.
//
//	listener_wrappers {
//		turn turn.example.org livekit:5349
//	}
type Turn struct {
	// ServerName is the TURN domain; without one nothing is passed on.
	ServerName string `json:"server_name,omitempty"`
	// Upstream is where LiveKit takes TURN without TLS.
	Upstream string `json:"upstream,omitempty"`

	logger *zap.Logger
}

// CaddyModule names the module.
func (Turn) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: "caddy.listeners.turn", New: func() caddy.Module { return new(Turn) }}
}

// Provision gets the logger.
func (t *Turn) Provision(ctx caddy.Context) error {
	t.logger = ctx.Logger()
	return nil
}

// UnmarshalCaddyfile reads `turn [SERVER_NAME] UPSTREAM`; the name may be an empty placeholder.
func (t *Turn) UnmarshalCaddyfile(d *caddyfile.Dispenser) error {
	d.Next()
	switch args := d.RemainingArgs(); len(args) {
	case 1:
		t.Upstream = args[0]
	case 2:
		t.ServerName, t.Upstream = args[0], args[1]
	default:
		return d.ArgErr()
	}
	return nil
}

// WrapListener looks at connections before the HTTP server does.
func (t *Turn) WrapListener(inner net.Listener) net.Listener {
	if t.ServerName == "" {
		return inner
	}
	l := &listener{Listener: inner, turn: t, web: make(chan net.Conn), closed: make(chan struct{})}
	go l.sort()
	return l
}

type listener struct {
	net.Listener
	turn   *Turn
	web    chan net.Conn
	closed chan struct{}
}

// Accept returns connections that are not TURN.
func (l *listener) Accept() (net.Conn, error) {
	select {
	case conn := <-l.web:
		return conn, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *listener) sort() {
	defer close(l.closed)
	for {
		conn, err := l.Listener.Accept()
		if err == nil {
			go l.direct(conn)
			continue
		}
		var passing net.Error
		if errors.As(err, &passing) && passing.Timeout() {
			continue
		}
		return
	}
}

// direct must not hold up other connections: the handshake waits for the client.
func (l *listener) direct(conn net.Conn) {
	if secure, ok := conn.(*tls.Conn); ok {
		ctx, cancel := context.WithTimeout(context.Background(), handshakeTimeout)
		err := secure.HandshakeContext(ctx)
		cancel()
		if err != nil {
			conn.Close()
			return
		}
		if strings.EqualFold(secure.ConnectionState().ServerName, l.turn.ServerName) {
			l.turn.pass(secure)
			return
		}
	}
	select {
	case l.web <- conn:
	case <-l.closed:
		conn.Close()
	}
}

func (t *Turn) pass(client net.Conn) {
	defer client.Close()
	server, err := net.DialTimeout("tcp", t.Upstream, dialTimeout)
	if err != nil {
		t.logger.Warn("TURN cannot be reached", zap.Error(err))
		return
	}
	defer server.Close()
	done := make(chan struct{}, 2)
	go copyAll(server, client, done)
	go copyAll(client, server, done)
	<-done // either end closes both
}

// copyAll ends with its source, or after a long silence: TURN clients refresh every few minutes.
func copyAll(to, from net.Conn, done chan<- struct{}) {
	defer func() { done <- struct{}{} }()
	buffer := make([]byte, 32*1024)
	for {
		_ = from.SetReadDeadline(time.Now().Add(idleTimeout))
		n, err := from.Read(buffer)
		if n > 0 {
			if _, failed := to.Write(buffer[:n]); failed != nil {
				return
			}
		}
		if err != nil {
			if !errors.Is(err, io.EOF) {
				_ = from.Close()
			}
			return
		}
	}
}

var (
	_ caddy.Provisioner     = (*Turn)(nil)
	_ caddy.ListenerWrapper = (*Turn)(nil)
	_ caddyfile.Unmarshaler = (*Turn)(nil)
)
