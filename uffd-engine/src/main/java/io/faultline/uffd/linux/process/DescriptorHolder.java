package io.faultline.uffd.linux.process;

import io.faultline.uffd.SystemCallException;
import io.faultline.uffd.linux.FileDescriptors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A sleeping child process that keeps descriptors open, also after this process has been killed
 * with SIGKILL: so that a userfaultfd is not closed, and the process whose memory it fills does not
 * continue with zeros. Another process fetches them with {@link PidFd#duplicate}.
 *
 * <p>It runs {@code sleep infinity} in a session of its own, with nothing open but {@code
 * /dev/null} and the descriptors. What kills all processes of a control group or pid namespace ends
 * it too. Thread-safe.
 */
public final class DescriptorHolder implements AutoCloseable {
  /** The number of the first held descriptor in the child; the others follow. */
  public static final int FIRST_DESCRIPTOR = 3;

  private static final String PROGRAM = "sleep";
  private static final List<String> DIRECTORIES = List.of("/bin", "/usr/bin");

  private final int pid;
  private final long startTicks;
  private final AtomicBoolean closed = new AtomicBoolean();

  private DescriptorHolder(int pid) {
    this.pid = pid;
    ProcessEntry entry = new ProcessTable().find(pid);
    if (entry == null) { // also a child that has exited is shown until it is reaped
      close();
      throw new IllegalStateException("/proc does not show the child process " + pid);
    }
    this.startTicks = entry.startTicks();
  }

  /**
   * Starts a holder.
   *
   * @param name shown instead of the program's name by ps, where {@code sleep} is a program of its
   *     own; for the user who wonders what it is
   * @param descriptors of this process, which stay open here
   * @throws SystemCallException EBADF, EMFILE, ENOMEM, ENOENT (no {@code sleep})
   */
  public static DescriptorHolder start(String name, int... descriptors) {
    int lowest = FIRST_DESCRIPTOR + descriptors.length;
    int[] moved = new int[descriptors.length];
    int count = 0;
    try (SpawnRequest request = new SpawnRequest()) {
      for (int descriptor : descriptors) {
        moved[count++] = FileDescriptors.duplicate(descriptor, lowest);
      }
      request.descriptors(moved);
      Path program = find();
      int pid = request.spawn(program, List.of(shownName(program, name), "infinity"));
      return new DescriptorHolder(pid);
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

  /** Kills the holder, and thereby closes what it holds. */
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

  private static Path find() {
    return DIRECTORIES.stream()
        .map(directory -> Path.of(directory, PROGRAM))
        .filter(Files::isExecutable)
        .findFirst()
        .orElse(Path.of(DIRECTORIES.getFirst(), PROGRAM));
  }

  /** A program that is many programs in one file chooses by the name. */
  private static String shownName(Path program, String name) {
    try {
      boolean isAlone = program.toRealPath().getFileName().toString().equals(PROGRAM);
      return isAlone ? name : PROGRAM;
    } catch (IOException e) {
      return PROGRAM;
    }
  }
}
