package io.faultline.restore.outcome;

import io.faultline.uffd.linux.process.ProcessEntry;
import io.faultline.uffd.linux.process.ProcessTable;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Finds, on this host, a task that CRIU is restoring. Stateless. */
final class TaskFinder {
  private TaskFinder() {}

  /**
   * Finds a task by its id in its own pid namespace, among the descendants of the restoring CRIU.
   * With {@code --restore-sibling}, as container runtimes restore, the tasks are children of CRIU's
   * parent. With {@code --restore-detached} CRIU ends as soon as they run, which may be before its
   * message is read here: then it is the one process of that id that misses pages.
   *
   * @param criuPid 0 if it is not visible
   * @throws IOException if it is not found
   */
  static ProcessEntry find(ProcessTable table, int criuPid, int pid) throws IOException {
    if (criuPid == 0) {
      throw new IOException(
          "the restoring CRIU is in a pid namespace that is not visible from here, so that the"
              + " process could not be ended after a failure: run lazy-pages in the same one");
    }
    ProcessEntry criu = table.find(criuPid);
    ProcessEntry found = criu == null ? null : below(table, criu, pid);
    if (found == null) {
      found = ofEndedCriu(table, pid);
    }
    if (found == null) {
      throw new IOException(
          "it is not found among the descendants of CRIU (process "
              + criuPid
              + "): has it exited?");
    }
    return found;
  }

  private static @Nullable ProcessEntry below(ProcessTable table, ProcessEntry criu, int pid) {
    ProcessEntry found = among(table, criu.pid(), criu, pid);
    return found == null && criu.parentPid() != 0
        ? among(table, criu.parentPid(), criu, pid)
        : found;
  }

  private static @Nullable ProcessEntry ofEndedCriu(ProcessTable table, int pid)
      throws IOException {
    ProcessEntry found = null;
    for (int each : table.all()) {
      ProcessEntry entry = table.find(each);
      if (entry != null && entry.namespacePid() == pid && RestoredProcesses.missesPages(each)) {
        if (found != null) {
          throw new IOException(
              "CRIU has ended, and it may be process "
                  + found.pid()
                  + " or "
                  + each
                  + ": restore without --restore-detached");
        }
        found = entry;
      }
    }
    return found;
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
