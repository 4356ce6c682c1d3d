package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

const unfinished = ".unfinished-"

// unpacked returns the folder of this very build, held for the life of the process, after unpacking it if need be.
func unpacked(table contents) (string, error) {
	folder, err := versionsFolder()
	if err != nil {
		return "", err
	}
	root := filepath.Join(folder, table.ID)
	for {
		if isThere(root) {
			if there, err := hold(root); there || err != nil {
				return root, errors.Join(err, checkRunnable(root))
			}
		}
		if err := unpackAlone(table, folder, root); err != nil {
			return "", err
		}
	}
}

func isThere(root string) bool {
	_, err := os.Stat(root)
	return err == nil
}

// hold takes a shared lock on the folder that lasts until this process and what it becomes has ended: a held folder is
// not removed. It returns false when the folder was removed before the lock was had.
func hold(root string) (bool, error) {
	fd, err := unix.Open(root, unix.O_RDONLY|unix.O_DIRECTORY, 0)
	if errors.Is(err, unix.ENOENT) {
		return false, nil
	}
	if err != nil {
		return false, unusable(root, err)
	}
	if err := unix.Flock(fd, unix.LOCK_SH); err != nil {
		return false, unusable(root, err)
	}
	var held, named unix.Stat_t
	if err := errors.Join(unix.Fstat(fd, &held), unix.Stat(root, &named)); err != nil || held.Ino != named.Ino {
		unix.Close(fd)
		return false, nil
	}
	return true, nil
}

// unpackAlone makes the folder, unless another process did while this one waited for its turn.
func unpackAlone(table contents, folder, root string) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return unusable(folder, err)
	}
	lock, err := os.OpenFile(filepath.Join(folder, ".lock"), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return unusable(folder, err)
	}
	defer lock.Close()
	if err := unix.Flock(int(lock.Fd()), unix.LOCK_EX); err != nil {
		return unusable(folder, err)
	}
	if isThere(root) {
		return nil
	}
	if err := checkRunnable(folder); err != nil {
		return err
	}
	removeUnused(folder)
	if err := checkRoom(folder, table.unpackedBytes()); err != nil {
		return err
	}
	return unpackNow(table, folder, root)
}

// unpackNow fills a folder of its own and renames it when every byte is on the disk: an interrupted one leaves nothing
// that could be taken for a version, not even after a power failure.
func unpackNow(table contents, folder, root string) error {
	began := time.Now()
	fmt.Fprintf(os.Stderr, "Unpacking rtcstack %s into %s, once …\n", table.Version, root)
	place, err := os.MkdirTemp(folder, unfinished)
	if err != nil {
		return unusable(folder, err)
	}
	defer os.RemoveAll(place)
	if err := extractAll(table, place); err != nil {
		return err
	}
	if err := errors.Join(os.Chmod(place, 0o755), syncDisk(place), os.Rename(place, root)); err != nil {
		return unusable(folder, err)
	}
	fmt.Fprintf(os.Stderr, "Unpacked in %.1f s.\n", time.Since(began).Seconds())
	return nil
}

func syncDisk(place string) error {
	folder, err := os.Open(place)
	if err != nil {
		return err
	}
	defer folder.Close()
	return unix.Syncfs(int(folder.Fd()))
}

// removeUnused removes what an interrupted unpacking left, and the versions that no process runs from.
func removeUnused(folder string) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return
	}
	for _, entry := range entries {
		if path := filepath.Join(folder, entry.Name()); entry.IsDir() {
			if strings.HasPrefix(entry.Name(), unfinished) || !isHeld(path) {
				removeVersion(path)
			}
		}
	}
}

func isHeld(path string) bool {
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return true
	}
	defer unix.Close(fd)
	return unix.Flock(fd, unix.LOCK_EX|unix.LOCK_NB) != nil
}

// removeVersion takes the name away first, so that nobody finds half a version.
func removeVersion(path string) {
	gone := filepath.Join(filepath.Dir(path), unfinished+"removed-"+filepath.Base(path))
	if os.Rename(path, gone) == nil {
		os.RemoveAll(gone)
	}
}
