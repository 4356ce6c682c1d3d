package main

import (
	"archive/tar"
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/klauspost/compress/zstd"
	"golang.org/x/sys/unix"
)

const chunkBytes = 1 << 20

// extractAll unpacks every layer, all at once: two cores need half the time.
func extractAll(table contents, place string) error {
	file, err := os.Open(table.file)
	if err != nil {
		return fmt.Errorf("rtcstack cannot read its own file: %w", err)
	}
	defer file.Close()
	results := make(chan error, len(table.Layers))
	for _, one := range table.Layers {
		go func() { results <- extract(file, one, place) }()
	}
	var first error
	for range table.Layers {
		if err := <-results; err != nil && first == nil {
			first = err
		}
	}
	return described(first, table, place)
}

func described(err error, table contents, place string) error {
	var onDisk *os.PathError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, unix.ENOSPC), errors.Is(err, unix.EDQUOT):
		return advised(fmt.Sprintf("The disk of %s became full while rtcstack unpacked itself; it needs %d MB.",
			filepath.Dir(place), table.unpackedBytes()>>20))
	case errors.As(err, &onDisk):
		return unusable(filepath.Dir(place), err)
	default:
		return fmt.Errorf("%s is damaged (%w): copy or download it again", table.file, err)
	}
}

func extract(file io.ReaderAt, one layer, place string) error {
	sum := sha256.New()
	packed := io.TeeReader(io.NewSectionReader(file, one.Offset, one.Bytes), sum)
	stream, err := zstd.NewReader(bufio.NewReaderSize(packed, chunkBytes))
	if err != nil {
		return err
	}
	defer stream.Close()
	archive := tar.NewReader(stream)
	for {
		entry, err := archive.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if err := extractEntry(archive, entry, place); err != nil {
			return err
		}
	}
	if _, err := io.Copy(io.Discard, stream); err != nil {
		return err
	}
	if hex.EncodeToString(sum.Sum(nil)) != one.SHA256 {
		return fmt.Errorf("the checksum of %s differs", one.Name)
	}
	return nil
}

func extractEntry(archive *tar.Reader, entry *tar.Header, place string) error {
	if !filepath.IsLocal(entry.Name) {
		return fmt.Errorf("%q would lie outside", entry.Name)
	}
	path := filepath.Join(place, entry.Name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	if entry.Typeflag == tar.TypeSymlink {
		return os.Symlink(entry.Linkname, path)
	}
	out, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, entry.FileInfo().Mode().Perm())
	if err != nil {
		return err
	}
	_, err = io.Copy(out, archive)
	return errors.Join(err, out.Close())
}
