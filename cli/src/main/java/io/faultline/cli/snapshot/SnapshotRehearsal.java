package io.faultline.cli.snapshot;

import io.faultline.demo.simulated.SimulatedVmConfig;
import io.faultline.demo.simulated.Workload;
import io.faultline.demo.vm.AnyIncomingVm;
import io.faultline.demo.vm.HostedVm;
import io.faultline.demo.vm.VmFactory;
import io.faultline.demo.vm.VmKind;
import io.faultline.dest.DestinationSettings;
import io.faultline.dest.IncomingReport;
import io.faultline.dest.IncomingState;
import io.faultline.memory.Backing;
import io.faultline.snapshot.BackgroundSnapshot;
import io.faultline.snapshot.file.SnapshotException;
import io.faultline.snapshot.file.SnapshotFile;
import io.faultline.snapshot.file.WorkingSet;
import io.faultline.snapshot.file.WorkingSetFile;
import io.faultline.source.snapshot.SavedVm;
import io.faultline.source.snapshot.SnapshotOfVm;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.SystemCallException;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * Takes a snapshot of a small VM and restores it again and again, so that the JIT has compiled the
 * code that the first instruction of a restored VM, and its first faults, wait for.
 */
public final class SnapshotRehearsal {
  private static final int PAGES = 1024;

  /** More did not make the first instruction earlier. */
  private static final int MAX_RESTORES = 200;

  /** So many runs of pages are read that the loop over them is compiled. */
  private static final int OPENINGS = 200;

  private final Kernel kernel;
  private final DestinationSettings settings;

  private SnapshotRehearsal(Kernel kernel, DestinationSettings settings) {
    this.kernel = kernel;
    this.settings = settings;
  }

  /**
   * Rehearses; a failure is reported and has no other effect.
   *
   * @param settings as for the real restore
   * @param limit no restore starts later than this; 0 for no rehearsal
   * @param messages receives the reason of a failure
   */
  public static void tryRun(
      Kernel kernel, DestinationSettings settings, Duration limit, Consumer<String> messages)
      throws InterruptedException {
    if (limit.isZero()) {
      return;
    }
    long endNanos = System.nanoTime() + limit.toNanos();
    try {
      new SnapshotRehearsal(kernel, settings).run(endNanos);
    } catch (IOException | SnapshotException | SystemCallException e) {
      messages.accept("continuing without a rehearsal: " + e.getMessage());
    }
  }

  private void run(long endNanos) throws IOException, InterruptedException {
    Path directory = Files.createTempDirectory("faultline-rehearsal");
    Path file = directory.resolve("vm");
    try {
      save(file);
      for (int i = 0; i < OPENINGS; i++) {
        SnapshotFile.open(file).close();
      }
      for (int i = 0; i < MAX_RESTORES && endNanos - System.nanoTime() > 0; i++) {
        restore(file);
      }
    } finally {
      Files.deleteIfExists(WorkingSetFile.beside(file));
      Files.deleteIfExists(file);
      Files.deleteIfExists(directory);
    }
  }

  private void save(Path file) throws InterruptedException {
    long ramBytes = PAGES * kernel.pageSizeBytes(Backing.ANONYMOUS.pageSize());
    SimulatedVmConfig config =
        SimulatedVmConfig.of(ramBytes, Backing.ANONYMOUS, 1, Workload.UNIFORM, 1)
            .withZeroFraction(0.3);
    try (HostedVm vm = VmFactory.create(VmKind.SIMULATED, kernel, config, line -> {})) {
      vm.start();
      new BackgroundSnapshot(kernel, new SnapshotOfVm(vm.outgoing(true)), file).take();
    }
  }

  private void restore(Path path) throws IOException {
    Consumer<String> nothing = line -> {};
    try (AnyIncomingVm vm = AnyIncomingVm.withoutRehearsal(kernel, null, nothing);
        RestoreNode node =
            new RestoreNode(
                kernel, vm, () -> {}, settings, new SimpleMeterRegistry(), nothing, nothing);
        SnapshotFile file = SnapshotFile.open(path)) {
      WorkingSetFile set = WorkingSetFile.of(file);
      WorkingSet known = set.read(nothing);
      try (SavedVm saved = new SavedVm(kernel, file, known)) {
        IncomingReport report = node.restore(saved, known.isEmpty());
        if (report.state() != IncomingState.COMPLETED) {
          throw new IOException("the rehearsal failed: " + report.error());
        }
      }
      set.record(node.needed().pages(), nothing);
    }
  }
}
