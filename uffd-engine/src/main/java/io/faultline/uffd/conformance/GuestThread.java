package io.faultline.uffd.conformance;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A thread of a case that may sleep in a fault. */
final class GuestThread<T> {
  private final String what;
  private final CompletableFuture<T> outcome = new CompletableFuture<>();

  private GuestThread(String what) {
    this.what = what;
  }

  static <T> GuestThread<T> start(String what, Callable<T> body) {
    GuestThread<T> guest = new GuestThread<>(what);
    Thread.ofPlatform().daemon().name("conformance " + what).start(() -> guest.run(body));
    return guest;
  }

  private void run(Callable<T> body) {
    try {
      outcome.complete(body.call());
    } catch (Throwable t) {
      outcome.completeExceptionally(t);
    }
  }

  boolean isDone() {
    return outcome.isDone();
  }

  /** Waits until the thread ends or fails; false after the time limit. */
  boolean ends() {
    CompletableFuture<Boolean> ended = outcome.handle((value, failure) -> true);
    return ended.completeOnTimeout(false, CaseContext.LIMIT_SECONDS, TimeUnit.SECONDS).join();
  }

  /** Waits for the result; fails after the time limit. */
  T await() throws Exception {
    try {
      return outcome.get(CaseContext.LIMIT_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new ExpectationFailedException(
          what + " still sleeps after " + CaseContext.LIMIT_SECONDS + " s");
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Exception cause) {
        throw cause;
      }
      throw e;
    }
  }

  /** Expects that it still sleeps after a time in which a woken thread would have run. */
  void staysAsleep() throws InterruptedException {
    Thread.sleep(Duration.ofMillis(20));
    Expect.that(!isDone(), what + " continued, but should sleep");
  }
}
