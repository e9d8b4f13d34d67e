package io.faultline.restore.outcome;

import io.faultline.uffd.linux.process.PidFd;
import io.faultline.uffd.linux.process.ProcessEntry;
import io.faultline.uffd.linux.process.ProcessTable;
import org.jspecify.annotations.Nullable;

/** A process of a restore, held by its pidfd. Not thread-safe. */
final class RestoredProcess implements AutoCloseable {
  private final PidFd process;
  private final ProcessEntry entry;
  private String program = "";

  private RestoredProcess(PidFd process, ProcessEntry entry) {
    this.process = process;
    this.entry = entry;
  }

  /** Opens a process that was just seen; null if it has exited. */
  static @Nullable RestoredProcess open(ProcessEntry entry) {
    PidFd process = PidFd.open(entry.pid(), entry.startTicks());
    return process == null ? null : new RestoredProcess(process, entry);
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
   */
  void update(ProcessTable table) {
    String now = table.link(entry.pid(), "exe");
    if (now != null && !hasExited()) {
      program = now;
    }
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
