package io.faultline.tests.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.proto.wire.Encoding;
import io.faultline.proto.wire.Mode;
import io.faultline.proto.wire.Placement;
import io.faultline.tests.process.SwitchoverScript.Stage;
import java.io.IOException;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A source sends invalid data about precopy rounds, pages to discard, stale pages and current
 * pages: one error names the problem, and the connections end. Before READY the destination ends as
 * well; after it the destination waits for its source to reconnect. Before RUN no VM is started.
 */
class MisbehavingSwitchoverTest {
  private static final int PARTS = 512;
  private static final int PAGES = (int) (FakeSource.RAM_BYTES / FakeSource.PAGE_BYTES);
  private static final Placement COPY = Placement.PLACEMENT_COPY;
  private static final Placement CONTINUE = Placement.PLACEMENT_CONTINUE;
  private static final Encoding RAW = Encoding.ENCODING_RAW;
  private static final Encoding CURRENT = Encoding.ENCODING_CURRENT;

  private static final Duration GIVE_UP_AFTER = Duration.ofMillis(200);

  /** What a source sends at a stage. */
  interface Action {
    void run(SwitchoverScript script) throws IOException;
  }

  static Stream<Arguments> invalidRounds() {
    return Stream.of(
        invalid("wrong number", CONTINUE, "end of round 2", s -> s.endRound(2, 0)),
        invalid("twice", CONTINUE, "end of round 1", MisbehavingSwitchoverTest::roundTwice),
        invalid(
            "more pages than received",
            COPY,
            "round 1 of 5 pages; 0 received",
            s -> s.endRound(1, 5)),
        invalid(
            "part of a huge page", COPY, "1 pages from 3 of a huge page", s -> s.run(3, 1, RAW)),
        invalid("beyond the end", COPY, "512 pages from 3585", s -> s.run(3585, PARTS, RAW)),
        invalid("current, to copy", COPY, "0 marked as current", s -> s.run(0, PARTS, CURRENT)),
        invalid(
            "current, in bulk", CONTINUE, "0 marked as current", s -> s.run(0, PARTS, CURRENT)));
  }

  static Stream<Arguments> invalidDiscards() {
    return Stream.of(
        invalid(
            "misaligned", COPY, "pages 3 to 4 to discard, which", s -> s.discard(3, 1, PAGES - 4)),
        invalid("beyond the end", COPY, "a run of 5000 pages", s -> s.discard(0, 5000)),
        invalid("without an end", COPY, "ends at page 512", s -> s.discard(0, PARTS)),
        invalid("to continue", CONTINUE, "PRECOPY: pages to discard", s -> s.discard(PAGES)),
        invalid("too many runs", COPY, "a set of 40000 runs", s -> s.discard(new long[40_000])),
        invalid(
            "pages between",
            COPY,
            "512 pages after the last",
            MisbehavingSwitchoverTest::pagesAfterTheLastRound),
        invalid("stale before RUN", CONTINUE, "PRECOPY: stale pages", s -> s.stale(PAGES)));
  }

  static Stream<Arguments> invalidAfterReady() {
    return Stream.of(
        invalid("discards", COPY, "SWITCHOVER: pages to discard", s -> s.discard(PAGES)),
        invalid("pages to copy", COPY, "between precopy and RUN", s -> s.run(0, PARTS, RAW)),
        invalid("pages to continue", CONTINUE, "between precopy and RUN", s -> s.run(0, 1, RAW)),
        invalid(
            "a round", CONTINUE, "SWITCHOVER: the end of a precopy round", s -> s.endRound(1, 0)));
  }

  static Stream<Arguments> invalidInPostcopy() {
    return Stream.of(
        invalid("a round", COPY, "SWITCHOVER: the end of a precopy round", s -> s.endRound(1, 0)),
        invalid("discards", COPY, "SWITCHOVER: pages to discard", s -> s.discard(PAGES)));
  }

