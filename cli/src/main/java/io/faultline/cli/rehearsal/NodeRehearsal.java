package io.faultline.cli.rehearsal;

import io.faultline.demo.simulated.SimulatedVmConfig;
import io.faultline.demo.simulated.VcpuFaults;
import io.faultline.demo.simulated.Workload;
import io.faultline.demo.vm.AnyIncomingVm;
import io.faultline.demo.vm.HostedVm;
import io.faultline.demo.vm.VmFactory;
import io.faultline.demo.vm.VmKind;
import io.faultline.dest.DestinationSettings;
import io.faultline.dest.IncomingReport;
import io.faultline.dest.IncomingState;
import io.faultline.dest.MigrationDestination;
import io.faultline.dest.recording.IncomingRecording;
import io.faultline.memory.Backing;
import io.faultline.memory.Placement;
import io.faultline.proto.Transport;
import io.faultline.qemu.vm.RehearsedGuest;
import io.faultline.source.MigrationMode;
import io.faultline.source.MigrationSource;
import io.faultline.source.OutgoingReport;
import io.faultline.source.OutgoingVm;
import io.faultline.source.SourceSettings;
import io.faultline.uffd.Feature;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.linux.LinuxKernel;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * Migrates small VMs from this JVM to itself before the real VM is paused, so that the JIT has
 * compiled the code that the guest waits for. Without it the guest's first page takes 10 ms, and
 * each of the next hundreds 0.5 ms.
 *
 * <p>In this order: the fault path, by migrations with a thousand faults each; the bulk path, by
 * one migration for each placement; and what a migration runs once during the pause, by as many
 * tiny migrations as time permits. Every second VM moves as a guest of QEMU does.
 */
public final class NodeRehearsal {
  private static final int PAGES = 1024;
  private static final int BULK_PAGES = 4096;
  private static final int TINY_PAGES = 16;

  /** Slower than the guest touches pages, so that it faults. */
  private static final long SLOW_BYTES_PER_SECOND = 4 << 20;

  /** With {@link #BULK_PAGES} 0.25 s: long enough for compiled code to replace interpreted code. */
  private static final long BULK_BYTES_PER_SECOND = 64 << 20;

  /** Splits memory into runs of about ten pages: a method is compiled after 200 calls. */
  private static final double BULK_ZERO_FRACTION = 0.1;

  /** How long the background stays slow, unless the expected number of faults came earlier. */
  private static final long FAULTS_MILLIS = 400;

  /** Small, since there are many rehearsals. */
  private static final int RECORDED_EVENTS = 1 << 10;

  private static final long END_SECONDS = 20;
  private static final int MAX_ROUNDS = 8;

  /** About 5 s of them. It was not measured whether more would shorten the pause. */
  private static final int MAX_TINY = 100;

  private final Kernel kernel;
  private final long deadlineNanos;
  private final boolean recorded;

  /** As which every second VM moves. */
  private final RehearsedGuest guest;

  private boolean asGuest;

  private NodeRehearsal(Kernel kernel, long deadlineNanos, boolean recorded, RehearsedGuest guest) {
    this.kernel = kernel;
    this.deadlineNanos = deadlineNanos;
    this.recorded = recorded;
    this.guest = guest;
  }

  /**
   * Rehearses before a migration. A failure is reported and has no effect on the migration.
   *
   * @param limit as for {@link #run}; 0 for no rehearsal
   * @param messages receives the reason of a failure
   */
  public static void tryRun(Kernel kernel, Duration limit, Consumer<String> messages)
      throws InterruptedException {
    tryRun(kernel, limit, false, messages);
  }

  /**
   * As the other method.
   *
   * @param recorded whether the destination records the migrations, as it will the real one
   */
  public static void tryRun(
      Kernel kernel, Duration limit, boolean recorded, Consumer<String> messages)
      throws InterruptedException {
    if (limit.isZero()) {
      return;
    }
    try {
      run(kernel, limit, recorded);
    } catch (IOException | RuntimeException e) {
      messages.accept("continuing without a rehearsal: " + e.getMessage());
    }
  }

