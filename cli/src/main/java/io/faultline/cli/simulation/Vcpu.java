package io.faultline.cli.simulation;

import io.faultline.uffd.simulated.SimulatedKernel;
import io.faultline.uffd.simulated.SleepingFault;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** A vCPU: it loads and stores words, a random while apart, and sleeps in faults. */
final class Vcpu {
  private static final long WAKE_NANOS = 30_000;

  private final int number;
  private final Guest guest;
  private final World world;
  private final long pauseNanos;
  private int budget;
  private long operations;
  private long era;
  private long sleepsFromNanos;
  private int region;
  private int word;
  private boolean write;
  private @Nullable SleepingFault fault;

  Vcpu(int number, Guest guest, World world, long pauseNanos) {
    this.number = number;
    this.guest = guest;
    this.world = world;
    this.pauseNanos = pauseNanos;
  }

  int number() {
    return number;
  }

  /** Operations done. */
  long operations() {
    return operations;
  }

  boolean isAsleepSince(long nanos) {
    return fault != null && sleepsFromNanos <= nanos;
  }

  /** Goes on for so many operations, where the guest is now. */
  void go(int more) {
    budget = more;
    era++;
    next(world.random().nextLong(pauseNanos));
  }

  void stop() {
    era++;
    if (fault != null) {
      fault.leave();
      fault = null;
    }
  }

  private void next(long nanos) {
    long of = era;
    world.after(nanos, () -> step(of));
  }

  private void step(long of) {
    Guest.Home at = guest.runsAt();
    if (of != era || at == null || budget == 0 || !at.process().isAlive()) {
      return;
    }
    long stopped = at.process().stoppedForNanos();
    if (stopped > 0) {
      next(stopped);
      return;
    }
    guest.instruction();
    choose();
    attempt(at);
  }

  private void choose() {
    SplittableRandom random = world.random();
    region = random.nextInt(guest.models().size());
    word = random.nextInt(guest.models().get(region).wordCount());
    write = random.nextInt(2) == 0;
  }

  private void attempt(Guest.Home at) {
    SimulatedKernel kernel = at.kernel();
    long address = at.regions().get(region).guest().address((long) word * Long.BYTES);
    fault = kernel.touch(address, write);
    if (fault != null) {
      sleepsFromNanos = world.nowNanos();
      world.tell(
          "guest", () -> "vCPU " + number + " waits for page " + page() + " of region " + region);
      return;
    }
    if (write) {
      long value = world.random().nextLong();
      kernel.guestStore(address, value);
      guest.stored(region, word, value);
    } else {
      guest.loaded(this, region, word, kernel.guestLoad(address));
    }
    operations++;
    budget--;
    boolean rests = world.oneIn(40);
    next(world.random().nextLong(rests ? 50 * pauseNanos : pauseNanos));
  }

  /** Tries again where its fault was woken. */
  void goOnIfAwake() {
    SleepingFault of = fault;
    if (of == null || !of.isAwake()) {
      return;
    }
    of.leave();
    fault = null;
    long now = era;
    world.after(world.random().nextLong(WAKE_NANOS), () -> retry(now));
  }

  private void retry(long of) {
    Guest.Home at = guest.runsAt();
    if (of != era || at == null || !at.process().isAlive()) {
      return;
    }
    long stopped = at.process().stoppedForNanos();
    if (stopped > 0) {
      world.after(stopped, () -> retry(of));
      return;
    }
    world.tell("guest", () -> "vCPU " + number + " wakes for page " + page());
    attempt(at);
  }

  private int page() {
    return word / RegionModel.WORDS_PER_PAGE;
  }
}
