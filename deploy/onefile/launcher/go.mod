module rtcstack/launcher

go 1.25.0

require (
	github.com/klauspost/compress v1.20.1
	golang.org/x/sys v0.47.0
)