  /**
   * Migrates until faults get no faster, then in bulk, then tiny VMs until the time is up.
   *
   * @param limit no migration starts later than this; each takes less than 0.5 s
   * @throws IOException if a migration fails
   */
  static void run(Kernel kernel, Duration limit) throws IOException, InterruptedException {
    run(kernel, limit, false);
  }

  private static void run(Kernel kernel, Duration limit, boolean recorded)
      throws IOException, InterruptedException {
    long deadlineNanos = System.nanoTime() + limit.toNanos();
    mapFile();
    try (RehearsedGuest guest = RehearsedGuest.open()) {
      NodeRehearsal rehearsal = new NodeRehearsal(kernel, deadlineNanos, recorded, guest);
      rehearsal.rehearseFaults();
      rehearsal.rehearseBulk();
      for (int round = 0; round < MAX_TINY && rehearsal.hasTime(); round++) {
        rehearsal.postcopy(TINY_PAGES);
      }
    }
  }

  /**
   * Maps a file, as journals and the states of destinations are mapped later. The JVM compiles code
   * for the classes that it has loaded: if the first mapped file came after the rehearsal, it would
   * drop all compiled code that uses native memory, during the migration.
   */
  private static void mapFile() throws IOException {
    Path file = Files.createTempFile("faultline-rehearsal", null);
    try (FileChannel channel =
            FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
        Arena arena = Arena.ofConfined()) {
      channel.map(FileChannel.MapMode.READ_WRITE, 0, Long.BYTES, arena).fill((byte) 0);
    } finally {
      Files.delete(file);
    }
  }

  private void rehearseFaults() throws IOException, InterruptedException {
    long best = Long.MAX_VALUE;
    for (int round = 0; round < MAX_ROUNDS && hasTime(); round++) {
      long p50 = postcopy(PAGES);
      if (p50 > best - best / 8) {
        return;
      }
      best = p50;
    }
  }

  private void rehearseBulk() throws IOException, InterruptedException {
    if (hasTime()) {
      bulk(Placement.COPY, Backing.ANONYMOUS);
    }
    if (hasTime() && kernel.supportedFeatures().contains(Feature.MINOR_SHMEM)) {
      bulk(Placement.CONTINUE, Backing.SHMEM);
    }
  }

  /**
   * Also migrates each kind of VM that can run here in each mode, to train an AOT cache.
   *
   * @throws IOException if a migration fails
   */
  public static void runAll(Kernel kernel, Duration limit)
      throws IOException, InterruptedException {
    run(kernel, limit);
    try (RehearsedGuest guest = RehearsedGuest.open()) {
      NodeRehearsal rehearsal = new NodeRehearsal(kernel, Long.MAX_VALUE, true, guest);
      for (VmKind kind : VmKind.values()) {
        if (VmFactory.canMigrate(kind, kernel)) {
          rehearsal.migrateInEachMode(kind);
        }
      }
    }
  }

  private void migrateInEachMode(VmKind kind) throws IOException, InterruptedException {
    for (MigrationMode mode : MigrationMode.values()) {
      var _ = migrate(kind, mode, Placement.COPY, Backing.ANONYMOUS, PAGES);
      var _ = migrate(kind, mode, Placement.CONTINUE, Backing.SHMEM, PAGES);
    }
  }

  private boolean hasTime() {
    return deadlineNanos - System.nanoTime() > 0;
  }

  private long postcopy(int pages) throws IOException, InterruptedException {
    return migrate(
        VmKind.SIMULATED, MigrationMode.POSTCOPY, Placement.COPY, Backing.ANONYMOUS, pages);
  }

