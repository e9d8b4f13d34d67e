package io.faultline.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.faultline.proto.LoopPoll;
import io.faultline.proto.Polling;
import io.faultline.proto.Transport;
import io.faultline.restore.origin.PageOrigin;
import io.faultline.restore.outcome.Outcome;
import io.faultline.restore.space.DumpLayout;
import io.netty.channel.IoEventLoop;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Which end a session takes, with a dump of zombies: they have no memory. */
class RestoreSessionTest {
  private final List<String> calls = new CopyOnWriteArrayList<>();
  private int failuresLeft;
  private volatile boolean told = true;
  private Outcome.Source source = Outcome.Source.RUNS_ON;
  private String endProblem = "";
  private final Transport transport = new Transport();
  private final IoEventLoop loop = transport.newLoop("test-restore");
  private final RestoreSession session =
      new RestoreSession(
          loop,
          new LoopPoll(Polling.BLOCK),
          new Zombies(),
          (descriptor, memory) -> {
            throw new AssertionError("no task was restored");
          },
          recording(PageOrigin.class, "origin."),
          recording(Outcome.class, "outcome."),
          true,
          RestoreEvents.of(
              state -> calls.add(state.toString()), message -> calls.add("warning " + message)));

  @AfterEach
  void close() {
    transport.close();
  }

  @Test
  void sourceIsToldWhenAllPagesHaveArrived() throws Exception {
    restoreAll();
    assertThat(calls).containsSubsequence("FINISHING", "origin.finish");
    onLoop(session::finished);
    assertThat(calls).endsWith("outcome.ended", "COMPLETED");
  }

  @Test
  void nothingFailsOnceTheSourceMayHaveBeenTold() throws Exception {
    restoreAll();
    onLoop(() -> session.source().owned());
    onLoop(() -> session.fail("the user wants it to end"));
    assertThat(calls).doesNotContain("FAILING", "outcome.failed", "origin.abort", "COMPLETED");
    onLoop(() -> session.failed("a connection was lost"));
    assertThat(calls)
        .endsWith("outcome.ended", "COMPLETED")
        .contains("warning a connection was lost");
  }

  @Test
  void originThatFailsBeforeThatFailsTheRestore() throws Exception {
    restoreAll();
    onLoop(() -> session.failed("a connection was lost"));
    assertThat(calls)
        .containsSubsequence(
            "FINISHING", "FAILING", "origin.withdraw", "outcome.failed", "origin.abort", "FAILED");
    assertThat(session.report().error()).isEqualTo("a connection was lost");
  }

  @Test
  void sourceRunsOnOnlyAfterTheProcessesHaveEnded() throws Exception {
    onLoop(() -> session.connected(1));
    onLoop(() -> session.zombie(5));
    onLoop(() -> session.closed(""));
    assertThat(calls)
        .containsSubsequence("FAILING", "outcome.failed", "origin.abort", "outcome.ended", "FAILED")
        .doesNotContain("origin.finish");
    assertThat(session.report().error()).startsWith("the restore failed");
  }

  @Test
  void processThatIsNotInTheImagesIsNamed() throws Exception {
    onLoop(() -> session.connected(1));
    onLoop(() -> session.zombie(7));
    assertThat(session.report().error())
        .isEqualTo("CRIU sent the zombie 7, which the images do not have");
  }

  @Test
  void restoreThatFinishesWithoutAProcessIsNamed() throws Exception {
    onLoop(() -> session.connected(1));
    onLoop(() -> session.zombie(5));
    onLoop(session::restored);
    assertThat(session.report().error()).isEqualTo("CRIU has finished without the processes [6]");
  }

  @Test
  void processesAreEndedAgainAndAgainUntilTheyAreGone() throws Exception {
    failuresLeft = 3;
    onLoop(() -> session.connected(1));
    onLoop(() -> session.closed(""));
    await().until(() -> calls.contains("FAILED"));
    assertThat(calls.stream().filter("outcome.failed"::equals)).hasSize(4);
    assertThat(calls).endsWith("outcome.source", "origin.abort", "outcome.ended", "FAILED");
  }

  @Test
  void sessionEndsOnlyWhenASourceThatWaitsForThatWasTold() throws Exception {
    told = false;
    restoreAll();
    onLoop(() -> session.failed("a connection was lost"));
    await().during(Duration.ofMillis(100)).until(() -> calls.getLast().equals("origin.abort"));
    told = true;
    await().until(() -> calls.contains("FAILED"));
    assertThat(calls).endsWith("origin.abort", "outcome.ended", "FAILED");
  }

  @Test
  void endOfTheRestoreDoesNotReviveASessionThatFails() throws Exception {
    failuresLeft = 3;
    onLoop(() -> session.connected(1));
    onLoop(() -> session.zombie(5));
    onLoop(() -> session.zombie(6));
    onLoop(
        () -> {
          session.failed("a connection was lost");
          session.restored();
        });
    await().until(() -> calls.contains("FAILED"));
    assertThat(calls).doesNotContain("RUNNING", "FINISHING", "origin.finish");
  }

  @Test
  void sourceIsNotToldIfTheOriginWasNotStarted() throws Exception {
    source = Outcome.Source.ENDS;
    onLoop(() -> session.fail("the user wants it to end"));
    onLoop(() -> session.connected(1));
    assertThat(calls).contains("FAILED").doesNotContain("RESTORING", "origin.finish");
  }

  @Test
  void sessionEndsEvenIfItsStateIsLost() throws Exception {
    endProblem = "no such directory";
    restoreAll();
    onLoop(session::finished);
    assertThat(calls)
        .endsWith(
            "warning the end of the session is not recorded (java.io.IOException: "
                + endProblem
                + ")",
            "COMPLETED");
  }

  @Test
  void sourceThatShallEndIsToldSo() throws Exception {
    source = Outcome.Source.ENDS;
    onLoop(() -> session.connected(1));
    onLoop(() -> session.closed(""));
    assertThat(calls).contains("origin.finish").doesNotContain("origin.abort", "FAILED");
    onLoop(session::finished);
    assertThat(calls).endsWith("origin.abort", "outcome.ended", "FAILED");
  }

  private void restoreAll() throws Exception {
    onLoop(() -> session.connected(1));
    onLoop(() -> session.zombie(5));
    onLoop(() -> session.zombie(6));
    onLoop(session::restored);
  }

  private void onLoop(Runnable step) throws Exception {
    loop.submit(step).get();
  }

  private <T> T recording(Class<T> type, String prefix) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, args) -> {
              String name = method.getName();
              if (!name.startsWith("is") && !name.startsWith("has")) {
                calls.add(prefix + name);
              }
              if (name.equals("ended") && !endProblem.isEmpty()) {
                throw new UncheckedIOException(new IOException(endProblem));
              }
              return switch (name) {
                case "failed" -> failuresLeft-- <= 0;
                case "isImmediate" -> true;
                case "isOwned" -> calls.contains("outcome.owned");
                case "hasEnded" -> told;
                case "isResumable" -> false;
                case "source" -> source;
                case "held" -> List.of();
                default -> null;
              };
            }));
  }

  /** Two zombies. */
  private static final class Zombies implements DumpedTasks {
    @Override
    public void open() {}

    @Override
    public Set<Integer> processes() {
      return Set.of(5, 6);
    }

    @Override
    public DumpLayout layout(int pid) throws IOException {
      throw new IOException("a zombie has no memory");
    }
  }
}
