package io.faultline.restore.frozen;

import io.faultline.uffd.linux.process.ProcessEntry;
import io.faultline.uffd.linux.process.ProcessTable;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Looks whether the processes are frozen and the dump listens: then it has read everything that it
 * will, and only serves. Confined to the control loop.
 */
final class FreezeProbe {
  private final ProcessTable processes = new ProcessTable();
  private final int root;
  private final int dumpPort;
  private final StopCheck check;
  private String missing = "";

  /**
   * @param root of the processes
   * @param dumpPort where the dump will listen
   */
  FreezeProbe(int root, int dumpPort, StopCheck check) {
    this.root = root;
    this.dumpPort = dumpPort;
    this.check = check;
  }

  /** The frozen processes; null if something is {@link #missing}. */
  @Nullable FrozenTree look() {
    List<ProcessEntry> living =
        processes.tree(root).stream().filter(each -> !each.isZombie()).toList();
    if (living.isEmpty()) {
      missing = "process " + root + " to exist";
      return null;
    }
    for (ProcessEntry each : living) {
      if (!check.areAllStopped(each.pid())) {
        missing = "criu dump to freeze process " + each.pid() + " (" + each.name() + ")";
        return null;
      }
    }
    int tracer = TaskStates.tracer(root);
    if (!ListeningPorts.contain(tracer == 0 ? "self" : String.valueOf(tracer), dumpPort)) {
      missing = "criu dump --lazy-pages to listen on port " + dumpPort;
      return null;
    }
    FrozenTree tree = FrozenTree.open(living, check);
    missing = tree == null ? "processes that do not end" : "";
    return tree;
  }

  /** What the last look missed, as the object of "waiting for". */
  String missing() {
    return missing;
  }

  /** Whether the root of the processes exists. */
  boolean rootExists() {
    return processes.find(root) != null;
  }
}
