package io.faultline.restore.outcome;

import io.faultline.restore.space.DumpLayout;
import io.faultline.uffd.linux.process.MemoryArea;
import io.faultline.uffd.linux.process.MemoryAreas;
import io.faultline.uffd.linux.process.ProcessEntry;
import io.faultline.uffd.linux.process.ProcessTable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * All processes of one restore on this host: the tasks, and their descendants, whether or not they
 * still miss pages. Confined to the session's event loop.
 *
 * <p>The kernel does not tell the id of a child that was forked. It is found as a child of a known
 * process; or, once its parent has exited and it has another, as a process of the same pid
 * namespace and program, started later, with memory that is registered with a userfaultfd, whose
 * parent is now an ancestor of a known process: the kernel gives orphans to one of those (prctl(2),
 * PR_SET_CHILD_SUBREAPER). Processes of other restores have other parents. Not found is a process
 * whose parent exited before it was first looked for, and which executes another program or has all
 * of its pages.
 */
final class RestoredProcesses implements AutoCloseable {
  private final ProcessTable table = new ProcessTable();
  private final List<RestoredProcess> processes = new ArrayList<>();
  private final Consumer<RestoredProcess> changed;

  /** Ancestors of the processes, to one of which their orphans fall. */
  private final Set<Integer> ancestors = new HashSet<>();

  /**
   * @param changed gets each process when it is found, and again when it runs another program
   */
  RestoredProcesses(Consumer<RestoredProcess> changed) {
    this.changed = changed;
  }

  /**
   * Adds a task that CRIU restores.
   *
   * @throws IOException if it is not found; the message is for the user
   */
  ProcessEntry addTask(int criuPid, int pid, DumpLayout layout) throws IOException {
    ProcessEntry entry = TaskFinder.find(table, criuPid, pid, layout);
    if (!add(entry)) {
      throw new IOException("it has exited while it was restored");
    }
    return entry;
  }

  /** Adds a process that an earlier daemon knew, unless it has exited. */
  void addKnown(int pid, long startTicks) {
    ProcessEntry entry = table.find(pid);
    if (entry != null && entry.startTicks() == startTicks) {
      add(entry);
    }
  }

  /**
   * Kills all processes that are found.
   *
   * @return whether all have exited; if not, call it again soon
   */
  boolean end() {
    boolean found = addDescendants();
    kill();
    return !found && living().isEmpty() && !addOrphans();
  }

  /**
   * Looks for descendants, and notes what is needed to find orphans.
   *
   * @return whether there is one that was not known
   */
  boolean addDescendants() {
    int before = processes.size();
    for (int i = 0; i < processes.size(); i++) { // grows meanwhile
      RestoredProcess parent = processes.get(i);
      update(parent);
      for (int id : table.children(parent.entry().pid())) {
        ProcessEntry child = table.find(id);
        if (child != null && child.parentPid() == parent.entry().pid() && !parent.hasExited()) {
          add(child);
        }
      }
    }
    return processes.size() > before;
  }

  /**
   * Looks for descendants that have another parent now.
   *
   * @return whether there is one that was not known
   */
  boolean addOrphans() {
    int before = processes.size();
    for (int pid : table.all()) {
      ProcessEntry entry = isLikeKnown(pid) ? table.find(pid) : null;
      if (entry != null && !isKnown(entry) && isLater(entry) && isOrphan(entry)) {
        add(entry);
      }
    }
    return processes.size() > before;
  }

  /** Kills all. */
  void kill() {
    processes.forEach(RestoredProcess::kill);
  }

  /** Those that have not exited. */
  List<ProcessEntry> living() {
    return processes.stream()
        .filter(each -> !each.hasExited())
        .map(RestoredProcess::entry)
        .toList();
  }

  /** Notes the programs, which change at the end of the restore. */
  void update() {
    processes.forEach(this::update);
  }

  private void update(RestoredProcess process) {
    if (process.update(table)) {
      changed.accept(process);
    }
  }

  private boolean add(ProcessEntry entry) {
    if (isKnown(entry)) {
      return true;
    }
    RestoredProcess opened = RestoredProcess.open(table, entry);
    if (opened != null) {
      processes.add(opened);
      addAncestors(entry);
      changed.accept(opened);
    }
    return opened != null;
  }

  private void addAncestors(ProcessEntry of) {
    ProcessEntry at = of;
    while (at != null && at.parentPid() != 0 && ancestors.add(at.parentPid())) {
      at = table.find(at.parentPid());
    }
  }

  private boolean isKnown(ProcessEntry entry) {
    return processes.stream().anyMatch(each -> each.is(entry));
  }

  private boolean isLikeKnown(int pid) {
    String namespace = table.link(pid, "ns/pid");
    String program = table.link(pid, "exe");
    return namespace != null
        && program != null
        && processes.stream()
            .anyMatch(each -> each.namespace().equals(namespace) && each.program().equals(program));
  }

  private boolean isLater(ProcessEntry entry) {
    return processes.stream().anyMatch(each -> each.entry().startTicks() <= entry.startTicks());
  }

  private boolean isOrphan(ProcessEntry entry) {
    return ancestors.contains(entry.parentPid()) && missesPages(entry.pid());
  }

  private static boolean missesPages(int pid) {
    return MemoryAreas.withFlags(pid).stream().anyMatch(MemoryArea::isRegistered);
  }

  @Override
  public void close() {
    processes.forEach(RestoredProcess::close);
    processes.clear();
  }
}
