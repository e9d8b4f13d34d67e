package io.faultline.cli.simulation;

import io.faultline.memory.DirtyLog;
import io.faultline.memory.MemoryRegion;
import io.faultline.memory.PageBitmap;
import io.faultline.uffd.simulated.SimulatedKernel;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The one VM of a run: its memory as it must be, its vCPUs, and where it runs. There is one of it,
 * whatever the two ends believe, so that a second one that runs is noticed at once.
 */
final class Guest {
  private static final int WORDS_LOOKED_AT = 12;

  /** Where it is. */
  enum Place {
    SOURCE,
    PAUSED,
    DESTINATION
  }

  /** Memory of the guest at one end. */
  record Home(SimulatedKernel kernel, SimulatedProcess process, List<MemoryRegion> regions) {}

  private final World world;
  private final InvariantLog rules;
  private final List<RegionModel> models;
  private final List<Vcpu> vcpus = new ArrayList<>();
  private final List<BitSet> dirty = new ArrayList<>();
  private final List<int[]> writtenThere = new ArrayList<>();
  private Place place = Place.SOURCE;
  private @Nullable Home home;
  private boolean startedThere;
  private long pauses;
  private byte[] stateAtPause = new byte[0];
  private @Nullable Runnable firstInstruction;

  Guest(World world, InvariantLog rules, Plan plan) {
    this.world = world;
    this.rules = rules;
    models = plan.regionPages().stream().map(RegionModel::new).toList();
    for (RegionModel model : models) {
      model.fill(world.random(), plan.backing().pageSize().isHuge());
      dirty.add(new BitSet());
    }
    for (int i = 0; i < plan.vcpus(); i++) {
      vcpus.add(new Vcpu(i, this, world, plan.guestPauseNanos()));
    }
  }

  InvariantLog rules() {
    return rules;
  }

  List<RegionModel> models() {
    return models;
  }

  Place place() {
    return place;
  }

  boolean startedAtDestination() {
    return startedThere;
  }

  /** Where it runs now; null while it is paused. */
  @Nullable Home runsAt() {
    return place == Place.PAUSED ? null : home;
  }

  // The source's side -------------------------------------------------------------------------

  void startAtSource(Home at, int operations) {
    for (int i = 0; i < models.size(); i++) {
      models.get(i).writeTo(at.regions().get(i));
    }
    home = at;
    go(operations);
  }

  /** The state of the devices, as it was when the VM was paused last. */
  byte[] deviceState() {
    return stateAtPause;
  }

  void pauseAtSource() {
    world.tell("guest", () -> "is paused at the source");
    rules.require(place == Place.SOURCE, "the source pauses a VM that is " + place);
    place = Place.PAUSED;
    pauses++;
    models.forEach(RegionModel::remember);
    stateAtPause =
        ByteBuffer.allocate(2 * Long.BYTES).putLong(pauses).putLong(operations()).array();
  }

  void resumeAtSource() {
    world.tell("guest", () -> "goes on at the source");
    rules.require(
        !startedThere, "two VMs run: the source resumes what the destination has started");
    place = Place.SOURCE;
    go(30);
  }

  // The destination's side --------------------------------------------------------------------

  void load(byte[] state) {
    rules.require(
        java.util.Arrays.equals(state, deviceState()), "the destination loads another VM's state");
  }

  void startAtDestination(Home at, int operations, Runnable onFirstInstruction) {
    world.tell("guest", () -> "starts at the destination");
    rules.require(
        place != Place.SOURCE, "two VMs run: the destination starts what runs at the source");
    rules.require(!startedThere, "the destination starts the VM twice");
    startedThere = true;
    place = Place.DESTINATION;
    home = at;
    firstInstruction = onFirstInstruction;
    go(operations);
  }

  void abandonAtDestination() {
    world.tell("guest", () -> "is stopped for good");
    place = Place.PAUSED;
    vcpus.forEach(Vcpu::stop);
  }

  // vCPUs -------------------------------------------------------------------------------------

  private void go(int operations) {
    vcpus.forEach(vcpu -> vcpu.go(operations));
  }

  private long operations() {
    return vcpus.stream().mapToLong(Vcpu::operations).sum();
  }

  /** A vCPU is about to do its first instruction, or any later one. */
  void instruction() {
    Runnable first = firstInstruction;
    if (first != null) {
      firstInstruction = null;
      first.run();
    }
  }

  void loaded(Vcpu by, int region, int word, long value) {
    RegionModel model = models.get(region);
    if (place == Place.DESTINATION) {
      model.touch(word);
    }
    if (value != model.get(word)) {
      rules.broken(
          "vCPU " + by.number() + " read a wrong word " + word + " in " + page(region, word));
    }
  }

  void stored(int region, int word, long value) {
    models.get(region).set(word, value);
    if (place == Place.DESTINATION) {
      models.get(region).touch(word);
      writtenThere.add(new int[] {region, word});
    } else {
      dirty.get(region).set(word / RegionModel.WORDS_PER_PAGE);
    }
  }

  private static String page(int region, int word) {
    return "page " + word / RegionModel.WORDS_PER_PAGE + " of region " + region;
  }

  // What must hold ----------------------------------------------------------------------------

  /** Behind each event. */
  void check() {
    for (Vcpu vcpu : vcpus) {
      vcpu.goOnIfAwake();
    }
    int written = writtenThere.size();
    Home at = home;
    if (written == 0 || at == null || place != Place.DESTINATION || !at.process().isAlive()) {
      return;
    }
    for (int i = 0; i < WORDS_LOOKED_AT; i++) {
      int[] which = writtenThere.get(world.random().nextInt(written));
      checkWritten(at, which[0], which[1]);
    }
  }

  private void checkWritten(Home at, int region, int word) {
    if (RegionModel.read(at.regions().get(region), word) != models.get(region).get(word)) {
      rules.broken("what the guest wrote in " + page(region, word) + " was written over");
    }
  }

  /** All memory at the end. */
  void checkAll(List<MemoryRegion> regions) {
    for (int i = 0; i < models.size(); i++) {
      int wrong = models.get(i).firstWrongPage(regions.get(i));
      rules.require(wrong < 0, "at the end page " + wrong + " of region " + i + " is wrong");
    }
  }

  /** Which vCPU waits for a page; empty for none. */
  String asleep() {
    return asleepSince(world.nowNanos());
  }

  /** Which vCPU has waited for a page since a time or before; empty for none. */
  String asleepSince(long nanos) {
    StringBuilder text = new StringBuilder();
    for (Vcpu vcpu : vcpus) {
      text.append(vcpu.isAsleepSince(nanos) ? " vCPU " + vcpu.number() : "");
    }
    return text.toString().strip();
  }

  /** What tells which pages the guest wrote at the source. */
  DirtyLog dirtyLog() {
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
        // costs nothing while it is on
      }
    };
  }
}
