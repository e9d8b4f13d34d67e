package io.faultline.uffd.conformance;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A thread of a case that may sleep in a fault. */
final class Guest<T> {
  private final String what;
  private final CompletableFuture<T> outcome = new CompletableFuture<>();

  private Guest(String what) {
    this.what = what;
  }

  static <T> Guest<T> start(String what, Callable<T> body) {
    Guest<T> guest = new Guest<>(what);
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

  /** Waits for its end, whatever it is; false where it does not come. */
  boolean ends() {
    CompletableFuture<Boolean> ended = outcome.handle((value, failure) -> true);
    return ended.completeOnTimeout(false, CaseContext.PATIENCE_SECONDS, TimeUnit.SECONDS).join();
  }

  /** Waits for its end; fails where it does not come. */
  T await() throws Exception {
    try {
      return outcome.get(CaseContext.PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new CheckFailedException(
          what + " sleeps on after " + CaseContext.PATIENCE_SECONDS + " s");
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Exception cause) {
        throw cause;
      }
      throw e;
    }
  }

  /** Fails where it goes on within a time in which a woken thread would have run. */
  void staysAsleep() throws InterruptedException {
    Thread.sleep(Duration.ofMillis(20));
    Check.that(!isDone(), what + " went on, it should sleep");
  }
}
