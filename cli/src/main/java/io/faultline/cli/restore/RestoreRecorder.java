package io.faultline.cli.restore;

import io.faultline.cli.recording.ProgressSampler;
import io.faultline.cli.recording.RestoreRecording;
import io.faultline.cli.recording.Samples;
import io.faultline.restore.LazyPagesDaemon;
import io.faultline.restore.RestoreReport;
import io.faultline.restore.RestoreState;
import io.faultline.restore.space.DumpLayout;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Records a restore if a report is wanted; otherwise only its states. Thread-safe. */
final class RestoreRecorder implements AutoCloseable {
  private final boolean wanted;
  private final LongSupplier clock;
  private final List<RestoreRecording.Phase> phases = new CopyOnWriteArrayList<>();
  private @Nullable ProgressSampler sampler;

  /**
   * @param wanted whether there will be a report
   * @param clock in nanoseconds
   */
  RestoreRecorder(boolean wanted, LongSupplier clock) {
    this.wanted = wanted;
    this.clock = clock;
  }

  /** A state was entered. Before CRIU connects there is nothing to see. */
  void entered(RestoreState state) {
    boolean isShown = state != RestoreState.LISTENING && !isLast(state);
    if (isShown) {
      String name = state.name().toLowerCase(Locale.ROOT);
      phases.add(new RestoreRecording.Phase(name, clock.getAsLong()));
    }
  }

  private static boolean isLast(RestoreState state) {
    return state == RestoreState.COMPLETED || state == RestoreState.FAILED;
  }

  /** Samples the progress until this is closed, which must be before the daemon is. */
  void sample(LazyPagesDaemon daemon) {
    if (wanted) {
      sampler = new ProgressSampler(() -> amounts(daemon.progress().join()), clock);
    }
  }

  private static ProgressSampler.Amounts amounts(RestoreReport now) {
    long placed = now.memory().placedPages;
    return new ProgressSampler.Amounts(
        placed * DumpLayout.PAGE_BYTES, now.missingPages() * DumpLayout.PAGE_BYTES);
  }

  /** What was recorded, once this is closed. */
  RestoreRecording recorded(RestoreReport result) {
    Samples samples = sampler == null ? Samples.NONE : sampler.samples();
    return new RestoreRecording(
        List.copyOf(phases), clock.getAsLong(), samples, result.latencyNanos());
  }

  @Override
  public void close() {
    if (sampler != null) {
      sampler.close();
    }
  }
}
