package io.faultline.restore.frozen;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.faultline.proto.PeerTimeouts;
import io.faultline.proto.Transport;
import io.faultline.proto.runs.CompressionMode;
import io.faultline.proto.security.MutualTls;
import io.faultline.proto.security.Security;
import io.faultline.proto.security.SharedKey;
import io.faultline.restore.remote.EarlierSession;
import io.faultline.restore.remote.FaultlineOrigin;
import io.faultline.restore.remote.FaultlineOriginSettings;
import io.faultline.restore.remote.SessionIdentity;
import io.netty.channel.IoEventLoop;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A page source and its client, in one process, over loopback, with a stopped child. */
class FrozenProcessSourceTest {
  private static final Duration SILENCE = Duration.ofSeconds(1);
  private static final Duration LEASE = Duration.ofMillis(3200);

  /** For tests that wait until they have passed; on a busy machine they may pass at any time. */
  private static final PeerTimeouts SHORT = new PeerTimeouts(SILENCE, LEASE);

  /** Far longer than a busy machine delays anything. */
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private static final InetSocketAddress ANY_PORT =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

  private final Transport sourceTransport = new Transport();
  private final Transport destTransport = new Transport();
  private final List<String> lines = new CopyOnWriteArrayList<>();
  private Security security = Security.LOOPBACK_ONLY;
  private PeerTimeouts timeouts = new PeerTimeouts(Duration.ofSeconds(15), PATIENCE);

  @AfterEach
  void endLoops() {
    destTransport.close();
    sourceTransport.close();
  }

  @ParameterizedTest(name = "runs of {0}, compression {1}, {2} channels, header of {3} bytes")
  @CsvSource({"1, NONE, 1, 32", "37, LZ4, 3, 32", "1000, ZSTD, 1, 24", "3000, AUTO, 4, 32"})
  void eachPageArrivesOnceAndTheDumpIsClosed(
      int run, CompressionMode compression, int channels, int header) throws Exception {
    try (FrozenChild child = child(4000);
        FakeDump dump = new FakeDump(header)) {
      FrozenProcessSource source = source(child, dump, compression);
      Fetch fetch = fetch(child, run, source.address(), channels).start();
      assertThat(fetch.awaitEnd()).isEmpty();
      assertThat(dump.awaitEnd()).isEqualTo(FakeDump.End.CLOSE);
      FrozenSourceReport report = source.result().get(60, TimeUnit.SECONDS);
      assertThat(report.outcome()).isEqualTo(SourceOutcome.MOVED);
      assertThat(report.pages()).isEqualTo(4000);
      assertThat(report.zeroPages()).isBetween(1000L, 1700L);
      assertThat(report.bytesSent()).isLessThan(4000L * 4096 * 8 / 10);
      assertThat(child.ownByte(0)).isEqualTo((byte) 0x5a); // it was not this process that was read
    }
  }

  @Test
  void fiveCutsOfTheNetworkLoseNothing() throws Exception {
    try (FrozenChild child = child(20_000);
        FakeDump dump = new FakeDump(32)) {
      FrozenProcessSource source = source(child, dump, CompressionMode.NONE);
      try (CuttingRelay relay = new CuttingRelay(source.address())) {
        int[] cuts = {0};
        Fetch fetch =
            fetch(child, 16, relay.address(), 2)
                .whileFetching(
                    pages -> {
                      if (pages > 3000 * (cuts[0] + 1) && cuts[0] < 5) {
                        cuts[0]++;
                        relay.cut();
                      }
                    })
                .start();
        assertThat(fetch.awaitEnd()).isEmpty();
        assertThat(cuts[0]).isEqualTo(5);
        assertThat(fetch.recoveries()).isEqualTo(5);
      }
      assertThat(dump.awaitEnd()).isEqualTo(FakeDump.End.CLOSE);
      assertThat(source.result().get(60, TimeUnit.SECONDS).connections()).isEqualTo(6);
    }
  }

  @Test
  void aDestinationThatFailsLetsTheProcessesContinue() throws Exception {
    try (FrozenChild child = child(4000);
        FakeDump dump = new FakeDump(32)) {
      FrozenProcessSource source = source(child, dump, CompressionMode.NONE);
      Fetch[] fetch = new Fetch[1];
      fetch[0] =
          fetch(child, 16, source.address(), 1)
              .whileFetching(
                  pages -> {
                    if (pages > 2000) {
                      fetch[0].abort();
                    }
                  })
              .start();
      assertThat(dump.awaitEnd()).isEqualTo(FakeDump.End.RESET);
      FrozenSourceReport report = source.result().get(60, TimeUnit.SECONDS);
      assertThat(report.outcome()).isEqualTo(SourceOutcome.RELEASED);
      assertThat(report.message()).contains("the destination failed: the restore failed");
      assertThat(fetch[0].hasEnded()).isFalse();
    }
  }

