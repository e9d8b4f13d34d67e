package io.faultline.proto;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class HeartbeatsTest {
  private static final long MILLI = 1_000_000L;

  @Test
  void heartbeatIsDueAfterAThirdOfThePeersSilenceLimit() {
    Heartbeats heartbeats = new Heartbeats(0, 300, 0);
    assertThat(heartbeats.isDue(99 * MILLI)).isFalse();
    assertThat(heartbeats.isDue(100 * MILLI)).isTrue();
    heartbeats.sent(100 * MILLI);
    assertThat(heartbeats.isDue(199 * MILLI)).isFalse();
  }

  @Test
  void withoutSilenceLimitsNoHeartbeatIsDueAndNobodyIsSilent() {
    Heartbeats heartbeats = new Heartbeats(0, 0, 0);
    assertThat(heartbeats.isDue(Long.MAX_VALUE)).isFalse();
    assertThat(heartbeats.isSilent(Long.MAX_VALUE)).isFalse();
  }

  @Test
  void timeInWhichThisSideWasStoppedIsNoSilenceOfThePeer() {
    Heartbeats heartbeats = new Heartbeats(300, 0, 0);
    long now = 0;
    for (int i = 0; i < 6; i++) {
      now += 50 * MILLI;
      assertThat(heartbeats.isSilent(now)).isFalse();
    }
    now += 1000 * MILLI; // this side was stopped
    assertThat(heartbeats.isSilent(now)).isFalse();
    now += 50 * MILLI;
    assertThat(heartbeats.isSilent(now)).isTrue();
    heartbeats.received(now);
    assertThat(heartbeats.isSilent(now)).isFalse();
  }

  @Test
  void heartbeatsAreAtLeastTwentyMillisecondsApart() {
    Heartbeats heartbeats = new Heartbeats(0, 1, 0);
    assertThat(heartbeats.isDue(19 * MILLI)).isFalse();
    assertThat(heartbeats.isDue(20 * MILLI)).isTrue();
  }
}
