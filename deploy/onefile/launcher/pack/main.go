// Pack compresses standard input to standard output as a layer of the one file: at best effort, the same bytes for the
// same input. It stands beside the launcher so that one pinned library writes and reads the layers.
package main

import (
	"fmt"
	"io"
	"os"

	"github.com/klauspost/compress/zstd"
)

func main() {
	if err := pack(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func pack(in io.Reader, out io.Writer) error {
	stream, err := zstd.NewWriter(out, zstd.WithEncoderLevel(zstd.SpeedBestCompression), zstd.WithEncoderConcurrency(1))
	if err != nil {
		return err
	}
	if _, err := io.Copy(stream, in); err != nil {
		return err
	}
	return stream.Close()
}
