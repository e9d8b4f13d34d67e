package io.faultline.restore.outcome;

import io.faultline.uffd.linux.process.PidFd;
import java.io.IOException;
import java.util.function.Consumer;

/**
 * An outcome that holds whatever this process does: holders keep descriptors open, a {@link Guard}
 * acts when this process was killed, and the {@link StateDirectory} says what the guard, or another
 * daemon, must know.
 *
 * <p>Confined to the session's event loop.
 */
abstract class GuardedOutcome implements Outcome {
  /** The holder of the connection to the source. */
  private static final Object CONNECTION = "the connection";

  private final StateDirectory state;
  private final SourceFiles source;
  private final Holders holders;
  private final Guard guard;
  private final ProcessKiller killer;
  private final Consumer<String> log;
  private boolean owned;

  /** What may fail. */
  private interface Write {
    void run() throws IOException;
  }

  /**
   * Starts a guard.
   *
   * @param state exists
   * @throws IOException if the work directory cannot be used
   */
  GuardedOutcome(OutcomeContext context, StateDirectory state) throws IOException {
    this.state = state;
    log = context.log();
    source = new SourceFiles(state.path());
    DaemonLock.take(state);
    guard = Guard.start(state);
    holders = new Holders(state, context.loop());
    killer = new ProcessKiller(context, state);
    owned = source.isOwned();
  }

  final StateDirectory state() {
    return state;
  }

  final SourceFiles sourceFiles() {
    return source;
  }

  final Holders holders() {
    return holders;
  }

  final ProcessKiller killer() {
    return killer;
  }

  @Override
  public final void connected(int descriptor) {
    write(() -> source.setConnection(holders.hold(CONNECTION, descriptor)));
  }

  /** The connection of an earlier daemon, if there is one: its holder stays. */
  final void adoptConnection() throws IOException {
    PidFd holder = source.connection();
    if (holder != null) {
      holders.adopt(CONNECTION, holder);
    }
  }

  @Override
  public final void leased(long nanos) {
    write(() -> source.setLease(nanos));
  }

  @Override
  public final void resumable(byte[] origin) {
    write(() -> source.setOrigin(origin));
  }

  @Override
  public final void owned() {
    owned = true;
    write(source::setOwned);
  }

  @Override
  public final boolean isOwned() {
    return owned;
  }

  /** A disk that is full now is no reason to end the processes. */
  private void write(Write write) {
    try {
      write.run();
    } catch (IOException e) {
      log.accept("the state cannot be written (" + e + "): now lazy-pages must not be killed");
    }
  }

  /** Nothing depends on this process any more, nor on what outlives it. */
  final void dismissAll() {
    guard.close();
    killer.close();
    holders.close();
    state.delete();
  }

  /** Leaves the processes to holders and guard. */
  final void leaveAll() {
    killer.close();
    guard.leave();
  }
}
