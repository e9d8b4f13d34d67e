package io.faultline.proto.runs;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class LinkMeterTest {
  private static final long MS = 1_000_000;
  private final LinkMeter meter = new LinkMeter();

  @Test
  void linkThatWasNeverFullIsUnknown() {
    assertThat(meter.bytesPerSecond(0)).isEqualTo(LinkMeter.UNKNOWN);
    assertThat(meter.isFull()).isFalse();
  }

  @Test
  void rateIsWhatDrainedFromTheFullQueuePerSecond() {
    meter.full(1000 * MS, 2_000_000);
    assertThat(meter.isFull()).isTrue();
    meter.writable(1020 * MS, 500_000);
    assertThat(meter.isFull()).isFalse();
    assertThat(meter.bytesPerSecond(1020 * MS)).isEqualTo(75_000_000);
  }

  @Test
  void shortFullPeriodsAddUp() {
    for (long now = 0; now < 40 * MS; now += 10 * MS) {
      assertThat(meter.bytesPerSecond(now)).isEqualTo(LinkMeter.UNKNOWN);
      meter.full(now, 1_500_000);
      meter.writable(now + MS, 500_000);
    }
    assertThat(meter.bytesPerSecond(40 * MS)).isEqualTo(1_000_000_000);
  }

  @Test
  void oldMeasurementExpires() {
    meter.full(0, 2_000_000);
    meter.writable(20 * MS, 500_000);
    assertThat(meter.bytesPerSecond(1000 * MS)).isEqualTo(75_000_000);
    assertThat(meter.bytesPerSecond(3000 * MS)).isEqualTo(LinkMeter.UNKNOWN);
    meter.full(3000 * MS, 2_000_000);
    meter.writable(3010 * MS, 1_000_000);
    assertThat(meter.bytesPerSecond(3010 * MS))
        .as("not averaged with the expired one")
        .isEqualTo(100_000_000);
  }
}
