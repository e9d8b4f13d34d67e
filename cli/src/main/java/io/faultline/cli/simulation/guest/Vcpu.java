package io.faultline.cli.simulation.guest;

import io.faultline.cli.simulation.runtime.Simulator;
import io.faultline.uffd.simulated.SimulatedKernel;
import io.faultline.uffd.simulated.SleepingFault;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** A vCPU: it loads and stores random words at random intervals, and sleeps in page faults. */
final class Vcpu {
  private static final long MAX_WAKE_NANOS = 30_000;

  private final int number;
  private final Guest guest;
  private final Simulator simulator;
  private final long pauseNanos;
  private int budget;
  private long operations;
  private long generation;
  private long waitingSinceNanos;
  private int region;
  private int word;
  private boolean write;
  private @Nullable SleepingFault fault;

  Vcpu(int number, Guest guest, Simulator simulator, long pauseNanos) {
    this.number = number;
    this.guest = guest;
    this.simulator = simulator;
    this.pauseNanos = pauseNanos;
  }

  int number() {
    return number;
  }

  /** Number of completed operations. */
  long operations() {
    return operations;
  }

  /** Whether it has been waiting for a page since {@code nanos} or longer. */
  boolean isWaitingSince(long nanos) {
    return fault != null && waitingSinceNanos <= nanos;
  }

  /** Executes {@code more} operations, on the side that the guest runs on now. */
  void run(int more) {
    budget = more;
    generation++;
    next(simulator.random().nextLong(pauseNanos));
  }

  void stop() {
    generation++;
    if (fault != null) {
      fault.leave();
      fault = null;
    }
  }

  private void next(long nanos) {
    long scheduledIn = generation;
    simulator.after(nanos, () -> step(scheduledIn));
  }

  private void step(long scheduledIn) {
    Guest.Side at = guest.runsAt();
    if (scheduledIn != generation || at == null || budget == 0 || !at.process().isAlive()) {
      return;
    }
    long stopped = at.process().stoppedForNanos();
    if (stopped > 0) {
      next(stopped);
      return;
    }
    guest.onInstruction();
    choose();
    attempt(at);
  }

  private void choose() {
    SplittableRandom random = simulator.random();
    region = random.nextInt(guest.models().size());
    word = random.nextInt(guest.models().get(region).wordCount());
    write = random.nextInt(2) == 0;
  }

  private void attempt(Guest.Side at) {
    SimulatedKernel kernel = at.kernel();
    long address = at.regions().get(region).guest().address((long) word * Long.BYTES);
    fault = kernel.touch(address, write);
    if (fault != null) {
      waitingSinceNanos = simulator.nowNanos();
      simulator.trace(
          "guest", () -> "vCPU " + number + " waits for page " + page() + " of region " + region);
      return;
    }
    if (write) {
      long value = simulator.random().nextLong();
      kernel.guestStore(address, value);
      guest.stored(region, word, value);
    } else {
      guest.loaded(this, region, word, kernel.guestLoad(address));
    }
    operations++;
    budget--;
    boolean rests = simulator.oneIn(40);
    next(simulator.random().nextLong(rests ? 50 * pauseNanos : pauseNanos));
  }

  /** Retries its access if its fault was woken. */
  void continueIfAwake() {
    SleepingFault sleeping = fault;
    if (sleeping == null || !sleeping.isAwake()) {
      return;
    }
    sleeping.leave();
    fault = null;
    long scheduledIn = generation;
    simulator.after(simulator.random().nextLong(MAX_WAKE_NANOS), () -> retry(scheduledIn));
  }

  private void retry(long scheduledIn) {
    Guest.Side at = guest.runsAt();
    if (scheduledIn != generation || at == null || !at.process().isAlive()) {
      return;
    }
    long stopped = at.process().stoppedForNanos();
    if (stopped > 0) {
      simulator.after(stopped, () -> retry(scheduledIn));
      return;
    }
    simulator.trace("guest", () -> "vCPU " + number + " is woken for page " + page());
    attempt(at);
  }

  private int page() {
    return word / RegionModel.WORDS_PER_PAGE;
  }
}
