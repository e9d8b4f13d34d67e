package io.faultline.uffd.host;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The directories of the cgroups that a process is in, with all ancestors that this process can
 * see: from {@code /proc/PID/cgroup} and the mounts in {@code /proc/self/mountinfo} (cgroups(7),
 * proc_pid_mountinfo(5)). In a container the mount often shows only part of the hierarchy, and what
 * is set above it cannot be seen. Thread-safe.
 */
public final class CgroupDirectories {
  private static final String MOUNTS = "/proc/self/mountinfo";

  private final SystemFiles files;

  /** A mounted hierarchy: {@code root} is the cgroup that is mounted at {@code point}. */
  private record Mount(String root, String point) {}

  public CgroupDirectories(SystemFiles files) {
    this.files = files;
  }

  /**
   * The cgroup of a process and its ancestors in a hierarchy of version 1.
   *
   * @param process its id, or {@code self}
   * @return absolute paths, the process' own first; empty if the controller is not mounted, or the
   *     process is gone
   */
  public List<String> ofVersion1(String process, String controller) {
    return directories(mount("cgroup", controller), path(process, controller)); // "4:memory:/a/b"
  }

  /** The same in the unified hierarchy; a controller may be missing in any of them. */
  public List<String> ofVersion2(String process) {
    return directories(mount("cgroup2", ""), path(process, "")); // "0::/a/b"
  }

  /** Whether the unified hierarchy is mounted with an option. */
  public boolean isVersion2MountedWith(String option) {
    return files
        .read(MOUNTS)
        .map(text -> text.lines().anyMatch(line -> isMount(line, "cgroup2", option)))
        .orElse(false);
  }

  private Optional<String> path(String process, String controller) {
    return files
        .read("/proc/" + process + "/cgroup")
        .flatMap(text -> text.lines().filter(line -> isOf(line, controller)).findFirst())
        .map(line -> line.split(":", 3)[2]);
  }

  private static boolean isOf(String line, String controller) {
    String[] fields = line.split(":", 3);
    return fields.length == 3
        && (controller.isEmpty()
            ? fields[0].equals("0") && fields[1].isEmpty()
            : Arrays.asList(fields[1].split(",", -1)).contains(controller));
  }

  private Optional<Mount> mount(String type, String controller) {
    return files
        .read(MOUNTS)
        .flatMap(text -> text.lines().filter(line -> isMount(line, type, controller)).findFirst())
        .map(line -> line.split(" ", -1))
        .map(fields -> new Mount(unescaped(fields[3]), unescaped(fields[4])));
  }

  private static boolean isMount(String line, String type, String option) {
    int separator = line.indexOf(" - ");
    if (separator < 0 || line.split(" ", -1).length < 5) {
      return false;
    }
    String[] fields = line.substring(separator + 3).split(" ", -1); // type, source, options
    return fields.length == 3
        && fields[0].equals(type)
        && (option.isEmpty() || Arrays.asList(fields[2].split(",", -1)).contains(option));
  }

  /** The kernel writes blanks in paths as octal numbers. */
  private static String unescaped(String path) {
    return path.replace("\\040", " ").replace("\\011", "\t").replace("\\134", "\\");
  }

  private List<String> directories(Optional<Mount> mount, Optional<String> cgroup) {
    if (mount.isEmpty() || cgroup.isEmpty()) {
      return List.of();
    }
    Path point = Path.of(mount.get().point());
    Path root = Path.of(mount.get().root());
    Path own = Path.of(cgroup.get()).normalize();
    // A process outside of what is mounted is bounded by the mounted part's root at least.
    Path at = own.startsWith(root) ? point.resolve(root.relativize(own)) : point;
    List<String> found = new ArrayList<>();
    for (Path each = at; each != null && each.startsWith(point); each = each.getParent()) {
      if (files.exists(each.toString())) {
        found.add(each.toString());
      }
    }
    return found;
  }
}
