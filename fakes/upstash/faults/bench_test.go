package faults_test

import (
	"io"
	"net"
	"testing"

	"tollgate/fakes/memnet"
	"tollgate/fakes/upstash/faults"
)

// BenchmarkConn is what a connection costs to echo 64 bytes: bare, with a registry
// that has no fault, with a fault of another door, and with one of its own.
func BenchmarkConn(b *testing.B) {
	for name, spec := range map[string]string{
		"bare": "", "no fault": "", "another's fault": "half-open,door=tls", "bandwidth": "bandwidth,rate=1000000000000",
	} {
		b.Run(name, func(b *testing.B) {
			network := memnet.New()
			defer network.Close()
			r := faults.New(faults.Config{})
			defer r.Close()
			l, err := network.Listen(b.Context(), "tcp", "127.0.0.1:0")
			if err != nil {
				b.Fatal(err)
			}
			address := l.Addr().String()
			if name != "bare" {
				l = r.Hooks().Listen(l, faults.DoorRESP)
			}
			if spec != "" {
				f, err := faults.ParseSpec(spec)
				if err != nil {
					b.Fatal(err)
				}
				if _, err := r.Add(f); err != nil {
					b.Fatal(err)
				}
			}
			go func() {
				conn, err := l.Accept()
				if err == nil {
					echo(conn)
				}
			}()
			conn, err := network.DialContext(b.Context(), "tcp", address)
			if err != nil {
				b.Fatal(err)
			}
			defer conn.Close()
			benchmarkEcho(b, conn)
		})
	}
}

func benchmarkEcho(b *testing.B, conn net.Conn) {
	message := make([]byte, 64)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := conn.Write(message); err != nil {
			b.Fatal(err)
		}
		if _, err := io.ReadFull(conn, message); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkHooks is what a command costs that no fault concerns.
func BenchmarkHooks(b *testing.B) {
	r := faults.New(faults.Config{})
	defer r.Close()
	hooks := r.Hooks()
	b.ReportAllocs()
	for b.Loop() {
		if hooks.Active() {
			b.Fatal("no fault is on")
		}
	}
}