  /** Returns the median latency of the guest's faults, in nanoseconds. */
  private long migrate(
      VmKind kind, MigrationMode mode, Placement placement, Backing backing, int pages)
      throws IOException, InterruptedException {
    boolean hasFaults = pages == PAGES && !mode.hasRounds();
    return migrate(
        kind,
        config(backing, pages, Workload.SEQUENTIAL),
        settings ->
            settings
                .withMode(mode)
                .withPlacement(placement)
                .withBubbling(false)
                .withPrefetch(false)
                .withBandwidth(hasFaults ? SLOW_BYTES_PER_SECOND : SourceSettings.UNLIMITED),
        pages);
  }

  private void bulk(Placement placement, Backing backing) throws IOException, InterruptedException {
    migrate(
        VmKind.SIMULATED,
        config(backing, BULK_PAGES, Workload.UNIFORM).withZeroFraction(BULK_ZERO_FRACTION),
        settings -> settings.withPlacement(placement).withBandwidth(BULK_BYTES_PER_SECOND),
        BULK_PAGES);
  }

  private SimulatedVmConfig config(Backing backing, int pages, Workload workload) {
    long ramBytes = pages * kernel.pageSizeBytes(backing.pageSize());
    return SimulatedVmConfig.of(ramBytes, backing, 1, workload, 1).withWorkingSetBytes(ramBytes);
  }

  /**
   * Returns the median latency of the guest's faults, in nanoseconds.
   *
   * @param faults after how many faults the limit of the bandwidth is lifted
   */
  private long migrate(
      VmKind kind, SimulatedVmConfig config, UnaryOperator<SourceSettings> settings, int faults)
      throws IOException, InterruptedException {
    asGuest = !asGuest;
    try (HostedVm vm = VmFactory.create(kind, kernel, config, line -> {});
        AnyIncomingVm arriving = new AnyIncomingVm(kernel, kind, null, line -> {});
        MigrationDestination destination =
            new MigrationDestination(
                kernel,
                asGuest ? guest.arriving(arriving, kernel instanceof LinuxKernel) : arriving,
                new SimpleMeterRegistry(),
                line -> {},
                destinationSettings(),
                new Transport())) {
      InetAddress loopback = InetAddress.getLoopbackAddress();
      SourceSettings defaults =
          new SourceSettings(destination.listen(new InetSocketAddress(loopback, 0)));
      vm.start();
      OutgoingVm leaving = vm.outgoing(true);
      migrate(
          asGuest ? guest.leaving(leaving) : leaving,
          settings.apply(defaults),
          destination,
          faults);
      return arriving
          .vm()
          .map(arrived -> VcpuFaults.merged(arrived.faults()).latencyNanos())
          .map(latency -> latency.getValueAtPercentile(50))
          .orElse(0L);
    }
  }

  private DestinationSettings destinationSettings() {
    DestinationSettings defaults = DestinationSettings.DEFAULT;
    return recorded
        ? defaults.withRecording(new IncomingRecording(System::nanoTime, RECORDED_EVENTS))
        : defaults;
  }

  private static void migrate(
      OutgoingVm vm, SourceSettings settings, MigrationDestination destination, int faults)
      throws IOException, InterruptedException {
    try (MigrationSource source = new MigrationSource(vm, settings, new SimpleMeterRegistry())) {
      CompletableFuture<OutgoingReport> sent = source.start();
      long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(FAULTS_MILLIS);
      while (!sent.isDone() && destination.faults() < faults && System.nanoTime() < end) {
        Thread.sleep(1);
      }
      source.setBandwidth(SourceSettings.UNLIMITED);
      IncomingReport report = await(destination.result());
      if (report.state() != IncomingState.COMPLETED) {
        throw new IOException("the rehearsal failed: " + report.error());
      }
      await(sent);
    }
  }

  private static <T> T await(CompletableFuture<T> result) throws IOException, InterruptedException {
    try {
      return result.get(END_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException | ExecutionException e) {
      throw new IOException("the rehearsal did not end: " + e, e);
    }
  }
}
