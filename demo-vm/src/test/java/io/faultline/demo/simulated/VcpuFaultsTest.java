package io.faultline.demo.simulated;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.dest.recording.TimeBuckets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Faults are counted, summed, and recorded by latency. */
final class VcpuFaultsTest {
  @Test
  void snapshotsContainAllFaultsSoFarAndDoNotChange() {
    FaultRecorder recorder = new FaultRecorder();
    recorder.record(20_000);
    VcpuFaults first = recorder.snapshot();
    recorder.record(40_000);
    VcpuFaults second = recorder.snapshot();
    assertThat(first.count()).isEqualTo(1);
    assertThat(first.blockedNanos()).isEqualTo(20_000);
    assertThat(second.count()).isEqualTo(2);
    assertThat(second.blockedNanos()).isEqualTo(60_000);
    assertThat(second.latencyNanos().getTotalCount()).isEqualTo(2);
  }

  @Test
  void mergedFaultsHaveThePercentilesOfAll() {
    FaultRecorder fast = new FaultRecorder();
    FaultRecorder slow = new FaultRecorder();
    for (int n = 0; n < 90; n++) {
      fast.record(50_000);
    }
    for (int n = 0; n < 10; n++) {
      slow.record(3_000_000);
    }
    VcpuFaults all = VcpuFaults.merged(List.of(fast.snapshot(), slow.snapshot()));
    assertThat(all.count()).isEqualTo(100);
    assertThat(all.blockedNanos()).isEqualTo(90 * 50_000 + 10 * 3_000_000);
    assertThat(all.latencyNanos().getValueAtPercentile(50)).isBetween(49_500L, 50_500L);
    assertThat(all.latencyNanos().getValueAtPercentile(99)).isBetween(2_970_000L, 3_030_000L);
  }

  @Test
  void blockedTimeIsRecordedOverTimeFromStartToStop() {
    FaultRecorder recorder = new FaultRecorder();
    TimeBuckets overTime = new TimeBuckets();
    recorder.record(1_000_000, 1_100_000);
    recorder.startRecording(overTime);
    recorder.record(5_000_000, 5_020_000);
    recorder.record(5_600_000, 5_630_000);
    recorder.stopRecording();
    recorder.record(7_000_000, 7_100_000);
    assertThat(recorder.snapshot().blockedNanos()).isEqualTo(250_000);
    assertThat(overTime.series().originNanos()).isEqualTo(5_000_000);
    assertThat(overTime.series().sums()).containsExactly(20_000, 0, 30_000);
  }

  @Test
  void faultAboveTheHistogramsRangeIsCountedAtItsMaximum() {
    FaultRecorder recorder = new FaultRecorder();
    recorder.record(2 * VcpuFaults.MAX_NANOS);
    assertThat(recorder.snapshot().count()).isEqualTo(1);
    assertThat(recorder.snapshot().blockedNanos()).isEqualTo(2 * VcpuFaults.MAX_NANOS);
  }
}