  static Stream<Arguments> invalidAfterRun() {
    return Stream.of(
        invalid("stale, to copy", COPY, "RUNNING: stale pages", s -> s.stale(PAGES)),
        invalid("a part", COPY, "1 pages from 3, which are not whole", s -> s.run(3, 1, RAW)),
        invalid(
            "current, to copy",
            COPY,
            "which only placement",
            s -> s.runOnControl(0, PARTS, CURRENT)),
        invalid(
            "stale twice",
            CONTINUE,
            "after the end of a set",
            MisbehavingSwitchoverTest::staleTwice),
        invalid("stale beyond", CONTINUE, "a run of 4097 pages", s -> s.stale(PAGES + 1)),
        invalid("current in bulk", CONTINUE, "7 marked as current", s -> s.run(7, 1, CURRENT)),
        invalid(
            "current beyond",
            CONTINUE,
            "2 pages from 4095",
            MisbehavingSwitchoverTest::currentBeyond),
        invalid("end before stale", CONTINUE, "without a stale set", s -> s.endStream(0)),
        invalid("a round", CONTINUE, "RUNNING: the end of a precopy round", s -> s.endRound(2, 0)),
        invalid("endless stream", COPY, "a stream of 18446744073709551615", s -> s.endStream(-1)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("invalidRounds")
  void invalidRoundsAreRefused(String name, Placement placement, String named, Action action)
      throws Exception {
    assertEnds(Mode.MODE_HYBRID, placement, Stage.PREPARED, action, named);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("invalidDiscards")
  void invalidDiscardsAreRefused(String name, Placement placement, String named, Action action)
      throws Exception {
    assertEnds(Mode.MODE_HYBRID, placement, Stage.PREPARED, action, named);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("invalidAfterReady")
  void invalidDataAfterReadyIsRefused(String name, Placement placement, String named, Action action)
      throws Exception {
    assertEnds(Mode.MODE_HYBRID, placement, Stage.READY, action, named);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("invalidInPostcopy")
  void invalidDataInPostcopyIsRefused(String name, Placement placement, String named, Action action)
      throws Exception {
    assertEnds(Mode.MODE_POSTCOPY, placement, Stage.PREPARED, action, named);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("invalidAfterRun")
  void invalidDataAfterRunIsRefused(String name, Placement placement, String named, Action action)
      throws Exception {
    assertEnds(Mode.MODE_HYBRID, placement, Stage.RUNNING, action, named);
  }

  private void assertEnds(Mode mode, Placement placement, Stage stage, Action action, String named)
      throws Exception {
    try (DestinationInThisJvm dest = new DestinationInThisJvm(GIVE_UP_AFTER)) {
      try (FakeSource source = FakeSource.connect(dest.port(), 1)) {
        SwitchoverScript script = new SwitchoverScript(source, mode, placement);
        script.goTo(stage);
        action.run(script);
        if (stage == Stage.PREPARED) {
          assertThat(dest.awaitError()).contains(named);
          assertThat(dest.log()).isEmpty();
        } else { // it waits for its source to reconnect
          source.awaitRefusal();
        }
      }
      String error = dest.awaitError();
      assertThat(error).contains(named);
      assertThat(error.contains("the VM was stopped")).isEqualTo(stage == Stage.RUNNING);
    }
  }

  private static Arguments invalid(String name, Placement placement, String named, Action action) {
    return Arguments.of(name, placement, named, action);
  }

  private static void roundTwice(SwitchoverScript script) throws IOException {
    script.endRound(1, 0);
    script.endRound(1, 0);
  }

  /** Pages after the last round, before the set of pages to discard. */
  private static void pagesAfterTheLastRound(SwitchoverScript script) throws IOException {
    script.run(0, PARTS, Encoding.ENCODING_ZERO);
    script.discard(PAGES);
  }

  private static void staleTwice(SwitchoverScript script) throws IOException {
    script.stale(PAGES);
    script.stale(PAGES);
  }

  private static void currentBeyond(SwitchoverScript script) throws IOException {
    script.runOnControl(PAGES - 1, 2, CURRENT);
  }
}
