package io.faultline.uffd.linux.injection;

import io.faultline.uffd.host.CgroupDirectories;
import io.faultline.uffd.host.SystemFiles;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Whether a cgroup freezer has frozen a process (as {@code podman pause} does). No thread of it
 * runs then, so nothing should be begun with one.
 *
 * <p>From {@code cgroup.events} (Documentation/admin-guide/cgroup-v2.rst) and {@code freezer.state}
 * (cgroup-v1/freezer-subsystem.rst) of its cgroups and their ancestors; where they cannot be read,
 * the process counts as not frozen.
 */
final class CgroupFreezer {
  private final SystemFiles files;

  CgroupFreezer(SystemFiles files) {
    this.files = files;
  }

  /** Returns the cgroup that has frozen the process, as an absolute path. */
  Optional<String> of(int pid) {
    String process = Integer.toString(pid);
    CgroupDirectories cgroups = new CgroupDirectories(files);
    return Stream.concat(
            cgroups.ofVersion2(process).stream().filter(this::isFrozenBy2),
            cgroups.ofVersion1(process, "freezer").stream().filter(this::isFrozenBy1))
        .findFirst();
  }

  private boolean isFrozenBy2(String group) {
    return contents(group + "/cgroup.events").lines().anyMatch("frozen 1"::equals)
        || contents(group + "/cgroup.freeze").equals("1"); // it will soon be
  }

  private boolean isFrozenBy1(String group) {
    String state = contents(group + "/freezer.state");
    return state.equals("FROZEN") || state.equals("FREEZING");
  }

  private String contents(String file) {
    return files.read(file).orElse("");
  }
}
