package io.faultline.proto;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class WaitReportTest {
  private static final long SECOND = 1_000_000_000L;
  private static final long START = 7 * SECOND;

  private final WaitReport report = new WaitReport();

  @Test
  void waitIsReportedAfterFiveAndThirtySecondsAndThenEveryFiveMinutes() {
    PeerWait wait = wait("send RUN", START);
    assertThat(reportedSeconds(wait, 0, 1000)).containsExactly(5L, 30L, 330L, 630L, 930L);
  }

  @Test
  void waitThatEndsIsReportedFromItsStartWhenItReturns() {
    assertThat(reportedSeconds(wait("send RUN", START), 0, 31)).containsExactly(5L, 30L);
    assertThat(report.due(null, START + 40 * SECOND)).isNull();
    PeerWait other = wait("reconnect", START + 50 * SECOND);
    assertThat(reportedSeconds(other, 50, 100)).containsExactly(55L, 80L);
  }

  @Test
  void shortWaitsOfOneKindAreReportedSparingly() {
    List<Long> reported = new ArrayList<>();
    for (long second = 0; second < 60; second += 6) { // each lasts six seconds
      reported.addAll(
          reportedSeconds(wait("send pages", START + second * SECOND), second, second + 6));
    }
    assertThat(reported).containsExactly(5L, 35L);
  }

  @Test
  void lineNamesThePeerTheStepTheTimeAndTheEnd() {
    PeerWait wait = wait("send RUN", START);
    assertThat(wait.describe("the source 10.0.0.1:7", START + 31 * SECOND))
        .isEqualTo("waiting for the source 10.0.0.1:7 to send RUN: 31 s so far; then it ends");
    assertThat(PeerWait.duration(179 * SECOND)).isEqualTo("179 s");
    assertThat(PeerWait.duration(630 * SECOND)).isEqualTo("10.5 min");
  }

  @Test
  void deadlineContinuesOverStepsUntilItIsOver() {
    AnswerDeadline deadline = new AnswerDeadline();
    deadline.next("never started");
    assertThat(deadline.isSet()).isFalse();
    assertThat(deadline.pending("it fails")).isNull();
    deadline.start("answer", 10 * SECOND, START);
    deadline.next("prepare its memory");
    assertThat(deadline.isOver(START + 10 * SECOND)).isFalse();
    assertThat(deadline.isOver(START + 10 * SECOND + 1)).isTrue();
    assertThat(deadline.describe("the peer"))
        .isEqualTo("the peer took longer than 10 s to prepare its memory");
    assertThat(deadline.pending("it fails"))
        .isEqualTo(new PeerWait("prepare its memory", START, "after 10 s it fails"));
    deadline.clear();
    assertThat(deadline.isOver(START + 100 * SECOND)).isFalse();
  }

  private static PeerWait wait(String what, long sinceNanos) {
    return new PeerWait(what, sinceNanos, "then it ends");
  }

  /** The times of the lines, if polled ten times a second. */
  private List<Long> reportedSeconds(PeerWait wait, long fromSecond, long toSecond) {
    List<Long> reported = new ArrayList<>();
    for (long tenths = fromSecond * 10; tenths < toSecond * 10; tenths++) {
      if (report.due(wait, START + tenths * SECOND / 10) != null) {
        reported.add(tenths / 10);
      }
    }
    return reported;
  }
}
