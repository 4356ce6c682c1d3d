package main

import (
	"errors"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

const (
	cacheVariable = "RTCSTACK_CACHE"
	spareBytes    = 64 << 20
)

// versionsFolder is where the unpacked versions lie: below the cache folder that every kind of rtcstack uses.
func versionsFolder() (string, error) {
	cache := os.Getenv(cacheVariable)
	if cache == "" {
		cache = "~/.cache/rtcstack"
	}
	if cache == "~" || strings.HasPrefix(cache, "~/") {
		home, err := homeFolder()
		if err != nil {
			return "", err
		}
		cache = filepath.Join(home, cache[1:])
	}
	cache, err := filepath.Abs(cache)
	if err != nil {
		return "", err
	}
	return filepath.Join(cache, "one-file"), nil
}

func homeFolder() (string, error) {
	if home := os.Getenv("HOME"); home != "" {
		return home, nil
	}
	if me, err := user.Current(); err == nil && me.HomeDir != "" {
		return me.HomeDir, nil
	}
	return "", advised("rtcstack has to unpack itself once, and this user has no home folder to do it in.")
}

// advised adds the way out that every trouble with the place has.
func advised(what string) error {
	return fmt.Errorf("%s\n  Set %s to a folder that this user may write to, on a disk with room and not mounted noexec.", what, cacheVariable)
}

// checkRunnable refuses a place from which the system would not run programs.
func checkRunnable(folder string) error {
	var disk unix.Statfs_t
	if err := unix.Statfs(folder, &disk); err != nil {
		return unusable(folder, err)
	}
	if disk.Flags&unix.ST_NOEXEC != 0 {
		return advised(fmt.Sprintf("rtcstack cannot run from %s: that disk is mounted noexec.", folder))
	}
	return nil
}

// checkRoom refuses a disk that cannot take what is to be unpacked.
func checkRoom(folder string, bytes int64) error {
	var disk unix.Statfs_t
	if err := unix.Statfs(folder, &disk); err != nil {
		return unusable(folder, err)
	}
	if free := int64(disk.Bavail) * int64(disk.Bsize); free < bytes+spareBytes {
		return advised(fmt.Sprintf("rtcstack needs %d MB to unpack itself in %s; %d MB are free there.",
			(bytes+spareBytes)>>20, folder, free>>20))
	}
	return nil
}

func unusable(folder string, err error) error {
	reason := err
	var inner *os.PathError
	if errors.As(err, &inner) {
		reason = fmt.Errorf("%s: %w", inner.Path, inner.Err)
	}
	return advised(fmt.Sprintf("rtcstack cannot unpack itself in %s: %v.", folder, reason))
}
