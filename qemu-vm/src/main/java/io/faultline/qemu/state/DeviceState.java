package io.faultline.qemu.state;

import io.faultline.qemu.qmp.QmpConnection;
import io.faultline.qemu.qmp.QmpEvent;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The state of a QEMU's devices and vCPUs: what its own migration moves if RAM that is in a shared
 * file is left out (capability {@code x-ignore-shared}, since QEMU 4.0). Some 20 to 200 KB. {@link
 * OutgoingDeviceState} takes it, {@link IncomingDeviceState} loads it.
 *
 * <p>Used by one thread at a time, that of the monitor connection.
 */
public final class DeviceState {
  /** The capabilities of QEMU's own migration that {@link #prepare} switches on. */
  public static final List<String> CAPABILITIES =
      List.of("events", "x-ignore-shared", "late-block-activate");

  /** In which QEMU writes or reads the state: it takes milliseconds. */
  static final Duration LIMIT = Duration.ofSeconds(20);

  private static final String CONT = "cont";
  private static final String RESUME = "RESUME";
  private static final long POLL_MILLIS = 2;

  /** QEMU has no value for "unlimited". */
  private static final long UNLIMITED = 100L << 30;

  /** States of a migration of QEMU's that has not ended. */
  private static final Set<String> UNDER_WAY = Set.of("setup", "active", "device", "cancelling");

  private DeviceState() {}

  /**
   * Closes the socket for a state that QEMU has not used, since the node that had handed it over
   * was killed. Over the monitor of that node.
   */
  public static void closeLeftSocket(QmpConnection monitor)
      throws IOException, InterruptedException {
    StateSocket.closeLeft(monitor);
  }

  /**
   * Prepares a QEMU, before its VM is paused or its state arrives.
   *
   * <p>The destination must not lock the images of disks before {@code cont} (late-block-activate):
   * until then the source may need them again, and {@code cont} there would fail.
   *
   * @throws IOException if it cannot leave out shared RAM
   */
  public static void prepare(QmpConnection monitor) throws IOException, InterruptedException {
    ObjectNode capabilities = QmpConnection.arguments();
    ArrayNode list = capabilities.putArray("capabilities");
    for (String each : CAPABILITIES) {
      list.addObject().put("capability", each).put("state", true);
    }
    var _ = monitor.execute("migrate-set-capabilities", capabilities);
    var _ =
        monitor.execute(
            "migrate-set-parameters", QmpConnection.arguments().put("max-bandwidth", UNLIMITED));
    StateDescription.suppress(monitor, true);
  }

  /**
   * Lets the VM run on, whatever became of {@link OutgoingDeviceState}: QEMU refuses that as long
   * as its own migration has not ended, which is also so for a moment after it has reported the
   * end.
   *
   * @throws IOException if QEMU refuses, or its migration does not end although it was cancelled
   */
  public static void resume(QmpConnection monitor) throws IOException, InterruptedException {
    endMigration(monitor);
    var _ = monitor.execute(CONT);
  }

  /**
   * Waits for the end of QEMU's own migration, which is cancelled if it is under way. The VM stays
   * as it is.
   *
   * @throws IOException if it does not end
   */
  public static void endMigration(QmpConnection monitor) throws IOException, InterruptedException {
    long end = System.nanoTime() + LIMIT.toNanos();
    for (boolean cancelled = false; isMigrating(monitor); cancelled = true) {
      if (System.nanoTime() - end > 0) {
        throw new IOException("QEMU does not end its own migration, although it was cancelled");
      }
      if (!cancelled) {
        var _ = monitor.execute("migrate_cancel");
      }
      Thread.sleep(POLL_MILLIS);
    }
  }

  /**
   * Sends QEMU, while it loads its state, all of the command of {@link #start} but its end: it
   * takes QEMU 40 times as long to read as the end.
   *
   * @throws IOException if QEMU has ended
   */
  static void prepareStart(QmpConnection monitor) throws IOException, InterruptedException {
    monitor.postAhead(CONT);
  }

  /**
   * Starts the VM at the destination, once its state is loaded. Does not wait: {@link #awaitStart}
   * does.
   *
   * @throws IOException if QEMU has ended
   */
  public static void start(QmpConnection monitor) throws IOException, InterruptedException {
    monitor.forgetEvents();
    monitor.post(CONT);
  }

  /**
   * Waits until QEMU has started the VM.
   *
   * @return when QEMU started the vCPUs, on the clock of {@link System#nanoTime}: its reply may
   *     come later, since the vCPUs compete with its monitor
   * @throws IOException if QEMU refuses
   */
  public static long awaitStart(QmpConnection monitor) throws IOException, InterruptedException {
    var _ = monitor.reply(CONT);
    return monitor
        .await(event -> event.name().equals(RESUME), Duration.ZERO)
        .map(QmpEvent::nanoTime)
        .orElseGet(System::nanoTime); // it ran already
  }

  private static boolean isMigrating(QmpConnection monitor)
      throws IOException, InterruptedException {
    String vm = monitor.execute("query-status").path("status").asString("");
    String migration = monitor.execute("query-migrate").path("status").asString("");
    return vm.equals("finish-migrate") || UNDER_WAY.contains(migration);
  }

  static IOException timeout(String what) {
    return new IOException("QEMU " + what + " for " + LIMIT.toSeconds() + " s");
  }

  /**
   * Requires that QEMU's migration was completed.
   *
   * @param end the event that reported its end
   * @throws IOException with QEMU's reason if it was not
   */
  static void requireCompleted(QmpConnection monitor, QmpEvent end)
      throws IOException, InterruptedException {
    if (!end.status().equals("completed")) {
      String why = monitor.execute("query-migrate").path("error-desc").asString("no reason given");
      throw new IOException("QEMU's migration " + end.status() + " (" + why + ")");
    }
  }
}
