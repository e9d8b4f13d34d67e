package io.faultline.qemu.vm;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.demo.simulated.ReferenceRun;
import io.faultline.dest.IncomingState;
import io.faultline.dest.MigrationDestination;
import io.faultline.proto.control.ControlOutcome;
import io.faultline.qemu.process.QemuProcess;
import io.faultline.qemu.vm.RandomMigration.Disturbance;
import io.faultline.source.MigrationSource;
import io.faultline.source.OutgoingReport;
import io.faultline.source.OutgoingState;
import io.faultline.uffd.linux.LinuxKernel;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/** A guest that moves from QEMU to QEMU, and is checked after each migration. */
final class MovedGuest implements AutoCloseable {
  private static final int LIMIT_SECONDS = 60;

  /** Of a virtio device that the guest does not use; QEMU has its state in the stream. */
  private static final List<String> DEVICE = List.of("-device", "virtio-rng-pci");

  private static final List<String> WAITS = List.of("-incoming", "defer", "-S");

  private final LinuxKernel kernel;
  private final Path program;
  private final Path scratch;
  private final RamFileSystem rams;
  private final ProgramGuest guest;
  private final List<String> log = new ArrayList<>();
  private Machine current;
  private @Nullable Machine waiting;
  private int started;

  private record Machine(QemuProcess qemu, Path ram) {
    void end() throws IOException {
      qemu.close();
      Files.delete(ram);
    }
  }

  MovedGuest(LinuxKernel kernel, Path program, Path scratch, RamFileSystem rams, ProgramGuest guest)
      throws Exception {
    this.kernel = kernel;
    this.program = program;
    this.scratch = scratch;
    this.rams = rams;
    this.guest = guest;
    current = start(DEVICE);
    Awaitility.await()
        .atMost(LIMIT_SECONDS, TimeUnit.SECONDS)
        .until(() -> guest.operations(current.ram) > 0);
  }

  /** Returns whether the guest moved. */
  boolean migrate(RandomMigration plan) throws Exception {
    Machine next = destination(plan.disturbance());
    waiting = next;
    List<String> here = OpenFiles.of(current.qemu.pid());
    List<String> there = OpenFiles.of(next.qemu.pid());
    boolean moved = run(plan, next);
    assertThat(OpenFiles.of(current.qemu.pid())).as("open files of the source").isEqualTo(here);
    if (plan.disturbance() != Disturbance.MISSING_DEVICE) { // with which QEMU ends
      assertThat(OpenFiles.of(next.qemu.pid())).as("open files there").isEqualTo(there);
    }
    if (plan.disturbance() == Disturbance.CANCEL) {
      log.removeIf(line -> line.endsWith("closed by the peer") || line.endsWith("reset by peer"));
    }
    assertThat(log).isEmpty();
    if (moved) {
      assertThat(status(current.qemu)).isEqualTo("postmigrate");
      assertThat(status(next.qemu)).isEqualTo("running");
      current.end();
      current = next;
      waiting = null;
    } else {
      assertThat(status(current.qemu)).isEqualTo("running");
      keepOrEnd(next, plan.disturbance());
    }
    assertThat(rams.files()).hasSize(waiting == null ? 1 : 2);
    return moved;
  }

  /** One that a cancelled migration has left waits for the next. */
  private void keepOrEnd(Machine next, Disturbance disturbance) throws Exception {
    boolean fit = disturbance == Disturbance.NONE || disturbance == Disturbance.CANCEL;
    if (!fit || !status(next.qemu).equals("inmigrate")) {
      next.end();
      waiting = null;
    }
  }

  private Machine destination(Disturbance disturbance) throws Exception {
    Machine left = waiting;
    if (left != null) {
      if (disturbance == Disturbance.NONE || disturbance == Disturbance.CANCEL) {
        return left;
      }
      left.end();
    }
    List<String> options = new ArrayList<>(WAITS);
    if (disturbance != Disturbance.MISSING_DEVICE) {
      options.addAll(DEVICE);
    }
    if (disturbance == Disturbance.OTHER_MACHINE) {
      options.addAll(List.of("-cpu", "max"));
    }
    return start(options);
  }

  private boolean run(RandomMigration plan, Machine next) throws Exception {
    try (QemuDestination incoming = QemuDestination.of(kernel, next.qemu.monitor(), log::add);
        MigrationDestination to =
            new MigrationDestination(kernel, incoming, new SimpleMeterRegistry(), log::add);
        QemuSource outgoing = QemuSource.of(kernel, current.qemu.monitor(), log::add)) {
      InetSocketAddress address =
          to.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      try (MigrationSource from =
          new MigrationSource(outgoing, plan.settings(address), new SimpleMeterRegistry())) {
        CompletableFuture<OutgoingReport> result = from.start();
        boolean cancelled = plan.disturbance() == Disturbance.CANCEL && cancel(from, plan);
        OutgoingReport sent = await(result);
        assertThat(sent.state()).as("%s", sent.error()).isEqualTo(expected(plan, cancelled));
        boolean moved = sent.state() == OutgoingState.COMPLETED;
        if (moved) {
          assertThat(await(to.result()).state()).isEqualTo(IncomingState.COMPLETED);
        }
        return moved;
      }
    }
  }

  private static boolean cancel(MigrationSource from, RandomMigration plan) throws Exception {
    Thread.sleep(plan.cancelAfter());
    ControlOutcome outcome = await(from.requestCancel());
    return outcome.done();
  }

  private static OutgoingState expected(RandomMigration plan, boolean cancelled) {
    return switch (plan.disturbance()) {
      case NONE -> OutgoingState.COMPLETED;
      case CANCEL -> cancelled ? OutgoingState.CANCELLED : OutgoingState.COMPLETED;
      case OTHER_MACHINE, MISSING_DEVICE -> OutgoingState.FAILED;
    };
  }

  private static <T> T await(CompletableFuture<T> result)
      throws InterruptedException, ExecutionException, TimeoutException {
    return result.get(LIMIT_SECONDS, TimeUnit.SECONDS);
  }

  /** Waits for the end of its program; then compares it with a run that never migrated. */
  void verify() throws Exception {
    ReferenceRun expected = guest.expected();
    Awaitility.await()
        .atMost(LIMIT_SECONDS, TimeUnit.SECONDS)
        .until(() -> guest.operations(current.ram) == guest.lastOperation());
    ReferenceRun found =
        new ReferenceRun(guest.digest(current.ram), ProgramGuest.registers(current.qemu.monitor()));
    assertThat(found).isEqualTo(expected);
  }

  private Machine start(List<String> options) throws Exception {
    String name = "qemu" + started++;
    Path ram = rams.file(name);
    List<String> command = new ArrayList<>(guest.command(program, scratch, ram));
    command.addAll(options);
    return new Machine(QemuProcess.start(scratch, name, command), ram);
  }

  private static String status(QemuProcess qemu) throws Exception {
    return qemu.monitor().execute("query-status").path("status").asString();
  }

  @Override
  public void close() throws IOException {
    current.end();
    if (waiting != null) {
      waiting.end();
    }
  }
}
