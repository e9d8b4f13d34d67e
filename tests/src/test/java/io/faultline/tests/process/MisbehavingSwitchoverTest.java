package io.faultline.tests.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.proto.wire.Encoding;
import io.faultline.proto.wire.Mode;
import io.faultline.proto.wire.Placement;
import io.faultline.tests.process.SwitchoverScript.Stage;
import java.io.IOException;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
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

  @RegisterExtension private final Processes processes = new Processes();

  /** What a source sends at a stage. */
  interface Lie {
    void tell(SwitchoverScript script) throws IOException;
  }

  static Stream<Arguments> invalidRounds() {
    return Stream.of(
        lie("of other number", CONTINUE, "end of round 2", s -> s.endRound(2, 0)),
        lie("twice", CONTINUE, "end of round 1", MisbehavingSwitchoverTest::roundTwice),
        lie("more pages than came", COPY, "round 1 of 5 pages; 0 received", s -> s.endRound(1, 5)),
        lie("a part of nothing", COPY, "1 pages from 3 of a huge page", s -> s.run(3, 1, RAW)),
        lie("beyond the end", COPY, "512 pages from 3585", s -> s.run(3585, PARTS, RAW)),
        lie("current, to copy", COPY, "0 marked as current", s -> s.run(0, PARTS, CURRENT)),
        lie("current, in bulk", CONTINUE, "0 marked as current", s -> s.run(0, PARTS, CURRENT)));
  }

  static Stream<Arguments> invalidDiscards() {
    return Stream.of(
        lie("misaligned", COPY, "pages 3 to 4 to discard, which", s -> s.discard(3, 1, PAGES - 4)),
        lie("beyond the end", COPY, "a run of 5000 pages", s -> s.discard(0, 5000)),
        lie("without an end", COPY, "ends at page 512", s -> s.discard(0, PARTS)),
        lie("to continue", CONTINUE, "PRECOPY: pages to discard", s -> s.discard(PAGES)),
        lie("too many runs", COPY, "a set of 40000 runs", s -> s.discard(new long[40_000])),
        lie(
            "pages between",
            COPY,
            "512 pages after the last",
            MisbehavingSwitchoverTest::loosePages),
        lie("stale before RUN", CONTINUE, "PRECOPY: stale pages", s -> s.stale(PAGES)));
  }

  static Stream<Arguments> invalidAfterReady() {
    return Stream.of(
        lie("discards", COPY, "SWITCHOVER: pages to discard", s -> s.discard(PAGES)),
        lie("pages to copy", COPY, "between precopy and RUN", s -> s.run(0, PARTS, RAW)),
        lie("pages to continue", CONTINUE, "between precopy and RUN", s -> s.run(0, 1, RAW)),
        lie("a round", CONTINUE, "SWITCHOVER: the end of a precopy round", s -> s.endRound(1, 0)));
  }

  static Stream<Arguments> invalidInPostcopy() {
    return Stream.of(
        lie("a round", COPY, "SWITCHOVER: the end of a precopy round", s -> s.endRound(1, 0)),
        lie("discards", COPY, "SWITCHOVER: pages to discard", s -> s.discard(PAGES)));
  }

  static Stream<Arguments> invalidAfterRun() {
    return Stream.of(
        lie("stale, to copy", COPY, "RUNNING: stale pages", s -> s.stale(PAGES)),
        lie("a part", COPY, "1 pages from 3, which are not whole", s -> s.run(3, 1, RAW)),
        lie(
            "current, to copy",
            COPY,
            "which only placement",
            s -> s.runOnControl(0, PARTS, CURRENT)),
        lie(
            "stale twice",
            CONTINUE,
            "after the end of a set",
            MisbehavingSwitchoverTest::staleTwice),
        lie("stale beyond", CONTINUE, "a run of 4097 pages", s -> s.stale(PAGES + 1)),
        lie("current in bulk", CONTINUE, "7 marked as current", s -> s.run(7, 1, CURRENT)),
        lie(
            "current beyond",
            CONTINUE,
            "2 pages from 4095",
            MisbehavingSwitchoverTest::currentBeyond),
        lie("end before stale", CONTINUE, "without a stale set", s -> s.endStream(0)),
        lie("a round", CONTINUE, "RUNNING: the end of a precopy round", s -> s.endRound(2, 0)),
        lie("endless stream", COPY, "a stream of 18446744073709551615", s -> s.endStream(-1)));
  }

  @Execution(ExecutionMode.CONCURRENT)
  @ParameterizedTest(name = "{0}")
  @MethodSource("invalidRounds")
  void invalidRoundsAreRefused(String name, Placement placement, String named, Lie lie)
      throws Exception {
    assertEnds(Mode.MODE_HYBRID, placement, Stage.PREPARED, lie, named);
  }

  @Execution(ExecutionMode.CONCURRENT)
  @ParameterizedTest(name = "{0}")
  @MethodSource("invalidDiscards")
  void invalidDiscardsAreRefused(String name, Placement placement, String named, Lie lie)
      throws Exception {
    assertEnds(Mode.MODE_HYBRID, placement, Stage.PREPARED, lie, named);
  }

  @Execution(ExecutionMode.CONCURRENT)
  @ParameterizedTest(name = "{0}")
  @MethodSource("invalidAfterReady")
  void invalidDataAfterReadyIsRefused(String name, Placement placement, String named, Lie lie)
      throws Exception {
    assertEnds(Mode.MODE_HYBRID, placement, Stage.READY, lie, named);
  }

  @Execution(ExecutionMode.CONCURRENT)
  @ParameterizedTest(name = "{0}")
  @MethodSource("invalidInPostcopy")
  void invalidDataInPostcopyIsRefused(String name, Placement placement, String named, Lie lie)
      throws Exception {
    assertEnds(Mode.MODE_POSTCOPY, placement, Stage.PREPARED, lie, named);
  }

  @Execution(ExecutionMode.CONCURRENT)
  @ParameterizedTest(name = "{0}")
  @MethodSource("invalidAfterRun")
  void invalidDataAfterRunIsRefused(String name, Placement placement, String named, Lie lie)
      throws Exception {
    assertEnds(Mode.MODE_HYBRID, placement, Stage.RUNNING, lie, named);
  }

  private void assertEnds(Mode mode, Placement placement, Stage stage, Lie lie, String named)
      throws Exception {
    Node dest =
        processes.start(
            "dest",
            "--engine=simulated",
            "--listen=127.0.0.1:0",
            "--quiet",
            "--give-up-after=200ms");
    try (FakeSource source = FakeSource.connect(dest.awaitPort(), 1)) {
      SwitchoverScript script = new SwitchoverScript(source, mode, placement);
      script.goTo(stage);
      lie.tell(script);
      if (stage == Stage.PREPARED) {
        dest.awaitFailure(1, Node.LIMIT);
      } else { // it waits for its source to reconnect
        source.awaitRefusal();
      }
    }
    dest.awaitFailure(1, Node.LIMIT);
    String error = dest.err().getLast();
    assertThat(error).startsWith("faultline: ").contains(named);
    assertThat(dest.err()).hasSize(1);
    assertThat(error.contains("the VM was stopped")).isEqualTo(stage == Stage.RUNNING);
  }

  private static Arguments lie(String name, Placement placement, String named, Lie lie) {
    return Arguments.of(name, placement, named, lie);
  }

  private static void roundTwice(SwitchoverScript script) throws IOException {
    script.endRound(1, 0);
    script.endRound(1, 0);
  }

  /** Pages after the last round, before the set of pages to discard. */
  private static void loosePages(SwitchoverScript script) throws IOException {
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
