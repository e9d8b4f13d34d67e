package io.faultline.uffd.conformance;

import io.faultline.uffd.Advice;
import io.faultline.uffd.MemoryErrorException;
import io.faultline.uffd.Pagemap;
import io.faultline.uffd.simulated.ProcessExitedException;
import io.faultline.uffd.simulated.SimulatedKernel;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLongArray;

/** A child process of a simulated machine: a thread that runs its steps. */
final class SimulatedChild implements Engine.Child {
  private final SimulatedKernel kernel;
  private final boolean ownMemory;
  private final List<Engine.Step> steps;
  private final AtomicLongArray results;
  private final CountDownLatch killed = new CountDownLatch(1);
  private final Thread thread;
  private volatile boolean memoryError;

  /**
   * Starts the child.
   *
   * @param ownMemory whether the kernel belongs to this process and ends with it
   */
  SimulatedChild(SimulatedKernel kernel, boolean ownMemory, List<Engine.Step> steps) {
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

  /**
   * Ends a pause, and a process that has its own memory. Else a thread that sleeps in a fault ends
   * when the userfaultfd is closed.
   */
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
    } catch (ProcessExitedException e) {
      // killed while it slept
    } finally {
      if (ownMemory) {
        kernel.exit();
      }
    }
  }

  private long step(Engine.Step step) {
    return switch (step) {
      case Engine.Step.Load load -> kernel.guestLoad(load.address());
      case Engine.Step.Store store -> {
        kernel.guestStore(store.address(), store.value());
        yield store.value();
      }
      case Engine.Step.Drop drop -> {
        kernel.advise(drop.address(), drop.lengthBytes(), Advice.DONT_NEED);
        yield 0;
      }
      case Engine.Step.Move move -> kernel.remap(move.address(), move.lengthBytes());
      case Engine.Step.MoveOnto move -> {
        kernel.remap(move.address(), move.lengthBytes(), move.target());
        yield move.target();
      }
      case Engine.Step.Pause ignored -> pause();
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
