package io.faultline.demo.vcpu;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;

/**
 * Threads that are made before they are needed, and wait until then: to make one takes a JVM up to
 * some milliseconds where processors are busy, and a guest that is paused would wait for that.
 *
 * <p>{@link #add} and {@link #join} belong to one thread; all else is thread-safe.
 */
public final class StandbyThreads {
  private final CountDownLatch gate = new CountDownLatch(1);
  private final List<Thread> threads = new ArrayList<>();
  private volatile boolean dismissed;

  /**
   * Makes one more, a daemon.
   *
   * @param body what it does behind {@link #release}
   * @throws IllegalStateException where no more threads can be had; the others are dismissed then
   */
  public void add(String name, Runnable body) {
    try {
      threads.add(Thread.ofPlatform().daemon().name(name).start(() -> run(body)));
    } catch (OutOfMemoryError e) { // what a JVM throws where the kernel refuses a thread
      dismiss();
      throw new IllegalStateException(
          "no thread for " + name + " (" + e.getMessage() + "); raise the limit (ulimit -u)", e);
    }
  }

  private void run(Runnable body) {
    try {
      gate.await(); // as long as the VM may take to come
    } catch (InterruptedException e) {
      return; // nobody does that
    }
    if (!dismissed) {
      body.run();
    }
  }

  /** They begin. */
  public void release() {
    gate.countDown();
  }

  /** Those that have not begun never will, and end. */
  public void dismiss() {
    dismissed = true;
    gate.countDown();
  }

  /**
   * Waits until all have ended.
   *
   * @param each how long to wait for each of them
   * @return one that has not
   */
  public Optional<Thread> join(Duration each) throws InterruptedException {
    for (Thread thread : threads) {
      if (!thread.join(each)) {
        return Optional.of(thread);
      }
    }
    return Optional.empty();
  }
}
