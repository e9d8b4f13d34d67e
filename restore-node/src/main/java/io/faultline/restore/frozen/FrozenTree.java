package io.faultline.restore.frozen;

import io.faultline.proto.wire.Frame;
import io.faultline.proto.wire.FrozenProcess;
import io.faultline.proto.wire.ProcessMemory;
import io.faultline.uffd.linux.process.PidFd;
import io.faultline.uffd.linux.process.ProcessEntry;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The frozen processes with memory: no zombies. Thread-safe. */
final class FrozenTree implements AutoCloseable {
  private final List<FrozenTask> tasks;
  private final StopCheck check;

  private FrozenTree(List<FrozenTask> tasks, StopCheck check) {
    this.tasks = List.copyOf(tasks);
    this.check = check;
  }

  /** Holds these processes; null if one of them is gone. */
  static @Nullable FrozenTree open(List<ProcessEntry> living, StopCheck check) {
    List<FrozenTask> opened = new ArrayList<>();
    for (ProcessEntry entry : living) {
      PidFd process = PidFd.open(entry.pid(), entry.startTicks());
      if (process == null) {
        opened.forEach(each -> each.process().close());
        return null;
      }
      opened.add(new FrozenTask(opened.size(), entry.namespacePid(), process));
    }
    return new FrozenTree(opened, check);
  }

  List<FrozenTask> tasks() {
    return tasks;
  }

  /** What says whether they are frozen. */
  StopCheck check() {
    return check;
  }

  /** Whether all of them are frozen still. */
  boolean isFrozen() {
    return tasks.stream()
        .allMatch(each -> !each.process().hasExited() && check.areAllStopped(each.process().pid()));
  }

  /** Kills all of them, except in a rehearsal: there it is this program. */
  void kill() {
    if (!check.isRehearsal()) {
      tasks.forEach(each -> each.process().sendSignal(PidFd.SIGKILL));
    }
  }

  /** Their description for the destination. */
  Frame description(int leaseMillis) {
    ProcessMemory.Builder memory = ProcessMemory.newBuilder().setLeaseMillis(leaseMillis);
    tasks.forEach(each -> memory.addProcesses(FrozenProcess.newBuilder().setPid(each.imagePid())));
    return Frame.newBuilder().setProcessMemory(memory).build();
  }

  @Override
  public void close() {
    tasks.forEach(each -> each.process().close());
  }
}
