package io.faultline.tests.example;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.faultline.dest.AnnouncedRegion;
import io.faultline.dest.DestinationSettings;
import io.faultline.dest.IncomingReport;
import io.faultline.dest.IncomingState;
import io.faultline.dest.IncomingVmException;
import io.faultline.dest.MigrationDestination;
import io.faultline.memory.Backing;
import io.faultline.memory.Placement;
import io.faultline.proto.PeerTimeouts;
import io.faultline.proto.Polling;
import io.faultline.proto.Transport;
import io.faultline.proto.security.Security;
import io.faultline.source.MigrationSource;
import io.faultline.source.OutgoingReport;
import io.faultline.source.OutgoingState;
import io.faultline.source.SourceSettings;
import io.faultline.tests.migration.MigrationHost;
import io.faultline.uffd.Kernel;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The example service migrates, and no count is lost. */
@Timeout(120)
class CounterTableTest {
  private static final long TABLE_BYTES = 8 << 20;
  private static final long SLOW = 256 << 10;

  private final Kernel kernel = MigrationHost.kernel();

  @ParameterizedTest
  @EnumSource(Placement.class)
  void keepsCountingAtTheDestination(Placement placement) throws Exception {
    try (CounterTable outgoing = new CounterTable(kernel, Backing.SHMEM);
        CounterTable incoming = new CounterTable(kernel, Backing.SHMEM)) {
      outgoing.create(TABLE_BYTES);
      awaitOperations(outgoing, 10_000);
      Move move = Move.of(kernel, outgoing, incoming, placement);
      assertThat(move.source().state()).as("%s", move).isEqualTo(OutgoingState.COMPLETED);
      assertThat(move.destination().state()).as("%s", move).isEqualTo(IncomingState.COMPLETED);
      assertThat(move.source().precopyRounds()).isPositive();
      assertThat(outgoing.done()).as("operations at the source").isGreaterThanOrEqualTo(10_000);
      awaitOperations(incoming, outgoing.done() + 10_000);
      incoming.pause();
      assertCounted(incoming);
    }
  }

  @Test
  void keepsCountingAtTheSourceWhenTheDestinationHasNoMemory() throws Exception {
    try (CounterTable outgoing = new CounterTable(kernel, Backing.SHMEM);
        CounterTable incoming = new CounterTable(kernel, Backing.HUGETLB_1G)) {
      outgoing.create(TABLE_BYTES);
      Move move = Move.of(kernel, outgoing, incoming, Placement.COPY);
      assertThat(move.source().state()).isEqualTo(OutgoingState.FAILED);
      assertThat(move.source().committed()).isFalse();
      assertThat(move.source().error()).contains("no memory for the table");
      awaitOperations(outgoing, outgoing.done() + 1000);
      outgoing.pause();
      assertCounted(outgoing);
    }
  }

  @Test
  void otherTypesAreRefused() {
    try (CounterTable incoming = new CounterTable(kernel, Backing.SHMEM)) {
      AnnouncedRegion region = new AnnouncedRegion(0, "counters", TABLE_BYTES, 4096);
      assertThatThrownBy(() -> incoming.prepare("key-value", ByteString.EMPTY, List.of(region)))
          .isInstanceOf(IncomingVmException.class)
          .hasMessageContaining("key-value");
    }
  }

  /** The source is lost before all pages have arrived: no operation may use zeros. */
  @Test
  void isAbandonedWhenItsSourceIsLost() throws Exception {
    try (CounterTable outgoing = new CounterTable(kernel, Backing.ANONYMOUS);
        CounterTable incoming = new CounterTable(kernel, Backing.ANONYMOUS)) {
      outgoing.create(2 * TABLE_BYTES);
      awaitOperations(outgoing, 10_000_000); // several per counter
      try (MigrationDestination destination =
          new MigrationDestination(
              kernel,
              incoming,
              new SimpleMeterRegistry(),
              line -> {},
              shortTimeouts(),
              new Transport())) {
        InetSocketAddress address =
            destination.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        OutgoingReport out = moveUntilItCounts(outgoing, incoming, address);
        IncomingReport in = destination.result().get(60, TimeUnit.SECONDS);
        assertThat(out.state()).isEqualTo(OutgoingState.FAILED);
        assertThat(out.committed()).isTrue();
        assertThat(in.state()).isEqualTo(IncomingState.FAILED);
        assertThat(in.vmStarted()).isTrue();
      }
      incoming.pause();
      long last = incoming.slot(incoming.done() - 1);
      long expected =
          LongStream.range(0, incoming.done()).filter(n -> incoming.slot(n) == last).count();
      assertThat(incoming.counter(last)).as("the last counter").isEqualTo(expected);
    }
  }

  /** To notice the end of the source even if its last message is lost with the connection. */
  private static DestinationSettings shortTimeouts() {
    PeerTimeouts timeouts = new PeerTimeouts(Duration.ofSeconds(30), Duration.ofSeconds(1));
    return new DestinationSettings(Polling.BLOCK, timeouts, Security.LOOPBACK_ONLY);
  }

  /** Migrates slowly, and closes the source once the destination counts. */
  private static OutgoingReport moveUntilItCounts(
      CounterTable outgoing, CounterTable incoming, InetSocketAddress to) throws Exception {
    SourceSettings slowly = new SourceSettings(to).withBandwidth(SLOW);
    CompletableFuture<OutgoingReport> ended;
    try (MigrationSource source =
        new MigrationSource(outgoing, slowly, new SimpleMeterRegistry())) {
      ended = source.start();
      Awaitility.await()
          .atMost(60, TimeUnit.SECONDS)
          .pollInterval(5, TimeUnit.MILLISECONDS)
          .until(() -> ended.isDone() || incoming.done() > outgoing.done());
    }
    return ended.get(60, TimeUnit.SECONDS);
  }

  private static void awaitOperations(CounterTable table, long operations) {
    Awaitility.await().atMost(60, TimeUnit.SECONDS).until(() -> table.done() >= operations);
  }

  /** Every counter equals the number of operations on it. */
  private static void assertCounted(CounterTable table) {
    long[] expected = new long[(int) (TABLE_BYTES / Long.BYTES)];
    for (long operation = 0; operation < table.done(); operation++) {
      expected[(int) table.slot(operation)]++;
    }
    long[] counted = LongStream.range(0, expected.length).map(table::counter).toArray();
    assertThat(counted).isEqualTo(expected);
  }
}
