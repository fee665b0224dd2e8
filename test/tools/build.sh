#!/usr/bin/env bash
# Builds peers that some tests run against when they are there; needs Go >= 1.25. Minutes each on two cores; later calls are no-ops.
# Usage: test/tools/build.sh NAME...   NAME: jaeger (v2, memory storage, no UI assets)  collector (the OpenTelemetry Collector with k8s_attributes, for the benchmark too)
#   compose-check (what reads compose files in `docker compose`)  h2spec (conformance of HTTP/2 servers)  kustomize (what kubectl makes of config/kubernetes)
#   kubernetes-check (what an API server would say of it)  tonic-peer (gRPC of Rust; needs cargo, not Go)
# Binaries land in $PODSTAMP_TOOLS (default ~/.cache/podstamp/tools), where the tests look for them.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
out=${PODSTAMP_TOOLS:-$HOME/.cache/podstamp/tools}
mkdir -p "$out"
export GOFLAGS=-buildvcs=false CGO_ENABLED=0

build_jaeger() { # the module is a whole program with replace lines, so it is built from its own folder
	local dir
	dir=$(go mod download -json github.com/jaegertracing/jaeger@v1.76.0 | sed -n 's/.*"Dir": "\(.*\)".*/\1/p')
	cp -r "$dir" jaeger && chmod -R u+w jaeger
	(cd jaeger && go build -trimpath -ldflags "-s -w" -o "$out/jaeger" ./cmd/jaeger)
}

build_collector() {
	GOBIN=$PWD go install go.opentelemetry.io/collector/cmd/builder@v0.158.0
	cat >builder.yaml <<-EOF
		dist: {name: otelcol, output_path: $PWD/otelcol}
		receivers: [{gomod: go.opentelemetry.io/collector/receiver/otlpreceiver v0.158.0}]
		processors:
		  - {gomod: go.opentelemetry.io/collector/processor/batchprocessor v0.158.0}
		  - {gomod: github.com/open-telemetry/opentelemetry-collector-contrib/processor/k8sattributesprocessor v0.158.0}
		  - {gomod: github.com/open-telemetry/opentelemetry-collector-contrib/processor/groupbyattrsprocessor v0.158.0}
		exporters: [{gomod: go.opentelemetry.io/collector/exporter/debugexporter v0.158.0}, {gomod: go.opentelemetry.io/collector/exporter/otlpexporter v0.158.0}]
	EOF
	./builder --config builder.yaml
	mv otelcol/otelcol "$out/otelcol"
}

build_compose-check() {
	cp -r "$here/compose-check" compose-check
	(cd compose-check && go build -trimpath -ldflags "-s -w" -o "$out/compose-check" .)
}

build_h2spec() { GOBIN=$out go install github.com/summerwind/h2spec/cmd/h2spec@v2.2.1+incompatible; }

build_kustomize() { GOBIN=$out go install sigs.k8s.io/kustomize/kustomize/v5@v5.7.1; }

build_kubernetes-check() { # kubernetes replaces its parts by folders that its module leaves out; each is a module of its own with the matching version
	local version=v1.34.4 mod
	mod=$(go mod download -json "k8s.io/kubernetes@$version" | sed -n 's/^\t"GoMod": "\(.*\)",\{0,1\}$/\1/p')
	sed -e 's/^module .*/module podstamp.test\/tools/' -e '/^tool (/,/^)/d' -e '/^tool /d' "$mod" | sed -E "s#^(\s*k8s.io/[a-z-]+) => ./staging/.*#\1 => \1 ${version/v1./v0.}#; s#=> (\s*)k8s#=> k8s#" >go.mod
	echo "require k8s.io/kubernetes $version" >>go.mod
	cp "$here/kubernetes-check/main.go" .
	GOFLAGS="$GOFLAGS -mod=mod" go build -trimpath -ldflags "-s -w" -o "$out/kubernetes-check" .
}

build_tonic-peer() {
	cp -r "$here/tonic" tonic
	(cd tonic && cargo build --release)
	cp tonic/target/release/tonic-peer "$out/tonic-peer"
}

[ $# -gt 0 ] || { sed -n '2,6s/^# //p' "$0"; exit 2; }
for name in "$@"; do
	case $name in jaeger | collector | compose-check | h2spec | kubernetes-check | kustomize | tonic-peer) ;; *) echo "unknown: $name" >&2; exit 2 ;; esac
	binary=$out/$([ "$name" = collector ] && echo otelcol || echo "$name")
	if [ -x "$binary" ]; then echo "$name is there: $binary"; continue; fi
	work=$(mktemp -d)
	(cd "$work" && "build_$name")
	chmod -R u+w "$work" && rm -rf "$work"
	echo "$name: $binary"
done