  @Test
  void aDestinationThatIsGoneHasGivenUpBeforeTheProcessesContinue() throws Exception {
    timeouts = SHORT;
    try (FrozenChild child = child(4000);
        FakeDump dump = new FakeDump(32)) {
      FrozenProcessSource source = source(child, dump, CompressionMode.NONE);
      try (CuttingRelay relay = new CuttingRelay(source.address())) {
        Fetch fetch =
            fetch(child, 16, relay.address(), 1)
                .whileFetching(
                    pages -> {
                      if (pages > 2000) {
                        relay.breakForGood();
                      }
                    })
                .start();
        assertThat(fetch.awaitEnd())
            .contains(":" + relay.address().getPort())
            .contains("gave up, so that the processes continue at their source");
        assertThat(dump.hasEnded()).isFalse();
        assertThat(dump.awaitEnd()).isEqualTo(FakeDump.End.RESET);
        assertThat(source.result().get(60, TimeUnit.SECONDS).message())
            .contains("the destination is gone for longer than 3.2 s");
      }
    }
  }

  /** As when the page source was killed between RUN and COMPLETED, and was started again. */
  @Test
  void aSourceThatWasStartedAgainLearnsFirstThatTheDestinationOwnsTheProcesses() throws Exception {
    try (FrozenChild child = child(100);
        FakeDump dump = new FakeDump(32)) {
      FrozenProcessSource source = source(child, dump, CompressionMode.NONE);
      await().until(() -> source.progress().join().phase() == SourcePhase.SERVING);
      SessionIdentity first = SessionIdentity.create(new Random(1));
      EarlierSession earlier =
          new EarlierSession(new SessionIdentity(first.id(), null, 1), Long.MAX_VALUE, true);
      IoEventLoop loop = destTransport.newLoop("owner");
      FaultlineOrigin origin =
          new FaultlineOrigin(
              destTransport, loop, settings(source.address(), 1), earlier, lines::add);
      loop.execute(origin::connect);
      await().until(() -> source.progress().join().phase() == SourcePhase.COMMITTED);
      assertThat(dump.hasEnded()).isFalse();
      loop.execute(origin::finish);
      assertThat(dump.awaitEnd()).isEqualTo(FakeDump.End.CLOSE);
    }
  }

  /** RUN is on the way when the processes are ended, and the network breaks. */
  @Test
  void aSourceThatHasCommittedLearnsThatTheDestinationEndedItsProcesses() throws Exception {
    timeouts = SHORT;
    try (FrozenChild child = child(100);
        FakeDump dump = new FakeDump(32)) {
      FrozenProcessSource source = source(child, dump, CompressionMode.NONE);
      try (CuttingRelay relay = new CuttingRelay(source.address())) {
        Fetch fetch = fetch(child, 16, relay.address(), 1);
        fetch.afterFinish(
            () -> {
              await().until(() -> source.progress().join().phase() == SourcePhase.COMMITTED);
              relay.breakForGood();
              await().until(() -> said("connection to"));
              fetch.abort();
            });
        fetch.start();
        await()
            .until(
                () ->
                    relay.isBroken() && source.progress().join().phase() == SourcePhase.COMMITTED);
        await().during(SILENCE.multipliedBy(4)).until(() -> !fetch.hasTold() && !dump.hasEnded());
        relay.repair();
        assertThat(dump.awaitEnd()).isEqualTo(FakeDump.End.RESET);
        await().until(fetch::hasTold);
        assertThat(fetch.hasOwned()).isFalse();
        assertThat(source.result().get(60, TimeUnit.SECONDS).message())
            .contains("the destination failed: the restore failed");
      }
    }
  }

  @Test
  void aPageThatIsNotMappedFailsTheRestoreAndNotTheSource() throws Exception {
    try (FrozenChild child = child(4000);
        FakeDump dump = new FakeDump(32)) {
      FrozenProcessSource source = source(child, dump, CompressionMode.NONE);
      Fetch fetch = fetch(child, 16, source.address(), 1);
      fetch.whileFetching(
          pages -> {
            if (pages == 16) {
              fetch.request(child.pid(), 0x10000, 3);
            }
          });
      fetch.start();
      assertThat(fetch.awaitEnd()).contains("process " + child.pid() + " has no page at 0x10000");
      assertThat(dump.awaitEnd()).isEqualTo(FakeDump.End.RESET);
      assertThat(source.result().get(60, TimeUnit.SECONDS).absentPages()).isBetween(1L, 3L);
    }
  }

