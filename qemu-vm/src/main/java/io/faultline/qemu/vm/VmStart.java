package io.faultline.qemu.vm;

import io.faultline.dest.IncomingVm.FirstInstruction;
import io.faultline.qemu.state.DeviceState;
import java.io.IOException;
import java.util.function.Consumer;

/**
 * The start of a VM that is here and nowhere else: so it is tried until QEMU starts the VM or ends.
 * Another process may hold the lock of a disk's image still, and QEMU may wait for a page for long.
 * Used by one thread at a time.
 */
final class VmStart {
  private static final long RETRY_MILLIS = 1000;

  private final QemuGuest guest;
  private final Consumer<String> log;
  private boolean asked;
  private String problem = "";

  /**
   * @param log gets a line if QEMU does not start the VM
   */
  VmStart(QemuGuest guest, Consumer<String> log) {
    this.guest = guest;
    this.log = log;
  }

  /** Asks QEMU, and does not wait: on the thread that may have to fetch pages meanwhile. */
  void ask() throws InterruptedException {
    try {
      DeviceState.start(guest.monitor());
      asked = true;
    } catch (IOException e) {
      report(e);
    }
  }

  /** Waits until QEMU has started it, or has ended. */
  void await(FirstInstruction onFirstInstruction) throws InterruptedException {
    while (!guest.process().hasExited()) {
      if (!asked) {
        Thread.sleep(RETRY_MILLIS);
        ask();
      } else {
        asked = false;
        try {
          onFirstInstruction.ran(DeviceState.awaitStart(guest.monitor()));
          return;
        } catch (IOException e) {
          report(e);
        }
      }
    }
  }

  private void report(IOException e) {
    String why = String.valueOf(e.getMessage());
    if (!why.equals(problem)) {
      log.accept("QEMU does not start the VM, and is asked again: " + why);
    }
    problem = why;
  }
}
