package io.faultline.uffd.conformance;

import io.faultline.uffd.Errno;
import io.faultline.uffd.PageSize;
import io.faultline.uffd.SystemCallException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Runs one cell in a thread of its own, with a bound on its time. */
final class CellRunner {
  /** How long a cell may take, but for the time that stress is asked to run. */
  static final long BOUND_MILLIS = 10_000;

  private static final long GRACE_MILLIS = 2_000;

  private final Rig rig;
  private final long seed;
  private final long stressMillis;
  private final long boundMillis;

  CellRunner(Rig rig, long seed, long stressMillis, long boundMillis) {
    this.boundMillis = boundMillis;
    this.rig = rig;
    this.seed = seed;
    this.stressMillis = stressMillis;
  }

  CellResult run(ConformanceCase row, MemoryType memory) {
    long start = System.nanoTime();
    CaseContext bench = new CaseContext(rig, memory, seed, stressMillis);
    Outcome outcome = new Outcome();
    Thread thread =
        Thread.ofPlatform()
            .daemon()
            .name("conformance " + row.name())
            .start(() -> outcome.failure = failure(row, bench));
    String hang = await(thread, bench);
    Throwable failure = hang == null ? closing(bench, outcome.failure) : null;
    long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
    Verdict verdict = hang != null ? Verdict.FAIL : verdict(failure);
    String reason = hang != null ? hang : failure == null ? "" : reason(failure);
    return new CellResult(row.group(), row.name(), memory, verdict, reason, millis);
  }

  private @Nullable String await(Thread thread, CaseContext bench) {
    try {
      if (thread.join(Duration.ofMillis(boundMillis + stressMillis))) {
        return null;
      }
      bench.releaseSleepers();
      thread.interrupt();
      boolean ended = thread.join(Duration.ofMillis(GRACE_MILLIS));
      if (ended) {
        bench.close();
      }
      return "hangs: stopped after " + boundMillis + " ms" + (ended ? "" : ", and hangs on");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "interrupted";
    }
  }

  private static @Nullable Throwable failure(ConformanceCase row, CaseContext bench) {
    try {
      row.body().run(bench);
      return null;
    } catch (Throwable t) {
      return t;
    }
  }

  private static @Nullable Throwable closing(CaseContext bench, @Nullable Throwable failure) {
    try {
      bench.close();
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

  /** A mapping that found no huge pages; its message names the remedy. */
  private static boolean isPoolExhausted(Throwable failure) {
    return failure instanceof SystemCallException refused
        && refused.errno() == Errno.ENOMEM
        && refused.call().startsWith("mmap");
  }

  private String reason(Throwable failure) {
    if (isPoolExhausted(failure)) {
      return rig.kernel()
          .hugePagePool(PageSize.HUGE_2M)
          .map(pool -> "mmap gives ENOMEM: " + pool.shortage(Conformance.HUGE_PAGES))
          .orElse("mmap gives ENOMEM: this machine has no huge pages of 2 MiB");
    }
    String message = String.valueOf(failure.getMessage());
    boolean plain =
        failure instanceof CheckFailedException
            || failure instanceof NotSupportedException
            || failure instanceof UnsupportedOperationException
            || failure instanceof SystemCallException;
    return plain ? message + where(failure) : failure.getClass().getSimpleName() + ": " + message;
  }

  /** The line of the case that failed. */
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

  /** What the thread leaves; read after it has ended. */
  private static final class Outcome {
    private volatile @Nullable Throwable failure;
  }
}
