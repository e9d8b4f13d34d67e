package io.faultline.tests.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.proto.wire.Frame;
import io.faultline.proto.wire.PageSet;
import io.faultline.proto.wire.RoundEnd;
import io.faultline.tests.tags.Nightly;
import io.faultline.tests.tags.RunsAlone;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Migrations over several bulk connections, between processes. */
class ChannelsTest {
  private static final long MIB = 1 << 20;

  @RegisterExtension private final Processes processes = new Processes();

  @Nightly
  @ParameterizedTest
  @CsvSource({
    "anonymous, hybrid, copy, auto",
    "shmem, precopy, continue, auto",
    "shmem, hybrid, continue, simulated"
  })
  void otherMemoryArrivesOverFourConnections(
      String backing, String mode, String place, String engine) throws Exception {
    memoryArrivesOverFourConnections(backing, mode, place, engine);
  }

  @ParameterizedTest
  @CsvSource({"anonymous, postcopy, copy, auto", "shmem, hybrid, continue, auto"})
  void memoryArrivesOverFourConnections(String backing, String mode, String place, String engine)
      throws Exception {
    Result result =
        demo(
            64,
            "--channels=4",
            "--backing=" + backing,
            "--mode=" + mode,
            "--place=" + place,
            "--engine=" + engine);
    assertThat(result.number("recoveries")).isZero();
    assertEachCarried(result, 4);
  }

  @RunsAlone
  @ParameterizedTest
  @CsvSource({"copy", "continue"})
  void hugePagesArriveOverFourConnections(String place) throws Exception {
    HugePages.assumeAvailable(2 * 64 / 2);
    Result result =
        demo(64, "--channels=4", "--backing=hugetlb-2m", "--mode=hybrid", "--place=" + place);
    assertEachCarried(result, 4);
  }

  @ParameterizedTest
  @CsvSource({
    "'cut=2,blackhole=1,seed=8', anonymous, postcopy, copy",
    "'cut=2,seed=3', shmem, hybrid, continue"
  })
  void allConnectionsAreReestablishedWhenOneIsCut(
      String plan, String backing, String mode, String place) throws Exception {
    Result result =
        demo(
            128,
            "--channels=3",
            "--backing=" + backing,
            "--mode=" + mode,
            "--place=" + place,
            "--chaos=" + plan,
            "--heartbeat=1s");
    assertThat(result.number("recoveries")).isGreaterThanOrEqualTo(2);
  }

  @Test
  void encryptedMemoryArrivesOverTwoConnectionsDespiteCuts() throws Exception {
    Path set = processes.file("set");
    processes.start("keys", set.toString()).awaitSuccess();
    Result result = demo(64, "--channels=2", "--tls=" + set, "--chaos=cut=2,seed=3");
    assertThat(result.number("recoveries")).isGreaterThanOrEqualTo(2);
    assertEachCarried(
        result, 2, 0); // cut so early that one connection may have carried very little
  }

  @Test
  void resumedSourceHasAsManyConnectionsAsBefore() throws Exception {
    Result result;
    try (MemoryFile memory = MemoryFile.named("channels")) {
      result = demo(64, "--channels=3", memory.asBacking(), "--chaos=kill-source=1,seed=4");
    }
    assertThat(result.number("channels")).isEqualTo(3);
  }

  @Test
  void unnegotiatedBulkConnectionsAreRefused() throws Exception {
    Node dest = processes.start("dest", "--listen=127.0.0.1:0", "--quiet");
    try (FakeSource source = FakeSource.connect(dest.awaitPort(), 1, 4)) {
      source.receive();
      assertRefused(source.openBulk(1, 2), "a bulk connection that announces 2 channels");
      assertRefused(source.openBulk(7, 8), "a bulk connection that announces 8 channels");
      assertRefused(source.openBulk(4, 4), "number 4; the last is number 3");
      FakeSource.assertAccepted(source.openBulk(3, 4));
      assertRefused(source.openBulk(3, 4), "a second bulk connection with the number 3");
      FakeSource.assertAccepted(source.openBulk(0, 4));
      source.prepareMemory();
    }
    dest.awaitFailure(1, Node.LIMIT);
    dest.assertNoStackTrace();
  }

  @Test
  void pageSetsAreAcceptedOnTheFirstConnectionOnly() throws Exception {
    PageSet set = PageSet.newBuilder().addRuns(4096).setLast(true).build();
    Frame discard = Frame.newBuilder().setDiscard(set).build();
    assertEnds(discard, null, "a DISCARD on bulk connection number 1, not the first");
  }

  @Test
  void roundEndsOnceOnEachConnection() throws Exception {
    RoundEnd end = RoundEnd.newBuilder().setRound(1).build();
    Frame frame = Frame.newBuilder().setRoundEnd(end).build();
    assertEnds(frame, frame, "on bulk connection number 1 before round 1 has ended on all");
  }

  private void assertEnds(Frame first, @Nullable Frame second, String why) throws Exception {
    Node dest = processes.start("dest", "--listen=127.0.0.1:0", "--quiet");
    try (FakeSource source = FakeSource.connect(dest.awaitPort(), 1, 2)) {
      source.receive();
      FakeSource.assertAccepted(source.openBulk(0, 2));
      source.prepareMemory();
      FakeSource.assertAccepted(source.openBulk(1, 2));
      source.sendOnBulk(first);
      if (second != null) {
        source.sendOnBulk(second);
      }
      dest.awaitFailure(1, Node.LIMIT);
    }
    assertThat(dest.err()).singleElement().asString().startsWith("faultline: ").contains(why);
  }

  private static void assertRefused(@Nullable Frame answer, String why) {
    assertThat(FakeSource.failure(answer)).contains(why);
  }

  /** Shows that the pages were spread over all connections. */
  private static void assertEachCarried(Result result, int channels) {
    assertEachCarried(result, channels, MIB);
  }

  /** The next page goes to any writable connection, so that the shares of each may differ. */
  private static void assertEachCarried(Result result, int channels, long moreThan) {
    assertThat(result.number("channels")).isEqualTo(channels);
    List<Long> bytes = result.numbers("channel_bytes");
    assertThat(bytes)
        .hasSize(channels)
        .allSatisfy(each -> assertThat(each).isGreaterThan(moreThan));
  }

  private Result demo(int mebibytes, String... more) throws IOException, InterruptedException {
    List<String> options = List.of("--ram=" + mebibytes + "m", "--rehearsal=200ms");
    Result result = Demo.run(processes, options, more).result();
    if (!List.of(more).toString().contains("kill-source")) {
      result.assertMigrated(mebibytes * MIB, 2);
    }
    return result;
  }
}
