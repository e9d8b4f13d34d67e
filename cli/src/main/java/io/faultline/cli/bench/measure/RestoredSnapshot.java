package io.faultline.cli.bench.measure;

import io.faultline.cli.process.LocalRestore;
import io.faultline.demo.simulated.SimulatedVmConfig;
import io.faultline.demo.simulated.Workload;
import io.faultline.demo.vm.HostedVm;
import io.faultline.demo.vm.VmFactory;
import io.faultline.demo.vm.VmKind;
import io.faultline.memory.Backing;
import io.faultline.memory.MemoryRegion;
import io.faultline.memory.PageBitmap;
import io.faultline.snapshot.BackgroundSnapshot;
import io.faultline.snapshot.RunningVm;
import io.faultline.snapshot.file.SnapshotFile;
import io.faultline.snapshot.file.SnapshotVm;
import io.faultline.snapshot.file.WorkingSetFile;
import io.faultline.source.snapshot.SnapshotOfVm;
import io.faultline.uffd.linux.FileAdvice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/**
 * The snapshot that restores are measured with, and working sets for it. Made when it is first
 * needed, and kept for the other cases and rounds. Its VM is saved at the start of a workload of a
 * limited number of operations on pages that are scattered over its memory.
 */
public final class RestoredSnapshot {
  private static final Duration LIMIT = Duration.ofMinutes(5);

  /** Slow until it is saved, so that the whole workload is left. */
  private static final long SAVED_PACE = 1;

  private static final int VCPUS = 2;

  /** Operations in a GiB of memory: popular pages first, they touch some 2 % of it. */
  private static final long OPS_PER_GIB = 10_000;

  private static final double ZERO_FRACTION = 0.1;

  private final BenchEnvironment environment;
  private final long ramBytes;
  private byte[] sameSet = {};
  private byte[] staleSet = {};

  /** The working set that a restore finds. */
  public enum KnownSet {
    /** The option is off. */
    OFF,
    /** That of an earlier run of the same workload. */
    SAME,
    /** As many pages, elsewhere. */
    STALE
  }

  /**
   * @param ramBytes of the VM
   */
  public RestoredSnapshot(BenchEnvironment environment, long ramBytes) {
    this.environment = environment;
    this.ramBytes = ramBytes;
  }

  /** The memory of its VM. */
  long ramBytes() {
    return ramBytes;
  }

  /**
   * Restores it in a JVM that is ready.
   *
   * @param cold whether the file is not in the page cache
   * @return the result of the command
   */
  ObjectNode restore(KnownSet set, boolean cold) throws IOException, InterruptedException {
    prepare();
    Files.deleteIfExists(setFile());
    if (set != KnownSet.OFF) {
      Files.write(setFile(), set == KnownSet.SAME ? sameSet : staleSet);
    }
    return restore(set == KnownSet.OFF ? List.of("--no-working-set") : List.of(), cold);
  }

  private ObjectNode restore(List<String> options, boolean cold)
      throws IOException, InterruptedException {
    return new LocalRestore(environment.scratch(), environment.kernel().name(), LIMIT)
        .run(file(), options, cold ? this::drop : this::load);
  }

  private void prepare() throws IOException, InterruptedException {
    if (sameSet.length > 0) {
      return;
    }
    save();
    restore(List.of(), true);
    sameSet = Files.readAllBytes(setFile());
    try (SnapshotFile snapshot = SnapshotFile.open(file())) {
      WorkingSetFile set = WorkingSetFile.of(snapshot);
      List<PageBitmap> pages = set.read(line -> {}).pages();
      Files.delete(setFile());
      set.record(pages.stream().map(RestoredSnapshot::shifted).toList(), line -> {});
    }
    staleSet = Files.readAllBytes(setFile());
  }

  /** As many pages, and as scattered: each half of the memory further on. */
  private static PageBitmap shifted(PageBitmap pages) {
    PageBitmap shifted = new PageBitmap(pages.pageCount());
    for (long page = pages.nextSet(0); page < pages.pageCount(); page = pages.nextSet(page + 1)) {
      long other = (page + pages.pageCount() / 2 + 1) % pages.pageCount();
      if (!pages.get(other)) {
        shifted.claim(other);
      }
    }
    return shifted;
  }

  private void save() throws InterruptedException {
    SimulatedVmConfig config = config();
    try (HostedVm vm =
        VmFactory.create(
            VmKind.SIMULATED, environment.kernel(), config.withPace(SAVED_PACE), line -> {})) {
      vm.start();
      Saved saved = new Saved(new SnapshotOfVm(vm.outgoing(true)), config);
      new BackgroundSnapshot(environment.kernel(), saved, file()).take();
    }
  }

  private SimulatedVmConfig config() {
    long ops = Math.max(1000, (OPS_PER_GIB * ramBytes) >> 30);
    return SimulatedVmConfig.of(
            ramBytes, Backing.ANONYMOUS, VCPUS, Workload.ZIPF, environment.seed())
        .withZeroFraction(ZERO_FRACTION)
        .withOpsPerVcpu(ops);
  }

  /** A VM that is saved with another pace than it has. */
  private record Saved(SnapshotOfVm vm, SimulatedVmConfig config) implements RunningVm {
    @Override
    public List<MemoryRegion> regions() {
      return vm.regions();
    }

    @Override
    public void beginProtection() {
      vm.beginProtection();
    }

    @Override
    public void endProtection() {
      vm.endProtection();
    }

    @Override
    public void pause() {
      vm.pause();
    }

    @Override
    public byte[] deviceState() {
      return vm.deviceState();
    }

    @Override
    public SnapshotVm describe(byte[] deviceState) {
      SnapshotVm saved = vm.describe(deviceState);
      byte[] configuration = config.toByteString().toByteArray();
      return new SnapshotVm(saved.type(), configuration, saved.regions(), deviceState);
    }

    @Override
    public void resume() {
      vm.resume();
    }
  }

  private void drop() {
    try (FileAdvice advice = FileAdvice.open(file())) {
      advice.drop();
    }
  }

  private void load() {
    try (FileAdvice advice = FileAdvice.open(file())) {
      advice.willNeed(0, 0);
    }
  }

  private Path file() {
    return environment.scratch().resolve("restored-" + ramBytes + ".snapshot");
  }

  private Path setFile() {
    return WorkingSetFile.beside(file());
  }
}
