package io.faultline.cli.simulation.guest;

import io.faultline.cli.simulation.plan.RunPlan;
import io.faultline.cli.simulation.runtime.InvariantLog;
import io.faultline.cli.simulation.runtime.SimulatedProcess;
import io.faultline.cli.simulation.runtime.Simulator;
import io.faultline.memory.DirtyLog;
import io.faultline.memory.MemoryRegion;
import io.faultline.memory.PageBitmap;
import io.faultline.uffd.simulated.SimulatedKernel;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The VM of a run: its expected memory, its vCPUs, and which side runs it. A run has exactly one,
 * whatever the nodes believe, so that a second running VM is detected immediately.
 */
public final class Guest {
  private static final int WORDS_PER_CHECK = 12;

  /** Which side runs the guest. */
  public enum Location {
    SOURCE,
    PAUSED,
    DESTINATION
  }

  /** The guest's memory on one side, and the process and kernel that it is in. */
  public record Side(
      SimulatedKernel kernel, SimulatedProcess process, List<MemoryRegion> regions) {}

  private final Simulator simulator;
  private final InvariantLog invariants;
  private final List<RegionModel> models;
  private final List<Vcpu> vcpus = new ArrayList<>();
  private final List<BitSet> dirty = new ArrayList<>();

  /** Region and word of each store at the destination. */
  private final List<int[]> destinationStores = new ArrayList<>();

  private Location location = Location.SOURCE;
  private @Nullable Side side;
  private boolean startedAtDestination;
  private long pauses;
  private byte[] stateAtPause = new byte[0];
  private @Nullable Runnable firstInstruction;

  public Guest(Simulator simulator, InvariantLog invariants, RunPlan plan) {
    this.simulator = simulator;
    this.invariants = invariants;
    models = plan.regionPages().stream().map(RegionModel::new).toList();
    for (RegionModel model : models) {
      model.fill(simulator.random(), plan.backing().pageSize().isHuge());
      dirty.add(new BitSet());
    }
    for (int i = 0; i < plan.vcpus(); i++) {
      vcpus.add(new Vcpu(i, this, simulator, plan.guestPauseNanos()));
    }
  }

  InvariantLog invariants() {
    return invariants;
  }

  List<RegionModel> models() {
    return models;
  }

  public Location location() {
    return location;
  }

  public boolean startedAtDestination() {
    return startedAtDestination;
  }

  /** The side that runs it now; null while it is paused. */
  @Nullable Side runsAt() {
    return location == Location.PAUSED ? null : side;
  }

  // The source's side -------------------------------------------------------------------------

  public void startAtSource(Side at, int operations) {
    for (int i = 0; i < models.size(); i++) {
      models.get(i).writeTo(at.regions().get(i));
    }
    side = at;
    run(operations);
  }

  /** The device state of the last pause. */
  public byte[] deviceState() {
    return stateAtPause;
  }

  public void pauseAtSource() {
    simulator.trace("guest", () -> "is paused at the source");
    invariants.require(location == Location.SOURCE, "the source pauses a VM that is " + location);
    location = Location.PAUSED;
    pauses++;
    models.forEach(RegionModel::snapshotAtPause);
    stateAtPause =
        ByteBuffer.allocate(2 * Long.BYTES).putLong(pauses).putLong(operations()).array();
  }

  public void resumeAtSource() {
    simulator.trace("guest", () -> "continues at the source");
    invariants.require(
        !startedAtDestination,
        "two VMs run: the source resumes a VM that the destination has started");
    location = Location.SOURCE;
    run(30);
  }

  // The destination's side --------------------------------------------------------------------

  public void load(byte[] state) {
    invariants.require(
        Arrays.equals(state, deviceState()),
        "the destination loads a device state other than that of the last pause");
  }