  @Test
  void aProcessThatTheSourceDoesNotHaveFailsTheRestore() throws Exception {
    timeouts = SHORT; // then the dump ends
    try (FrozenChild child = child(4000);
        FakeDump dump = new FakeDump(32)) {
      FrozenProcessSource source = source(child, dump, CompressionMode.NONE);
      Fetch fetch = fetch(child, 16, source.address(), 1).start();
      fetch.request(1 << 21, child.address(), 1);
      assertThat(fetch.awaitEnd()).contains("does not have process " + (1 << 21));
      assertThat(dump.awaitEnd()).isEqualTo(FakeDump.End.RESET);
    }
  }

  @Test
  void processesThatRunAreNotServed() throws Exception {
    try (FrozenChild child = child(20_000);
        FakeDump dump = new FakeDump(32)) {
      FrozenProcessSource source = source(child, dump, CompressionMode.NONE);
      Fetch fetch =
          fetch(child, 16, source.address(), 1)
              .whileFetching(
                  pages -> {
                    if (pages > 2000) {
                      child.thaw();
                    }
                  })
              .start();
      assertThat(fetch.awaitEnd()).contains("is not frozen any more: the dump has ended");
      assertThat(source.result().get(60, TimeUnit.SECONDS).outcome()).isEqualTo(SourceOutcome.LEFT);
      assertThat(dump.hasEnded()).isFalse();
    }
  }

  @Test
  void requestsWaitUntilTheProcessesAreFrozen() throws Exception {
    timeouts = SHORT;
    try (FrozenChild child = child(1000);
        FakeDump dump = new FakeDump(32)) {
      child.thaw();
      FrozenProcessSource source = source(child, dump, CompressionMode.NONE);
      Fetch fetch = fetch(child, 16, source.address(), 1).start();
      await().until(() -> source.progress().join().connections() >= 1);
      await().until(() -> staysConnected(source));
      child.freeze();
      assertThat(fetch.awaitEnd()).isEmpty();
      assertThat(dump.awaitEnd()).isEqualTo(FakeDump.End.CLOSE);
    }
  }

  @Test
  void anotherTokenIsRefusedAndTheSameServed() throws Exception {
    try (FrozenChild child = child(100);
        FakeDump dump = new FakeDump(32)) {
      security = Security.token(token("0123456789abcdef0"));
      FrozenProcessSource source = source(child, dump, CompressionMode.NONE);
      security = Security.token(token("0123456789abcdef1"));
      assertThat(fetch(child, 1, source.address(), 1).start().awaitEnd())
          .contains("refused: the client's token does not match this page source's");
      security = Security.token(token("0123456789abcdef0"));
      assertThat(fetch(child, 1, source.address(), 1).start().awaitEnd()).isEmpty();
      assertThat(dump.awaitEnd()).isEqualTo(FakeDump.End.CLOSE);
    }
  }

  @Test
  void tlsIsRequiredOfBothAndSurvivesACut(@TempDir Path keys) throws Exception {
    try (FrozenChild child = child(4000);
        FakeDump dump = new FakeDump(32)) {
      security = Security.tls(TestCertificates.create(keys));
      FrozenProcessSource source = source(child, dump, CompressionMode.LZ4);
      security = Security.LOOPBACK_ONLY;
      assertThat(fetch(child, 16, source.address(), 1).start().awaitEnd())
          .contains("refused: this page source accepts only TLS");
      security = Security.tls(MutualTls.load(keys));
      try (CuttingRelay relay = new CuttingRelay(source.address())) {
        boolean[] cut = {false};
        Fetch fetch =
            fetch(child, 16, relay.address(), 2)
                .whileFetching(
                    pages -> {
                      if (pages > 1500 && !cut[0]) {
                        cut[0] = true;
                        relay.cut();
                      }
                    })
                .start();
        assertThat(fetch.awaitEnd()).isEmpty();
        assertThat(fetch.recoveries()).isEqualTo(1);
      }
      assertThat(dump.awaitEnd()).isEqualTo(FakeDump.End.CLOSE);
    }
  }

