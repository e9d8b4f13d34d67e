package io.faultline.qemu.vm;

import io.faultline.dest.IncomingVm.FirstInstruction;
import io.faultline.qemu.qmp.QmpConnection;
import io.faultline.qemu.state.DeviceState;
import io.faultline.uffd.linux.process.PidFd;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The start of a VM that is here and nowhere else: so it is tried until QEMU starts the VM or ends.
 * Another process may hold the lock of a disk's image still, QEMU may wait for a page for long, and
 * it may close its monitor, which is then opened again. Used by one thread at a time.
 */
final class VmStart {
  private static final long RETRY_MILLIS = 500;

  /** States of a VM that was started, some of which it has left again. */
  private static final Set<String> STARTED = Set.of("running", "shutdown", "guest-panicked");

  private final PidFd process;
  private final Path socket;
  private final @Nullable QmpConnection monitor;
  private final Consumer<String> log;
  private boolean asked;
  private String problem = "";

  /**
   * @param process QEMU
   * @param socket of its monitor
   * @param monitor a connection to it, used as long as QEMU does not close it; null for none
   * @param log gets a line if QEMU does not start the VM
   */
  VmStart(PidFd process, Path socket, @Nullable QmpConnection monitor, Consumer<String> log) {
    this.process = process;
    this.socket = socket;
    this.monitor = monitor;
    this.log = log;
  }

  /** Asks QEMU, and does not wait: on the thread that may have to fetch pages meanwhile. */
  void ask() throws InterruptedException {
    if (monitor != null) {
      try {
        DeviceState.start(monitor);
        asked = true;
      } catch (IOException e) {
        report(e);
      }
    }
  }

  /** Waits until QEMU has started it, or has ended. */
  void await(FirstInstruction onFirstInstruction) throws InterruptedException {
    while (!process.hasExited()) {
      try {
        onFirstInstruction.ran(start());
        return;
      } catch (IOException e) {
        report(e);
        Thread.sleep(RETRY_MILLIS);
      }
    }
  }

  private long start() throws IOException, InterruptedException {
    if (monitor == null || monitor.isEnded()) {
      try (QmpConnection opened = QmpConnection.open(socket)) {
        return startOver(opened);
      }
    }
    if (!asked) {
      return startOver(monitor);
    }
    asked = false;
    return DeviceState.awaitStart(monitor);
  }

  private static long startOver(QmpConnection over) throws IOException, InterruptedException {
    String status = over.execute("query-status").path("status").asString("");
    if (STARTED.contains(status)) {
      return System.nanoTime();
    }
    DeviceState.start(over);
    return DeviceState.awaitStart(over);
  }

  private void report(IOException e) {
    String why = String.valueOf(e.getMessage());
    if (!why.equals(problem)) {
      log.accept("QEMU does not start the VM, and is asked again: " + why);
    }
    problem = why;
  }
}
