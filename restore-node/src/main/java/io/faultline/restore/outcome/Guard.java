package io.faultline.restore.outcome;

import io.faultline.uffd.linux.process.DetachedProcess;
import io.faultline.uffd.linux.process.PidFd;
import io.faultline.uffd.linux.process.Pipe;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * A child process that does what has to be done when this process is killed with SIGKILL, or by the
 * kernel for lack of memory: a shell that runs {@code guard.sh}. It sleeps until the pipe from this
 * process ends. What it does then depends on the {@link StateDirectory}.
 *
 * <p>Confined to the session's event loop.
 */
final class Guard implements AutoCloseable {
  private static final Path SHELL = Path.of("/bin/sh");
  private static final String SCRIPT = "guard.sh";
  private static final String LOG = "lazy-pages.rollback";
  private static final int EXIT_MILLIS = 10_000;
  private static final byte[] DONE = "done\n".getBytes(StandardCharsets.UTF_8);

  private final Pipe pipe;
  private final DetachedProcess shell;

  private Guard(Pipe pipe, DetachedProcess shell) {
    this.pipe = pipe;
    this.shell = shell;
  }

  /**
   * Starts it, in place of the guard of an earlier daemon, which has ended when this returns.
   *
   * @throws IOException if the state cannot be written, or the earlier guard does not exit
   */
  static Guard start(StateDirectory state) throws IOException {
    List<PidFd> earlier = state.guards();
    Guard guard = startShell(state);
    state.addGuard(guard.shell);
    for (PidFd each : earlier) {
      each.sendSignal(PidFd.SIGKILL);
      if (!each.awaitExit(EXIT_MILLIS)) {
        throw new IOException(
            "the earlier guard does not exit after SIGKILL: see /proc/" + each.pid() + "/stack");
      }
      each.close();
    }
    return guard;
  }

  private static Guard startShell(StateDirectory state) {
    Pipe pipe = Pipe.open();
    try {
      List<String> arguments =
          List.of(
              "sh",
              "-c",
              script(),
              "lazy-pages-guard",
              state.path().toString(),
              state.path().resolveSibling(LOG).toString());
      DetachedProcess shell = DetachedProcess.start(SHELL, arguments, pipe.reading());
      pipe.closeReading();
      return new Guard(pipe, shell);
    } catch (RuntimeException e) {
      pipe.close();
      throw e;
    }
  }

  private static String script() {
    try (InputStream in = Guard.class.getResourceAsStream(SCRIPT)) {
      if (in == null) {
        throw new IllegalStateException(SCRIPT + " is missing in this build");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** It acts as if this process had been killed. */
  void leave() {
    pipe.close();
  }

  /** It has nothing to do any more. */
  @Override
  public void close() {
    try {
      pipe.write(DONE);
    } catch (IOException e) {
      shell.close();
    }
    pipe.close();
    shell.await();
  }
}
