package io.faultline.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

final class RateLimitTest {
  private static final long SECOND = 1_000_000_000L;
  private static final long MILLI = 1_000_000L;

  @Test
  void delayIsBytesOverRate() {
    RateLimit limit = new RateLimit(1_000_000);
    assertThat(limit.delayNanos(5)).isZero();
    limit.sent(500_000, 5);
    assertThat(limit.delayNanos(5)).isEqualTo(SECOND / 2);
    assertThat(limit.delayNanos(5 + SECOND / 4)).isEqualTo(SECOND / 4);
    assertThat(limit.delayNanos(5 + SECOND)).isZero();
  }

  @Test
  void rateHoldsOverALongTime() {
    RateLimit limit = new RateLimit(1_000_000);
    long now = 0;
    long sent = 0;
    while (now < 10 * SECOND) {
      now += limit.delayNanos(now);
      limit.sent(10_000, now);
      sent += 10_000;
    }
    assertThat(sent).isBetween(9_990_000L, 10_020_000L);
  }

  @Test
  void idleStreamMayCatchUpOnlyBriefly() {
    RateLimit limit = new RateLimit(1_000_000);
    limit.sent(1, 0);
    long now = 100 * SECOND;
    limit.sent(100_000, now);
    assertThat(limit.delayNanos(now)).isBetween(85 * MILLI, 100 * MILLI);
  }

  @Test
  void newRateAppliesImmediately() {
    RateLimit limit = new RateLimit(SourceSettings.UNLIMITED);
    limit.sent(1L << 40, 0);
    assertThat(limit.delayNanos(0)).isZero();
    limit.set(1_000_000);
    limit.sent(1_000, 0);
    assertThat(limit.delayNanos(0)).isEqualTo(MILLI);
    limit.set(SourceSettings.UNLIMITED);
    assertThat(limit.delayNanos(0)).isZero();
  }

  @Test
  void bytesOfOthersDelayTheStreamOnlyBriefly() {
    RateLimit limit = new RateLimit(1_000_000);
    limit.alsoSent(10_000);
    assertThat(limit.delayNanos(0)).isEqualTo(10 * MILLI);
    limit.alsoSent(50_000_000);
    assertThat(limit.delayNanos(0)).isEqualTo(50 * MILLI);
    assertThat(limit.delayNanos(50 * MILLI)).isZero();
    limit.sent(500_000, 50 * MILLI);
    limit.alsoSent(1);
    assertThat(limit.delayNanos(50 * MILLI)).as("its own delay is kept").isEqualTo(500 * MILLI);
  }

  @Test
  void bytesOfOthersAreIgnoredWithoutALimit() {
    RateLimit limit = new RateLimit(SourceSettings.UNLIMITED);
    limit.alsoSent(50_000_000);
    assertThat(limit.delayNanos(0)).isZero();
    limit.set(1_000);
    assertThat(limit.delayNanos(0)).isZero();
  }

  @Test
  void rateOfZeroIsRefused() {
    assertThatThrownBy(() -> new RateLimit(0)).hasMessageContaining("0 bytes/s");
  }
}
