// The launcher is the first thing that runs in the one-file build, and the way in which every child of the product is
// started. At the head of the one file it unpacks what is behind it, once for each version, and runs it from there; in
// the unpacked folder, where it stands as "rtcstack", it only runs what lies beside it.
package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// fileVariable tells the commands how they were called, so that their hints can be typed as they stand.
const fileVariable = "_RTCSTACK_FILE"

func main() {
	if err := launch(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func launch() error {
	own, err := os.Executable()
	if err != nil {
		return fmt.Errorf("rtcstack cannot find itself: %w\n  It needs /proc: mount -t proc proc /proc", err)
	}
	if root := filepath.Dir(own); isUnpacked(root) {
		if _, err := hold(root); err != nil {
			return fmt.Errorf("rtcstack cannot use %s: %w", root, err)
		}
		return run(root, filepath.Base(os.Args[0]))
	}
	contents, err := readContents(own)
	if err != nil {
		return err
	}
	root, err := unpacked(contents)
	if err != nil {
		return err
	}
	if err := os.Setenv(fileVariable, own); err != nil {
		return err
	}
	return run(root, "rtcstack")
}

// isUnpacked says whether the folder is one that an unpacking completed.
func isUnpacked(root string) bool {
	_, err := os.Stat(filepath.Join(root, "start.py"))
	return err == nil || !errors.Is(err, os.ErrNotExist)
}
