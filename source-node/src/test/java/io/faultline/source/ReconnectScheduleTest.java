package io.faultline.source;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class ReconnectScheduleTest {
  private static final long MILLI = 1_000_000L;
  private static final long SECOND = 1000 * MILLI;

  private double jitter;
  private long now = SECOND;

  @Test
  void pausesDoubleUpToALimitAndNeverVanish() {
    ReconnectSchedule reconnectSchedule = new ReconnectSchedule(1, 0, () -> jitter);
    long before = 0;
    for (int i = 0; i < 20; i++) {
      reconnectSchedule.lost("cut", now);
      long pause = reconnectSchedule.retryNanos() - now;
      assertThat(pause).isBetween(25 * MILLI, 2500 * MILLI).isGreaterThanOrEqualTo(before);
      before = pause;
      now += pause;
      assertThat(reconnectSchedule.isDue(now - 1)).isFalse();
      assertThat(reconnectSchedule.isDue(now)).isTrue();
      reconnectSchedule.next();
    }
    assertThat(before).isEqualTo(2500 * MILLI);
    assertThat(reconnectSchedule.attempt()).isEqualTo(21);
  }

  @Test
  void jitterIsAtMostHalfOfThePause() {
    ReconnectSchedule reconnectSchedule = new ReconnectSchedule(1, 0, () -> jitter);
    jitter = 0.999;
    reconnectSchedule.lost("cut", now);
    assertThat(reconnectSchedule.retryNanos() - now).isBetween(49 * MILLI, 50 * MILLI);
  }

  @Test
  void addressesAreTriedInTheirOrderFromTheOneThatWorked() {
    ReconnectSchedule reconnectSchedule = new ReconnectSchedule(3, 0, () -> jitter);
    int[] tried = new int[5];
    for (int i = 0; i < tried.length; i++) {
      reconnectSchedule.lost("cut", now);
      reconnectSchedule.next();
      tried[i] = reconnectSchedule.address();
    }
    assertThat(tried).containsExactly(0, 1, 2, 0, 1);
    reconnectSchedule.recovered(now);
    now += 10 * SECOND;
    reconnectSchedule.lost("cut", now);
    reconnectSchedule.next();
    assertThat(reconnectSchedule.address()).isEqualTo(1);
  }

  @Test
  void connectionsThatDoNotLastKeepThePauseGrowing() {
    ReconnectSchedule reconnectSchedule = new ReconnectSchedule(1, 0, () -> jitter);
    for (int i = 0; i < 4; i++) {
      reconnectSchedule.lost("cut", now);
      reconnectSchedule.next();
      reconnectSchedule.recovered(now);
      now += MILLI;
    }
    reconnectSchedule.lost("cut", now);
    assertThat(reconnectSchedule.retryNanos() - now).isEqualTo(400 * MILLI);
    reconnectSchedule.recovered(now);
    now += 10 * SECOND;
    reconnectSchedule.lost("cut", now);
    assertThat(reconnectSchedule.retryNanos() - now).isEqualTo(25 * MILLI);
    assertThat(reconnectSchedule.recoveries().sum()).isEqualTo(5);
  }

  @Test
  void anOutageIsGivenUpByItsLengthWhateverIsTriedMeanwhile() {
    ReconnectSchedule reconnectSchedule = new ReconnectSchedule(1, 10 * SECOND, () -> jitter);
    assertThat(reconnectSchedule.isOver(now)).isFalse();
    reconnectSchedule.lost("cut", now);
    reconnectSchedule.next();
    reconnectSchedule.lost("refused", now + 9 * SECOND);
    assertThat(reconnectSchedule.isOver(now + 10 * SECOND)).isFalse();
    assertThat(reconnectSchedule.isOver(now + 10 * SECOND + 1)).isTrue();
    assertThat(reconnectSchedule.reason()).isEqualTo("refused");
    assertThat(reconnectSchedule.pausedNanos(now + 4 * SECOND)).isEqualTo(4 * SECOND);
  }
}
