# shellcheck shell=bash
# Sourced by build, sherd, bench and soak: finds a JDK, and builds what a launcher lacks.
#
#   find_jdk             sets JAVA_HOME to a JDK 25 (or, failing that, the oldest newer one) and exports it;
#                        says what was looked at and exits 1 when there is none
#   stale OUTPUT DIR…    true when OUTPUT is missing or older than anything under the named modules' sources
#   build_for OUTPUT MODULE [MAVEN OPTION…] -- DIR…
#                        builds MODULE and what it needs when OUTPUT is stale; all output goes to stderr

readonly SHERD_JDK_WANTED=25

# The feature release of the JDK at $1 ("25" for 25.0.3), nothing when it is not a JDK that can compile.
jdk_feature() {
  local home=$1 line version=
  [[ -x $home/bin/java && -x $home/bin/javac ]] || return 0
  if [[ -r $home/release ]]; then
    while IFS= read -r line || [[ -n $line ]]; do
      if [[ $line =~ ^JAVA_VERSION=\"?([0-9][0-9.]*) ]]; then
        version=${BASH_REMATCH[1]}
        break
      fi
    done <"$home/release"
  fi
  if [[ -z $version ]]; then
    # JAVA_TOOL_OPTIONS may put a line of its own first, hence the search
    while IFS= read -r line; do
      if [[ $line =~ version\ \"?([0-9][0-9.]*) ]]; then
        version=${BASH_REMATCH[1]}
        break
      fi
    done < <("$home/bin/java" -version 2>&1)
  fi
  version=${version#1.} # 1.8.0 is 8
  echo "${version%%.*}"
}

# The home of the `java` on PATH, with symbolic links followed.
jdk_on_path() {
  local java target
  java=$(command -v java) || return 0
  while [[ -L $java ]]; do
    target=$(readlink "$java")
    [[ $target == /* ]] || target=$(dirname "$java")/$target
    java=$target
  done
  dirname "$(dirname "$java")"
}

find_jdk() {
  local candidate feature best='' best_feature='' seen='' named
  # 1. what the user named wins when it is new enough; JAVA25_HOME is a promise, so a wrong one is an error
  if [[ -n ${JAVA25_HOME:-} ]]; then
    feature=$(jdk_feature "$JAVA25_HOME")
    if [[ -z $feature || $feature -lt $SHERD_JDK_WANTED ]]; then
      echo "error: JAVA25_HOME is $JAVA25_HOME, which is ${feature:+a JDK $feature, }not a JDK $SHERD_JDK_WANTED or newer." >&2
      echo "       Set it to the folder that holds bin/javac of a JDK $SHERD_JDK_WANTED, or unset it." >&2
      exit 1
    fi
    export JAVA_HOME=$JAVA25_HOME
    return
  fi
  # 2. an exact match anywhere, in this order; 3. else the oldest that is newer
  local nullglob_was
  nullglob_was=$(shopt -p nullglob) || true
  shopt -s nullglob
  named=$(jdk_on_path)
  for candidate in "${JAVA_HOME:-}" "$named" \
    /usr/lib/jvm/* /opt/* /opt/*/* "$HOME"/.sdkman/candidates/java/* "$HOME"/.jdks/* \
    "$HOME"/Library/Java/JavaVirtualMachines/*/Contents/Home \
    /Library/Java/JavaVirtualMachines/*/Contents/Home /usr/local/openjdk-* /usr/java/*; do
    [[ -n $candidate ]] || continue
    feature=$(jdk_feature "$candidate")
    [[ -n $feature ]] || continue
    if [[ $feature -eq $SHERD_JDK_WANTED ]]; then
      best=$candidate
      break
    fi
    if [[ $feature -gt $SHERD_JDK_WANTED ]] && { [[ -z $best ]] || [[ $feature -lt $best_feature ]]; }; then
      best=$candidate
      best_feature=$feature
    fi
    seen+="         JDK $feature at $candidate"$'\n'
  done
  eval "$nullglob_was"
  if [[ -z $best ]]; then
    {
      echo "error: Sherd needs a JDK $SHERD_JDK_WANTED or newer, and none was found."
      echo "       Looked at JAVA25_HOME, JAVA_HOME, the java on PATH and the usual install folders, and found"
      printf '%s' "${seen:-         no JDK at all$'\n'}"
      echo "       Install JDK $SHERD_JDK_WANTED, or set JAVA25_HOME to the folder of one (the folder that holds bin/javac)."
    } >&2
    exit 1
  fi
  export JAVA_HOME=$best
}

stale() {
  local output=$1 module
  shift
  [[ -e $output ]] || return 0
  local sources=("$SHERD_ROOT/pom.xml")
  for module in "$@"; do
    [[ ! -e $SHERD_ROOT/$module/src ]] || sources+=("$SHERD_ROOT/$module/src")
    sources+=("$SHERD_ROOT/$module/pom.xml")
  done
  # folders count too: a deleted file shows only in the time of its folder
  [[ -n $(find "${sources[@]}" -newer "$output" -print 2>/dev/null | head -n 1) ]]
}

build_for() {
  local output=$1 module=$2 began log options=()
  shift 2
  while [[ $1 != -- ]]; do
    options+=("$1")
    shift
  done
  shift
  stale "$output" "$@" || return 0
  if command -v flock >/dev/null; then # two launchers at once build once
    mkdir -p "$SHERD_ROOT/target"
    exec 9>"$SHERD_ROOT/target/launcher.lock"
    flock 9
    if ! stale "$output" "$@"; then
      exec 9>&-
      return 0
    fi
  fi
  echo "building $module…" >&2
  began=$(mktemp)
  log=$(mktemp)
  if ! CI=true "$SHERD_ROOT/build" --quiet --projects "$module" --also-make "${options[@]}" package >"$log" 2>&1 9>&-; then
    cat "$log" >&2
    echo "error: $module did not build; the reason stands above." >&2
    rm -f "$began" "$log"
    exit 70
  fi
  # the time the build began, so that what was edited meanwhile counts as newer
  touch -c -r "$began" "$output"
  rm -f "$began" "$log"
  if command -v flock >/dev/null; then exec 9>&-; fi
}
