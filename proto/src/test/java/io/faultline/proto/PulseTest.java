package io.faultline.proto;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class PulseTest {
  private static final long MILLI = 1_000_000L;

  @Test
  void aHeartbeatIsDueWhenNothingWasSentForAThirdOfThePeersPatience() {
    Pulse pulse = new Pulse(0, 300, 0);
    assertThat(pulse.isDue(99 * MILLI)).isFalse();
    assertThat(pulse.isDue(100 * MILLI)).isTrue();
    pulse.sent(100 * MILLI);
    assertThat(pulse.isDue(199 * MILLI)).isFalse();
  }

  @Test
  void whoNeverLosesPatienceNeedsNoHeartbeatsAndNoticesNoSilence() {
    Pulse pulse = new Pulse(0, 0, 0);
    assertThat(pulse.isDue(Long.MAX_VALUE)).isFalse();
    assertThat(pulse.isSilent(Long.MAX_VALUE)).isFalse();
  }

  @Test
  void silenceIsWhatThePeerDidNotSayWhileThisSideListened() {
    Pulse pulse = new Pulse(300, 0, 0);
    long now = 0;
    for (int i = 0; i < 6; i++) {
      now += 50 * MILLI;
      assertThat(pulse.isSilent(now)).isFalse();
    }
    now += 1000 * MILLI; // this side was stopped meanwhile
    assertThat(pulse.isSilent(now)).isFalse();
    now += 50 * MILLI;
    assertThat(pulse.isSilent(now)).isTrue();
    pulse.heard(now);
    assertThat(pulse.isSilent(now)).isFalse();
  }

  @Test
  void aPeerCannotHaveHeartbeatsSentWithoutPause() {
    Pulse pulse = new Pulse(0, 1, 0);
    assertThat(pulse.isDue(19 * MILLI)).isFalse();
    assertThat(pulse.isDue(20 * MILLI)).isTrue();
  }
}
