package io.faultline.uffd.linux.process;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;

/**
 * A program that continues when its parent ends: in a session of its own, without standard input.
 * It inherits standard error, and all descriptors that stay open on exec. Its standard output leads
 * to the parent, so that it can say when it is ready.
 */
public final class BackgroundProcess implements AutoCloseable {
  private final int pid;
  private final Pipe output;

  private BackgroundProcess(int pid, Pipe output) {
    this.pid = pid;
    this.output = output;
  }

  /**
   * Starts a program.
   *
   * @param arguments with its name as the first
   * @param environment its variables, each {@code NAME=VALUE}
   * @throws io.faultline.uffd.SystemCallException ENOENT, EACCES, ENOMEM, EMFILE
   */
  public static BackgroundProcess start(
      Path program, List<String> arguments, List<String> environment) {
    Pipe output = Pipe.open();
    try (SpawnRequest request = new SpawnRequest()) {
      request.streams(output.writing());
      int pid = request.spawn(program, arguments, environment);
      output.closeWriting();
      return new BackgroundProcess(pid, output);
    } catch (RuntimeException e) {
      output.close();
      throw e;
    }
  }

  public int pid() {
    return pid;
  }

  /**
   * Waits for the first byte of the program's standard output.
   *
   * @return false if the program closed it before, for instance because it ended
   */
  public boolean awaitReady() throws IOException {
    try (InputStream in = new FileInputStream("/proc/self/fd/" + output.reading())) {
      return in.read() >= 0;
    }
  }

  /** Waits for the end of the program. */
  public void awaitEnd() {
    SpawnCalls.reap(pid);
  }

  /** Forgets the program, which continues. */
  @Override
  public void close() {
    output.close();
  }
}
