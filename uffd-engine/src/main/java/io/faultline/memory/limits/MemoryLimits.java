package io.faultline.memory.limits;

import io.faultline.memory.Backing;
import io.faultline.uffd.PageSize;
import io.faultline.uffd.host.CgroupDirectories;
import io.faultline.uffd.host.SystemFiles;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Reads all limits on the memory that this process can still take. A limit that cannot be read is
 * none. Thread-safe.
 */
public final class MemoryLimits {
  private final SystemFiles files;

  /**
   * Reads the limits of this process.
   *
   * @param files of the machine that it runs on
   */
  public MemoryLimits(SystemFiles files) {
    this.files = files;
  }

  /** Limits on pages of the usual size, and on this process as a whole. */
  public List<MemoryLimit> ordinary() {
    List<MemoryLimit> found = new ArrayList<>(new MachineLimits(files).limits());
    found.addAll(new MemoryCgroups(files).limits());
    found.addAll(new ProcessLimits(files).limits());
    return found;
  }

  /**
   * Limits on huge pages of a size.
   *
   * @throws IllegalArgumentException if the size is not that of huge pages
   */
  public List<MemoryLimit> huge(PageSize size) {
    if (!size.isHuge()) {
      throw new IllegalArgumentException(size + " is not the size of huge pages");
    }
    return new HugePageLimits(files).limits(size);
  }

  /** All limits that bound a VM with memory of these backings. */
  public List<MemoryLimit> of(Collection<Backing> backings) {
    List<MemoryLimit> found = new ArrayList<>(ordinary());
    Set<PageSize> sizes = EnumSet.noneOf(PageSize.class);
    for (Backing each : backings) {
      if (each.pageSize().isHuge()) {
        sizes.add(each.pageSize());
      }
      FileSystemLimit.of(each).ifPresent(found::add);
    }
    sizes.forEach(size -> found.addAll(huge(size)));
    return found;
  }

  /** Whether a process is in the cgroup of a limit, or in one below it. */
  boolean bounds(MemoryLimit limit, long process) {
    Path directory = Path.of(limit.source()).getParent();
    CgroupDirectories directories = new CgroupDirectories(files);
    String id = Long.toString(process);
    List<String> of = new ArrayList<>(directories.ofVersion1(id, "memory"));
    of.addAll(directories.ofVersion1(id, "hugetlb"));
    of.addAll(directories.ofVersion2(id));
    return directory != null && of.contains(directory.toString());
  }

  /** Why a demand does not fit, for the user: the first limit that it exceeds; empty if it fits. */
  public static Optional<String> refusal(List<MemoryLimit> limits, MemoryDemand demand) {
    return limits.stream().flatMap(each -> each.refusal(demand).stream()).findFirst();
  }
}
