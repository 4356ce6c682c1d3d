package main

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"os"
)

// The file ends in: the table of contents as JSON, its length as eight bytes (big endian), and this mark.
const (
	mark       = "rtcstack-one-file"
	tailBytes  = 8 + len(mark)
	tableLimit = 1 << 16
)

// A layer is a tar archive compressed by zstd, at an offset of the file.
type layer struct {
	Name     string `json:"name"`
	Offset   int64  `json:"offset"`
	Bytes    int64  `json:"bytes"`
	Unpacked int64  `json:"unpacked_bytes"`
	SHA256   string `json:"sha256"`
}

// contents says what the one file carries. ID names the version and the bytes, so two builds never share a folder.
type contents struct {
	file    string
	ID      string  `json:"id"`
	Version string  `json:"version"`
	Layers  []layer `json:"layers"`
}

func (c contents) unpackedBytes() int64 {
	sum := int64(0)
	for _, one := range c.Layers {
		sum += one.Unpacked
	}
	return sum
}

// readContents reads the table at the end of the file; a file without one was cut short.
func readContents(path string) (contents, error) {
	table := contents{file: path}
	file, err := os.Open(path)
	if err != nil {
		return table, fmt.Errorf("rtcstack cannot read its own file: %w", err)
	}
	defer file.Close()
	incomplete := fmt.Errorf("%s is incomplete: copy or download it again", path)
	end, err := file.Seek(0, io.SeekEnd)
	if err != nil || end < int64(tailBytes) {
		return table, incomplete
	}
	tail := make([]byte, tailBytes)
	if _, err := file.ReadAt(tail, end-int64(tailBytes)); err != nil || string(tail[8:]) != mark {
		return table, incomplete
	}
	length := int64(binary.BigEndian.Uint64(tail))
	if length > tableLimit || length > end-int64(tailBytes) {
		return table, incomplete
	}
	text := make([]byte, length)
	if _, err := file.ReadAt(text, end-int64(tailBytes)-length); err != nil {
		return table, incomplete
	}
	if err := json.Unmarshal(text, &table); err != nil {
		return table, incomplete
	}
	return table, nil
}
