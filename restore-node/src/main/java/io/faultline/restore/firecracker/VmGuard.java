package io.faultline.restore.firecracker;

import io.faultline.uffd.linux.process.DetachedProcess;
import io.faultline.uffd.linux.process.Pipe;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * A child process that kills the VMs that need this process when this process is killed itself: a
 * shell that runs {@code vm-guard.sh}. Thread-safe.
 */
final class VmGuard implements AutoCloseable {
  private static final Path SHELL = Path.of("/bin/sh");
  private static final String SCRIPT = "vm-guard.sh";

  private final Pipe pipe;
  private final DetachedProcess shell;

  private VmGuard(Pipe pipe, DetachedProcess shell) {
    this.pipe = pipe;
    this.shell = shell;
  }

  /** Starts it. */
  static VmGuard start() {
    Pipe pipe = Pipe.open();
    try {
      List<String> arguments = List.of("sh", "-c", script(), "uffd-handler-guard");
      DetachedProcess shell = DetachedProcess.start(SHELL, arguments, pipe.reading());
      pipe.closeReading();
      return new VmGuard(pipe, shell);
    } catch (RuntimeException e) {
      pipe.close();
      throw e;
    }
  }

  private static String script() {
    try (InputStream in = VmGuard.class.getResourceAsStream(SCRIPT)) {
      if (in == null) {
        throw new IllegalStateException(SCRIPT + " is missing in this build");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Kills this process if the handler is killed. */
  void add(VmId vm) {
    write("add " + vm.pid() + " " + vm.startTicks());
  }

  /** It needs the handler no more, or another one can take over. */
  void drop(VmId vm) {
    write("drop " + vm.pid() + " " + vm.startTicks());
  }

  private void write(String line) {
    try {
      pipe.write((line + "\n").getBytes(StandardCharsets.US_ASCII));
    } catch (IOException e) {
      throw new UncheckedIOException("the guard has ended", e);
    }
  }

  /** Ends it: nothing depends on this process any more. */
  @Override
  public void close() {
    try {
      write("done");
    } catch (UncheckedIOException e) {
      shell.close();
    }
    pipe.close();
    shell.await();
  }
}
