# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What tests/run, examples/run and .ci/run share. Sourced; leaves the caller in the repository's root.

cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
mkdir -p build/logs

# Debian package: who needs it: what shows that it is there (a program, or a file): why.
packages='
g++                  : example test : g++                                : the compiler
libssl-dev           : example test : /usr/include/openssl/ssl.h         : https
zlib1g-dev           : example test : /usr/include/zlib.h                : gzip
ca-certificates      : example test : /etc/ssl/certs/ca-certificates.crt : whom https trusts
cmake                : test         : cmake                              : the build
ninja-build          : test         : ninja                              : the build
ccache               : test         : ccache                             : a second build in a minute
doctest-dev          : test         : /usr/include/doctest/doctest.h     : the test framework
brotli               : test         : brotli                             : streams of a peer
libbrotli-dev        : test         : /usr/include/brotli/decode.h       : the coding br
zstd                 : test         : zstd                               : streams of a peer
libzstd-dev          : test         : /usr/include/zstd.h                : the coding zstd
nlohmann-json3-dev   : test         : /usr/include/nlohmann/json.hpp     : JSON bodies
publicsuffix         : test         : /usr/share/publicsuffix/public_suffix_list.dat : its tables are made from it
unicode-data         : test         : /usr/share/unicode/UnicodeData.txt : the tables of international hosts
python3              : test         : python3                            : amalgamate.py; http.server as a peer
nginx-light          : test         : nginx                              : a real server to talk to
apache2-bin          : test         : apache2                            : another one, with Digest authentication
busybox              : test         : busybox                            : its httpd is another
nodejs               : test         : node                               : its http module is another
curl                 : test         : curl                               : a client the mock server did not grow up with
openssl              : test         : openssl                            : looks at the certificates we make
squid                : test         : squid                              : a real proxy: CONNECT, Basic and Digest
tinyproxy-bin        : test         : tinyproxy                          : a small one
microsocks           : test         : microsocks                         : a SOCKS5 proxy
strace               : test         : strace                             : counts system calls
clang                : ci           : clang++                            : the second compiler
libclang-rt-dev      : ci           : /usr/lib/llvm-*/lib/clang/*/lib/linux/libclang_rt.fuzzer-*.a : libFuzzer
'

# present PROBE: a program or a file that matches is there.
present() {
  case $1 in
    /*) compgen -G "$1" >/dev/null ;;
    *) command -v "$1" >/dev/null || [[ -x /usr/sbin/$1 ]] ;;
  esac
}

# missing_packages WHO...: one per line.
missing_packages() {
  local package groups probe who
  while IFS=: read -r package groups probe _; do
    read -r package <<<"$package"
    read -r probe <<<"$probe"
    for who in "$@"; do
      if [[ " $groups " == *" $who "* ]] && ! present "$probe"; then
        echo "$package"
        break
      fi
    done
  done <<<"$packages"
}

# require_packages WHO...: installs what is missing as root; else prints the command and stops.
require_packages() {
  local missing install
  export DEBIAN_FRONTEND=noninteractive
  mapfile -t missing < <(missing_packages "$@")
  ((${#missing[@]})) || return 0
  install="apt-get install -y --no-install-recommends ${missing[*]}"
  if ((EUID != 0)); then
    echo "These packages are missing. Install them, then start this again:"
    echo "sudo $install"
    exit 1
  fi
  echo "installing ${missing[*]}"
  if ! { apt-get update && $install; } >build/logs/install.log 2>&1; then
    tail -n 20 build/logs/install.log
    echo "cannot install what is missing; this was: $install"
    exit 1
  fi
}

passed=0
failed=0

# count LOG STATUS: adds the tests of one step. A step says `N passed, N failed` itself, or doctest
# says it for the step, or the whole step is one test.
count() {
  local line step_passed=0 step_failed=0
  line=$(grep -aE '^[0-9]+ passed, [0-9]+ failed$' "$1" | tail -n 1)
  [[ $line ]] || line=$(grep -aE '^\[doctest\] test cases: ' "$1" | tail -n 1)
  if [[ $line =~ ([0-9]+)\ passed[,\ |]+([0-9]+)\ failed ]]; then
    step_passed=${BASH_REMATCH[1]} step_failed=${BASH_REMATCH[2]}
  elif (($2 == 0)); then
    step_passed=1
  fi
  if (($2 != 0 && step_failed == 0)); then step_failed=1; fi
  ((passed += step_passed, failed += step_failed))
  counted="$step_passed passed, $step_failed failed"
}

# step [-v] NAME COMMAND...: runs it, prints its seconds and counts, and its last lines when it fails.
# With -v all it prints is shown as it comes.
step() {
  local verbose='' name log status begin=$SECONDS counted
  if [[ $1 == -v ]]; then verbose=1 && shift; fi
  name=$1
  shift
  log=build/logs/$(tr -cs 'a-zA-Z0-9+\n' - <<<"$name").log
  printf '== %s\n' "$name"
  if [[ $verbose ]]; then
    "$@" 2>&1 </dev/null | tee "$log"
    status=${PIPESTATUS[0]}
  else
    "$@" >"$log" 2>&1 </dev/null
    status=$?
  fi
  count "$log" "$status"
  if ((status != 0)) && [[ ! $verbose ]]; then
    printf -- '---- the end of %s:\n' "$log"
    grep -avE '^(\[[0-9]+/[0-9]+\] |FAILED: .*\.o$)' "$log" | tail -n 80
    printf -- '----\n'
  fi
  printf '   %s, %d s\n' "$counted" $((SECONDS - begin))
  return "$status"
}

# finish: the last line, and the exit code.
finish() {
  printf '\n%d s in all\n%d passed, %d failed\n' "$SECONDS" "$passed" "$failed"
  ((failed == 0 && passed > 0))
  exit
}

# build PRESET TARGET...: goes on after an error, so that all errors are seen at once.
build() {
  local preset=$1
  shift
  cmake --preset "$preset" && cmake --build --preset "$preset" --target "$@" -- -k 0
}

# run_tests PRESET NAME [ARGUMENT...]: one of the doctest executables.
run_tests() {
  local preset=$1 program=build/$1/tests/okhttp_$2_tests prefix=()
  shift 2
  # The layout of memory that ThreadSanitizer expects, where the kernel randomizes more than that.
  if [[ $preset == tsan ]] && setarch -R true 2>/dev/null; then prefix=(setarch -R); fi
  UBSAN_OPTIONS=print_stacktrace=1 \
    TSAN_OPTIONS=suppressions=tests/support/tsan.supp \
    timeout --kill-after=10 480 "${prefix[@]}" "$program" "$@"
}

# replay PRESET: every fuzz driver over its corpus.
replay() {
  local driver name good=0 bad=0
  for driver in tests/fuzz/*_fuzz.cpp; do
    name=$(basename "$driver" _fuzz.cpp)
    if timeout 300 "build/$1/fuzz/${name}_fuzz" "tests/fuzz/corpus/$name"; then
      ((++good))
    else
      echo "FAILED: $name"
      ((++bad))
    fi
  done
  echo "$good passed, $bad failed"
  ((bad == 0))
}

# system_calls ARGUMENT...: bench/syscalls; where strace may not trace, that is said and no failure.
system_calls() {
  bench/syscalls "$@"
  local status=$?
  if ((status == 77)); then
    echo 'skipped: system calls cannot be counted here'
    return 0
  fi
  return "$status"
}
