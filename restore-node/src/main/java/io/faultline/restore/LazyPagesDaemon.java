package io.faultline.restore;

import io.faultline.proto.LoopPoll;
import io.faultline.proto.NodeEnvironment;
import io.faultline.restore.criu.RestoreSocket;
import io.faultline.restore.origin.PageOrigin;
import io.faultline.restore.outcome.Outcome;
import io.faultline.uffd.FaultScope;
import io.faultline.uffd.linux.LinuxKernel;
import io.netty.channel.IoEventLoop;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Fills the memory of the processes of one {@code criu restore --lazy-pages}, as {@code criu
 * lazy-pages} does. Start with {@link #listen}; then CRIU may restore.
 *
 * <p>Thread-safe.
 */
public final class LazyPagesDaemon implements AutoCloseable {
  private final IoEventLoop loop;
  private final @Nullable RestoreSocket socket;
  private final RestoreSession session;
  private final CompletableFuture<RestoreReport> result = new CompletableFuture<>();

  /** Makes the outcome of a session. */
  public interface OutcomeMaker {
    Outcome make(IoEventLoop loop) throws IOException;
  }

  private LazyPagesDaemon(
      NodeEnvironment environment,
      @Nullable RestoreSocket socket,
      DumpedTasks dump,
      Function<IoEventLoop, PageOrigin> origin,
      OutcomeMaker outcome,
      LazyPagesSettings settings,
      RestoreEvents events)
      throws IOException {
    LoopPoll poll = new LoopPoll(settings.polling());
    LinuxKernel kernel = new LinuxKernel();
    loop = environment.newLoop("fl-restore", poll);
    this.socket = socket;
    session =
        new RestoreSession(
            loop,
            poll,
            dump,
            (descriptor, memory) ->
                kernel.adoptUserfaultfd(descriptor, FaultScope.USER_AND_KERNEL, memory),
            origin.apply(loop),
            outcome.make(loop),
            settings.background(),
            RestoreEvents.of(state -> entered(state, events), events::warning));
  }

  /**
   * Creates the socket and waits for CRIU on it.
   *
   * @param environment its loop ends with it
   * @param workDirectory where the socket is: the same as CRIU's {@code --work-dir}
   * @param origin makes the origin of the pages, on a given loop
   * @param outcome makes what happens after a failure
   * @throws IOException if that cannot be promised, as the message says
   */
  public static LazyPagesDaemon listen(
      NodeEnvironment environment,
      Path workDirectory,
      DumpedTasks dump,
      Function<IoEventLoop, PageOrigin> origin,
      OutcomeMaker outcome,
      LazyPagesSettings settings,
      RestoreEvents events)
      throws IOException {
    RestoreSocket socket = RestoreSocket.listen(workDirectory);
    try {
      LazyPagesDaemon daemon =
          new LazyPagesDaemon(environment, socket, dump, origin, outcome, settings, events);
      daemon.loop.execute(() -> socket.start(daemon.loop, daemon.session));
      return daemon;
    } catch (IOException | RuntimeException e) {
      socket.close(); // CRIU must not wait there
      throw e;
    }
  }

  /**
   * Continues with the processes of an earlier daemon. Without CRIU.
   *
   * @param outcome makes the outcome that has taken over, such as {@link
   *     io.faultline.restore.outcome.OutcomeContext#takeOver}
   * @throws IOException if it could not; the message is for the user
   */
  public static LazyPagesDaemon takeOver(
      NodeEnvironment environment,
      DumpedTasks dump,
      Function<IoEventLoop, PageOrigin> origin,
      OutcomeMaker outcome,
      LazyPagesSettings settings,
      RestoreEvents events)
      throws IOException {
    LazyPagesDaemon daemon =
        new LazyPagesDaemon(environment, null, dump, origin, outcome, settings, events);
    daemon.loop.execute(daemon.session::resume);
    return daemon;
  }

  private void entered(RestoreState state, RestoreEvents events) {
    events.entered(state);
    if (state == RestoreState.COMPLETED || state == RestoreState.FAILED) {
      if (socket != null) {
        socket.close();
      }
      result.complete(session.report());
    }
  }

  /** Completed with the report when all pages have arrived, or when the session has failed. */
  public CompletableFuture<RestoreReport> result() {
    return result;
  }

  /** The progress now. */
  public CompletableFuture<RestoreReport> progress() {
    return CompletableFuture.supplyAsync(session::report, loop);
  }

  /** Ends the session as failed, unless it is over. */
  public void cancel(String reason) {
    if (!result.isDone()) { // afterwards the loop may have ended
      loop.execute(() -> session.fail(reason));
    }
  }

  /** Cancels the session and waits for that. The loop ends with its environment. */
  @Override
  public void close() {
    cancel("the daemon ends");
    result.join();
  }
}
