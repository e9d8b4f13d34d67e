package io.faultline.restore.firecracker;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RetryTimerTest {
  @Test
  void triesSoonThenLessAndLessOftenAndNeverStops() {
    RetryTimer timer = new RetryTimer();
    long now = Long.MAX_VALUE - 1000; // nanoTime may overflow
    int attempts = 0;
    for (long start = now; now - start < 1_000_000_000; attempts++) {
      timer.failed(now);
      assertThat(timer.isDue(now)).isFalse();
      long wait = timer.remaining(now);
      assertThat(wait).isBetween(RetryTimer.FIRST_NANOS, RetryTimer.LAST_NANOS);
      now += wait;
      assertThat(timer.isDue(now)).isTrue();
    }
    assertThat(attempts).isBetween(60, 80);
    timer.stop();
    assertThat(timer.isRunning()).isFalse();
    assertThat(timer.isDue(now)).isFalse();
    timer.failed(now);
    assertThat(timer.remaining(now)).isEqualTo(RetryTimer.FIRST_NANOS);
  }
}
