package io.faultline.restore.outcome;

import io.faultline.uffd.linux.process.PidFd;
import io.faultline.uffd.linux.process.ProcessEntry;
import io.faultline.uffd.linux.process.ProcessTable;
import org.jspecify.annotations.Nullable;

/** A process of a restore, held by its pidfd. Not thread-safe. */
final class RestoredProcess implements AutoCloseable {
  private final PidFd process;
  private final ProcessEntry entry;
  private final String namespace;
  private String program = "";

  private RestoredProcess(PidFd process, ProcessEntry entry, String namespace) {
    this.process = process;
    this.entry = entry;
    this.namespace = namespace;
  }

  /** Opens a process that was just seen; null if it has exited. */
  static @Nullable RestoredProcess open(ProcessTable table, ProcessEntry entry) {
    PidFd process = PidFd.open(entry.pid(), entry.startTicks());
    String namespace = table.link(entry.pid(), "ns/pid");
    if (process == null) {
      return null;
    }
    RestoredProcess opened =
        new RestoredProcess(process, entry, namespace == null ? "" : namespace);
    opened.update(table);
    return opened;
  }

  /** As it was when it was opened. */
  ProcessEntry entry() {
    return entry;
  }

  boolean hasExited() {
    return process.hasExited();
  }

  void kill() {
    process.sendSignal(PidFd.SIGKILL);
  }

  /**
   * Notes which program it runs. While CRIU restores it, that is CRIU; afterwards, and after an
   * execve, another one.
   *
   * @return whether it is not the one that it was
   */
  boolean update(ProcessTable table) {
    String now = table.link(entry.pid(), "exe");
    if (now == null || now.equals(program) || hasExited()) {
      return false;
    }
    program = now;
    return true;
  }

  /** Its pid namespace, as the link in {@code /proc} names it; empty if unknown. */
  String namespace() {
    return namespace;
  }

  /** The program as it was at the last {@link #update} before it exited; empty if unknown. */
  String program() {
    return program;
  }

  boolean is(ProcessEntry other) {
    return entry.pid() == other.pid() && entry.startTicks() == other.startTicks();
  }

  @Override
  public void close() {
    process.close();
  }
}
