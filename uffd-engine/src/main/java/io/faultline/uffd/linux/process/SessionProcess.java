package io.faultline.uffd.linux.process;

import io.faultline.uffd.SystemCallException;
import io.faultline.uffd.linux.FileDescriptors;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A child process in a session of its own, so that neither the end of this process nor a signal
 * from its terminal ends it. It keeps the directory and the environment of this process; its
 * standard input is {@code /dev/null}, its output is a file, and nothing else is open. What kills
 * all processes of a control group or pid namespace ends it too. Thread-safe.
 */
public final class SessionProcess implements AutoCloseable {
  private static final int FIRST_AFTER_STREAMS = 3;

  private final PidFd process;
  private final long startTicks;
  private final AtomicBoolean ended = new AtomicBoolean();

  private SessionProcess(PidFd process, long startTicks) {
    this.process = process;
    this.startTicks = startTicks;
  }

  /**
   * Starts a program.
   *
   * @param arguments with its name as the first
   * @param output a descriptor of this process for its standard output and error; stays open here
   * @throws SystemCallException EBADF, EMFILE, ENOMEM, ENOENT (no such program), EACCES
   */
  public static SessionProcess start(Path program, List<String> arguments, int output) {
    int moved = FileDescriptors.duplicate(output, FIRST_AFTER_STREAMS);
    try (SpawnRequest request = new SpawnRequest()) {
      request.outputOnly(moved);
      return of(request.spawn(program, arguments, environment()));
    } finally {
      FileDescriptors.close(moved);
    }
  }

  /** A child that has exited is shown until it is reaped, too. */
  private static SessionProcess of(int pid) {
    ProcessEntry entry = new ProcessTable().find(pid);
    PidFd process = PidFd.open(pid);
    if (entry == null || process == null) {
      throw new IllegalStateException("/proc does not show the child process " + pid);
    }
    return new SessionProcess(process, entry.startTicks());
  }

  private static List<String> environment() {
    return System.getenv().entrySet().stream().map(SessionProcess::variable).toList();
  }

  private static String variable(Map.Entry<String, String> each) {
    return each.getKey() + "=" + each.getValue();
  }

  public int pid() {
    return process.pid();
  }

  /** The start of the process, to find it again: {@link PidFd#open(int, long)}. */
  public long startTicks() {
    return startTicks;
  }

  /**
   * Waits until it has exited.
   *
   * @param millis the longest wait, in milliseconds
   * @return whether it has
   */
  public boolean awaitExit(int millis) {
    return process.awaitExit(millis);
  }

  /** Kills it, and waits for its end. */
  public void kill() {
    if (ended.compareAndSet(false, true)) {
      process.sendSignal(PidFd.SIGKILL);
      SpawnCalls.reap(process.pid()); // not before, so the id was still its own
    }
  }

  /** Forgets it: it continues. */
  @Override
  public void close() {
    process.close();
  }
}
