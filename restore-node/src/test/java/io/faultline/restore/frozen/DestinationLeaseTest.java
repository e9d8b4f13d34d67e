package io.faultline.restore.frozen;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import io.faultline.proto.PeerWait;
import org.junit.jupiter.api.Test;

class DestinationLeaseTest {
  private static final long SECOND = 1_000_000_000L;

  @Test
  void itBeginsWithTheFirstFrame() {
    DestinationLease lease = new DestinationLease(2 * SECOND);
    assertThat(lease.isOver(100 * SECOND)).isFalse();
    assertThat(lease.waiting()).isNull();
    lease.heard(200 * SECOND);
    for (long now = 200 * SECOND; now <= 202 * SECOND; now += SECOND / 10) {
      assertThat(lease.isOver(now)).isFalse();
    }
    assertThat(lease.isOver(202 * SECOND + 1)).isTrue();
  }

  @Test
  void timeInWhichThisProcessWasStoppedDoesNotCount() {
    DestinationLease lease = new DestinationLease(2 * SECOND);
    lease.heard(0);
    assertThat(lease.isOver(SECOND / 2)).isFalse();
    assertThat(lease.isOver(60 * SECOND)).isFalse();
    assertThat(lease.isOver(61 * SECOND)).isFalse();
    assertThat(lease.isOver(62 * SECOND)).isTrue();
  }

  @Test
  void withoutALimitItIsNeverOver() {
    DestinationLease lease = new DestinationLease(0);
    lease.heard(0);
    for (long now = 0; now < 1000 * SECOND; now += SECOND) {
      assertThat(lease.isOver(now)).isFalse();
    }
    assertThat(lease.waiting())
        .extracting(PeerWait::outcome, STRING)
        .contains("as long as it takes");
  }
}
