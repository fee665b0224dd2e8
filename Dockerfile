# Two images of one file: podstamp, and podstamp-ebpf, which has the loader of the eBPF probes too.
#
#   docker build -t podstamp .
#   docker build -t podstamp-ebpf --target podstamp-ebpf .
#
# Where no image registry can be reached, `npm run image` makes the bases of Debian's packages and builds this same file.
# The bases are pinned by tag; who publishes an image gives them with their digests, as in
# --build-arg NODE_IMAGE=docker.io/library/node@sha256:...

# Where Node is taken from: glibc, /usr/local/bin/node.
ARG NODE_IMAGE=docker.io/library/node:24.21.0-bookworm-slim
# Where the JavaScript is built: the same with npm, for the machine that builds.
ARG BUILD_IMAGE=${NODE_IMAGE}
# What the image stands on: Debian's glibc, libstdc++ and CA certificates, and nothing that could be started.
ARG BASE_IMAGE=gcr.io/distroless/cc-debian12:nonroot
# Where the probes are compiled.
ARG DEBIAN_IMAGE=docker.io/library/debian:12-slim

# None of these three runs anything, so each may be of another architecture than the machine that builds.
FROM ${NODE_IMAGE} AS node
FROM ${BASE_IMAGE} AS base

# The result is JavaScript, the same for each architecture, and for lists one small program.
FROM --platform=${BUILDPLATFORM} ${BUILD_IMAGE} AS build
WORKDIR /src
# How npm is to be asked, where that differs: a mirror, a cache.
ARG NPM_CONFIG_REGISTRY
ARG NPM_CONFIG_CACHE
ARG NPM_CONFIG_OFFLINE
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
COPY --from=base /var/lib/dpkg /base
ARG SOURCE_DATE_EPOCH=0
# For the program that makes lists quick: what `npm run build:native` has compiled for it is taken.
ARG TARGETARCH
RUN node scripts/image/lay-out.ts --to /out --packages /base --created "${SOURCE_DATE_EPOCH}" --arch "${TARGETARCH}"

# Only for podstamp-ebpf: the loader is a static program of its own architecture. Where an image brings it, that is taken.
FROM ${DEBIAN_IMAGE} AS probes
WORKDIR /src
COPY . .
RUN --mount=type=bind,from=node,source=/usr/local/bin/node,target=/usr/local/bin/node \
    [ -e /podstamp-probes ] || { apt-get update && apt-get install -y --no-install-recommends \
    clang bpftool gcc libc6-dev libbpf-dev libelf-dev zlib1g-dev libcap2-bin \
    && node scripts/build-bpf.ts && cp bpf/build/podstamp-probes / && node scripts/image/bill-probes.ts /podstamp-probes \
    && setcap cap_bpf,cap_perfmon+ep /podstamp-probes; }

FROM base AS podstamp
COPY --from=node /usr/local/bin/node /usr/local/bin/node
COPY --from=node /usr/local/LICENSE /usr/share/doc/node/LICENSE
COPY --from=build /out/image/ /
# For the control socket, and for queues on disk where a volume is mounted: the only places that podstamp may write to.
COPY --from=build --chown=65532:65532 /out/run/ /run/
COPY --from=build --chown=65532:65532 /out/state/ /var/lib/
ENV PATH=/usr/local/bin:/usr/bin:/bin NODE_ENV=production XDG_RUNTIME_DIR=/run
USER 65532:65532
EXPOSE 4317 4318
# Asks the health_check extension of the same container; without a shell.
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 CMD ["/usr/local/bin/podstamp", "health"]
ENTRYPOINT ["/usr/local/bin/podstamp"]
CMD ["--config", "/etc/podstamp/podstamp.yaml"]
ARG VERSION=unknown
ARG REVISION=unknown
ARG CREATED=unknown
LABEL org.opencontainers.image.title="podstamp" \
      org.opencontainers.image.description="Stamps pod identity on OpenTelemetry data, asked of the node's container runtime" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.created="${CREATED}"

FROM podstamp AS podstamp-ebpf
# Its two capabilities are on the file: podstamp, which starts it, has none.
COPY --from=probes /podstamp-probes /usr/libexec/podstamp/podstamp-probes
COPY --from=probes /podstamp-probes.spdx.json /usr/share/doc/podstamp/podstamp-probes.spdx.json
LABEL org.opencontainers.image.title="podstamp-ebpf"

# What is built when no target is named.
FROM podstamp
