package io.faultline.proto.connect;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class ReconnectScheduleTest {
  private static final long MILLI = 1_000_000L;
  private static final long SECOND = 1000 * MILLI;

  private double jitter;
  private long now = SECOND;

  @Test
  void backoffDoublesUpToALimit() {
    ReconnectSchedule schedule = new ReconnectSchedule(1, 0, () -> jitter);
    long before = 0;
    for (int i = 0; i < 20; i++) {
      schedule.lost("cut", now);
      long backoff = schedule.retryNanos() - now;
      assertThat(backoff).isBetween(25 * MILLI, 2500 * MILLI).isGreaterThanOrEqualTo(before);
      before = backoff;
      now += backoff;
      assertThat(schedule.isDue(now - 1)).isFalse();
      assertThat(schedule.isDue(now)).isTrue();
      schedule.next();
    }
    assertThat(before).isEqualTo(2500 * MILLI);
    assertThat(schedule.attempt()).isEqualTo(21);
  }

  @Test
  void jitterIsAtMostHalfOfTheBackoff() {
    ReconnectSchedule schedule = new ReconnectSchedule(1, 0, () -> jitter);
    jitter = 0.999;
    schedule.lost("cut", now);
    assertThat(schedule.retryNanos() - now).isBetween(49 * MILLI, 50 * MILLI);
  }

  @Test
  void addressesAreTriedInOrderFromTheOneThatWorkedLast() {
    ReconnectSchedule schedule = new ReconnectSchedule(3, 0, () -> jitter);
    int[] tried = new int[5];
    for (int i = 0; i < tried.length; i++) {
      schedule.lost("cut", now);
      schedule.next();
      tried[i] = schedule.address();
    }
    assertThat(tried).containsExactly(0, 1, 2, 0, 1);
    schedule.recovered(now);
    now += 10 * SECOND;
    schedule.lost("cut", now);
    schedule.next();
    assertThat(schedule.address()).isEqualTo(1);
  }

  @Test
  void unstableConnectionsDoNotResetTheBackoff() {
    ReconnectSchedule schedule = new ReconnectSchedule(1, 0, () -> jitter);
    for (int i = 0; i < 4; i++) {
      schedule.lost("cut", now);
      schedule.next();
      schedule.recovered(now);
      now += MILLI;
    }
    schedule.lost("cut", now);
    assertThat(schedule.retryNanos() - now).isEqualTo(400 * MILLI);
    schedule.recovered(now);
    now += 10 * SECOND;
    schedule.lost("cut", now);
    assertThat(schedule.retryNanos() - now).isEqualTo(25 * MILLI);
    assertThat(schedule.recoveries().sum()).isEqualTo(5);
  }

  @Test
  void outageEndsByItsLengthHoweverManyAttemptsAreMade() {
    ReconnectSchedule schedule = new ReconnectSchedule(1, 10 * SECOND, () -> jitter);
    assertThat(schedule.isOver(now)).isFalse();
    schedule.lost("cut", now);
    schedule.next();
    schedule.lost("refused", now + 9 * SECOND);
    assertThat(schedule.isOver(now + 10 * SECOND)).isFalse();
    assertThat(schedule.isOver(now + 10 * SECOND + 1)).isTrue();
    assertThat(schedule.reason()).isEqualTo("refused");
    assertThat(schedule.pausedNanos(now + 4 * SECOND)).isEqualTo(4 * SECOND);
  }
}
