package io.faultline.cli.qemu;

import io.faultline.cli.mixin.MigrationOptions;
import io.faultline.cli.report.DestResult;
import io.faultline.cli.report.Results;
import io.faultline.cli.report.SourceResult;
import io.faultline.cli.report.VmResult;
import io.faultline.demo.kvm.FirmwareGuestClock;
import io.faultline.demo.simulated.MemoryDigest;
import io.faultline.demo.simulated.SimulatedVmConfig;
import io.faultline.demo.simulated.VcpuDigest;
import io.faultline.demo.simulated.VcpuFaults;
import io.faultline.dest.IncomingReport;
import io.faultline.dest.MigrationDestination;
import io.faultline.qemu.process.QemuProcess;
import io.faultline.qemu.vm.QemuDestination;
import io.faultline.qemu.vm.QemuSource;
import io.faultline.source.MigrationSource;
import io.faultline.source.OutgoingReport;
import io.faultline.uffd.linux.LinuxKernel;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import tools.jackson.databind.node.ObjectNode;

/** Two QEMUs, and the migration of a guest between them. Runs once. Not thread-safe. */
final class QemuPair {
  /** The file with the guest's program, in the scratch directory. */
  static final String ROM = "guest.rom";

  private static final long FILL_NANOS = 300_000_000_000L;
  private static final long END_NANOS = 600_000_000_000L;
  private static final long POLL_MILLIS = 20;

  private final LinuxKernel kernel;
  private final ProgramGuest guest;
  private final MigrationOptions migration;
  private final Consumer<String> remarks;

  /** What the guest had measured when its migration began. */
  private record Begin(FirmwareGuestClock clock) {}

  QemuPair(
      LinuxKernel kernel,
      ProgramGuest guest,
      MigrationOptions migration,
      Consumer<String> remarks) {
    this.kernel = kernel;
    this.guest = guest;
    this.migration = migration;
    this.remarks = remarks;
  }

  /**
   * Starts both, migrates, verifies.
   *
   * @param scratch for sockets, logs and the guest's program; a short path
   * @throws IOException if a QEMU does not start, or ends
   */
  ObjectNode migrate(Path program, Path scratch, RamDirectory ram)
      throws IOException, InterruptedException {
    Path rom = scratch.resolve(ROM);
    List<String> running = guest.command(program, rom, ram.file("source.ram"));
    List<String> waiting = new ArrayList<>(guest.command(program, rom, ram.file("dest.ram")));
    waiting.addAll(List.of("-incoming", "defer", "-S"));
    try (QemuProcess from = QemuProcess.start(scratch, "source", running);
        QemuProcess to = QemuProcess.start(scratch, "dest", waiting);
        QemuSource source = QemuSource.of(kernel, from.monitor(), scratch, remarks);
        QemuDestination destination = QemuDestination.of(kernel, to.monitor(), scratch, remarks)) {
      ObjectNode result = migrate(from, source, destination);
      result.put("qemu_version", from.monitor().version().toString());
      if (result.path("status").asString("").equals("completed")) {
        verify(to, destination, result);
      }
      return result;
    }
  }

  private ObjectNode migrate(QemuProcess from, QemuSource source, QemuDestination destination)
      throws IOException, InterruptedException {
    await(from, "fill its memory", FILL_NANOS, () -> operations(source) > 0);
    Begin begin = new Begin(guest.clock(source.ram()));
    guest.forgetLongestGap(source.ram());
    ObjectNode result = run(source, destination);
    addGuest(result);
    if (result.path("status").asString("").equals("completed")) {
      FirmwareGuestClock now = guest.clock(destination.ram());
      VcpuFaults faults = now.faultsSince(begin.clock());
      VmResult.addFaults(result, List.of(faults));
      VmResult.addGuestPause(result, now.longestGapNanos());
    }
    return result;
  }

  private ObjectNode run(QemuSource source, QemuDestination destination) throws IOException {
    MigrationDestination incoming =
        new MigrationDestination(kernel, destination, new SimpleMeterRegistry(), remarks);
    OutgoingReport sent;
    try {
      InetSocketAddress address =
          incoming.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      sent = send(source, address);
      if (sent.committed()) {
        var _ = incoming.result().join();
      }
    } finally {
      incoming.close(); // which ends what waits for another source
    }
    IncomingReport received = incoming.result().join();
    return Results.merge(SourceResult.of(sent), DestResult.of(received, kernel.name()));
  }

  private OutgoingReport send(QemuSource source, InetSocketAddress to) {
    try (MigrationSource outgoing =
        new MigrationSource(source, migration.settings(to), new SimpleMeterRegistry())) {
      return outgoing.start().join();
    }
  }

  private void addGuest(ObjectNode result) {
    SimulatedVmConfig programs = guest.programs();
    result.put("vm", QemuSource.TYPE);
    result.put("ram_bytes", guest.memoryBytes());
    result.put("vcpus", programs.vcpus());
    result.put("workload", programs.workload().toString());
    result.put("seed", programs.seed());
    result.put("write_fraction", programs.writeFraction());
  }

  private void verify(QemuProcess qemu, QemuDestination destination, ObjectNode result)
      throws IOException, InterruptedException {
    long operations = guest.programs().opsPerVcpu();
    remarks.accept("waiting for the guest's " + operations + " operations ...");
    await(qemu, "end", END_NANOS, () -> operations(destination) >= operations);
    VcpuDigest registers = ProgramGuest.registers(qemu.monitor());
    MemoryDigest memory = guest.digest(destination.ram());
    result.put("page_size", destination.ram().pageBytes());
    qemu.close();
    remarks.accept("verifying against a run without migration ...");
    VmResult.addVerified(result, guest.findProblem(memory, registers), List.of(operations));
  }

  private long operations(QemuSource source) {
    return guest.clock(source.ram()).operations();
  }

  private long operations(QemuDestination destination) {
    return guest.clock(destination.ram()).operations();
  }

  private interface Condition {
    boolean holds();
  }

  private static void await(QemuProcess qemu, String what, long limitNanos, Condition condition)
      throws IOException, InterruptedException {
    long end = System.nanoTime() + limitNanos;
    while (!condition.holds()) {
      if (!qemu.isAlive()) {
        throw new IOException("QEMU has exited: " + qemu.output());
      }
      if (System.nanoTime() - end > 0) {
        throw new IOException("the guest did not " + what + " for " + limitNanos / 1e9 + " s");
      }
      Thread.sleep(POLL_MILLIS);
    }
  }
}
