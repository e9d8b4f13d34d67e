package io.faultline.cli.recording;

import io.faultline.demo.vm.HostedVm;
import io.faultline.dest.DestinationSettings;
import io.faultline.dest.IncomingReport;
import io.faultline.dest.recording.IncomingRecording;
import io.faultline.dest.recording.TimeBuckets;
import java.util.List;
import java.util.Optional;

/**
 * Records an incoming migration if a report is wanted; otherwise does nothing. Thread-safe, except
 * {@link #recorded}.
 */
public final class DestinationRecorder {
  private final boolean wanted;
  private final IncomingRecording recording = new IncomingRecording(System::nanoTime);

  /**
   * @param wanted whether to record
   */
  public DestinationRecorder(boolean wanted) {
    this.wanted = wanted;
  }

  /** Whether it records. */
  public boolean isWanted() {
    return wanted;
  }

  /** The settings of a migration that is recorded. */
  public DestinationSettings settings(DestinationSettings settings) {
    return wanted ? settings.withRecording(recording) : settings;
  }

  /** The VM was built. Its vCPUs do not run yet. */
  public void prepared(Optional<HostedVm> vm) {
    if (wanted) {
      vm.ifPresent(HostedVm::recordBlockedTime);
    }
  }

  /** The migration has ended: later waits of the VM are not caused by it. */
  public void ended(Optional<HostedVm> vm) {
    if (wanted) {
      vm.ifPresent(HostedVm::stopRecordingBlockedTime);
    }
  }

  /** What was recorded, once the destination is closed and the VM is stopped. */
  public MigrationRecording recorded(IncomingReport report, Optional<HostedVm> vm) {
    List<TimeBuckets.Series> blocked = vm.map(HostedVm::blockedTime).orElse(List.of());
    return new MigrationRecording(
        null, new DestinationSide(recording.events(), report.basePageBytes(), blocked));
  }
}
