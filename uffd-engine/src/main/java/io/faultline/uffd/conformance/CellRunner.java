package io.faultline.uffd.conformance;

import io.faultline.uffd.Errno;
import io.faultline.uffd.PageSize;
import io.faultline.uffd.SystemCallException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Runs one cell in its own thread, with a time limit. */
final class CellRunner {
  /** The time limit of a cell, without the duration of the stress case. */
  static final long BOUND_MILLIS = 10_000;

  private static final long GRACE_MILLIS = 2_000;

  private final Engine engine;
  private final long seed;
  private final long stressMillis;
  private final long boundMillis;

  CellRunner(Engine engine, long seed, long stressMillis, long boundMillis) {
    this.boundMillis = boundMillis;
    this.engine = engine;
    this.seed = seed;
    this.stressMillis = stressMillis;
  }

  CellResult run(ConformanceCase row, MemoryType memory) {
    long start = System.nanoTime();
    CaseContext context = new CaseContext(engine, memory, seed, stressMillis);
    Outcome outcome = new Outcome();
    Thread thread =
        Thread.ofPlatform()
            .daemon()
            .name("conformance " + row.name())
            .start(() -> outcome.failure = failure(row, context));
    String hang = await(thread, context);
    Throwable failure = hang == null ? closing(context, outcome.failure) : null;
    long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
    Verdict verdict = hang != null ? Verdict.FAIL : verdict(failure);
    String reason = hang != null ? hang : failure == null ? "" : reason(failure);
    return new CellResult(row.group(), row.name(), memory, verdict, reason, millis);
  }

  private @Nullable String await(Thread thread, CaseContext context) {
    try {
      if (thread.join(Duration.ofMillis(boundMillis + stressMillis))) {
        return null;
      }
      context.closeUserfaultfds();
      thread.interrupt();
      boolean ended = thread.join(Duration.ofMillis(GRACE_MILLIS));
      if (ended) {
        context.close();
      }
      return "hangs: stopped after " + boundMillis + " ms" + (ended ? "" : ", and still hangs");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "interrupted";
    }
  }

  private static @Nullable Throwable failure(ConformanceCase row, CaseContext context) {
    try {
      row.body().run(context);
      return null;
    } catch (Throwable t) {
      return t;
    }
  }

  private static @Nullable Throwable closing(CaseContext context, @Nullable Throwable failure) {
    try {
      context.close();
      return failure;
    } catch (RuntimeException e) {
      return failure == null ? e : failure;
    }
  }

  private static Verdict verdict(@Nullable Throwable failure) {
    if (failure == null) {
      return Verdict.PASS;
    }
    boolean missing =
        failure instanceof NotSupportedException
            || failure instanceof UnsupportedOperationException
            || isPoolExhausted(failure);
    return missing ? Verdict.NOT_SUPPORTED : Verdict.FAIL;
  }

  /** Whether a mapping failed for lack of huge pages; its message names the remedy. */
  private static boolean isPoolExhausted(Throwable failure) {
    return failure instanceof SystemCallException refused
        && refused.errno() == Errno.ENOMEM
        && refused.call().startsWith("mmap");
  }

  private String reason(Throwable failure) {
    if (isPoolExhausted(failure)) {
      return engine
          .kernel()
          .hugePagePool(PageSize.HUGE_2M)
          .map(pool -> "mmap returned ENOMEM: " + pool.shortage(Conformance.HUGE_PAGES))
          .orElse("mmap returned ENOMEM: this machine has no huge pages of 2 MiB");
    }
    String message = String.valueOf(failure.getMessage());
    boolean plain =
        failure instanceof ExpectationFailedException
            || failure instanceof NotSupportedException
            || failure instanceof UnsupportedOperationException
            || failure instanceof SystemCallException;
    return plain ? message + where(failure) : failure.getClass().getSimpleName() + ": " + message;
  }

  /** The failed line of the case. */
  private static String where(Throwable failure) {
    if (failure instanceof NotSupportedException) {
      return "";
    }
    for (StackTraceElement frame : failure.getStackTrace()) {
      if (frame.getClassName().endsWith("Cases")) {
        return " (" + frame.getFileName() + ":" + frame.getLineNumber() + ")";
      }
    }
    return "";
  }

  /** The result of the thread, read after it has ended. */
  private static final class Outcome {
    private volatile @Nullable Throwable failure;
  }
}
