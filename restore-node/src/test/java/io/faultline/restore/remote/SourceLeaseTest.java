package io.faultline.restore.remote;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class SourceLeaseTest {
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  /** A nanosecond clock may have any value, also a negative one. */
  private static final long START = -5 * SECOND;

  private final SourceLease lease = new SourceLease();

  @Test
  void withoutAnAnnouncementItIsNeverOver() {
    assertThat(lease.isOver(Long.MAX_VALUE)).isFalse();
    assertThat(lease.leftNanos(START)).isEqualTo(Long.MAX_VALUE);
    assertThat(lease.isEndless()).isFalse();
    lease.announced(0, START);
    assertThat(lease.isEndless()).isTrue();
  }

  @Test
  void thisSideGivesUpAfterThreeQuarters() {
    lease.announced(60_000, START);
    assertThat(lease.isOver(START + 45 * SECOND)).isFalse();
    assertThat(lease.isOver(START + 45 * SECOND + 1)).isTrue();
    assertThat(lease.leftNanos(START + 15 * SECOND)).isEqualTo(30 * SECOND);
  }

  @Test
  void aConfirmationCountsFromWhenItsFrameWasSent() {
    lease.announced(60_000, START);
    lease.confirmed(START + 10 * SECOND);
    assertThat(lease.isOver(START + 55 * SECOND)).isFalse();
    assertThat(lease.isOver(START + 55 * SECOND + 1)).isTrue();
  }

  @Test
  void aLateConfirmationOfAnEarlierFrameTakesNothingBack() {
    lease.announced(60_000, START);
    lease.confirmed(START + 10 * SECOND);
    lease.confirmed(START + 2 * SECOND);
    assertThat(lease.isOver(START + 55 * SECOND)).isFalse();
  }

  /**
   * After an outage the page source announces again: whether it was told of this side is not known.
   */
  @Test
  void anotherAnnouncementDoesNotProlongIt() {
    lease.announced(60_000, START);
    lease.announced(60_000, START + 40 * SECOND);
    assertThat(lease.isOver(START + 45 * SECOND + 1)).isTrue();
  }

  @Test
  void zeroIsForEver() {
    lease.announced(0, START);
    assertThat(lease.isOver(START + 1_000_000 * SECOND)).isFalse();
  }

  @Test
  void aLeaseOfAnEarlierProgramHasTheRestOfItsTime() {
    lease.inherited(7 * SECOND, START);
    assertThat(lease.isOver(START + 7 * SECOND)).isFalse();
    assertThat(lease.isOver(START + 7 * SECOND + 1)).isTrue();
    lease.announced(60_000, START + SECOND);
    assertThat(lease.leftNanos(START + SECOND)).isEqualTo(44 * SECOND);
  }

  @Test
  void anEndlessLeaseOfAnEarlierProgramStaysEndless() {
    lease.inherited(Long.MAX_VALUE, START);
    assertThat(lease.isOver(START + 1_000_000 * SECOND)).isFalse();
  }
}
