package io.faultline.uffd.linux.process;

import io.faultline.uffd.SystemCallException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A sleeping child process that keeps descriptors open, also after this process has been killed
 * with SIGKILL: so that a userfaultfd is not closed, and the process whose memory it fills does not
 * continue with zeros. Another process fetches them with {@link PidFd#duplicate}.
 *
 * <p>It is a {@link DetachedProcess} that runs {@code sleep infinity}. Thread-safe.
 */
public final class DescriptorHolder implements AutoCloseable {
  /** The number of the first held descriptor in the child; the others follow. */
  public static final int FIRST_DESCRIPTOR = DetachedProcess.FIRST_DESCRIPTOR;

  private static final String PROGRAM = "sleep";
  private static final List<String> DIRECTORIES = List.of("/bin", "/usr/bin");

  private final DetachedProcess process;

  private DescriptorHolder(DetachedProcess process) {
    this.process = process;
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
    Path program = find();
    List<String> arguments = List.of(shownName(program, name), "infinity");
    return new DescriptorHolder(DetachedProcess.start(program, arguments, descriptors));
  }

  public int pid() {
    return process.pid();
  }

  /** The start of the process, to find it again: {@link PidFd#open(int, long)}. */
  public long startTicks() {
    return process.startTicks();
  }

  /** Kills the holder, and thereby closes what it holds. */
  @Override
  public void close() {
    process.close();
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
