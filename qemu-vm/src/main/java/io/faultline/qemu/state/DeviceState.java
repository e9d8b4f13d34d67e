package io.faultline.qemu.state;

import io.faultline.qemu.qmp.QmpConnection;
import io.faultline.qemu.qmp.QmpEvent;
import java.io.IOException;
import java.net.SocketException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The state of a QEMU's devices and vCPUs: what its own migration moves if RAM that is in a shared
 * file is left out (capability {@code x-ignore-shared}, since QEMU 4.0). Some 20 to 200 KB.
 *
 * <p>Used by one thread at a time, that of the monitor connection.
 */
public final class DeviceState {
  /** The capabilities of QEMU's own migration that {@link #prepare} switches on. */
  public static final List<String> CAPABILITIES =
      List.of("events", "x-ignore-shared", "late-block-activate");

  /** More than this is no device state: RAM was not left out. */
  static final int MAX_BYTES = 64 << 20;

  /** In which QEMU writes or reads the state: it takes milliseconds. */
  private static final Duration LIMIT = Duration.ofSeconds(20);

  private static final long POLL_MILLIS = 2;

  /** QEMU has no value for "unlimited". */
  private static final long UNLIMITED = 100L << 30;

  /** What the JDK says of a peer that has closed the connection. */
  private static final String BROKEN_PIPE = "Broken pipe";

  private static final String OWNER = "unix:uid";

  /** States of a migration of QEMU's that has not ended. */
  private static final Set<String> UNDER_WAY = Set.of("setup", "active", "device", "cancelling");

  private DeviceState() {}

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
  }

  /**
   * Takes the state. QEMU stops the VM, if it runs, and leaves it stopped; {@code cont} lets it run
   * on.
   *
   * @param directory for a socket; a short path
   * @throws IOException if QEMU does not give it; the VM may be stopped, and {@link #resume} lets
   *     it run on
   */
  public static byte[] take(QmpConnection monitor, Path directory)
      throws IOException, InterruptedException {
    Path socket = directory.resolve("qemu-state." + monitor.pid() + ".out");
    monitor.forgetEvents();
    try (StateListener listener = StateListener.open(socket)) {
      giveTo(monitor.pid(), socket);
      var _ = monitor.execute("migrate", uri(socket));
      byte[] state = listener.receive(MAX_BYTES, LIMIT);
      awaitEnd(monitor, "its device state was not complete");
      return state;
    } finally {
      Files.deleteIfExists(socket);
    }
  }

  /**
   * Lets the VM run on, whatever became of {@link #take}: QEMU refuses that as long as its own
   * migration has not ended, which is also so for a moment after it has reported the end.
   *
   * @throws IOException if QEMU refuses, or its migration does not end although it was cancelled
   */
  public static void resume(QmpConnection monitor) throws IOException, InterruptedException {
    endMigration(monitor);
    var _ = monitor.execute("cont");
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

  private static boolean isMigrating(QmpConnection monitor)
      throws IOException, InterruptedException {
    String vm = monitor.execute("query-status").path("status").asString("");
    String migration = monitor.execute("query-migrate").path("status").asString("");
    return vm.equals("finish-migrate") || UNDER_WAY.contains(migration);
  }

  /** Only the owner of a socket, and root, may connect to it. */
  private static void giveTo(int pid, Path socket) throws IOException {
    Object user = Files.getAttribute(Path.of("/proc/" + pid), OWNER);
    if (!user.equals(Files.getAttribute(socket, OWNER))) {
      Files.setAttribute(socket, OWNER, user);
    }
  }

  /**
   * Loads the state into a QEMU that was started with {@code -incoming defer -S}. Its VM stays
   * paused; {@code cont} starts it.
   *
   * <p>Devices read guest memory while they load: the rings of virtio, the option ROM that {@code
   * kvm-tpr-opt} patched. Where that memory is missing, their faults must be served meanwhile, by
   * another thread; zeros fail the load.
   *
   * @param directory for a socket; a short path
   * @throws IOException if QEMU refuses the state: other devices, RAM of another size, another
   *     machine type. The message says so as far as QEMU does
   */
  public static void load(QmpConnection monitor, Path directory, byte[] state)
      throws IOException, InterruptedException {
    Path socket = directory.resolve("qemu-state." + monitor.pid() + ".in");
    monitor.forgetEvents();
    try {
      var _ = monitor.execute("migrate-incoming", uri(socket));
      send(socket, state);
      awaitEnd(
          monitor,
          "it does not load the device state: give it the same machine type, devices, -cpu and RAM"
              + " size as at the source");
    } finally {
      Files.deleteIfExists(socket);
    }
  }

  private static void send(Path socket, byte[] state) throws InterruptedException, IOException {
    try {
      StateSender.send(socket, state, LIMIT);
    } catch (SocketException | ClosedChannelException e) {
      // QEMU has refused what came first, and says more at the monitor
    } catch (IOException e) {
      if (!BROKEN_PIPE.equals(e.getMessage())) {
        throw e;
      }
    }
  }

  private static ObjectNode uri(Path socket) {
    return QmpConnection.arguments().put("uri", "unix:" + socket);
  }

  private static void awaitEnd(QmpConnection monitor, String problem)
      throws IOException, InterruptedException {
    try {
      QmpEvent end = monitor.await(QmpEvent::endsMigration, LIMIT).orElse(null);
      if (end == null) {
        throw new IOException("QEMU did not end its migration for " + LIMIT.toSeconds() + " s");
      }
      if (!end.status().equals("completed")) {
        String why =
            monitor.execute("query-migrate").path("error-desc").asString("no reason given");
        throw new IOException("QEMU's migration " + end.status() + " (" + why + ")");
      }
    } catch (IOException e) {
      throw new IOException(e.getMessage() + ": " + problem, e); // early versions just exit
    }
  }
}
