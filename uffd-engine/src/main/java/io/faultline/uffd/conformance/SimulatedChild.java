package io.faultline.uffd.conformance;

import io.faultline.uffd.Advice;
import io.faultline.uffd.MemoryErrorException;
import io.faultline.uffd.Pagemap;
import io.faultline.uffd.simulated.SimulatedKernel;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLongArray;

/** A process of a simulated machine: a thread that runs its steps. */
final class SimulatedChild implements Rig.Child {
  private final SimulatedKernel kernel;
  private final boolean ownMemory;
  private final List<Rig.Step> steps;
  private final AtomicLongArray results;
  private final CountDownLatch killed = new CountDownLatch(1);
  private final Thread thread;
  private volatile boolean memoryError;

  /**
   * Starts it.
   *
   * @param ownMemory whether the kernel is this process's own, to be ended with it
   */
  SimulatedChild(SimulatedKernel kernel, boolean ownMemory, List<Rig.Step> steps) {
    this.kernel = kernel;
    this.ownMemory = ownMemory;
    this.steps = List.copyOf(steps);
    this.results = new AtomicLongArray(steps.size());
    this.thread = Thread.ofPlatform().daemon().name("conformance child").unstarted(this::run);
    thread.start();
  }

  @Override
  public boolean hasEnded() {
    return !thread.isAlive();
  }

  @Override
  public boolean hasMemoryError() {
    return memoryError;
  }

  @Override
  public long result(int step) {
    return results.get(step);
  }

  @Override
  public Pagemap openPagemap() {
    return kernel.openPagemap();
  }

  /** Ends it where it pauses; where it sleeps in a fault, closing the userfaultfd does. */
  @Override
  public void close() {
    killed.countDown();
    if (ownMemory) {
      kernel.exit();
    }
  }

  private void run() {
    try {
      for (int i = 0; i < steps.size(); i++) {
        results.set(i, step(steps.get(i)));
      }
    } catch (MemoryErrorException e) {
      memoryError = true;
    } finally {
      if (ownMemory) {
        kernel.exit();
      }
    }
  }

  private long step(Rig.Step step) {
    return switch (step) {
      case Rig.Step.Load load -> kernel.guestLoad(load.address());
      case Rig.Step.Store store -> {
        kernel.guestStore(store.address(), store.value());
        yield store.value();
      }
      case Rig.Step.Drop drop -> {
        kernel.advise(drop.address(), drop.lengthBytes(), Advice.DONT_NEED);
        yield 0;
      }
      case Rig.Step.Move move -> kernel.remap(move.address(), move.lengthBytes());
      case Rig.Step.Pause ignored -> pause();
    };
  }

  private long pause() {
    try {
      killed.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return 0;
  }
}
