#!/usr/bin/env bash
# Builds the container runtimes that Debian has not, so that tests can run against them; needs Go >= 1.25 and a C compiler.
# CRI-O also needs the headers of libgpgme and libseccomp (libgpgme-dev, libseccomp-dev). One to three minutes each on two cores; a second call does nothing.
# Usage: test/runtimes/build.sh NAME...   NAME: crictl containerd-1.7 containerd-2.3 crio cri-dockerd dockerd kubelet
# Programs land in a folder of that name below $PODSTAMP_RUNTIMES (default ~/.cache/podstamp/runtimes), where the tests look for them.
set -euo pipefail
root=${PODSTAMP_RUNTIMES:-${XDG_CACHE_HOME:-$HOME/.cache}/podstamp/runtimes}
export GOFLAGS="-mod=mod -buildvcs=false"
small=(-trimpath -ldflags)

# A file of a module as the go command downloads it: which is "Dir", "GoMod" or "Zip".
part_of() { # MODULE@VERSION WHICH
	go mod download -json "$1" | sed -n "s/^\t\"$2\": \"\(.*\)\",\{0,1\}\$/\1/p"
}

# Makes the current folder a module that needs what this one needs, and this one: `go install` refuses modules with replace lines.
borrow() { # MODULE VERSION
	sed -e 's/^module .*/module podstamp.test\/runtimes/' -e '/^tool (/,/^)/d' -e '/^tool /d' "$(part_of "$1@$2" GoMod)" >go.mod
	echo "require $1 $2" >>go.mod
	local sums
	sums=$(part_of "$1@$2" Dir)/go.sum
	if [ -f "$sums" ]; then install -m 644 "$sums" go.sum; fi
}

build_crictl() {
	borrow sigs.k8s.io/cri-tools "$1"
	go build "${small[@]}" "-s -w -X sigs.k8s.io/cri-tools/pkg/version.Version=$1" -o "$2/crictl" sigs.k8s.io/cri-tools/cmd/crictl
}

build_containerd_1_7() {
	borrow github.com/containerd/containerd "$1"
	go build "${small[@]}" "-s -w -X github.com/containerd/containerd/version.Version=${1#v}" -tags "no_btrfs no_zfs no_aufs no_devmapper" -o "$2/" \
		github.com/containerd/containerd/cmd/{containerd,containerd-shim-runc-v2,ctr}
}

build_containerd_2_3() {
	borrow github.com/containerd/containerd/v2 "$1"
	go build "${small[@]}" "-s -w -X github.com/containerd/containerd/v2/version.Version=${1#v}" -tags no_btrfs -o "$2/" \
		github.com/containerd/containerd/v2/cmd/{containerd,containerd-shim-runc-v2,ctr}
}

build_crio() { # pinns, which holds a pod's namespaces, is written in C and lies beside it in the module
	borrow github.com/cri-o/cri-o "$1"
	go build "${small[@]}" "-s -w" -tags "containers_image_openpgp exclude_graphdriver_btrfs btrfs_noversion" -o "$2/crio" github.com/cri-o/cri-o/cmd/crio
	cp -r "$(part_of "github.com/cri-o/cri-o@$1" Dir)" source
	chmod -R u+w source
	make -s -C source/pinns
	cp source/bin/pinns "$2/"
}

build_cri_dockerd() {
	borrow github.com/Mirantis/cri-dockerd "$1"
	go build "${small[@]}" "-s -w" -o "$2/cri-dockerd" github.com/Mirantis/cri-dockerd
}

build_dockerd() { # its module has no go.mod, only what its own vendoring is made from
	cp -r "$(part_of "github.com/docker/docker@$1" Dir)" source
	chmod -R u+w source
	cd source
	cp vendor.mod go.mod
	cp vendor.sum go.sum
	CGO_ENABLED=0 go build "${small[@]}" "-s -w -X github.com/docker/docker/dockerversion.Version=$(sed 's/^v//; s/+.*//' <<<"$1")" -tags "exclude_graphdriver_btrfs" -o "$2/dockerd" ./cmd/dockerd
	cd ..
}

build_kubelet() { # kubernetes replaces its parts by folders that its module leaves out; each is a module of its own with the matching version
	local parts=${1/v1./v0.} stamp=k8s.io/component-base/version minor
	minor=$(cut -d. -f2 <<<"$1")
	borrow k8s.io/kubernetes "$1"
	sed -i -E "s#^(\s*k8s.io/[a-z-]+) => ./staging/.*#\1 => \1 $parts#; s#=> (\s*)k8s#=> k8s#" go.mod
	go build "${small[@]}" "-s -w -X $stamp.gitVersion=$1 -X $stamp.gitMajor=1 -X $stamp.gitMinor=$minor -X k8s.io/client-go/pkg/version.gitVersion=$1" -tags selinux,notest \
		-o "$2/kubelet" k8s.io/kubernetes/cmd/kubelet
}

[ $# -gt 0 ] || { sed -n '2,5s/^# //p' "$0"; exit 2; }
work=
tidy() {
	if [ -n "$work" ]; then chmod -R u+w "$work" && rm -rf "$work"; fi
	work=
}
trap tidy EXIT
trap 'exit 143' TERM
for name in "$@"; do
	case $name in
	crictl) version=v1.36.0 ;;
	containerd-1.7) version=v1.7.35 ;;
	containerd-2.3) version=v2.3.7 ;;
	crio) version=v1.36.3 ;;
	cri-dockerd) version=v0.4.3 ;;
	dockerd) version=v28.5.2+incompatible ;;
	kubelet) version=v1.34.4 ;;
	*) echo "unknown: $name" >&2; exit 2 ;;
	esac
	to=$root/$name
	if [ "$(cat "$to/version" 2>/dev/null)" = "$version" ]; then echo "$name $version is there: $to"; continue; fi
	echo "building $name $version"
	mkdir -p "$to"
	work=$(mktemp -d)
	(cd "$work" && "build_${name//[-.]/_}" "$version" "$to")
	echo "$version" >"$to/version"
	tidy
	echo "$name $version: $to"
done
