package io.faultline.source;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class ReconnectorTest {
  private static final long MILLI = 1_000_000L;
  private static final long SECOND = 1000 * MILLI;

  private double jitter;
  private long now = SECOND;

  @Test
  void pausesDoubleUpToALimitAndNeverVanish() {
    Reconnector reconnector = new Reconnector(1, 0, () -> jitter);
    long before = 0;
    for (int i = 0; i < 20; i++) {
      reconnector.lost("cut", now);
      long pause = reconnector.retryNanos() - now;
      assertThat(pause).isBetween(25 * MILLI, 2500 * MILLI).isGreaterThanOrEqualTo(before);
      before = pause;
      now += pause;
      assertThat(reconnector.isDue(now - 1)).isFalse();
      assertThat(reconnector.isDue(now)).isTrue();
      reconnector.next();
    }
    assertThat(before).isEqualTo(2500 * MILLI);
    assertThat(reconnector.attempt()).isEqualTo(21);
  }

  @Test
  void jitterIsAtMostHalfOfThePause() {
    Reconnector reconnector = new Reconnector(1, 0, () -> jitter);
    jitter = 0.999;
    reconnector.lost("cut", now);
    assertThat(reconnector.retryNanos() - now).isBetween(49 * MILLI, 50 * MILLI);
  }

  @Test
  void addressesAreTriedInTheirOrderFromTheOneThatWorked() {
    Reconnector reconnector = new Reconnector(3, 0, () -> jitter);
    int[] tried = new int[5];
    for (int i = 0; i < tried.length; i++) {
      reconnector.lost("cut", now);
      reconnector.next();
      tried[i] = reconnector.address();
    }
    assertThat(tried).containsExactly(0, 1, 2, 0, 1);
    reconnector.recovered(now);
    now += 10 * SECOND;
    reconnector.lost("cut", now);
    reconnector.next();
    assertThat(reconnector.address()).isEqualTo(1);
  }

  @Test
  void connectionsThatDoNotLastKeepThePauseGrowing() {
    Reconnector reconnector = new Reconnector(1, 0, () -> jitter);
    for (int i = 0; i < 4; i++) {
      reconnector.lost("cut", now);
      reconnector.next();
      reconnector.recovered(now);
      now += MILLI;
    }
    reconnector.lost("cut", now);
    assertThat(reconnector.retryNanos() - now).isEqualTo(400 * MILLI);
    reconnector.recovered(now);
    now += 10 * SECOND;
    reconnector.lost("cut", now);
    assertThat(reconnector.retryNanos() - now).isEqualTo(25 * MILLI);
    assertThat(reconnector.recoveries().sum()).isEqualTo(5);
  }

  @Test
  void anOutageIsGivenUpByItsLengthWhateverIsTriedMeanwhile() {
    Reconnector reconnector = new Reconnector(1, 10 * SECOND, () -> jitter);
    assertThat(reconnector.isOver(now)).isFalse();
    reconnector.lost("cut", now);
    reconnector.next();
    reconnector.lost("refused", now + 9 * SECOND);
    assertThat(reconnector.isOver(now + 10 * SECOND)).isFalse();
    assertThat(reconnector.isOver(now + 10 * SECOND + 1)).isTrue();
    assertThat(reconnector.reason()).isEqualTo("refused");
    assertThat(reconnector.pausedNanos(now + 4 * SECOND)).isEqualTo(4 * SECOND);
  }
}
