package io.faultline.uffd.linux.process;

import io.faultline.uffd.SystemCallException;
import io.faultline.uffd.linux.FileDescriptors;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A child process that continues when this process is killed: in a session of its own, in directory
 * {@code /}, with an empty environment, and with nothing open but {@code /dev/null} and the
 * descriptors it was given. What kills all processes of a control group or pid namespace ends it
 * too. Thread-safe.
 */
public final class DetachedProcess implements AutoCloseable {
  /** The number of the first descriptor in the child; the others follow. */
  public static final int FIRST_DESCRIPTOR = 3;

  private final int pid;
  private final long startTicks;
  private final AtomicBoolean closed = new AtomicBoolean();

  private DetachedProcess(int pid) {
    this.pid = pid;
    ProcessEntry entry = new ProcessTable().find(pid);
    if (entry == null) { // also a child that has exited is shown until it is reaped
      close();
      throw new IllegalStateException("/proc does not show the child process " + pid);
    }
    this.startTicks = entry.startTicks();
  }

  /**
   * Starts a program.
   *
   * @param arguments with its name as the first
   * @param descriptors of this process, which stay open here
   * @throws SystemCallException EBADF, EMFILE, ENOMEM, ENOENT (no such program)
   */
  public static DetachedProcess start(Path program, List<String> arguments, int... descriptors) {
    int lowest = FIRST_DESCRIPTOR + descriptors.length;
    int[] moved = new int[descriptors.length];
    int count = 0;
    try (SpawnRequest request = new SpawnRequest()) {
      for (int descriptor : descriptors) {
        moved[count] = FileDescriptors.duplicate(descriptor, lowest);
        count++; // not before: a failure must not close descriptor 0
      }
      request.descriptors(moved);
      return new DetachedProcess(request.spawn(program, arguments, List.of()));
    } finally {
      for (int i = 0; i < count; i++) {
        FileDescriptors.close(moved[i]);
      }
    }
  }

  public int pid() {
    return pid;
  }

  /** The start of the process, to find it again: {@link PidFd#open(int, long)}. */
  public long startTicks() {
    return startTicks;
  }

  /** Waits until it has exited by itself. */
  public void await() {
    if (closed.compareAndSet(false, true)) {
      SpawnCalls.reap(pid);
    }
  }

  /** Kills it, and thereby closes what it has open. */
  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      try (PidFd process = PidFd.open(pid)) { // not reaped yet, so the id is still its own
        if (process != null) {
          process.sendSignal(PidFd.SIGKILL);
        }
      }
      SpawnCalls.reap(pid);
    }
  }
}
