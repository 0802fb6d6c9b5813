#!/bin/bash
# Builds the servers of Kubernetes from Debian's source package, which contains what they consist of.
# usage: build.sh DIR, with the package lists of DIR/apt; leaves DIR/bin
set -euo pipefail
cd "$1"
export HOME=$PWD GO111MODULE=off GOPATH=$PWD/go GOCACHE=$PWD/cache GOFLAGS=
source=$GOPATH/src/k8s.io/kubernetes

if ! [ -d "$source" ]; then
  mkdir -p aside "${source%/*}"
  (cd aside && apt-get -c ../apt/apt.conf source kubernetes)
  mv aside/kubernetes-*/ "$source"
fi
cd "$source"

# The API server needs the description of its types, which the source package lacks.
parts=(api apimachinery apiserver apiextensions-apiserver kube-aggregator metrics component-base
  kubelet kube-proxy kube-scheduler kube-controller-manager cloud-provider)
go build -o "$GOPATH/openapi-gen" ./vendor/k8s.io/kube-openapi/cmd/openapi-gen
types=$(grep -rl --include='*.go' '^// +k8s:openapi-gen=true' pkg "${parts[@]/#/staging/src/k8s.io/}" |
  xargs -n1 dirname | sort -u |
  sed 's#^staging/src/#k8s.io/kubernetes/vendor/#; s#^pkg/#k8s.io/kubernetes/pkg/#' | paste -sd,)
"$GOPATH/openapi-gen" --logtostderr -h hack/boilerplate/boilerplate.generatego.txt \
  -O zz_generated.openapi -p k8s.io/kubernetes/pkg/generated/openapi -r /dev/null -i "$types"

version=$(sed -n '1s/.*really\([0-9.]*\)-.*/\1/p' debian/changelog)
IFS=. read -r major minor _ <<< "$version"
name=k8s.io/kubernetes/vendor/k8s.io/component-base/version
flags="-s -w -X $name.gitVersion=v$version -X $name.gitMajor=$major -X $name.gitMinor=$minor"
mkdir -p "$1/built"
# The clients of clouds and of Docker are half of the work, and not used.
go build -o "$1/built/" -tags providerless,dockerless -ldflags "$flags" \
  ./cmd/kube-{apiserver,controller-manager,scheduler} ./cmd/kubelet
mv "$1/built" "$1/bin"

cd "$1"
rm -rf go cache aside