  public void startAtDestination(Side at, int operations, Runnable onFirstInstruction) {
    simulator.trace("guest", () -> "starts at the destination");
    invariants.require(
        location != Location.SOURCE,
        "two VMs run: the destination starts a VM that runs at the source");
    invariants.require(!startedAtDestination, "the destination starts the VM twice");
    startedAtDestination = true;
    location = Location.DESTINATION;
    side = at;
    firstInstruction = onFirstInstruction;
    run(operations);
  }

  public void abandonAtDestination() {
    simulator.trace("guest", () -> "is stopped permanently");
    location = Location.PAUSED;
    vcpus.forEach(Vcpu::stop);
  }

  // vCPUs -------------------------------------------------------------------------------------

  private void run(int operations) {
    vcpus.forEach(vcpu -> vcpu.run(operations));
  }

  private long operations() {
    return vcpus.stream().mapToLong(Vcpu::operations).sum();
  }

  /** Called before each instruction; reports the first one at the destination. */
  void onInstruction() {
    Runnable first = firstInstruction;
    if (first != null) {
      firstInstruction = null;
      first.run();
    }
  }

  void loaded(Vcpu by, int region, int word, long value) {
    RegionModel model = models.get(region);
    if (location == Location.DESTINATION) {
      model.touch(word);
    }
    if (value != model.get(word)) {
      invariants.violated(
          "vCPU "
              + by.number()
              + " read a wrong value at word "
              + word
              + " in "
              + page(region, word));
    }
  }

  void stored(int region, int word, long value) {
    models.get(region).set(word, value);
    if (location == Location.DESTINATION) {
      models.get(region).touch(word);
      destinationStores.add(new int[] {region, word});
    } else {
      dirty.get(region).set(word / RegionModel.WORDS_PER_PAGE);
    }
  }

  private static String page(int region, int word) {
    return "page " + word / RegionModel.WORDS_PER_PAGE + " of region " + region;
  }

  // What must hold ----------------------------------------------------------------------------

  /** Called after each event: continues woken vCPUs, and checks a sample of the guest's stores. */
  public void check() {
    for (Vcpu vcpu : vcpus) {
      vcpu.continueIfAwake();
    }
    int stores = destinationStores.size();
    Side at = side;
    if (stores == 0 || at == null || location != Location.DESTINATION || !at.process().isAlive()) {
      return;
    }
    for (int i = 0; i < WORDS_PER_CHECK; i++) {
      int[] store = destinationStores.get(simulator.random().nextInt(stores));
      checkStore(at, store[0], store[1]);
    }
  }

  private void checkStore(Side at, int region, int word) {
    if (RegionModel.read(at.regions().get(region), word) != models.get(region).get(word)) {
      invariants.violated("a store of the guest to " + page(region, word) + " was overwritten");
    }
  }

  /** Checks the whole memory of one side after the run. */
  public void checkAll(List<MemoryRegion> regions) {
    for (int i = 0; i < models.size(); i++) {
      int wrong = models.get(i).firstWrongPage(regions.get(i));
      invariants.require(
          wrong < 0, "after the run page " + wrong + " of region " + i + " has wrong content");
    }
  }

  /** The vCPUs that wait for a page, human-readable; empty for none. */
  public String waiting() {
    return waitingSince(simulator.nowNanos());
  }

  /** The vCPUs that have waited for a page since {@code nanos} or longer; empty for none. */
  public String waitingSince(long nanos) {
    return vcpus.stream()
        .filter(vcpu -> vcpu.isWaitingSince(nanos))
        .map(vcpu -> "vCPU " + vcpu.number())
        .collect(Collectors.joining(", "));
  }

  /** The dirty log of the source. */
  public DirtyLog dirtyLog() {
    return new DirtyLog() {
      @Override
      public String name() {
        return "model";
      }

      @Override
      public void start() {
        dirty.forEach(BitSet::clear);
      }

      @Override
      public void collect(MemoryRegion region, PageBitmap into) {
        BitSet pages = dirty.get(region.id());
        pages.stream().forEach(page -> into.set(page, page + 1));
        pages.clear();
      }

      @Override
      public void close() {
        // stores are always recorded
      }
    };
  }
}
