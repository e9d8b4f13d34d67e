package io.faultline.demo.vcpu;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;

/**
 * Threads that are created before they are needed, and wait until they are released. On a busy
 * machine it takes a JVM up to a few milliseconds to create a thread; a paused guest must not wait
 * for that.
 *
 * <p>{@link #add} and {@link #join} are confined to one thread; the other methods are thread-safe.
 */
public final class StandbyThreads {
  private final CountDownLatch gate = new CountDownLatch(1);
  private final List<Thread> threads = new ArrayList<>();
  private volatile boolean dismissed;

  /**
   * Creates a daemon thread.
   *
   * @param body what it runs after {@link #release}
   * @throws IllegalStateException if the system refuses a thread; the others are then dismissed
   */
  public void add(String name, Runnable body) {
    try {
      threads.add(Thread.ofPlatform().daemon().name(name).start(() -> run(body)));
    } catch (OutOfMemoryError e) { // thrown by the JVM if the kernel refuses a thread
      dismiss();
      throw new IllegalStateException(
          "cannot create the thread " + name + " (" + e.getMessage() + "); raise ulimit -u", e);
    }
  }

  private void run(Runnable body) {
    try {
      gate.await(); // unbounded, as the wait for an incoming VM is
    } catch (InterruptedException e) {
      return; // never interrupted
    }
    if (!dismissed) {
      body.run();
    }
  }

  /** Lets the threads run their bodies. */
  public void release() {
    gate.countDown();
  }

  /** Ends the threads that were not released. */
  public void dismiss() {
    dismissed = true;
    gate.countDown();
  }

  /**
   * Waits until all threads have ended.
   *
   * @param each how long to wait for each thread
   * @return a thread that has not ended in time
   */
  public Optional<Thread> join(Duration each) throws InterruptedException {
    for (Thread thread : threads) {
      if (!thread.join(each)) {
        return Optional.of(thread);
      }
    }
    return Optional.empty();
  }

  /**
   * Dismisses the threads that were not released, and waits until all have ended.
   *
   * @param each how long to wait for each thread
   * @param otherwise what follows if one has not ended, for the message
   * @throws IllegalStateException if a thread has not ended in time, or this one is interrupted
   */
  public void end(Duration each, String otherwise) {
    dismiss();
    try {
      Optional<Thread> late = join(each);
      if (late.isPresent()) {
        throw new IllegalStateException(
            late.get().getName() + " did not end within " + each + "; " + otherwise);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while closing the VM; " + otherwise, e);
    }
  }
}
