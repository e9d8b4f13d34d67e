package io.faultline.demo.simulated;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The arithmetic of a pace, in simulated time. */
final class PacerTest {
  private static final long SECOND = 1_000_000_000L;
  private static final long OVERSLEEP = 80_000;
  private static final long ORIGIN = -5 * SECOND;

  /** Operations that a vCPU does in a period, if each takes 20 ns and each sleep overruns. */
  private static long operations(Pacer pacer, long fromNanos, long lengthNanos) {
    long now = fromNanos;
    long done = 0;
    while (now < fromNanos + lengthNanos) {
      if (pacer.isAhead()) {
        now = pacer.dueNanos() + OVERSLEEP;
        pacer.timePassed(now);
      } else {
        long batch = Math.min(64, pacer.batch());
        now += batch * 20;
        pacer.operationsDone(batch, now);
        done += batch;
      }
    }
    return done;
  }

  @ParameterizedTest
  @ValueSource(longs = {3, 100, 999, 1500, 100_000, 7_777_777})
  void paceIsKeptAlthoughSleepsOverrun(long pace) {
    Pacer pacer = new Pacer(pace);
    pacer.start(ORIGIN);
    assertThat((double) operations(pacer, ORIGIN, 20 * SECOND))
        .isCloseTo(20.0 * pace, within(Math.max(1, 0.002 * 20 * pace)));
  }

  @Test
  void vcpuWithoutAPaceIsNeverAhead() {
    Pacer pacer = new Pacer(0);
    pacer.start(ORIGIN);
    for (int n = 0; n < 1000; n++) {
      pacer.operationsDone(64, ORIGIN + n);
      assertThat(pacer.isAhead()).isFalse();
    }
    assertThat(pacer.batch()).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void longPauseIsNotMadeUpFor() {
    Pacer pacer = new Pacer(100_000);
    pacer.start(ORIGIN);
    operations(pacer, ORIGIN, SECOND);
    pacer.timePassed(ORIGIN + 100 * SECOND);
    assertThat(operations(pacer, ORIGIN + 100 * SECOND, SECOND)).isBetween(100_000L, 101_100L);
  }
}