  @Test
  void aSecondDestinationIsRefused() throws Exception {
    try (FrozenChild child = child(100);
        FakeDump dump = new FakeDump(32)) {
      FrozenProcessSource source = source(child, dump, CompressionMode.NONE);
      Fetch first = fetch(child, 1, source.address(), 1);
      first.whileFetching(
          pages -> {
            if (pages == 50) {
              String reason = awaitUnchecked(fetch(child, 1, source.address(), 1).start());
              lines.add("second: " + reason);
            }
          });
      assertThat(first.start().awaitEnd()).isEmpty();
      assertThat(lines)
          .anyMatch(line -> line.startsWith("second:") && line.contains("busy with another"));
      assertThat(dump.awaitEnd()).isEqualTo(FakeDump.End.CLOSE);
    }
  }

  /**
   * Whether a connection outlives a silence twice as long as permitted: heartbeats keep it, though
   * nothing is frozen. A busy machine may delay one heartbeat for too long, but not all.
   */
  private static boolean staysConnected(FrozenProcessSource source) throws InterruptedException {
    int before = source.progress().join().connections();
    Thread.sleep(SILENCE.multipliedBy(2));
    FrozenSourceReport after = source.progress().join();
    assertThat(after.phase()).isEqualTo(SourcePhase.FREEZING);
    return after.connections() == before;
  }

  @Test
  void theUserMayLetTheProcessesContinue() throws Exception {
    try (FrozenChild child = child(100);
        FakeDump dump = new FakeDump(32)) {
      FrozenProcessSource source = source(child, dump, CompressionMode.NONE);
      await().until(() -> source.progress().join().phase() == SourcePhase.SERVING);
      source.release("ended by the user");
      assertThat(dump.awaitEnd()).isEqualTo(FakeDump.End.RESET);
      assertThat(source.result().get(60, TimeUnit.SECONDS).outcome())
          .isEqualTo(SourceOutcome.RELEASED);
      sourceTransport.close();
      source.release("again"); // as by a shutdown hook
    }
  }

  /**
   * With or without a restore that has begun; the lease of a destination that answers never ends.
   */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void theUserMayLetTheProcessesContinueOnceTheDestinationHasEndedItsOwn(boolean started)
      throws Exception {
    try (FrozenChild child = child(100);
        FakeDump dump = new FakeDump(32)) {
      FrozenProcessSource source = source(child, dump, CompressionMode.NONE);
      Fetch fetch = fetch(child, 1, source.address(), 1);
      if (started) {
        fetch.whileFetching(
            pages -> {
              if (pages >= 50 && !said("they continue here once")) {
                source.release("ended by the user");
                await().until(() -> said("they continue here once"));
              }
            });
        fetch.start();
        assertThat(fetch.awaitEnd()).contains("ended by the user");
      } else {
        await().until(() -> source.progress().join().phase() == SourcePhase.SERVING);
        fetch.connect();
        await().until(() -> source.progress().join().connections() == 1);
        source.release("ended by the user");
      }
      assertThat(dump.awaitEnd()).isEqualTo(FakeDump.End.RESET);
      FrozenSourceReport report = source.result().get(60, TimeUnit.SECONDS);
      assertThat(report.message()).isEqualTo("ended by the user");
    }
  }

  private boolean said(String text) {
    return lines.stream().anyMatch(line -> line.contains(text));
  }

  @Test
  void aProcessThatDoesNotExistIsRefusedAtTheStart() {
    FrozenSourceSettings settings =
        new FrozenSourceSettings(ANY_PORT, 1 << 23, ANY_PORT, Security.LOOPBACK_ONLY);
    assertThatThrownBy(() -> FrozenProcessSource.start(sourceTransport, settings, lines::add))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("there is no process 8388608");
  }

  private static FrozenChild child(int pages) throws InterruptedException {
    long seed = Long.getLong("faultline.seed", System.nanoTime());
    System.out.println("FrozenChild seed " + seed);
    return new FrozenChild(pages, seed);
  }

  private FrozenProcessSource source(FrozenChild child, FakeDump dump, CompressionMode compression)
      throws IOException {
    return FrozenProcessSource.start(
        sourceTransport,
        new FrozenSourceSettings(
            ANY_PORT, child.pid(), dump.address(), null, security, compression, PATIENCE, timeouts),
        lines::add);
  }

  private Fetch fetch(FrozenChild child, int run, InetSocketAddress from, int channels) {
    return new Fetch(destTransport, child, run, settings(from, channels));
  }

  private FaultlineOriginSettings settings(InetSocketAddress from, int channels) {
    return new FaultlineOriginSettings(
        from, security, true, true, channels, new PeerTimeouts(timeouts.silence(), PATIENCE));
  }

  private static String awaitUnchecked(Fetch fetch) {
    try {
      return fetch.awaitEnd();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static SharedKey token(String text) {
    return SharedKey.ofToken(text.getBytes(StandardCharsets.US_ASCII));
  }
}
