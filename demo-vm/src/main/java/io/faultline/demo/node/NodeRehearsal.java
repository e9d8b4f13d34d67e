package io.faultline.demo.node;

import io.faultline.demo.simulated.SimulatedVmConfig;
import io.faultline.demo.simulated.VcpuFaults;
import io.faultline.demo.simulated.Workload;
import io.faultline.demo.vm.ArrivingVm;
import io.faultline.demo.vm.HostedVm;
import io.faultline.demo.vm.VmKind;
import io.faultline.demo.vm.Vms;
import io.faultline.dest.IncomingReport;
import io.faultline.dest.IncomingState;
import io.faultline.dest.MigrationDestination;
import io.faultline.memory.Backing;
import io.faultline.memory.Placement;
import io.faultline.source.MigrationMode;
import io.faultline.source.MigrationSource;
import io.faultline.source.OutgoingReport;
import io.faultline.source.SourceSettings;
import io.faultline.uffd.Kernel;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Migrates small VMs from this JVM to itself, before a real one is paused: a JVM interprets what it
 * runs for the first time, and compiles what it ran some thousand times. Without this the guest
 * would wait for both, ten milliseconds for its first page and half of one for the next hundreds.
 *
 * <p>First the path of a fault, by migrations with a thousand faults each; then what each migration
 * does once, and the guest waits for in its pause, by as many tiny ones as there is time for.
 */
final class NodeRehearsal {
  private static final int PAGES = 1024;
  private static final int TINY_PAGES = 16;

  /** Background data comes slower than the guest goes on, so that it faults. */
  private static final long SLOW_BYTES_PER_SECOND = 4 << 20;

  /** The guest's faults have the link for so long, or until all its pages are there. */
  private static final long FAULTS_MILLIS = 400;

  private static final long END_SECONDS = 5;
  private static final int MAX_ROUNDS = 8;

  /** Some five seconds of them; whether more would shorten the pause was not measured. */
  private static final int MAX_TINY = 100;

  private final Kernel kernel;
  private final long deadlineNanos;

  private NodeRehearsal(Kernel kernel, long deadlineNanos) {
    this.kernel = kernel;
    this.deadlineNanos = deadlineNanos;
  }

  /**
   * Migrates until faults do not get any faster, and goes on with tiny VMs until the time is up.
   *
   * @param limit no new migration is started after it; one takes less than half a second
   * @throws IOException where a migration fails, with the reason
   */
  static void run(Kernel kernel, Duration limit) throws IOException, InterruptedException {
    NodeRehearsal rehearsal = new NodeRehearsal(kernel, System.nanoTime() + limit.toNanos());
    rehearsal.rehearseFaults();
    for (int round = 0; round < MAX_TINY && rehearsal.hasTime(); round++) {
      rehearsal.postcopy(TINY_PAGES);
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

  /**
   * Migrates every kind of VM that can run here in every mode, so that a JVM learns which code
   * matters.
   */
  static void runAll(Kernel kernel, Duration limit) throws IOException, InterruptedException {
    run(kernel, limit);
    NodeRehearsal rehearsal = new NodeRehearsal(kernel, Long.MAX_VALUE);
    for (VmKind kind : VmKind.values()) {
      if (Vms.canMigrate(kind, kernel)) {
        for (MigrationMode mode : MigrationMode.values()) {
          rehearsal.migrate(kind, mode, Placement.COPY, Backing.ANONYMOUS, PAGES);
          rehearsal.migrate(kind, mode, Placement.CONTINUE, Backing.SHMEM, PAGES);
        }
      }
    }
  }

  private boolean hasTime() {
    return deadlineNanos - System.nanoTime() > 0;
  }

  private long postcopy(int pages) throws IOException, InterruptedException {
    return migrate(
        VmKind.SIMULATED, MigrationMode.POSTCOPY, Placement.COPY, Backing.ANONYMOUS, pages);
  }

  /** Returns the median of the guest's faults, in nanoseconds. */
  private long migrate(
      VmKind kind, MigrationMode mode, Placement placement, Backing backing, int pages)
      throws IOException, InterruptedException {
    long ramBytes = pages * kernel.pageSizeBytes(backing.pageSize());
    SimulatedVmConfig config =
        SimulatedVmConfig.of(ramBytes, backing, 1, Workload.SEQUENTIAL, 1)
            .withWorkingSetBytes(ramBytes);
    try (HostedVm vm = Vms.create(kind, kernel, config, line -> {});
        ArrivingVm arriving = new ArrivingVm(kernel, kind, null, line -> {});
        MigrationDestination destination =
            new MigrationDestination(kernel, arriving, new SimpleMeterRegistry(), line -> {})) {
      boolean hasFaults = pages == PAGES && !mode.hasRounds();
      InetAddress loopback = InetAddress.getLoopbackAddress();
      SourceSettings settings =
          new SourceSettings(destination.listen(new InetSocketAddress(loopback, 0)))
              .withMode(mode)
              .withPlacement(placement)
              .withBubbling(false)
              .withPrefetch(false)
              .withBandwidth(hasFaults ? SLOW_BYTES_PER_SECOND : SourceSettings.UNLIMITED);
      vm.start();
      migrate(vm, settings, destination, pages);
      return arriving
          .vm()
          .map(arrived -> VcpuFaults.merged(arrived.faults()).latencyNanos())
          .map(latency -> latency.getValueAtPercentile(50))
          .orElse(0L);
    }
  }

  private static void migrate(
      HostedVm vm, SourceSettings settings, MigrationDestination destination, int pages)
      throws IOException, InterruptedException {
    try (MigrationSource source =
        new MigrationSource(vm.outgoing(true), settings, new SimpleMeterRegistry())) {
      CompletableFuture<OutgoingReport> sent = source.start();
      long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(FAULTS_MILLIS);
      while (!sent.isDone() && destination.faults() < pages && System.nanoTime() < end) {
        Thread.sleep(1);
      }
      source.setBandwidth(SourceSettings.UNLIMITED);
      IncomingReport report = await(destination.result());
      if (report.state() != IncomingState.COMPLETED) {
        throw new IOException("a rehearsal failed: " + report.error());
      }
      await(sent);
    }
  }

  private static <T> T await(CompletableFuture<T> result) throws IOException, InterruptedException {
    try {
      return result.get(END_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException | ExecutionException e) {
      throw new IOException("a rehearsal did not end: " + e, e);
    }
  }
}
