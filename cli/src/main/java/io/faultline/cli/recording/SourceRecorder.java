package io.faultline.cli.recording;

import io.faultline.source.OutgoingProgress;
import io.faultline.source.SourceSettings;
import io.faultline.source.recording.OutgoingRecording;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Records an outgoing migration if a report is wanted; otherwise does nothing. Confined to one
 * thread.
 */
public final class SourceRecorder {
  private final boolean wanted;
  private final OutgoingRecording recording = new OutgoingRecording();
  private @Nullable ProgressSampler sampler;
  private long ramBytes;

  /**
   * @param wanted whether to record
   */
  public SourceRecorder(boolean wanted) {
    this.wanted = wanted;
  }

  /** The settings of a migration that is recorded. */
  public SourceSettings settings(SourceSettings settings) {
    return wanted ? settings.withRecording(recording) : settings;
  }

  /**
   * Samples the progress until the result is closed.
   *
   * @param totalBytes guest memory
   */
  public AutoSampling sample(Supplier<OutgoingProgress> progress, long totalBytes) {
    if (!wanted) {
      return () -> {};
    }
    ramBytes = totalBytes;
    ProgressSampler started = new ProgressSampler(() -> amounts(progress.get()), System::nanoTime);
    sampler = started;
    return started::close;
  }

  private static ProgressSampler.Amounts amounts(OutgoingProgress now) {
    return new ProgressSampler.Amounts(now.bytesSent(), now.remainingPages() * now.basePageBytes());
  }

  /** Ends the sampling. */
  public interface AutoSampling extends AutoCloseable {
    @Override
    void close();
  }

  /** What was recorded, once the source is closed. */
  public MigrationRecording recorded() {
    Samples samples = sampler == null ? Samples.NONE : sampler.samples();
    return new MigrationRecording(new SourceSide(recording.events(), ramBytes, samples), null);
  }
}
