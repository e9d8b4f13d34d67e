package io.faultline.cli.criu;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The options of CRIU 4.2, as of {@code criu --help}: all of its commands accept all of them, and
 * ignore those that are not theirs.
 *
 * @param name the long name, without dashes
 * @param value whether a value follows
 */
record CriuOption(String name, Value value) {
  /** Whether an option has a value. */
  enum Value {
    NONE,
    /** Attached, or the next argument. */
    REQUIRED,
    /** Attached only. */
    OPTIONAL
  }

  /** Long names by letter: {@code d} is restore-detached for other commands, the same flag. */
  private static final Map<Character, String> LETTERS =
      Map.ofEntries(
          Map.entry('d', "daemon"),
          Map.entry('D', "images-dir"),
          Map.entry('h', "help"),
          Map.entry('j', "shell-job"),
          Map.entry('J', "join-ns"),
          Map.entry('l', "file-locks"),
          Map.entry('L', "libdir"),
          Map.entry('M', "ext-mount-map"),
          Map.entry('o', "log-file"),
          Map.entry('r', "root"),
          Map.entry('R', "leave-running"),
          Map.entry('s', "leave-stopped"),
          Map.entry('S', "restore-sibling"),
          Map.entry('t', "tree"),
          Map.entry('v', "verbosity"),
          Map.entry('V', "version"),
          Map.entry('W', "work-dir"),
          Map.entry('x', "ext-unix-sk"));

  private static final List<String> WITHOUT_VALUE =
      List.of(
          "all",
          "allow-uprobes",
          "auto-dedup",
          "daemon",
          "display-stats",
          "enable-external-masters",
          "enable-external-sharing",
          "evasive-devices",
          "exec-cmd",
          "experimental",
          "extra",
          "file-locks",
          "force-irmap",
          "ghost-fiemap",
          "help",
          "lazy-pages",
          "leave-running",
          "leave-stopped",
          "link-remap",
          "log-pid",
          "mntns-compat-mode",
          "no-default-config",
          "page-server",
          "restore-detached",
          "restore-sibling",
          "shell-job",
          "skip-file-rwx-check",
          "skip-in-flight",
          "stream",
          "tcp-close",
          "tcp-established",
          "tls",
          "tls-no-cn-verify",
          "track-mem",
          "unprivileged",
          "version",
          "weak-sysctls");

  private static final List<String> WITH_VALUE =
      List.of(
          "action-script",
          "address",
          "cgroup-dump-controller",
          "cgroup-props",
          "cgroup-props-file",
          "cgroup-root",
          "cgroup-yard",
          "config",
          "empty-ns",
          "enable-fs",
          "ext-mount-map",
          "external",
          "feature",
          "file-validation",
          "freeze-cgroup",
          "ghost-limit",
          "images-dir",
          "inherit-fd",
          "irmap-scan-path",
          "join-ns",
          "libdir",
          "log-file",
          "lsm-mount-context",
          "lsm-profile",
          "network-lock",
          "pidfile",
          "port",
          "pre-dump-mode",
          "prev-images-dir",
          "ps-socket",
          "root",
          "skip-mnt",
          "status-fd",
          "timeout",
          "tls-cacert",
          "tls-cacrl",
          "tls-cert",
          "tls-key",
          "tree",
          "work-dir");

  private static final List<String> WITH_OPTIONAL_VALUE =
      List.of("cpu-cap", "ext-unix-sk", "manage-cgroups", "verbosity");

  /** All options by name. */
  static Map<String, CriuOption> all() {
    Map<String, CriuOption> all = new HashMap<>();
    add(all, WITHOUT_VALUE, Value.NONE);
    add(all, WITH_VALUE, Value.REQUIRED);
    add(all, WITH_OPTIONAL_VALUE, Value.OPTIONAL);
    return all;
  }

  /** The long name of a letter; the letter itself if it has none. */
  static String nameOf(char letter) {
    return LETTERS.getOrDefault(letter, String.valueOf(letter));
  }

  private static void add(Map<String, CriuOption> all, List<String> names, Value value) {
    for (String name : names) {
      all.put(name, new CriuOption(name, value));
    }
  }
}
