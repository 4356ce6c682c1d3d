# The parts of the bundle for a host without an image registry, on a base made by debootstrap: deploy/images builds each
# target with a context that holds its program, and gives it the name that the bundle asks for.
ARG BASE=debian:bookworm-slim

FROM ${BASE} AS part
# busybox brings the wget that health checks ask with.
RUN apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends busybox ca-certificates \
 && ln -s /bin/busybox /usr/bin/wget \
 && rm -rf /var/lib/apt/lists /var/cache/apt /var/cache/debconf /var/log/apt /var/log/dpkg.log /usr/share/doc /usr/share/man

FROM part AS livekit
COPY program /livekit-server
ENTRYPOINT ["/livekit-server"]

FROM part AS minio
COPY program /usr/bin/minio
ENTRYPOINT ["/usr/bin/minio"]

FROM part AS caddy
COPY program /usr/bin/caddy
CMD ["caddy", "run", "--config", "/etc/caddy/Caddyfile"]

FROM part AS redis
RUN apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends redis-tools \
 && ln -s redis-check-rdb /usr/bin/redis-server \
 && rm -rf /var/lib/apt/lists /var/cache/apt /var/log/apt /var/log/dpkg.log /usr/share/doc /usr/share/man
CMD ["redis-server"]
