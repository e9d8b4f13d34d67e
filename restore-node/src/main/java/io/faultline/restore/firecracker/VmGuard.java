package io.faultline.restore.firecracker;

import io.faultline.uffd.linux.process.DetachedProcess;
import io.faultline.uffd.linux.process.Pipe;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A child process that kills the VMs that need this process when this process is killed itself:
 * {@link ShellScript#GUARD}. Thread-safe.
 */
final class VmGuard implements AutoCloseable {
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
      DetachedProcess shell = ShellScript.GUARD.start(List.of(), pipe.reading());
      pipe.closeReading();
      return new VmGuard(pipe, shell);
    } catch (RuntimeException e) {
      pipe.close();
      throw e;
    }
  }

  /**
   * Kills this process if the handler is killed.
   *
   * @throws UncheckedIOException if the guard has ended: nothing would kill it
   */
  void add(VmId vm) {
    write("add " + vm.pid() + " " + vm.startTicks());
  }

  /** It needs the handler no more, or another one can take over. */
  void drop(VmId vm) {
    try {
      write("drop " + vm.pid() + " " + vm.startTicks());
    } catch (UncheckedIOException e) {
      // the guard has ended, and kills nothing
    }
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
