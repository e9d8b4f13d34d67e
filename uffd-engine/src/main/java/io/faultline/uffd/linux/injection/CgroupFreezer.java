package io.faultline.uffd.linux.injection;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Whether a cgroup freezer has frozen a process (as {@code podman pause} does). No thread of it
 * runs then, so nothing should be begun with one.
 *
 * <p>From {@code /proc/PID/cgroup}, {@code cgroup.events} (Documentation/admin-guide/cgroup-v2.rst)
 * and {@code freezer.state} (cgroup-v1/freezer-subsystem.rst), with the usual mount points; where
 * they cannot be read, the process counts as not frozen.
 */
final class CgroupFreezer {
  private static final Path MOUNTS = Path.of("/sys/fs/cgroup");
  private static final String VERSION_2 = "0::/";
  private static final String VERSION_1 = ":freezer:/";

  private CgroupFreezer() {}

  /** Returns the cgroup that has frozen the process, or null. */
  static @Nullable Path of(int pid) {
    for (String line : read(Path.of("/proc/" + pid + "/cgroup")).split("\n", -1)) {
      int at = line.indexOf(VERSION_1);
      Path group = null;
      if (line.startsWith(VERSION_2)) {
        String path = line.substring(VERSION_2.length());
        Path unified = MOUNTS.resolve("unified");
        group = (Files.isDirectory(unified) ? unified : MOUNTS).resolve(path);
      } else if (at >= 0) {
        group = MOUNTS.resolve("freezer").resolve(line.substring(at + VERSION_1.length()));
      }
      if (group != null && isFrozen(group)) {
        return group;
      }
    }
    return null;
  }

  private static boolean isFrozen(Path group) {
    String state = read(group.resolve("freezer.state")).strip();
    return read(group.resolve("cgroup.events")).contains("frozen 1")
        || read(group.resolve("cgroup.freeze")).strip().equals("1") // it will soon be
        || state.equals("FROZEN")
        || state.equals("FREEZING");
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return "";
    }
  }
}
