package main

import (
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// Where systems keep the authorities that they trust, the most usual first.
var authorities = []string{
	"/etc/ssl/certs/ca-certificates.crt",
	"/etc/pki/tls/certs/ca-bundle.crt",
	"/etc/ssl/ca-bundle.pem",
	"/etc/ssl/cert.pem",
}

// run becomes the program of that name. Programs of the carried C library are started by its own loader, which is the
// file that the system sees: it stands there once for each program, under that program's name.
func run(root, name string) error {
	program := filepath.Join(root, "libexec", name)
	args := os.Args[1:]
	if _, err := os.Stat(program); err != nil {
		name, program = "rtcstack", filepath.Join(root, "python", "bin", "python3")
		args = append([]string{"-I", "-S", "-X", "utf8", filepath.Join(root, "start.py")}, args...)
	}
	if err := chooseAuthorities(root); err != nil {
		return err
	}
	loader := filepath.Join(root, "lib", "loader", name)
	argv := []string{name, "--inhibit-cache", "--library-path", filepath.Join(root, "lib"), "--argv0", program, program}
	err := unix.Exec(loader, append(argv, args...), os.Environ())
	return fmt.Errorf("rtcstack cannot run %s: %w\n  If the folder is incomplete, remove %s and start again", loader, err, root)
}

// chooseAuthorities has TLS trust what the system trusts, and a carried list where the system has none.
func chooseAuthorities(root string) error {
	if os.Getenv("SSL_CERT_FILE") != "" || os.Getenv("SSL_CERT_DIR") != "" {
		return nil
	}
	for _, file := range append(authorities, filepath.Join(root, "packages", "certifi", "cacert.pem")) {
		if _, err := os.Stat(file); err == nil {
			return os.Setenv("SSL_CERT_FILE", file)
		}
	}
	return nil
}
