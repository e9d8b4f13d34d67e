package io.faultline.proto;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class PeerTimeoutsTest {
  private static final PeerTimeouts THREE_SECONDS =
      new PeerTimeouts(Duration.ofSeconds(3), Duration.ofSeconds(60));

  @Test
  void silenceIsLongerForPeersThatPlaceGiganticPages() {
    PeerTimeouts longer = THREE_SECONDS.withPages(1L << 30);
    assertThat(longer.silence()).isBetween(Duration.ofSeconds(13), Duration.ofSeconds(14));
    assertThat(longer.giveUpAfter()).isEqualTo(THREE_SECONDS.giveUpAfter());
  }

  @Test
  void smallPagesDoNotChangeTheSilence() {
    assertThat(THREE_SECONDS.withPages(4096)).isEqualTo(THREE_SECONDS);
  }

  @Test
  void neverStaysNeverAndAnHourIsTheMaximum() {
    PeerTimeouts never = new PeerTimeouts(Duration.ZERO, Duration.ZERO);
    assertThat(never.withPages(1L << 30)).isEqualTo(never);
    PeerTimeouts hour = new PeerTimeouts(Duration.ofHours(1), Duration.ZERO);
    assertThat(hour.withPages(1L << 30)).isEqualTo(hour);
  }
}
