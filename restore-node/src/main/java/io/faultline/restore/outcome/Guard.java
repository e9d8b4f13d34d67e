package io.faultline.restore.outcome;

import io.faultline.uffd.linux.process.DetachedProcess;
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
 * process ends, kills the processes of the {@link StateDirectory}, and then its holders.
 *
 * <p>Confined to the session's event loop.
 */
final class Guard implements AutoCloseable {
  private static final Path SHELL = Path.of("/bin/sh");
  private static final String SCRIPT = "guard.sh";
  private static final String LOG = "lazy-pages.rollback";
  private static final byte[] DONE = "done\n".getBytes(StandardCharsets.UTF_8);

  private final Pipe pipe;
  private final DetachedProcess shell;
  private boolean dismissed;

  private Guard(Pipe pipe, DetachedProcess shell) {
    this.pipe = pipe;
    this.shell = shell;
  }

  /** Starts it. */
  static Guard start(StateDirectory state) {
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

  /** It has nothing to do any more, whenever this process ends. */
  void dismiss() {
    if (!dismissed) {
      dismissed = true;
      try {
        pipe.write(DONE);
      } catch (IOException e) {
        shell.close();
      }
    }
  }

  @Override
  public void close() {
    dismiss();
    pipe.close();
    shell.await();
  }
}
