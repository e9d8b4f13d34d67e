package io.faultline.restore.outcome;

import io.faultline.restore.space.DumpLayout;
import io.faultline.uffd.linux.process.MemoryArea;
import io.faultline.uffd.linux.process.MemoryAreas;
import io.faultline.uffd.linux.process.ProcessEntry;
import io.faultline.uffd.linux.process.ProcessTable;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Finds, on this host, a task that CRIU is restoring. Stateless. */
final class TaskFinder {
  private TaskFinder() {}

  /**
   * Finds a task by its id in its own pid namespace, among the descendants of the restoring CRIU.
   * With {@code --restore-sibling}, as container runtimes restore, the tasks are children of CRIU's
   * parent.
   *
   * <p>CRIU does not wait until its messages were read: it may have exited, and the task may have
   * another parent. Then the task is the only process with this id, started after this one, that
   * has memory of the dump registered with a userfaultfd.
   *
   * @param criuPid 0 if it is not visible
   * @param layout the lazy memory of the task
   * @throws IOException if it is not found
   */
  static ProcessEntry find(ProcessTable table, int criuPid, int pid, DumpLayout layout)
      throws IOException {
    if (criuPid == 0) {
      throw new IOException(
          "the restoring CRIU is in a pid namespace that is not visible from here, so that the"
              + " process could not be ended after a failure: run lazy-pages in the same one");
    }
    ProcessEntry criu = table.find(criuPid);
    ProcessEntry found = criu == null ? null : relative(table, criu, pid);
    if (found == null) {
      found = orphan(table, pid, layout);
    }
    if (found == null) {
      throw new IOException(
          "it is not found among the descendants of CRIU (process "
              + criuPid
              + "), nor elsewhere by its memory: has it exited?");
    }
    return found;
  }

  private static @Nullable ProcessEntry relative(ProcessTable table, ProcessEntry criu, int pid) {
    ProcessEntry found = among(table, criu.pid(), criu, pid);
    return found == null && criu.parentPid() != 0
        ? among(table, criu.parentPid(), criu, pid)
        : found;
  }

  private static @Nullable ProcessEntry orphan(ProcessTable table, int pid, DumpLayout layout) {
    ProcessEntry self = table.find((int) ProcessHandle.current().pid());
    long earliest = self == null ? 0 : self.startTicks();
    List<ProcessEntry> found =
        table.all().stream()
            .map(table::find)
            .filter(Objects::nonNull)
            .filter(entry -> entry.namespacePid() == pid && entry.startTicks() >= earliest)
            .filter(entry -> hasRegistered(entry.pid(), layout))
            .toList();
    return found.size() == 1 ? found.getFirst() : null;
  }

  private static boolean hasRegistered(int pid, DumpLayout layout) {
    return MemoryAreas.withFlags(pid).stream()
        .filter(MemoryArea::isRegistered)
        .anyMatch(area -> layout.hasPageIn(area.start(), area.end()));
  }

  private static @Nullable ProcessEntry among(
      ProcessTable table, int ancestor, ProcessEntry criu, int pid) {
    for (ProcessEntry entry : table.tree(ancestor)) {
      if (entry.namespacePid() == pid
          && entry.startTicks() >= criu.startTicks()
          && entry.pid() != criu.pid()
          && entry.pid() != ancestor) {
        return entry;
      }
    }
    return null;
  }
}
