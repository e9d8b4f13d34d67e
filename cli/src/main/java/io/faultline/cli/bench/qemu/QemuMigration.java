package io.faultline.cli.bench.qemu;

import io.faultline.cli.experiment.Ballast;
import io.faultline.demo.kvm.FirmwareGuest;
import io.faultline.demo.kvm.FirmwareGuestClock;
import io.faultline.qemu.process.QemuCommand;
import io.faultline.qemu.process.QemuProcess;
import io.faultline.qemu.qmp.QmpConnection;
import io.faultline.qemu.qmp.QmpEvent;
import io.faultline.uffd.Kernel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * One postcopy migration of a guest from one QEMU to another over the loopback interface, in the
 * same steps as those of this project: the guest runs for a while, switches over immediately, and
 * its memory follows.
 */
public final class QemuMigration {
  private static final Duration FILL_TIMEOUT = Duration.ofSeconds(60);
  private static final Duration MIGRATION_TIMEOUT = Duration.ofMinutes(3);
  private static final Duration RUN_AFTERWARDS = Duration.ofMillis(50);
  private static final long POLL_MILLIS = 20;

  /** QEMU limits precopy by default, and has no value for "unlimited". */
  private static final long UNLIMITED = 100L << 30;

  private static final double NANOS_PER_MILLI = 1e6;
  private static final double MICROS_PER_MILLI = 1e3;

  private final Kernel kernel;
  private final Path directory;
  private final FirmwareGuest guest;
  private final QemuSettings settings;
  private final Duration warmUp;

  /**
   * @param directory for temporary files
   * @param warmUp how long the guest runs before it is migrated
   */
  public QemuMigration(
      Kernel kernel, Path directory, FirmwareGuest guest, QemuSettings settings, Duration warmUp) {
    this.kernel = kernel;
    this.directory = directory;
    this.guest = guest;
    this.settings = settings;
    this.warmUp = warmUp;
  }

  /**
   * Migrates once. Both QEMUs have ended when it returns or throws.
   *
   * @throws IOException if the migration failed or took too long
   */
  public QemuResult run() throws IOException, InterruptedException {
    Path firmware = directory.resolve("qemu-guest.rom");
    Files.write(firmware, guest.rom());
    QemuCommand command = Qemu.command(guest, firmware, settings);
    QemuCommand incoming = command.with("-incoming", "defer");
    try (QemuProcess source = start("source", command);
        QemuProcess destination = start("dest", incoming)) {
      prepare(source.monitor());
      prepare(destination.monitor());
      awaitFilled(source);
      int port = listen(destination.monitor());
      warmUp();
      return migrate(source, destination, port);
    } finally {
      Files.delete(firmware);
    }
  }

  /** Huge pages are warm. */
  private void warmUp() throws InterruptedException {
    long bytes = settings.huge() ? 0 : guest.memoryBytes();
    Ballast ballast = Ballast.allocate(kernel, bytes);
    try {
      Thread.sleep(warmUp);
    } finally {
      ballast.close(); // for the destination
    }
  }

  private QemuProcess start(String name, QemuCommand command)
      throws IOException, InterruptedException {
    return QemuProcess.start(directory, name, command.arguments());
  }

  private void prepare(QmpConnection monitor) throws IOException, InterruptedException {
    ObjectNode capabilities = QmpConnection.arguments();
    ArrayNode list = capabilities.putArray("capabilities");
    List<String> names = new ArrayList<>(List.of("events", "postcopy-ram", "postcopy-blocktime"));
    if (settings.preempt()) {
      names.add("postcopy-preempt");
    }
    names.forEach(name -> list.addObject().put("capability", name).put("state", true));
    monitor.execute("migrate-set-capabilities", capabilities);
    long rate = settings.bytesPerSecond();
    monitor.execute(
        "migrate-set-parameters",
        QmpConnection.arguments()
            .put("max-bandwidth", rate == 0 ? UNLIMITED : rate)
            .put("max-postcopy-bandwidth", rate));
  }

  private void awaitFilled(QemuProcess source) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + FILL_TIMEOUT.toNanos();
    while (clock(source).operations() == 0) {
      if (System.nanoTime() > deadline) {
        throw new IOException("the guest did not fill its memory within " + FILL_TIMEOUT);
      }
      Thread.sleep(POLL_MILLIS);
    }
  }

  private static int listen(QmpConnection monitor) throws IOException, InterruptedException {
    monitor.execute("migrate-incoming", QmpConnection.arguments().put("uri", "tcp:127.0.0.1:0"));
    return QemuStatistics.port(monitor.execute("query-migrate"));
  }

  private QemuResult migrate(QemuProcess source, QemuProcess destination, int port)
      throws IOException, InterruptedException {
    FirmwareGuestClock before = clock(source);
    QmpConnection from = source.monitor();
    QmpConnection to = destination.monitor();
    long requestedNanos = System.nanoTime();
    from.execute("migrate", QmpConnection.arguments().put("uri", "tcp:127.0.0.1:" + port));
    from.execute("migrate-start-postcopy");
    awaitEnd(source, destination);
    FirmwareGuestClock after = clock(destination);
    QemuStatistics statistics =
        QemuStatistics.of(from.execute("query-migrate"), to.execute("query-migrate"));
    Thread.sleep(RUN_AFTERWARDS);
    if (clock(destination).operations() <= after.operations()) {
      throw new IOException("the guest does not continue at the destination");
    }
    return new QemuResult(
        statistics,
        stopToResume(from, to),
        requestToResume(requestedNanos, to),
        after.longestGapNanos() / NANOS_PER_MILLI,
        after.faultsSince(before),
        after.operations() - before.operations());
  }

  private static void awaitEnd(QemuProcess source, QemuProcess destination)
      throws IOException, InterruptedException {
    for (QemuProcess qemu : List.of(source, destination)) {
      Optional<QmpEvent> event;
      try {
        event = qemu.monitor().await(QmpEvent::endsMigration, MIGRATION_TIMEOUT);
      } catch (IOException e) {
        throw new IOException(e.getMessage() + ": " + qemu.output(), e);
      }
      if (event.isEmpty()) {
        throw new IOException("QEMU's migration did not end within " + MIGRATION_TIMEOUT);
      }
    }
  }

  private static OptionalDouble requestToResume(long requestedNanos, QmpConnection to)
      throws IOException, InterruptedException {
    Optional<QmpEvent> resume = to.await(event -> event.name().equals("RESUME"), Duration.ZERO);
    return resume.isPresent()
        ? OptionalDouble.of((resume.get().nanoTime() - requestedNanos) / NANOS_PER_MILLI)
        : OptionalDouble.empty();
  }

  private static OptionalDouble stopToResume(QmpConnection from, QmpConnection to)
      throws IOException, InterruptedException {
    Optional<QmpEvent> stop = from.await(event -> event.name().equals("STOP"), Duration.ZERO);
    Optional<QmpEvent> resume = to.await(event -> event.name().equals("RESUME"), Duration.ZERO);
    return stop.isPresent() && resume.isPresent()
        ? OptionalDouble.of((resume.get().micros() - stop.get().micros()) / MICROS_PER_MILLI)
        : OptionalDouble.empty();
  }

  private FirmwareGuestClock clock(QemuProcess qemu) throws IOException, InterruptedException {
    return guest.clock(qemu.memory(FirmwareGuest.CLOCK_ADDRESS, FirmwareGuest.CLOCK_BYTES));
  }
}
