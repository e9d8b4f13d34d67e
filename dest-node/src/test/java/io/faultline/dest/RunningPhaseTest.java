package io.faultline.dest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultline.memory.Backing;
import io.faultline.memory.MemoryRegion;
import io.faultline.proto.PeerTimeouts;
import io.faultline.proto.WireException;
import io.faultline.uffd.simulated.SimulatedKernel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** From RUN to the last page. */
final class RunningPhaseTest {
  private final MemoryRegion ram =
      MemoryRegion.map(new SimulatedKernel(), 0, "ram", Backing.ANONYMOUS, 4 * 4096);
  private final List<String> calls = new ArrayList<>();
  private final RecordingLink link = new RecordingLink(calls);
  private final IncomingCounters counters = new IncomingCounters();
  private final CompletionTracker completion = new CompletionTracker(link, counters);
  private final SourceLiveness source =
      new SourceLiveness(new PeerTimeouts(Duration.ZERO, Duration.ZERO), false, 0, 1);
  private IncomingState state = IncomingState.READY;
  private final RunningPhase running =
      new RunningPhase(
          new RecordingVm(calls, ram), link, source, completion, new IncomingTimes(), () -> state);

  @AfterEach
  void unmap() {
    ram.close();
  }

  @Test
  void pagesAndTheEndOfTheirStreamAreRefusedBeforeRun() {
    assertThatThrownBy(running::takesUrgentPages)
        .isInstanceOf(WireException.class)
        .hasMessage("an unexpected run of pages during READY");
    assertThatThrownBy(() -> running.urgentStreamEnded(0))
        .hasMessage("an unexpected STREAM_END during READY");
  }

  @Test
  void completesOnceTheVmRunsAndBothStreamsHaveEnded() throws Exception {
    completion.expect(4);
    start();
    counters.bulkPages.add(4);
    completion.bulkEnded(4, 4);
    running.urgentStreamEnded(0);
    assertThat(completion.isSent()).isFalse(); // the first instruction has not run

    link.later.removeFirst().run();
    assertThat(completion.isSent()).isTrue();
    assertThat(running.takesUrgentPages()).isFalse();
    assertThatThrownBy(() -> running.urgentStreamEnded(0)).isInstanceOf(WireException.class);
  }

  @Test
  void doesNotCompleteWhileASnapshotHasItsMemory() throws Exception {
    completion.expect(4);
    start();
    link.later.removeFirst().run();
    link.lent = true;
    counters.bulkPages.add(4);
    completion.bulkEnded(4, 4);
    running.urgentStreamEnded(0);
    assertThat(completion.isSent()).isFalse();

    link.lent = false;
    running.completeIfAllArrived();
    assertThat(completion.isSent()).isTrue();
  }

  @Test
  void runningIsReportedAfterTheOutageInWhichTheVmStarted() throws Exception {
    completion.expect(4);
    start();
    source.lost("the cable was cut", 2);
    link.later.removeFirst().run();
    assertThat(link.sent).isEmpty();

    source.reconnected(0, 3);
    source.recovered(3);
    running.recovered();
    assertThat(link.last().hasRunning()).isTrue();
  }

  private void start() {
    running.start(1);
    state = IncomingState.RUNNING;
    assertThat(running.isStarted()).isTrue();
  }
}
